//! The Anthropic dialect of a healthy provider, on the same port.

use evenkeel_practice::{PRACTICE_A, PRACTICE_B, practice_text};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::support::{Answer, MESSAGES, Stand, message, weather_schema};

fn tools() -> Value {
    json!([
        { "name": "get_weather", "description": "…", "input_schema": weather_schema() },
        { "name": "get_time", "input_schema": { "type": "object" } },
        { "type": "web_search_20250305", "name": "web_search" },
    ])
}

#[tokio::test]
async fn a_message() {
    let stand = Stand::start().await;
    let answer = stand.ask(MESSAGES, message("Hello there", &json!({}))).await;
    assert_eq!(answer.json()["content"][0]["text"], practice_text(PRACTICE_A, "Hello there").as_str());
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_stream() {
    let stand = Stand::start().await;
    let answer =
        stand.ask(MESSAGES, message("Hello there", &json!({ "stream": true, "max_tokens": 6 }))).await;
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_stream_is_the_same_text_and_usage_as_the_whole() {
    let stand = Stand::start().await;
    let whole = stand.ask(MESSAGES, message("Hello there", &json!({}))).await.json();
    let events = stand.ask(MESSAGES, message("Hello there", &json!({ "stream": true }))).await.data();
    let text: String = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    assert_eq!(text, whole["content"][0]["text"]);
    let usage = &events[events.len() - 2]["usage"];
    assert_eq!(usage["output_tokens"], whole["usage"]["output_tokens"]);
    assert_eq!(usage["input_tokens"], whole["usage"]["input_tokens"]);
}

#[tokio::test]
async fn the_other_provider_answers_with_its_own_name() {
    let stand = Stand::start().await;
    let request = stand.post_to(&stand.url_b(MESSAGES), message("Hi", &json!({})));
    let answer = Answer::read(request).await.json();
    assert_eq!(answer["content"][0]["text"], practice_text(PRACTICE_B, "Hi").as_str());
}

#[tokio::test]
async fn an_answer_ends_at_its_limit_or_at_a_stop_sequence() {
    let stand = Stand::start().await;
    let cut = stand.ask(MESSAGES, message("Hi", &json!({ "max_tokens": 1 }))).await.json();
    assert_eq!((&cut["stop_reason"], &cut["content"][0]["text"]), (&json!("max_tokens"), &json!("This")));
    let stopped = stand.ask(MESSAGES, message("Hi", &json!({ "stop_sequences": [" answer"] }))).await.json();
    assert_eq!(
        (&stopped["stop_reason"], &stopped["stop_sequence"], &stopped["content"][0]["text"]),
        (&json!("stop_sequence"), &json!(" answer"), &json!("This is a practice"))
    );
}

#[tokio::test]
async fn several_tools_are_called_at_once_unless_that_is_forbidden() {
    let stand = Stand::start().await;
    let asked = "Use get_time and get_weather and web_search";
    let answer = stand.ask(MESSAGES, message(asked, &json!({ "tools": tools() }))).await;
    assert_snapshot!(answer.snapshot());

    let choice = json!({ "type": "auto", "disable_parallel_tool_use": true });
    let one = stand.ask(MESSAGES, message(asked, &json!({ "tools": tools(), "tool_choice": choice }))).await;
    assert_eq!(one.json()["content"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_streamed_tool_call() {
    let stand = Stand::start().await;
    let choice = json!({ "type": "tool", "name": "get_weather" });
    let more = json!({ "tools": tools(), "tool_choice": choice, "stream": true });
    let answer = stand.ask(MESSAGES, message("Hello", &more)).await;
    let input: String =
        answer.data().iter().filter_map(|event| event["delta"]["partial_json"].as_str()).collect();
    assert_eq!(input, r#"{"city":"practice city"}"#);
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_tool_result_is_answered_with_its_name() {
    let stand = Stand::start().await;
    let called = stand.ask(MESSAGES, message("get_weather", &json!({ "tools": tools() }))).await.json();
    let id = &called["content"][0]["id"];
    let result =
        json!({ "type": "tool_result", "tool_use_id": id, "content": [{ "type": "text", "text": "Sunny" }] });
    let body = json!({
        "model": "claude-practice",
        "max_tokens": 100,
        "tools": tools(),
        "messages": [
            { "role": "user", "content": "get_weather" },
            { "role": "assistant", "content": called["content"] },
            { "role": "user", "content": [result] },
        ],
    });
    let answer = stand.ask(MESSAGES, body).await.json();
    assert_eq!(answer["stop_reason"], "end_turn");
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("got the result of get_weather. get_weather gave: \"Sunny\"."), "{text}");
}

#[tokio::test]
async fn a_schema_is_answered_with_json() {
    let stand = Stand::start().await;
    let format = json!({ "format": { "type": "json_schema", "schema": weather_schema() } });
    let answer = stand.ask(MESSAGES, message("Hello", &json!({ "output_config": format }))).await.json();
    assert_eq!(answer["content"][0]["text"], r#"{"city":"practice city"}"#);
}

#[tokio::test]
async fn counted_tokens_are_those_that_are_used() {
    let stand = Stand::start().await;
    let body = message("Hello there", &json!({ "system": "Be brief.", "tools": tools() }));
    let used = stand.ask(MESSAGES, &body).await.json()["usage"]["input_tokens"].clone();
    let mut body = body;
    body.as_object_mut().unwrap().remove("max_tokens");
    let counted = stand.ask("/v1/messages/count_tokens", body).await.json();
    assert_eq!(counted, json!({ "input_tokens": used }));
}

#[tokio::test]
async fn pictures_cost_nothing_and_words_do() {
    let stand = Stand::start().await;
    let picture = json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AAAAAAAA" } });
    let content = json!([{ "type": "text", "text": "12345" }, picture]);
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": content }] });
    assert_eq!(stand.ask("/v1/messages/count_tokens", body).await.json()["input_tokens"], 2);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let stand = Stand::start().await;
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    let bodies = [
        "{\"model\": ".to_owned(),
        "[]".to_owned(),
        json!({ "max_tokens": 5, "messages": messages }).to_string(),
        json!({ "max_tokens": 5, "model": "m" }).to_string(),
        json!({ "model": "m", "messages": messages }).to_string(),
        json!({ "model": "m", "max_tokens": 0, "messages": messages }).to_string(),
        json!({ "model": "m", "max_tokens": 5, "messages": "Hi" }).to_string(),
        json!({ "model": "m", "max_tokens": 5, "messages": [] }).to_string(),
        json!({ "model": "m", "max_tokens": 5, "messages": [{ "role": "user" }] }).to_string(),
        message("Hi", &json!({ "tool_choice": "auto" })).to_string(),
        message("Hi", &json!({ "tools": tools(), "tool_choice": "auto" })).to_string(),
        message("Hi", &json!({ "tools": tools(), "tool_choice": { "type": "tool", "name": "f" } }))
            .to_string(),
        message("Hi", &json!({ "thread": { "type": "create" } })).to_string(),
        message("Hi", &json!({ "model": "missing-model" })).to_string(),
        message("Hi", &json!({ "model": "bad-request" })).to_string(),
    ];
    let mut shown = Vec::new();
    for body in bodies {
        let answer = stand.ask(MESSAGES, &body).await;
        assert_eq!(answer.json()["request_id"], answer.header("request-id"));
        shown.push(format!("{body}\n{} {}", answer.status, super::support::blot(&answer.body)));
    }
    assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn models_in_the_shape_of_anthropic() {
    let stand = Stand::start().await;
    let get = async |path: &str| {
        Answer::read(stand.get(path).header("anthropic-version", "2023-06-01")).await.json()
    };
    let list = get("/v1/models").await;
    assert_eq!((&list["has_more"], &list["first_id"]), (&json!(false), &json!("claude-fable-5-2")));
    let one = get("/v1/models/claude-fable-5-2").await;
    assert_eq!(one, list["data"][0]);
    assert_eq!((&one["type"], &one["created_at"]), (&json!("model"), &json!("2026-01-01T00:00:00Z")));
    assert_eq!(get("/v1/models/missing-one").await["error"]["type"], "not_found_error");
}

#[tokio::test]
async fn anything_else_is_not_found_in_the_dialect() {
    let stand = Stand::start().await;
    let by_path = Answer::read(stand.get("/v1/messages/batches")).await;
    let by_header = Answer::read(stand.get("/v1/files").header("anthropic-version", "2023-06-01")).await;
    for answer in [by_path, by_header] {
        assert_eq!(answer.status, 404);
        let error = answer.json();
        assert_eq!((&error["type"], &error["error"]["type"]), (&json!("error"), &json!("not_found_error")));
    }
}
