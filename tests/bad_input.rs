//! Each mistake gets the answer that the interface names: in the configuration, in a request, at the door.

use bytes::Bytes;
use reqwest::{Body, Method};
use serde_json::json;

use crate::harness::{Answer, CHAT, Home, MESSAGES, Server, chat, message, until};

const MISTAKES: &str = r#"[server]
listen = "nowhere"
requir_key = false

[providers.one]
dialect = "openai"
base_url = "https://api.example.com/v1"
key = "none"
models = ["*"]

[[routes]]
name = "default"
primary = { provider = "onn" }
retries = "many"
"#;

#[tokio::test]
async fn every_mistake_of_the_file_is_named_with_its_place_and_the_fix() {
    let home = Home::with_config(MISTAKES);
    let file = home.path("evenkeel.toml").display().to_string();
    let start = home.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!((start.code, start.stdout.as_str()), (1, ""), "{start:?}");
    let check = home.cli(&["check"]).await;
    assert_eq!((check.code, check.stderr.as_str()), (1, ""), "{check:?}");
    for (text, line, words) in [
        (&start.stderr, 2, "nowhere"),
        (&start.stderr, 3, "require_key"),
        (&start.stderr, 14, "retries"),
        (&check.stdout, 2, "nowhere"),
        (&check.stdout, 3, "require_key"),
        (&check.stdout, 14, "retries"),
    ] {
        let place = format!("{file}:{line}:");
        let (at, _) = text.match_indices(&place).next().unwrap_or_else(|| panic!("{place} in {text}"));
        let two_lines: String = text[at..].lines().take(2).collect();
        assert!(two_lines.contains(words), "{words}: {two_lines}");
    }
    let report = home.cli(&["check", "--json"]).await.json();
    let problems = report["problems"].as_array().expect("problems");
    for problem in problems {
        let filled = |name: &str| problem[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(["severity", "file", "key", "message", "fix"].into_iter().all(filled), "{problem}");
        assert!(problem["line"].as_u64() > Some(0) && problem["column"].as_u64() > Some(0), "{problem}");
    }
    assert!(problems.len() >= 3, "{report}");
}

#[tokio::test]
async fn text_that_is_no_toml_is_refused_with_its_place() {
    let home = Home::with_config("bypass = false\n[server\nlisten = 1\n");
    let start = home.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert!(start.code == 1 && start.stderr.contains("evenkeel.toml:2:"), "{start:?}");
    let json = home.cli(&["config", "show", "--json"]).await;
    assert_eq!((json.code, json.error()["code"].as_str()), (1, Some("config_invalid")));
    let missing = home.cli(&["serve", "--config", "/nowhere/evenkeel.toml", "--json"]).await;
    assert_eq!((missing.code, missing.error()["code"].as_str()), (1, Some("config_unreadable")));
}

#[tokio::test]
async fn an_unknown_provider_in_a_route_is_told_the_nearest_one() {
    let home = Home::with_config(
        "[providers.openai]\nkey = \"none\"\n[[routes]]\nname = \"r\"\nprimary = { provider = \"opnai\" }\n",
    );
    let start = home.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert!(start.code == 1 && start.stderr.contains("evenkeel.toml:5:"), "{start:?}");
    assert!(start.stderr.contains("opnai") && start.stderr.contains("openai"), "{start:?}");
}

async fn raw(server: &Server, path: &str, body: impl Into<Body>) -> Answer {
    Answer::of(server.request(Method::POST, path).bearer_auth(&server.key).body(body)).await
}

#[tokio::test]
async fn bodies_that_cant_be_read_get_a_400_of_their_dialect_that_says_where() {
    let home = Home::new();
    let server = home.serve().await;
    let not_json = raw(&server, CHAT, "{\"model\": \"m\",\n  oops}").await;
    assert_eq!((not_json.status, not_json.code().as_str()), (400, "invalid_request"));
    assert!(not_json.body.contains("line 2"), "{not_json:?}");
    let not_json = raw(&server, MESSAGES, "hello").await;
    assert_eq!((not_json.status, not_json.json()["type"].as_str()), (400, Some("error")), "{not_json:?}");
    assert_eq!(not_json.json()["request_id"], not_json.header("x-evenkeel-id"));

    let anthropic_body = json!({ "model": "m", "max_tokens": 9, "system": "s", "messages": [] });
    for (path, body, words) in [
        (CHAT, json!({ "model": "m" }), "messages"),
        (CHAT, json!({ "messages": [] }), "model"),
        (CHAT, anthropic_body, "/v1/messages"),
        (MESSAGES, json!({ "model": "m", "messages": [] }), "max_tokens"),
        (CHAT, json!([1, 2]), "object"),
    ] {
        let answer = server.ask(path, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"), "{body}: {answer:?}");
        assert!(answer.body.contains(words), "{words}: {answer:?}");
        assert_eq!(answer.header("x-should-retry"), "false", "{answer:?}");
    }
    let counts = server.admin_get("/api/practice").await;
    assert_eq!(counts["providers"][0]["requests"], 0, "no provider was bothered");
    let page = server.admin_get("/api/requests").await;
    let counted: Vec<_> =
        page["requests"].as_array().expect("rows").iter().map(|row| &row["counted"]).collect();
    assert_eq!(counted, ["no"; 7], "a wrong request is no failure of ours");
}

#[tokio::test]
async fn forty_mebibytes_get_a_413_that_reaches_a_client_that_is_still_sending() {
    let home = Home::new();
    let server = home.serve().await;
    let big = Bytes::from(vec![b' '; 40 << 20]);
    for path in [CHAT, MESSAGES] {
        let told = raw(&server, path, big.clone()).await;
        assert_eq!((told.status, told.code().as_str()), (413, "request_too_large"), "{told:?}");
        assert!(told.body.contains("32MiB") || told.body.contains("32 MiB"), "{told:?}");
    }
    // Without a length nobody knows beforehand.
    let pieces = big.chunks(1 << 20).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)));
    let body = Body::wrap_stream(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
    let told = raw(&server, CHAT, body).await;
    assert_eq!((told.status, told.code().as_str()), (413, "request_too_large"), "{told:?}");

    // Just under the limit is fine: an image or a long conversation.
    let content = "word ".repeat((31 << 20) / 5);
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": content }] });
    assert_eq!(server.ask(CHAT, &body).await.status, 200);
}

#[tokio::test]
async fn an_unknown_local_key_is_a_401_that_says_how_to_get_one() {
    let home = Home::new();
    let server = home.serve().await;
    let no_key =
        |path: &str, body: &serde_json::Value| server.request(Method::POST, path).body(body.to_string());
    for request in [
        server.post_as("ek-unknown", CHAT, &chat(false)),
        server.post_as("sk-ant-somebody-elses", CHAT, &chat(false)),
        server.post_as(&server.token, CHAT, &chat(false)),
        no_key(CHAT, &chat(false)),
        server.request(Method::GET, "/v1/models"),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "invalid_local_key"), "{answer:?}");
        assert!(answer.body.contains("evenkeel"), "{answer:?}");
    }
    let anthropic = Answer::of(server.post_as("ek-unknown", MESSAGES, &message(false))).await;
    assert_eq!(
        (anthropic.status, anthropic.json()["error"]["type"].as_str()),
        (401, Some("authentication_error"))
    );
    let rows = server.admin_get("/api/requests").await;
    assert_eq!(rows["requests"], json!([]), "nobody's request leaves no row");
}

#[tokio::test]
async fn foreign_hosts_and_browser_origins_are_shut_out_everywhere() {
    let home = Home::new();
    let server = home.serve().await;
    for path in [CHAT, "/api/status", "/dashboard/", "/metrics"] {
        let method = if path == CHAT { Method::POST } else { Method::GET };
        let ask = |name: &'static str, value: &str| {
            let request = server.request(method.clone(), path).bearer_auth(&server.key).header(name, value);
            Answer::of(request.body(chat(false).to_string()))
        };
        for answer in [ask("host", "evil.example").await, ask("origin", "https://evil.example").await] {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (403, "forbidden_origin"),
                "{path}: {answer:?}"
            );
            assert_eq!(answer.header("access-control-allow-origin"), "", "{answer:?}");
        }
    }
    home.write(
        "evenkeel.toml",
        "[server]\nallow_hosts = [\"box.lan\"]\nallow_origins = [\"https://app.example\"]\n",
    );
    let allowed = |name: &'static str, value: &'static str| {
        Answer::of(server.post(CHAT, &chat(false)).header(name, value))
    };
    until("the listed host", async || (allowed("host", "box.lan").await.status == 200).then_some(())).await;
    let listed = allowed("origin", "https://app.example").await;
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (200, "https://app.example"));
    assert_eq!(allowed("origin", "https://evil.example").await.status, 403);
}

#[tokio::test]
async fn the_admin_api_opens_to_its_token_or_a_session_of_its_own_page_only() {
    let home = Home::new();
    let server = home.serve().await;
    let tenant = home.cli(&["tenant", "add", "acme"]).await.ok().stdout.trim().to_owned();
    for path in ["/api/status", "/api/requests", "/api/nowhere", "/metrics", "/api/"] {
        let get = || server.request(Method::GET, path);
        for request in [
            get(),
            get().bearer_auth(&server.key),
            get().bearer_auth(&tenant),
            get().bearer_auth(""),
            get().header("x-api-key", &server.token),
            get().header("cookie", "evenkeel_session=guess"),
        ] {
            let answer = Answer::of(request).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{path}: {answer:?}");
        }
    }
    let link = home.cli(&["dashboard"]).await.ok().stdout;
    let path = link.trim().strip_prefix(&server.url("")).expect("this router's").to_owned();
    let login = Answer::of(server.request(Method::GET, &path)).await;
    let session = login.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let switch = |name: &'static str, value: String| {
        let put = server.request(Method::PUT, "/api/bypass").header("cookie", &session).header(name, value);
        Answer::of(put.header("content-type", "application/json").body("{\"on\":true}"))
    };
    let port = server.address.port();
    for origin in ["https://evil.example".to_owned(), format!("http://localhost:{}", port ^ 1)] {
        let answer = switch("origin", origin).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden_origin"), "{answer:?}");
    }
    assert_eq!(switch("sec-fetch-site", "same-site".to_owned()).await.status, 403);
    assert_eq!(switch("accept", "*/*".to_owned()).await.status, 403, "a cookie alone is no proof");
    assert_eq!(server.admin_get("/api/status").await["bypass"]["on"], false);
    let own = switch("origin", server.url("")).await;
    assert_eq!((own.status, own.json()["on"].as_bool()), (200, Some(true)), "{own:?}");
    assert_eq!(Answer::of(server.post_as(&session, CHAT, &chat(false))).await.status, 401);
}

#[tokio::test]
async fn probes_and_strangers_learn_nothing_private() {
    let home = Home::new();
    let server = home.serve().await;
    for method in [Method::HEAD, Method::GET] {
        let root = Answer::of(server.request(method, "/")).await;
        assert_eq!((root.status, root.body.contains("practice-a")), (200, false), "{root:?}");
    }
    let root = Answer::of(server.request(Method::GET, "/")).await;
    assert!(
        root.body.to_lowercase().contains("evenkeel") && root.body.contains(env!("CARGO_PKG_VERSION")),
        "{root:?}"
    );
    for path in ["/healthz", "/readyz"] {
        let answer = Answer::of(server.request(Method::GET, path)).await;
        assert_eq!((answer.status, answer.body.len() < 100), (200, true), "{answer:?}");
    }
    let nowhere = Answer::of(server.request(Method::GET, "/nowhere")).await;
    assert_eq!((nowhere.status, nowhere.body.contains("<html")), (404, false), "{nowhere:?}");
    let doubled = server.ask("/v1/v1/chat/completions", &chat(false)).await;
    assert_eq!(doubled.status, 200, "{doubled:?}");
    let outside = Answer::of(server.request(Method::GET, "/dashboard/..%2f..%2fadmin.token")).await;
    assert!(outside.status == 404 && !outside.body.contains(&server.token), "{outside:?}");
}
