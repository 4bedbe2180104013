//! Which provider speaks what, and how a host says that it doesn't.

use evenkeel_practice::{Dialect, PRACTICE_A, PRACTICE_B, ProviderOptions, practice_text};
use serde_json::json;

use super::support::{Answer, CHAT, MESSAGES, RESPONSES, Stand, chat, message, response};

#[tokio::test]
async fn by_default_each_provider_speaks_the_dialect_of_one_vendor() {
    let stand = Stand::of_one_dialect_each().await;
    let status = stand.practice.status();
    assert_eq!(status[0].dialects, [Dialect::OpenAi]);
    assert_eq!(status[1].dialects, [Dialect::Anthropic]);
    assert!(status.iter().all(|provider| !provider.responses));

    let chat = stand.ask(CHAT, chat("Hi", &json!({}))).await;
    assert_eq!(chat.text(), practice_text(PRACTICE_A, "Hi"));
    let message = stand.ask_b(MESSAGES, message("Hi", &json!({}))).await;
    assert_eq!(message.text(), practice_text(PRACTICE_B, "Hi"));
}

#[tokio::test]
async fn a_path_of_the_other_dialect_is_not_found_in_that_dialect() {
    let stand = Stand::of_one_dialect_each().await;
    for path in [MESSAGES, "/v1/messages/count_tokens"] {
        let answer = stand.ask(path, message("Hi", &json!({}))).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["type"]),
            (404, &json!("not_found_error")),
            "{path}"
        );
        assert_eq!(answer.header("request-id"), answer.json()["request_id"]);
    }
    for (path, body) in
        [(CHAT, chat("Hi", &json!({}))), ("/v1/embeddings", json!({ "model": "e", "input": "x" }))]
    {
        let answer = stand.ask_b(path, body).await;
        assert_eq!((answer.status, answer.told()), (404, format!("Invalid URL (POST {path})")));
        assert!(answer.header("x-request-id").starts_with("req_"));
    }
}

#[tokio::test]
async fn what_both_vendors_have_comes_in_the_only_dialect_spoken() {
    let stand = Stand::of_one_dialect_each().await;
    let with_version = stand.get("/v1/models").header("anthropic-version", "2023-06-01");
    assert_eq!(Answer::read(with_version).await.json()["object"], "list");
    let elsewhere = Answer::read(stand.post_to(&stand.url_b("/v1/files"), "{}")).await;
    assert_eq!((elsewhere.status, &elsewhere.json()["type"]), (404, &json!("error")));
}

#[tokio::test]
async fn responses_are_served_only_where_an_option_says_so() {
    let stand = Stand::start().await;
    let answer = stand.ask(RESPONSES, response("Hi", &json!({}))).await;
    assert_eq!((answer.status, answer.told()), (404, "Invalid URL (POST /v1/responses)".to_owned()));

    let stand = Stand::of(ProviderOptions::openai(PRACTICE_A).with_responses()).await;
    assert!(stand.status().responses);
    let answer = stand.ask(RESPONSES, response("Hi", &json!({}))).await;
    assert_eq!(answer.text(), practice_text(PRACTICE_A, "Hi"));
}

#[tokio::test]
async fn the_wrong_method_is_not_allowed() {
    let stand = Stand::of_one_dialect_each().await;
    let answer = Answer::read(stand.get(CHAT)).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (405, &json!("method_not_supported")));
    assert_eq!(Answer::read(stand.head(CHAT)).await.status, 405);
    let answer = stand.ask_b("/v1/models", "{}").await;
    assert_eq!((answer.status, answer.told()), (405, "Method Not Allowed".to_owned()));
}

#[tokio::test]
async fn anthropic_insists_on_its_version() {
    let without = async |stand: &Stand| {
        let url = stand.url(MESSAGES);
        let body = message("Hi", &json!({})).to_string();
        Answer::read(stand.bare_post(&url).body(body)).await
    };
    let answer = without(&Stand::of(ProviderOptions::anthropic(PRACTICE_A)).await).await;
    assert_eq!((answer.status, answer.told()), (400, "anthropic-version: header is required".to_owned()));
    assert_eq!(without(&Stand::of(ProviderOptions::anthropic(PRACTICE_A).lax()).await).await.status, 200);
}
