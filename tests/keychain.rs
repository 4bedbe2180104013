//! Providers' keys in a real keychain: gnome-keyring on a D-Bus session of its own, unlocked, locked, stopped,
//! and not there at all.

pub mod session;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::raw::{Raw, plain};
use crate::harness::{Answer, CHAT, Home, PATIENCE, Ran, Server, chat, until};
use session::Session;

const CANARY: &str = "sk-canary-Kc83TtQvWq27LmNb90PoIu";
const SECOND: &str = "sk-another-Kc83TtQvWq27LmNb4711";

/// How long the program waits for the keychain.
const ITS_PATIENCE: Duration = Duration::from_secs(5);
/// From the first answer to the line in the log: that patience, and the time that a loaded machine takes.
const TOLD_WITHIN: Duration = Duration::from_secs(9);

/// A provider that answers everything with a small completion.
async fn provider() -> Raw {
    let message = json!({ "role": "assistant", "content": "Hello from the raw provider" });
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
    let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
    let answer = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini",
        "choices": [choice], "usage": usage
    });
    Raw::start(plain(200, "application/json", &answer.to_string())).await
}

/// `openai` is that provider, and its key is in the keychain.
fn config(raw: &Raw) -> String {
    format!(
        "[providers.openai]\nbase_url = \"{}/v1\"\nwatch = \"streams\"\ndefault_model = \"gpt-5-mini\"\n",
        raw.base_url()
    )
}

/// A command with something to read, and the moment in which it has read it and waits for more.
pub async fn with_input(home: &Home, arguments: &[&str], input: &str, meanwhile: impl FnOnce()) -> Ran {
    let mut command = home.command(arguments);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child = pipes.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // One that refuses its arguments reads nothing.
    let _ = stdin.write_all(input.as_bytes());
    meanwhile();
    drop(stdin);
    let output = tokio::task::spawn_blocking(move || child.wait_with_output());
    let output = output.await.expect("no panic").expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

async fn set(home: &Home, key: &str) -> Ran {
    with_input(home, &["key", "set", "openai"], &format!("{key}\n"), || {}).await
}

/// The command lines of every process of this machine, once one of them holds `wanted`.
fn command_lines_with(wanted: &str) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let processes = fs::read_dir("/proc").expect("a folder").flatten();
        let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
        let lines: Vec<_> = lines.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
        if lines.iter().any(|line| line.contains(wanted)) {
            return lines;
        }
        assert!(Instant::now() < deadline, "no process has {wanted:?} on its command line");
    }
}

pub fn files_with(folder: &Path, secret: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, secret));
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a readable file");
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

async fn key_state(server: &Server) -> String {
    let status = server.admin_get("/api/status").await;
    status["providers"][0]["key"].as_str().expect("a state").to_owned()
}

async fn until_key_is(server: &Server, state: &str) {
    until(&format!("a key that is {state}"), async || (key_state(server).await == state).then_some(())).await;
}

pub async fn until_said(server: &Server, what: &str) -> String {
    until(&format!("a line with {what:?}"), async || {
        server.stderr().lines().find(|line| line.contains(what)).map(str::to_owned)
    })
    .await
}

fn sent(raw: &Raw) -> String {
    let seen = raw.seen();
    seen.last().and_then(|seen| seen.header("authorization")).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_key_goes_into_the_keychain_from_there_to_the_provider_and_nowhere_else() {
    let session = Session::unlocked().await;
    let raw = provider().await;
    // With everything logged that any crate below can log.
    let home = session.home(&config(&raw)).set("EVENKEEL_LOG", "trace");
    let mut said = Vec::new();

    // Without a router the command goes to the keychain itself.
    let mut lines = Vec::new();
    let look = || lines = command_lines_with("key\0set\0openai");
    let kept = with_input(&home, &["key", "set", "openai"], &format!("{CANARY}\n"), look).await.ok();
    assert_eq!(kept.stdout, "The key of openai, ending in PoIu, is kept in the keychain.\n");
    assert!(lines.iter().all(|line| !line.contains("canary")), "the key is on a command line");
    assert_eq!(session.lookup("openai").as_deref(), Some(CANARY), "any keychain program sees it");
    said.push(kept);

    let server = home.serve().await;
    until_key_is(&server, "ok").await;
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(sent(&raw), format!("Bearer {CANARY}"));

    let list = home.cli(&["key", "list", "--json"]).await.ok();
    let sealing = session.lookup("cache").expect("the cache has its own key");
    let row = |provider: &str, last4: &str| json!({ "provider": provider, "source": "keychain", "last4": last4, "state": "ok", "replaceable": true, "note": null });
    let expected = json!({ "keys": [row("openai", "PoIu"), row("cache", &sealing[60..])] });
    assert_eq!(list.json(), expected);
    said.extend([list, home.cli(&["key", "list"]).await.ok(), home.cli(&["status", "--json"]).await.ok()]);
    said.push(home.cli(&["check"]).await.ok());

    // A new key is in force with the next request, and the old one is gone.
    let changed = set(&home, SECOND).await.ok();
    assert_eq!(changed.stdout, "The key of openai, ending in 4711, is kept in the keychain and in use.\n");
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(sent(&raw), format!("Bearer {SECOND}"));
    assert_eq!(session.lookup("openai").as_deref(), Some(SECOND));
    said.push(changed);

    let removed = home.cli(&["key", "remove", "openai"]).await.ok();
    assert_eq!(removed.stdout, "The key of openai is removed.\n");
    assert_eq!(session.lookup("openai"), None);
    assert_eq!(key_state(&server).await, "missing");
    let again = home.cli(&["key", "remove", "openai", "--json"]).await;
    assert_eq!((again.code, again.error()["code"].as_str()), (1, Some("key_missing")));
    said.extend([removed, again]);

    server.stop().await;
    for key in [&CANARY[3..], &SECOND[3..]] {
        assert!(said.iter().all(|ran| !format!("{ran:?}").contains(key)), "{said:#?}");
        let leaks: Vec<_> = [home.folder(), home.terminal(), session.folder()]
            .into_iter()
            .flat_map(|folder| files_with(folder, key))
            .collect();
        assert_eq!(leaks, [""; 0]);
    }
}

#[tokio::test]
async fn a_key_is_tested_before_it_is_kept() {
    let session = Session::unlocked().await;
    let raw = provider().await;
    let home = session.home(&config(&raw));
    let server = home.serve().await;
    until_said(&server, "openai has no key. Give it one: evenkeel key set openai").await;

    let test = async |body: Value| {
        let request = server.admin(Method::POST, "/api/providers/openai/test");
        Answer::of(request.body(body.to_string())).await.json()
    };
    let unsaved = test(json!({ "key": CANARY })).await;
    assert_eq!(unsaved["ok"], true, "{unsaved}");
    let steps = unsaved["steps"].as_array().expect("steps");
    let names: Vec<_> = steps.iter().map(|step| (step["step"].as_str(), step["ok"].as_bool())).collect();
    assert_eq!(
        names,
        [(Some("reached"), Some(true)), (Some("key_accepted"), Some(true)), (Some("answered"), Some(true))]
    );
    assert_eq!(sent(&raw), format!("Bearer {CANARY}"));
    assert_eq!(
        (session.lookup("openai"), key_state(&server).await),
        (None, "missing".to_owned()),
        "only tested"
    );

    let stored = test(json!({})).await;
    assert_eq!((stored["ok"].as_bool(), stored["ms"].as_u64()), (Some(false), None));
    assert!(stored["error"].as_str().expect("why").contains("evenkeel key set openai"), "{stored}");

    let put = server.admin(Method::PUT, "/api/keys/openai").body(json!({ "key": CANARY }).to_string());
    let row = Answer::of(put).await;
    assert_eq!((row.status, row.json()["last4"].as_str()), (200, Some("PoIu")));
    assert_eq!(test(json!({})).await["ok"], true);

    // A mistaken body is not quoted back.
    let put = server.admin(Method::PUT, "/api/keys/openai").body(json!(CANARY).to_string());
    let refused = Answer::of(put).await;
    assert_eq!((refused.status, refused.code()), (400, "invalid_request".to_owned()));
    assert!(!refused.body.contains("canary"), "{}", refused.body);
    server.stop().await;
}

#[tokio::test]
async fn a_locked_keychain_is_said_and_everything_else_works() {
    let mut session = Session::unlocked().await;
    let (raw, other) = (provider().await, provider().await);
    let second = format!(
        "[providers.backup]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"none\"\nwatch = \"streams\"\n",
        other.base_url()
    );
    let home = session.home(&format!("{}{second}", config(&raw)));
    set(&home, CANARY).await.ok();
    session.lock();

    let server = home.serve().await;
    let listening = Instant::now();
    let line = until_said(&server, "openai has no key").await;
    assert!(listening.elapsed() < TOLD_WITHIN, "{:?}", listening.elapsed());
    assert!(
        line.ends_with(
            "The keychain is locked, and nobody unlocked it. openai has no key. \
             Unlock it, and have it read again: evenkeel key list"
        ),
        "{line}"
    );
    let answer = server.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-provider")), (200, "backup"), "{answer:?}");
    let refused = with_input(&home, &["key", "set", "openai", "--json"], SECOND, || {}).await;
    assert_eq!(refused.error()["code"], "keychain_locked");

    session.unlock().await;
    let list = home.cli(&["key", "list"]).await.ok();
    assert!(list.stdout.contains("keychain  …PoIu"), "{list:?}");
    assert_eq!(key_state(&server).await, "ok");
    server.stop().await;
}

#[tokio::test]
async fn a_keychain_that_hangs_holds_nothing_up_and_its_key_comes_late() {
    let session = Session::unlocked().await;
    let raw = provider().await;
    let home = session.home(&config(&raw));
    set(&home, CANARY).await.ok();
    session.pause();

    let started = Instant::now();
    let server = home.serve().await;
    assert_eq!(key_state(&server).await, "missing");
    assert!(started.elapsed() < ITS_PATIENCE, "listening waited: {:?}", started.elapsed());
    let listening = Instant::now();
    let line = until_said(&server, "openai has no key").await;
    assert!(line.contains("did not answer within 5 s"), "{line}");
    assert!(listening.elapsed() < TOLD_WITHIN, "{:?}", listening.elapsed());
    assert!(line.contains("openai has no key. Answer its question"), "{line}");

    // Nobody else waits for the five seconds again.
    let asked = Instant::now();
    let refused = with_input(&home, &["key", "set", "openai"], SECOND, || {}).await;
    assert!(asked.elapsed() < ITS_PATIENCE, "{:?}", asked.elapsed());
    assert_eq!(
        refused.stderr,
        "The key of openai is not kept. The keychain is waiting for you to unlock it.\n\
         Answer its question, and do this again.\n"
    );

    session.resume();
    until_key_is(&server, "ok").await;
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(sent(&raw), format!("Bearer {CANARY}"));
    server.stop().await;
}

#[tokio::test]
async fn without_a_session_the_environment_stands_in_and_one_line_says_so() {
    let raw = provider().await;
    let home = Session::none(&config(&raw)).set("OPENAI_API_KEY", CANARY);
    let server = home.serve().await;
    until_key_is(&server, "ok").await;
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(sent(&raw), format!("Bearer {CANARY}"));
    until_said(&server, "The key of openai comes from OPENAI_API_KEY.").await;
    let lines = server.stderr();
    let about = |line: &&str| line.contains("key") && !line.contains("cache");
    let about: Vec<_> = lines.lines().filter(about).collect();
    assert_eq!(about.len(), 1, "{about:#?}");

    let list = home.cli(&["key", "list", "--json"]).await.ok().json();
    assert_eq!(list["keys"][0]["source"], "env");
    assert!(list["keys"][0]["note"].as_str().expect("a note").contains("OPENAI_API_KEY"), "{list}");
    assert!(home.read("local.key").starts_with("ek-"), "the local key needs no keychain");
    server.stop().await;
}

#[tokio::test]
async fn without_a_session_a_key_is_held_in_memory_until_the_router_stops() {
    let raw = provider().await;
    // What `evenkeel env` puts into a shell is no provider's key.
    let home = Session::none(&config(&raw)).set("OPENAI_API_KEY", "ek-0123456789abcdef0123456789abcdef");
    let at_rest = set(&home, CANARY).await;
    assert_eq!(at_rest.code, 1);
    assert!(
        at_rest.stderr.contains("There is no keychain here: no D-Bus session is running."),
        "{at_rest:?}"
    );

    let server = home.serve().await;
    let line = until_said(&server, "openai has no key").await;
    assert!(line.contains("set OPENAI_API_KEY where it is started"), "{line}");
    let held = set(&home, CANARY).await.ok();
    assert_eq!(held.stdout, "The key of openai, ending in PoIu, is held by the router and in use.\n");
    assert!(held.stderr.contains("The key is held in memory until Evenkeel stops."), "{held:?}");
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(sent(&raw), format!("Bearer {CANARY}"));
    home.cli(&["check"]).await.ok();
    server.stop().await;
    assert_eq!(files_with(home.folder(), &CANARY[3..]), [""; 0]);

    let server = home.serve().await;
    until_said(&server, "openai has no key").await;
    assert_eq!(key_state(&server).await, "missing", "memory ends with the process");
    server.stop().await;
}

#[tokio::test]
async fn a_keychain_that_comes_up_later_is_found() {
    let mut session = Session::empty().await;
    let raw = provider().await;
    let home = session.home(&config(&raw));
    let server = home.serve().await;
    until_said(&server, "no program on this D-Bus session keeps secrets").await;

    session.start_keyring().await;
    session.store("openai", CANARY);
    let list = home.cli(&["key", "list", "--json"]).await.ok().json();
    assert_eq!(list["keys"][0]["source"], "keychain", "{list}");
    assert_eq!(key_state(&server).await, "ok");
    server.stop().await;
}

#[tokio::test]
async fn a_rejected_key_is_shown_as_such_until_it_is_replaced() {
    let body = json!({ "error": { "message": "Incorrect API key provided", "code": "invalid_api_key" } });
    let raw = Raw::start(plain(401, "application/json", &body.to_string())).await;
    let home = Session::none(&config(&raw)).set("OPENAI_API_KEY", CANARY);
    let server = home.serve().await;
    until_key_is(&server, "ok").await;
    server.ask(CHAT, &chat(false)).await;
    until_key_is(&server, "rejected").await;
    assert_eq!(server.admin_get("/api/keys").await["keys"][0]["state"], "rejected");
    let status = home.cli(&["status"]).await;
    assert!(status.stdout.contains("openai has no key that works"), "{status:?}");
    set(&home, SECOND).await.ok();
    assert_eq!(key_state(&server).await, "ok", "nobody has refused the new one yet");
    server.stop().await;
}

#[tokio::test]
async fn what_can_t_be_a_key_or_can_t_be_used_is_refused_before_it_is_kept() {
    let home = Session::none("[providers.openai]\nkey = \"env:MINE\"\n[providers.anthropic]\n");
    let set = async |name: &str, key: &str| {
        with_input(&home, &["key", "set", name, "--json"], key, || {}).await.error()
    };
    let local = set("anthropic", "ek-0123456789abcdef0123456789abcdef").await;
    assert_eq!(local["code"], "invalid_request");
    assert!(local["message"].as_str().expect("text").contains("local key of Evenkeel"), "{local}");
    assert_eq!(set("anthropic", "\n").await["message"], "No key was given.");
    assert_eq!(set("openai", CANARY).await["code"], "key_elsewhere");
    let unknown = set("opnai", CANARY).await;
    assert_eq!(unknown["code"], "unknown_provider");
    assert!(
        unknown["hint"].as_str().expect("text").starts_with("Configured: openai, anthropic."),
        "{unknown}"
    );

    let argument = home.cli(&["key", "set", "anthropic", CANARY]).await;
    assert_eq!(argument.code, 2, "a key is never an argument");

    let server = home.serve().await;
    let warned =
        with_input(&home, &["key", "set", "anthropic"], "gsk_canary1234567890abcd", || {}).await.ok();
    assert!(warned.stderr.contains("This looks like a key of groq, not of anthropic"), "{warned:?}");
    server.stop().await;
}
