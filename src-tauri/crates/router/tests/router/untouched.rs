//! Same dialect stays bytes; other paths go through as they are.

use evenkeel_practice::Fault;
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
    for (version, dialect) in [(None, "openai"), (Some("2023-06-01"), "anthropic")] {
        let mut request = key(rig.http.get(rig.url("/v1/files")));
        if let Some(version) = version {
            request = request.header("anthropic-version", version);
        }
        let files = Answer::of(request.send().await.expect("an answer")).await;
        assert_eq!(files.status, 404, "the practice providers keep no files: {}", files.body);
        let row = rig.last_row().await;
        assert_eq!((row.endpoint.as_str(), row.dialect.as_str(), row.status), ("/v1/files", dialect, 404));
        assert_eq!(row.provider.as_deref(), Some("practice-a"));
    }
}

#[tokio::test]
async fn models_are_listed_in_the_asking_dialect_though_both_providers_are_down() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::Refuse).await;
    rig.fault("practice-b", Fault::Refuse).await;
    let list = |path: &str| rig.http.get(rig.url(path)).header("x-api-key", harness::LOCAL_KEY);
    let openai = Answer::of(list("/v1/models").send().await.expect("an answer")).await.json();
    assert_eq!(openai["object"], "list");
    let name = openai["data"][0]["id"].as_str().expect("never empty").to_owned();
    let anthropic =
        list("/v1/models").header("anthropic-version", "2023-06-01").send().await.expect("an answer");
    let anthropic = Answer::of(anthropic).await.json();
    assert_eq!(
        (anthropic["data"][0]["type"].as_str(), &anthropic["first_id"]),
        (Some("model"), &openai["data"][0]["id"])
    );
    let one = Answer::of(list(&format!("/v1/models/{name}")).send().await.expect("an answer")).await;
    assert_eq!((one.status, one.json()["id"].as_str()), (200, Some(name.as_str())));
    let none = Answer::of(list("/v1/models/nobody").send().await.expect("an answer")).await;
    assert_eq!((none.status, none.json()["error"]["code"].as_str()), (404, Some("model_not_served")));
    assert!(rig.rows().await.is_empty(), "no provider was asked");
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
