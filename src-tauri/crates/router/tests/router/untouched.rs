//! Same dialect stays bytes; other paths go through as they are.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{self, Answer};
use crate::raw::{self, Raw};

const ANSWER: &str = "{\"id\":\"chatcmpl-9\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"h\\u00e9\"},\"finish_reason\":\"stop\"}],  \"extra\": {\"k\": 1.50}}";

#[tokio::test]
async fn an_unwatched_exchange_crosses_byte_for_byte_but_for_the_model() {
    let provider = Raw::start(raw::plain(200, "application/json", ANSWER)).await;
    let text = format!(
        "[providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = []\ndefault_model = \"other\"\nwatch = \"streams\"\n",
        provider.base_url()
    );
    let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
    let rig = harness::start(harness::config(&text), false, clock, false).await;
    let body = "{\"temperature\" : 0.70,\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d\\ude00\"}],\"unknown\":{\"a\":[1,2]}}";
    let request =
        rig.http.post(rig.url("/v1/v1/chat/completions")).header("x-api-key", harness::LOCAL_KEY).body(body);
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ANSWER));
    assert_eq!(answer.header("x-evenkeel-model"), "other");
    let seen = provider.seen().remove(0);
    assert_eq!(String::from_utf8_lossy(&seen.body), body.replace("gpt-5", "other"));
    assert!(seen.head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{}", seen.head);
}

#[tokio::test]
async fn other_paths_go_to_the_first_provider_of_the_dialect_and_are_ledgered() {
    let rig = harness::practice("").await;
    let key = |request: reqwest::RequestBuilder| request.header("x-api-key", harness::LOCAL_KEY);
    let models = Answer::of(key(rig.http.get(rig.url("/v1/models"))).send().await.expect("an answer")).await;
    assert_eq!((models.status, models.json()["object"].as_str()), (200, Some("list")), "{}", models.body);
    let request = key(rig.http.get(rig.url("/v1/models"))).header("anthropic-version", "2023-06-01");
    let models = Answer::of(request.send().await.expect("an answer")).await;
    assert!(models.json()["has_more"].is_boolean(), "{}", models.body);
    let row = rig.last_row().await;
    assert_eq!((row.endpoint.as_str(), row.dialect.as_str(), row.status), ("/v1/models", "anthropic", 200));
    assert_eq!(row.served_by.as_deref(), Some("primary"));
}

#[tokio::test]
async fn a_passed_through_error_is_the_providers_own() {
    let provider = Raw::start(raw::plain(418, "text/plain", "short and stout")).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let request = rig.http.delete(rig.url("/v1/files/f-1?x=1")).header("x-api-key", harness::LOCAL_KEY);
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.body.as_str()), (418, "short and stout"));
    assert!(provider.seen()[0].head.starts_with("DELETE /v1/files/f-1?x=1 "), "{}", provider.seen()[0].head);
    assert_eq!(rig.last_row().await.status, 418);
}

#[tokio::test]
async fn answers_without_a_body_are_settled_as_what_they_are() {
    let empty = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned();
    let provider = Raw::answering(move |seen| {
        if seen.head.starts_with("HEAD") {
            raw::plain(200, "application/json", "")
        } else {
            vec![raw::Step::Send(empty.clone())]
        }
    })
    .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    for (method, status) in [(http::Method::HEAD, 200), (http::Method::DELETE, 204)] {
        let request =
            rig.http.request(method, rig.url("/v1/files/f-1")).header("x-api-key", harness::LOCAL_KEY);
        assert_eq!(request.send().await.expect("an answer").status(), status);
        let row = rig.last_row().await;
        assert_eq!((row.status, row.outcome.as_str()), (status, "ok"));
    }
}

#[tokio::test]
async fn paths_that_climb_reach_nobody() {
    let provider = Raw::start(raw::plain(200, "application/json", "{}")).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let host = rig.url("").trim_start_matches("http://").to_owned();
    // A client library would tidy the path up, so this one is written by hand.
    let mut socket = tokio::net::TcpStream::connect(&host).await.expect("the router listens");
    let request = format!(
        "GET /v1/../../outside HTTP/1.1\r\nhost: {host}\r\nx-api-key: {}\r\nconnection: close\r\n\r\n",
        harness::LOCAL_KEY
    );
    socket.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("unknown_endpoint"), "{answer}");
    assert!(provider.seen().is_empty());
}
