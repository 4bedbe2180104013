//! The OpenAI dialect of a healthy provider.

use evenkeel_practice::{PRACTICE_A, practice_text};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::support::{Answer, CHAT, Stand, chat, weather_schema};

fn tools() -> Value {
    json!([{
        "type": "function",
        "function": { "name": "get_weather", "description": "…", "parameters": weather_schema() },
    }])
}

#[tokio::test]
async fn a_chat_completion() {
    let stand = Stand::start().await;
    let answer = stand.ask(CHAT, chat("Hello there", &json!({}))).await;
    assert_eq!(
        answer.json()["choices"][0]["message"]["content"],
        practice_text(PRACTICE_A, "Hello there").as_str()
    );
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_stream_with_usage() {
    let stand = Stand::start().await;
    let more = json!({ "stream": true, "stream_options": { "include_usage": true }, "max_tokens": 6 });
    let answer = stand.ask(CHAT, chat("Hello there", &more)).await;
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_stream_without_usage_is_the_same_text() {
    let stand = Stand::start().await;
    let answer = stand.ask(CHAT, chat("Hello there", &json!({ "stream": true }))).await;
    let chunks = answer.data();
    assert_eq!(
        chunks[0]["choices"][0]["delta"],
        json!({ "role": "assistant", "content": "", "refusal": null })
    );
    let text: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, practice_text(PRACTICE_A, "Hello there"));
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "usage came unasked");
    assert!(answer.body.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn the_length_is_limited_by_either_field() {
    let stand = Stand::start().await;
    for field in ["max_tokens", "max_completion_tokens"] {
        let answer = stand.ask(CHAT, chat("Hello there", &json!({ field: 2 }))).await.json();
        assert_eq!(answer["choices"][0]["finish_reason"], "length");
        assert_eq!(answer["choices"][0]["message"]["content"], "This is ");
        assert_eq!(answer["usage"]["completion_tokens"], 2);
    }
}

#[tokio::test]
async fn several_choices_are_streamed_side_by_side() {
    let stand = Stand::start().await;
    let whole = stand.ask(CHAT, chat("Hi", &json!({ "n": 2 }))).await.json();
    assert_eq!(whole["choices"].as_array().unwrap().len(), 2);

    let chunks = stand.ask(CHAT, chat("Hi", &json!({ "n": 2, "stream": true }))).await.data();
    for index in 0..2 {
        let own = chunks.iter().map(|chunk| &chunk["choices"][0]).filter(|choice| choice["index"] == index);
        let text: String = own.filter_map(|choice| choice["delta"]["content"].as_str()).collect();
        assert_eq!(text, practice_text(PRACTICE_A, "Hi"));
    }
}

#[tokio::test]
async fn a_tool_call() {
    let stand = Stand::start().await;
    let answer = stand.ask(CHAT, chat("Please call get_weather.", &json!({ "tools": tools() }))).await;
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_streamed_tool_call() {
    let stand = Stand::start().await;
    let choice = json!({ "type": "function", "function": { "name": "get_weather" } });
    let more = json!({ "tools": tools(), "tool_choice": choice, "stream": true });
    let answer = stand.ask(CHAT, chat("Hello", &more)).await;
    let arguments: String = answer
        .data()
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert_eq!(arguments, r#"{"city":"practice city"}"#);
    assert_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn a_tool_result_is_answered_with_its_name() {
    let stand = Stand::start().await;
    let called = stand.ask(CHAT, chat("get_weather", &json!({ "tools": tools() }))).await.json();
    let call = &called["choices"][0]["message"];
    let body = json!({
        "model": "gpt-practice",
        "tools": tools(),
        "messages": [
            { "role": "user", "content": "get_weather" },
            call,
            { "role": "tool", "tool_call_id": call["tool_calls"][0]["id"], "content": "Sunny" },
        ],
    });
    let answer = stand.ask(CHAT, body).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "This is a practice answer from practice-a, which got the result of get_weather. get_weather gave: \"Sunny\"."
    );
}

#[tokio::test]
async fn tools_are_left_alone_if_the_client_says_so() {
    let stand = Stand::start().await;
    let more = json!({ "tools": tools(), "tool_choice": "none" });
    let answer = stand.ask(CHAT, chat("get_weather", &more)).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn a_schema_is_answered_with_json() {
    let stand = Stand::start().await;
    let format = json!({ "type": "json_schema", "json_schema": { "name": "w", "schema": weather_schema() } });
    let answer = stand.ask(CHAT, chat("Hello", &json!({ "response_format": format }))).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], r#"{"city":"practice city"}"#);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let stand = Stand::start().await;
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    let bodies = [
        "{\"model\": ".to_owned(),
        "[]".to_owned(),
        json!({ "messages": messages }).to_string(),
        json!({ "model": 5, "messages": messages }).to_string(),
        json!({ "model": "m" }).to_string(),
        json!({ "model": "m", "messages": "Hi" }).to_string(),
        json!({ "model": "m", "messages": [] }).to_string(),
        json!({ "model": "m", "messages": [{ "content": "Hi" }] }).to_string(),
        chat("Hi", &json!({ "max_tokens": 0 })).to_string(),
        chat("Hi", &json!({ "n": 0 })).to_string(),
        chat("Hi", &json!({ "tools": tools(), "tool_choice": "sometimes" })).to_string(),
        chat(
            "Hi",
            &json!({ "tools": tools(), "tool_choice": { "type": "function", "function": { "name": "f" } } }),
        )
        .to_string(),
        chat("Hi", &json!({ "model": "missing-model" })).to_string(),
        chat("Hi", &json!({ "model": "bad-request" })).to_string(),
    ];
    let mut shown = Vec::new();
    for body in bodies {
        let answer = stand.ask(CHAT, &body).await;
        assert!(answer.header("x-request-id").starts_with("req_"));
        shown.push(format!("{body}\n{} {}", answer.status, answer.body));
    }
    assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn models_in_the_shape_of_openai() {
    let stand = Stand::start().await;
    let list = Answer::read(stand.get("/v1/models")).await.json();
    assert_eq!(list["object"], "list");
    assert_eq!(
        list["data"][0],
        json!({ "id": "gpt-6.2-astra", "object": "model", "created": 1_767_225_600, "owned_by": "practice-a" })
    );

    let one = Answer::read(stand.get("/v1/models/some%2Fmodel")).await.json();
    assert_eq!(one["id"], "some/model");

    let missing = Answer::read(stand.get("/v1/models/missing-one")).await;
    assert_eq!((missing.status, &missing.json()["error"]["code"]), (404, &json!("model_not_found")));
}

#[tokio::test]
async fn embeddings_are_unit_vectors_on_which_both_providers_agree() {
    let stand = Stand::start().await;
    let body = json!({ "model": "e", "input": ["one", "two"], "dimensions": 8 });
    let answer = stand.ask("/v1/embeddings", &body).await.json();
    let vector = |index: usize| -> Vec<f64> {
        let numbers = answer["data"][index]["embedding"].as_array().unwrap();
        numbers.iter().map(|number| number.as_f64().unwrap()).collect()
    };
    for index in 0..2 {
        assert_eq!(vector(index).len(), 8);
        let length: f64 = vector(index).iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5, "the length is {length}");
    }
    assert_ne!(vector(0), vector(1));
    assert_eq!(answer["usage"], json!({ "prompt_tokens": 2, "total_tokens": 2 }));

    let other = Answer::read(stand.post_to(&stand.url_b("/v1/embeddings"), &body)).await.json();
    assert_eq!(answer["data"], other["data"]);
}

#[tokio::test]
async fn embeddings_in_base64_are_the_same_numbers() {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let stand = Stand::start().await;
    let ask = async |format: &str| {
        let body = json!({ "model": "e", "input": "one", "encoding_format": format });
        stand.ask("/v1/embeddings", body).await.json()["data"][0]["embedding"].clone()
    };
    let floats: Vec<f64> =
        ask("float").await.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect();
    let bytes = STANDARD.decode(ask("base64").await.as_str().unwrap()).unwrap();
    let decoded: Vec<f64> =
        bytes.chunks(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap()))).collect();
    assert_eq!(decoded.len(), 1536);
    let same = floats.iter().zip(&decoded).all(|(a, b)| (a - b).abs() < 1e-7);
    assert!(same && floats.len() == decoded.len());
}

#[tokio::test]
async fn embeddings_of_nothing_are_refused() {
    let stand = Stand::start().await;
    for input in [json!(null), json!(""), json!(["a", ""]), json!([]), json!([[]]), json!({ "a": 1 })] {
        let answer = stand.ask("/v1/embeddings", json!({ "model": "e", "input": input })).await;
        assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("input")), "{input}");
    }
    for input in [json!([1, 2]), json!([[1, 2], [3]])] {
        let answer = stand.ask("/v1/embeddings", json!({ "model": "e", "input": input })).await;
        assert_eq!(answer.status, 200, "{input}");
    }
}

#[tokio::test]
async fn anything_else_is_not_found_in_the_dialect() {
    let stand = Stand::start().await;
    for path in ["/v1/files", "/v1", "/elsewhere", "/v1/responses", "/v1/chat/completions/id"] {
        let answer = Answer::read(stand.get(path)).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.json(),
            json!({ "error": {
                "message": format!("Invalid URL (GET {path})"),
                "type": "invalid_request_error",
                "param": null,
                "code": null,
            } })
        );
    }
}

#[tokio::test]
async fn a_query_or_a_slash_at_the_end_changes_nothing() {
    let stand = Stand::start().await;
    for path in ["/v1/chat/completions?beta=true", "/v1/chat/completions/"] {
        assert_eq!(stand.ask(path, chat("Hi", &json!({}))).await.status, 200, "{path}");
    }
}
