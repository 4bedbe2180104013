//! No key in any file, log, output or answer, however a request fails, even if a provider quotes the key.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::raw::{Raw, Step, chunk, plain, stream_head};
use crate::harness::{Answer, CHAT, Home, Ran, Server, chat, four_ways};
use serde_json::json;

/// A provider's key in the form most vendors give, and in one without anything to know it by.
const MARKED: &str = "sk-canary-Zx81TtQvWq27LmNb90PoIu";
const UNMARKED: &str = "9f3c0a77e1b24d5c8d6e0b1f2a3c4d5e";

/// A key that nobody gave out.
const STRANGER: &str = "ek-strangerZx81TtQvWq27LmNb90PoIuYtR";

/// An error that quotes the key, as some hosts do.
fn quoting(status: u16, key: &str) -> Vec<Step> {
    let message = format!("Incorrect API key provided: {key}. You sent Bearer {key}");
    let error = json!({ "message": message, "type": "invalid_request_error", "param": key, "code": "invalid_api_key" });
    plain(status, "application/json", &json!({ "error": error }).to_string())
}

/// Providers that each fail in one way, by the name of the model that is routed to them.
async fn providers(key: &str) -> Vec<(&'static str, Raw)> {
    let html = format!("<html><body>Bad gateway for {key}</body></html>");
    let error = format!("data: {{\"error\":{{\"message\":\"key {key} was revoked\",\"code\":\"x\"}}}}\n\n");
    let error = || Step::Send(error.clone());
    let begun = || Step::Send(chunk("{\"role\":\"assistant\",\"content\":\"Hel\"}", None));
    let scripts = [
        ("m-400", quoting(400, key)),
        ("m-401", quoting(401, key)),
        ("m-402", quoting(402, key)),
        ("m-403", quoting(403, key)),
        ("m-404", quoting(404, key)),
        ("m-429", quoting(429, key)),
        ("m-500", quoting(500, key)),
        ("m-200", quoting(200, key)),
        ("m-html", plain(502, "text/html", &html)),
        ("m-text", plain(401, "text/plain", key)),
        ("m-early", vec![stream_head(), error()]),
        ("m-late", vec![stream_head(), begun(), error()]),
        ("m-broken", vec![stream_head(), begun(), Step::Reset]),
        ("m-reset", vec![Step::Reset]),
    ];
    let mut started = Vec::new();
    for (model, script) in scripts {
        started.push((model, Raw::start(script).await));
    }
    started
}

/// A route a model, each to the provider of its name.
fn config(providers: &[(&'static str, Raw)]) -> String {
    // Nobody listens on port 1.
    let gone = ("m-gone", "http://127.0.0.1:1".to_owned());
    let all = providers.iter().map(|(model, raw)| (*model, raw.base_url())).chain([gone]);
    let section = |(model, url): (&str, String)| {
        format!(
            "[providers.{model}]\ndialect = [\"openai\", \"anthropic\"]\nbase_url = \"{url}\"\n\
             key = \"env:CANARY_KEY\"\nmodels = [\"*\"]\n\
             [[routes]]\nname = \"{model}\"\nmodels = [\"{model}\"]\nprimary = {{ provider = \"{model}\" }}\n"
        )
    };
    all.map(section).collect()
}

/// Every way of asking for a model that fails; what the client got, headers and all.
async fn fail(server: &Server, model: &str) -> Vec<(String, String)> {
    let mut got = Vec::new();
    for (path, mut body) in four_ways() {
        body["model"] = model.into();
        for bypass in ["false", "true"] {
            let request = server.post(path, &body).header("x-evenkeel-bypass", bypass);
            let Ok(mut response) = request.send().await else { continue };
            // A good status means bytes handed through as they come: with the bypass on, that is its promise.
            let untouched = bypass == "true" && response.status().is_success();
            let mut text = format!("{:?}\n", response.headers());
            // A stream that breaks off is an answer too, as far as it came.
            while let Ok(Some(bytes)) = response.chunk().await {
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
            if !untouched {
                got.push((format!("{model} {path}, stream {}, bypass {bypass}", body["stream"]), text));
            }
        }
    }
    got
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).expect("a readable file");
            found.push((path, bytes));
        }
    }
    found
}

/// Enough of each leak to find it.
fn shown(leaks: &[String]) -> String {
    leaks.iter().map(|leak| leak.chars().take(160).collect::<String>() + "\n").collect()
}

fn files_with(home: &Home, secret: &str) -> Vec<String> {
    let all = files(home.folder()).into_iter().chain(files(home.terminal()));
    all.filter(|(_, bytes)| holds(bytes, secret)).map(|(path, _)| path.display().to_string()).collect()
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// What commands print about it all.
async fn outputs(home: &Home, ids: &[&str]) -> Vec<(String, Ran)> {
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["status"],
        vec!["status", "--json"],
        vec!["config", "show"],
        vec!["config", "show", "--json"],
        vec!["check"],
        vec!["check", "--json"],
        vec!["tenant", "list"],
        vec!["tenant", "list", "--json"],
        vec!["requests"],
        vec!["requests", "--json", "--since", "1h"],
        vec!["requests", "--csv", "--since", "1h"],
        vec!["bypass", "status"],
        vec!["practice", "status"],
        vec!["env", "--bypass"],
        vec!["config", "schema"],
    ];
    commands.extend(ids.iter().map(|id| vec!["requests", id]));
    commands.extend(ids.iter().map(|id| vec!["requests", id, "--json"]));
    let mut outputs = Vec::new();
    for command in commands {
        outputs.push((command.join(" "), home.cli(&command).await));
    }
    outputs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_providers_key_is_nowhere_but_at_the_provider() {
    nowhere_but_at_the_provider(MARKED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_looks_like_none_is_nowhere_either() {
    nowhere_but_at_the_provider(UNMARKED).await;
}

async fn nowhere_but_at_the_provider(key: &str) {
    let providers = providers(key).await;
    // With debugging on, for that is when people share their logs.
    let home = Home::with_config(&config(&providers)).set("CANARY_KEY", key).set("EVENKEEL_LOG", "debug");
    let server = home.serve().await;
    // Vendors show a few characters of a key to tell it from others; half of one is too much.
    let part = &key[..key.len() / 2];
    let mut leaks = Vec::new();
    for model in providers.iter().map(|(model, _)| *model).chain(["m-gone"]) {
        let answers = fail(&server, model).await.into_iter();
        leaks.extend(
            answers.filter(|(_, text)| text.contains(part)).map(|(what, text)| format!("{what}: {text}")),
        );
    }
    let passed = server.ask("/v1/files", &json!({ "model": "m-401" })).await;
    if passed.body.contains(part) {
        leaks.push(format!("passed through: {passed:?}"));
    }
    for (model, raw) in &providers {
        let seen = raw.seen();
        let sent = |name| seen.first().and_then(|seen| seen.header(name)).unwrap_or_default();
        assert!(sent("authorization").contains(key) || sent("x-api-key") == key, "{model} was never asked");
        assert!(seen.iter().all(|seen| !seen.head.contains(&server.key)), "the local key reached {model}");
    }
    let page = server.admin_get("/api/requests?limit=1000").await;
    let rows = page["requests"].as_array().expect("rows");
    assert_eq!(rows.len(), 15 * 8 + 1, "every failure is in the ledger");
    let ids: Vec<&str> = rows.iter().step_by(8).filter_map(|row| row["id"].as_str()).collect();
    for (command, ran) in outputs(&home, &ids).await {
        if format!("{ran:?}").contains(part) {
            leaks.push(format!("evenkeel {command}: {ran:?}"));
        }
    }
    for path in ["/api/status", "/api/config", "/api/tenants", "/api/practice", "/api/requests?limit=1000"] {
        if server.admin_get(path).await.to_string().contains(part) {
            leaks.push(path.to_owned());
        }
    }
    // Once while the database has its log beside it, once after everything is written down.
    leaks.extend(files_with(&home, part));
    server.stop().await;
    leaks.extend(files_with(&home, part));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), shown(&leaks));
}

#[tokio::test]
async fn local_keys_are_shown_once_and_kept_as_hashes() {
    let home = Home::new().set("EVENKEEL_LOG", "debug");
    let server = home.serve().await;
    let add = home.cli(&["tenant", "add", "acme"]).await.ok();
    let old = add.stdout.trim().to_owned();
    let new = home.cli(&["tenant", "rotate", "acme", "--json"]).await.ok().json()["key"]
        .as_str()
        .expect("a key")
        .to_owned();
    let mut answers = Vec::new();
    for key in [&server.key, &old, &new, STRANGER, &server.token] {
        answers.push(Answer::of(server.post_as(key, CHAT, &chat(true))).await);
        answers.push(Answer::of(server.post_as(key, "/v1/nowhere", &chat(false))).await);
        answers.push(Answer::of(server.request(reqwest::Method::GET, "/api/status").bearer_auth(key)).await);
    }
    home.cli(&["practice", "fault", "practice-a", "down"]).await.ok();
    answers.push(Answer::of(server.post_as(&new, CHAT, &chat(false))).await);

    let keys = [&server.key, &old, &new, STRANGER, &server.token].map(|key| key[3..].to_owned());
    let texts: Vec<String> = answers.iter().map(|answer| format!("{answer:?}")).collect();
    for (command, ran) in outputs(&home, &[]).await {
        assert!(keys.iter().all(|key| !format!("{ran:?}").contains(key)), "evenkeel {command}: {ran:?}");
    }
    assert!(texts.iter().all(|text| keys.iter().all(|key| !text.contains(key))), "{texts:#?}");
    server.stop().await;
    for (path, bytes) in files(home.folder()).into_iter().chain(files(home.terminal())) {
        let allowed = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        for (number, key) in keys.iter().enumerate() {
            let own_file =
                (number == 0 && allowed == "local.key") || (number == 4 && allowed == "admin.token");
            assert!(own_file || !holds(&bytes, key), "key {number} is in {}", path.display());
        }
    }
}
