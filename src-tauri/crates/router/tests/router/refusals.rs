//! Bad input gets the answer that the interface names, in the client's own dialect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use evenkeel_router::{Clock, SystemClock};
use evenkeel_slo::{Cause, Counted};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{self, Answer};
use crate::raw::Raw;

async fn post(rig: &harness::Rig, path: &str, body: &str) -> Answer {
    let request = rig.http.post(rig.url(path)).header("x-api-key", harness::LOCAL_KEY).body(body.to_owned());
    Answer::of(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn errors_speak_the_clients_dialect() {
    let rig = harness::practice("").await;
    let openai = post(&rig, "/v1/chat/completions", "{not json").await;
    assert_eq!(openai.status, 400);
    assert_eq!(openai.json()["error"]["code"], "invalid_request");
    assert_eq!(openai.header("x-should-retry"), "false");
    let anthropic = post(&rig, "/v1/messages", "{not json").await;
    assert_eq!(anthropic.json()["type"], "error");
    assert_eq!(anthropic.json()["error"]["type"], "invalid_request_error");
    assert_eq!(anthropic.json()["request_id"], anthropic.header("x-evenkeel-id"));
    let row = rig.last_row().await;
    assert_eq!((row.counted, row.status, row.attempts.len()), (Counted::No, 400, 0));
}

#[tokio::test]
async fn the_wrong_dialect_at_a_path_is_named() {
    let rig = harness::practice("").await;
    let body = json!({ "model": "m", "max_tokens": 5, "system": "s", "messages": [] }).to_string();
    let answer = post(&rig, "/v1/chat/completions", &body).await;
    assert_eq!(
        (answer.status, answer.json()["error"]["param"].as_str()),
        (400, Some("system")),
        "{}",
        answer.body
    );
    let body = json!({ "model": "m", "messages": [] }).to_string();
    let answer = post(&rig, "/v1/messages", &body).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("max_tokens"), "{}", answer.body);
}

#[tokio::test]
async fn without_a_key_nothing_is_ledgered() {
    let rig = harness::practice("").await;
    let answer =
        Answer::of(rig.http.post(rig.url("/v1/chat/completions")).send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (401, Some("invalid_local_key")));
    assert!(rig.rows().await.is_empty());
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_everywhere() {
    let rig = harness::practice("").await;
    for path in ["/", "/healthz", "/v1/models", "/v1/chat/completions"] {
        let host = rig
            .http
            .get(rig.url(path))
            .header("host", "evil.example")
            .header("x-api-key", harness::LOCAL_KEY);
        let answer = Answer::of(host.send().await.expect("an answer")).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.body.contains("forbidden_origin"), "{}", answer.body);
        let origin = rig.http.get(rig.url(path)).header("origin", "https://evil.example");
        assert_eq!(origin.send().await.expect("an answer").status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_listed_origin_gets_its_preflight_and_may_read() {
    let rig = harness::practice("[server]\nallow_origins = [\"https://app.example\"]\n").await;
    let preflight = rig
        .http
        .request(http::Method::OPTIONS, rig.url("/v1/chat/completions"))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-evenkeel-tenant");
    let answer = Answer::of(preflight.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "https://app.example"));
    assert_eq!(answer.header("access-control-allow-headers"), "authorization,x-evenkeel-tenant");
    let request =
        rig.post("/v1/chat/completions", &harness::chat(false)).header("origin", "https://app.example");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://app.example"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_told_to_a_client_that_is_still_sending() {
    let rig = harness::practice("[server]\nmax_body = \"1MiB\"\n").await;
    let answer = post(&rig, "/v1/chat/completions", &"x".repeat(5 * 1024 * 1024)).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (413, Some("request_too_large")));
    assert!(answer.body.contains("1 MiB"), "{}", answer.body);
}

#[tokio::test]
async fn unknown_paths_say_what_there_is() {
    let rig = harness::practice("").await;
    let answer = post(&rig, "/api/generate", "{}").await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("unknown_endpoint")));
    let head = rig.http.head(rig.url("/")).send().await.expect("an answer");
    assert_eq!(head.status(), 200);
}

#[tokio::test]
async fn no_route_and_no_provider_say_so() {
    let rig = harness::practice("[[routes]]\nname = \"chat\"\nmodels = [\"gpt-*\"]\n").await;
    let body = json!({ "model": "other", "messages": [] }).to_string();
    let answer = post(&rig, "/v1/chat/completions", &body).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("no_route")));
    assert!(answer.body.contains("chat"), "{}", answer.body);
    let empty = harness::start(harness::config(""), false, Arc::new(SystemClock), false).await;
    let answer = post(&empty, "/v1/chat/completions", &body).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (503, Some("no_provider")));
}

#[tokio::test]
async fn a_bypass_is_never_translated() {
    let provider = Raw::start(Vec::new()).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let request = rig.post("/v1/messages", &harness::message(false)).header("x-evenkeel-bypass", "true");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("anthropic"), "{}", answer.body);
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn draining_refuses_new_requests() {
    let rig = harness::practice("").await;
    rig.router.set_draining();
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (503, Some("shutting_down")));
    assert_eq!(rig.http.get(rig.url("/readyz")).send().await.expect("an answer").status(), 503);
    assert_eq!(rig.http.get(rig.url("/healthz")).send().await.expect("an answer").status(), 200);
}

/// A clock that goes off in the middle of a request.
struct Bomb(AtomicBool);

impl Clock for Bomb {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn instant(&self) -> Instant {
        assert!(!self.0.swap(false, Ordering::SeqCst), "boom");
        Instant::now()
    }
}

#[tokio::test]
async fn a_panic_is_that_requests_500_and_the_router_goes_on() {
    let clock = Arc::new(Bomb(AtomicBool::new(false)));
    let provider = Raw::start(crate::raw::plain(404, "application/json", "{}")).await;
    let text = format!(
        "[providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n",
        provider.base_url()
    );
    let rig = harness::start(harness::config(&text), false, clock.clone(), false).await;
    // The stages before the ledger opens read the clock once; the next reading is inside of it.
    let armed = Arc::clone(&clock);
    armed.0.store(true, Ordering::SeqCst);
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (500, Some("internal_error")));
    assert!(answer.body.contains(answer.header("x-evenkeel-id")), "{}", answer.body);
    assert_eq!(rig.chat(false).await.status, 404, "the next request is served");
    let row = rig.rows().await;
    assert!(row.iter().all(|row| row.cause != Some(Cause::Router) || row.status == 500));
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let rig = harness::practice("").await;
    let request = rig.http.post(rig.url("/v1/chat/completions")).header("x-api-key", "ek-gone");
    let answer =
        Answer::of(request.body(vec![b'x'; 20 * 1024 * 1024]).send().await.expect("an answer")).await;
    assert_eq!(answer.json()["error"]["code"], "invalid_local_key");
}

#[tokio::test]
async fn a_known_sender_with_a_wrong_header_is_in_the_ledger() {
    let rig = harness::practice("").await;
    let request =
        rig.post("/v1/chat/completions", &harness::chat(false)).header("x-evenkeel-cache", "sometimes");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(rig.last_row().await.id, answer.header("x-evenkeel-id"));
}
