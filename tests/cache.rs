//! The travel-mode cache as its owner looks after it: one key for good, wherever it is kept, and answers that are
//! counted, cleared, and carried to another machine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use evenkeel_cache::{Answered, Cache, Draft, Limits, Options, Prompt, SealingKey};
use evenkeel_dialect::{Api, usage::Usage};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Home, Ran, Server, until};
use crate::keychain::{files_with, session::Session, until_said, with_input};

const PASSPHRASE: &str = "a keel that nobody would guess";
const ANSWER: &str = "canary of an answer";

/// Its key is never asked for, so that all that is said of keys is about the cache's.
const CONFIG: &str =
    "[providers.own]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\nkey = \"none\"\n";

fn with_cache(lines: &str) -> String {
    format!("{CONFIG}[cache]\n{lines}\n")
}

/// Stores answers with the key that the program made, while no router holds the folder.
async fn fill(folder: &Path, key: &str, answers: usize) {
    let day = Duration::from_hours(24);
    let cache = Cache::open(Options {
        redis: None,
        folder: folder.to_owned(),
        key: SealingKey::from_hex(key).expect("a key"),
        limits: Limits { max_size: 64 << 20, keep_for: day * 30, fresh_for: day },
        now: Arc::new(Timestamp::now),
        tell: Arc::new(|trouble| panic!("{trouble}")),
    })
    .await
    .expect("it opens");
    for number in 0..answers {
        let ask = json!({ "model": "gpt-5-mini", "messages": [{ "role": "user", "content": format!("{number}?") }] });
        let message = json!({ "role": "assistant", "content": ANSWER });
        let body = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini",
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 }
        });
        cache.put(Draft {
            prompt: Prompt {
                api: Api::ChatCompletions,
                body: Bytes::from(ask.to_string()),
                tenant: "local".to_owned(),
                route: "default".to_owned(),
                prompt_version: None,
                key: None,
            },
            answer_api: Api::ChatCompletions,
            answer: Answered::Whole(Bytes::from(body.to_string())),
            provider: "own".to_owned(),
            model: "gpt-5-mini".to_owned(),
            usage: Usage::default(),
            cost_micros: Some(1_000),
            at: Timestamp::now(),
        });
    }
    cache.flush().await;
    assert_eq!(cache.stats().await.entries, u64::try_from(answers).expect("a few"));
    tokio::task::spawn_blocking(move || cache.shut_down()).await.expect("closed");
}

async fn stats(server: &Server) -> Value {
    server.admin_get("/api/cache").await
}

async fn until_open(server: &Server) -> Value {
    until("an open cache", async || Some(stats(server).await).filter(|stats| stats["reachable"] == true))
        .await
}

/// How often something was said.
fn said(server: &Server, what: &str) -> usize {
    server.stderr().lines().filter(|line| line.contains(what)).count()
}

async fn typed(home: &Home, arguments: &[&str], input: &str) -> Ran {
    with_input(home, arguments, input, || {}).await
}

#[tokio::test]
async fn the_key_is_made_once_in_the_keychain_and_opens_what_it_sealed_after_a_restart() {
    let session = Session::unlocked().await;
    let home = session.home(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    let key = session.lookup("cache").expect("it is in the keychain");
    assert_eq!(key.len(), 64);
    server.stop().await;

    fill(home.folder(), &key, 3).await;
    let server = home.serve().await;
    let seen = until_open(&server).await;
    assert_eq!((seen["entries"].as_u64(), seen["last_trouble"].is_null()), (Some(3), true), "{seen}");
    assert_eq!(session.lookup("cache"), Some(key.clone()), "no second one");
    assert!(!home.path("cache.key").exists());
    server.stop().await;
    assert_eq!(files_with(home.folder(), &key), [""; 0]);
    assert_eq!(files_with(home.folder(), ANSWER), [""; 0], "what is stored is sealed");
}

#[tokio::test]
async fn without_a_keychain_the_key_lies_in_a_private_file_and_that_is_said_once() {
    let home = Session::none(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    until_said(&server, "There is no keychain here. What the cache stores is sealed with a key in").await;
    assert_eq!(home.mode("cache.key"), 0o600);
    let key = home.read("cache.key");
    let check = home.cli(&["check", "--offline"]).await.ok();
    assert!(check.stdout.contains("The key of the cache is in"), "{check:?}");
    let list = home.cli(&["key", "list", "--json"]).await.ok().json();
    assert_eq!(list["keys"][1]["provider"], "cache");
    assert_eq!(list["keys"][1]["source"], "file");
    assert_eq!(list["keys"][1]["last4"], key.trim()[60..]);
    server.stop().await;

    fill(home.folder(), key.trim(), 1).await;
    let server = home.serve().await;
    assert_eq!(until_open(&server).await["entries"], 1);
    assert_eq!(home.read("cache.key"), key);
    assert_eq!(said(&server, "no keychain here"), 0, "{}", server.stderr());
    server.stop().await;
}

#[tokio::test]
async fn a_lost_key_means_an_empty_cache_and_one_word_about_it() {
    let session = Session::unlocked().await;
    let home = session.home(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    server.stop().await;
    let lost = session.lookup("cache").expect("a key");
    fill(home.folder(), &lost, 2).await;

    // Somebody begins with a new keyring.
    session.clear("cache");
    let server = home.serve().await;
    let seen = until("its complaint", async || {
        Some(stats(&server).await).filter(|stats| stats["last_trouble"]["kind"] == "other_key")
    })
    .await;
    assert_eq!(seen["entries"], 0, "{seen}");
    let text = seen["last_trouble"]["text"].as_str().expect("a sentence").to_owned();
    // The cache answers a moment before its complaint is written.
    until("the same in the log", async || (said(&server, &text) > 0).then_some(())).await;
    assert_eq!(said(&server, &text), 1, "{}", server.stderr());
    assert_ne!(session.lookup("cache").expect("a new one"), lost);
    server.stop().await;

    let server = home.serve().await;
    assert!(until_open(&server).await["last_trouble"].is_null(), "told at one start and not at the next");
    server.stop().await;
}

#[tokio::test]
async fn a_locked_keychain_delays_the_cache_and_gets_no_second_key() {
    let mut session = Session::unlocked().await;
    let home = session.home(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    server.stop().await;
    let key = session.lookup("cache").expect("a key");
    fill(home.folder(), &key, 2).await;
    session.lock();

    let server = home.serve().await;
    until_said(
        &server,
        "The cache is closed, so nothing is stored and nothing found. The keychain is locked",
    )
    .await;
    let closed = stats(&server).await;
    assert_eq!((closed["reachable"].as_bool(), closed["entries"].is_null()), (Some(false), true), "{closed}");
    let refused = home.cli(&["cache", "clear", "--yes", "--json"]).await;
    assert_eq!(refused.error()["code"], "keychain_locked");
    let check = home.cli(&["check", "--offline"]).await.ok();
    assert!(
        check.stdout.contains("warning: cache: The cache is closed. The keychain is locked"),
        "{check:?}"
    );
    assert!(!home.path("cache.key").exists(), "no second key");

    // Nobody tells the router; it sees for itself that the keychain is open.
    session.unlock().await;
    assert_eq!(until_open(&server).await["entries"], 2);
    assert_eq!(session.lookup("cache"), Some(key));
    assert_eq!(said(&server, "The cache is closed"), 1, "{}", server.stderr());
    server.stop().await;
}

#[tokio::test]
async fn a_keychain_that_is_gone_for_a_day_takes_nothing_along() {
    let session = Session::unlocked().await;
    let home = session.home(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    server.stop().await;
    fill(home.folder(), &session.lookup("cache").expect("a key"), 1).await;

    // The same folder over SSH, without the desktop's session.
    let home = home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let server = home.serve().await;
    let line = until_said(&server, "The cache is closed").await;
    assert!(line.contains("evenkeel key remove cache"), "{line}");
    assert!(!home.path("cache.key").exists());
    server.stop().await;

    let home = home.set("DBUS_SESSION_BUS_ADDRESS", &session.address());
    let server = home.serve().await;
    assert_eq!(until_open(&server).await["entries"], 1);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_was_given_is_used_and_a_removed_one_makes_room_for_a_new_one() {
    let session = Session::unlocked().await;
    let home = session.home(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    let shared = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    let short = typed(&home, &["key", "set", "cache", "--json"], "0011\n").await.error();
    assert_eq!(short["code"], "invalid_request");
    assert!(short["message"].as_str().expect("text").contains("64 hexadecimal digits"), "{short}");
    let kept = typed(&home, &["key", "set", "cache"], &format!("{shared}\n")).await.ok();
    assert_eq!(kept.stdout, "The key of cache, ending in eeff, is kept in the keychain and in use.\n");
    assert_eq!(session.lookup("cache").as_deref(), Some(shared));
    until_open(&server).await;
    server.stop().await;
    fill(home.folder(), shared, 2).await;

    let server = home.serve().await;
    assert_eq!(until_open(&server).await["entries"], 2);
    home.cli(&["key", "remove", "cache"]).await.ok();
    until("an empty cache", async || Some(stats(&server).await).filter(|stats| stats["entries"] == 0)).await;
    assert_ne!(session.lookup("cache").expect("a new one"), shared);
    server.stop().await;
}

#[tokio::test]
async fn the_environment_can_bring_the_key_and_then_nothing_is_kept_anywhere() {
    let key = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
    let home = Session::none(CONFIG).set("EVENKEEL_CACHE_KEY", key);
    let server = home.serve().await;
    until_open(&server).await;
    assert!(!home.path("cache.key").exists());
    let list = home.cli(&["key", "list", "--json"]).await.ok().json();
    assert_eq!(list["keys"][1]["source"], "env");
    let refused = typed(&home, &["key", "set", "cache", "--json"], &format!("{key}\n")).await.error();
    assert_eq!(refused["code"], "key_elsewhere");
    server.stop().await;

    let home = home.set("EVENKEEL_CACHE_KEY", "no key");
    let server = home.serve().await;
    until_said(&server, "EVENKEEL_CACHE_KEY holds no key of the cache.").await;
    assert_eq!(stats(&server).await["reachable"], false);
    server.stop().await;
}

#[tokio::test]
async fn answers_are_carried_from_one_folder_to_another_under_a_passphrase() {
    let home = Session::none(CONFIG);
    let server = home.serve().await;
    until_open(&server).await;
    server.stop().await;
    fill(home.folder(), home.read("cache.key").trim(), 4).await;
    let file = home.path("cache.export");
    let name = file.to_str().expect("text");

    // At rest first.
    let weak = typed(&home, &["cache", "export", name, "--json"], "short\n").await.error();
    assert!(weak["message"].as_str().expect("text").contains("12 at least"), "{weak}");
    let written = typed(&home, &["cache", "export", name], &format!("{PASSPHRASE}\n")).await.ok();
    assert_eq!(written.stdout, format!("4 answers written to {name}.\n"));
    assert_eq!(home.mode("cache.export"), 0o600);
    assert_eq!(files_with(home.folder(), ANSWER), [""; 0]);
    let again = typed(&home, &["cache", "export", name, "--json"], PASSPHRASE).await.error();
    assert_eq!(again["code"], "file_exists");

    // Then by a running router of another folder, with another key.
    let other = Session::none(CONFIG).set("EVENKEEL_PASSPHRASE", PASSPHRASE);
    let server = other.serve().await;
    until_open(&server).await;
    let taken = other.cli(&["cache", "import", name, "--json"]).await.ok().json();
    assert_eq!(taken, json!({ "file": name, "entries": 4, "skipped": 0 }));
    let seen = other.cli(&["cache", "stats", "--json"]).await.ok().json();
    assert_eq!(seen["entries"], 4, "{seen}");
    let words = other.cli(&["cache", "stats"]).await.ok();
    assert!(words.stdout.contains("4 answers stored, "), "{words:?}");

    let nobody = other.cli(&["cache", "clear"]).await;
    assert_eq!(nobody.code, 2, "nobody is there to be asked: {nobody:?}");
    let cleared = other.cli(&["cache", "clear", "--yes"]).await.ok();
    assert_eq!(cleared.stdout, "4 answers removed. The cache is empty.\n");
    assert_eq!(stats(&server).await["entries"], 0);

    let backup = other.path("mine");
    let relative = "EVENKEEL=PROGRAM; cd FOLDER && \"$EVENKEEL\" --home FOLDER cache export mine"
        .replace("PROGRAM", crate::harness::PROGRAM)
        .replace("FOLDER", other.folder().to_str().expect("text"));
    other.shell(&relative).await.ok();
    assert!(backup.exists(), "a path is the caller's, not the router's");
    other.cli(&["cache", "import", name]).await.ok();
    assert_eq!(stats(&server).await["entries"], 4, "and back again");
    let other = other.set("EVENKEEL_PASSPHRASE", "words of somebody else");
    let wrong = other.cli(&["cache", "import", name, "--json"]).await.error();
    assert_eq!(wrong["code"], "wrong_passphrase");
    let nothing = other.cli(&["cache", "import", "/nowhere/x", "--json"]).await.error();
    assert_eq!(nothing["code"], "file_unusable");
    let config = other.path("evenkeel.toml");
    let no_export = other.cli(&["cache", "import", config.to_str().expect("text"), "--json"]).await.error();
    assert_eq!(no_export["code"], "bad_export");
    server.stop().await;
}

#[tokio::test]
async fn an_edit_of_the_file_opens_and_closes_it_and_never_means_nothing_is_written() {
    let home = Session::none(&with_cache("serve = \"never\""));
    let server = home.serve().await;
    let off = stats(&server).await;
    assert_eq!((off["serve"].as_str(), off["trouble"].is_null()), (Some("never"), true), "{off}");
    let refused = Answer::of(server.admin(Method::DELETE, "/api/cache")).await;
    assert_eq!((refused.status, refused.code()), (409, "cache_closed".to_owned()));
    let untouched = || !home.path("cache.key").exists() && !home.path("cache.db").exists();
    assert!(untouched(), "nothing is made for what is off");

    home.replace("evenkeel.toml", &with_cache("serve = \"always\"\nmax_size = \"64MiB\""));
    let open = until_open(&server).await;
    assert_eq!(
        (open["serve"].as_str(), open["max_bytes"].as_u64()),
        (Some("always"), Some(64 << 20)),
        "{open}"
    );
    home.replace("evenkeel.toml", &with_cache("max_size = \"32MiB\""));
    until("the new cap", async || (stats(&server).await["max_bytes"] == 32 << 20).then_some(())).await;
    home.replace("evenkeel.toml", &with_cache("serve = \"never\""));
    until("a closed cache", async || (stats(&server).await["reachable"] == false).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn where_it_was_never_opened_the_command_line_says_so_and_makes_nothing() {
    let home = Session::none(CONFIG);
    let seen = home.cli(&["cache", "stats", "--json"]).await.ok().json();
    assert_eq!((seen["entries"].is_null(), seen["hit_rate_percent"].is_null()), (true, true), "{seen}");
    for name in [
        "backend",
        "reachable",
        "entries",
        "bytes",
        "max_bytes",
        "oldest",
        "hits",
        "stale_hits",
        "misses",
        "would_have_hit",
        "hit_rate_percent",
        "saved_usd",
    ] {
        assert!(seen.get(name).is_some(), "{name}: {seen}");
    }
    assert!(!home.path("cache.key").exists());
    let off = Session::none(&with_cache("serve = \"never\""));
    let refused = off.cli(&["cache", "clear", "--yes", "--json"]).await.error();
    assert_eq!(refused["code"], "cache_closed");
}
