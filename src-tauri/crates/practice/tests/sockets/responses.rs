//! Responses, where a provider serves them.

use evenkeel_practice::{PRACTICE_A, ProviderOptions, practice_text};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::support::{Answer, RESPONSES, Stand, response, response_tools};

async fn stand() -> Stand {
    Stand::of(ProviderOptions::openai(PRACTICE_A).with_responses()).await
}

#[tokio::test]
async fn a_response() {
    let more = json!({ "instructions": "Be brief.", "metadata": { "a": "b" }, "max_output_tokens": 500 });
    assert_snapshot!(stand().await.ask(RESPONSES, response("Hello there", &more)).await.snapshot());
}

#[tokio::test]
async fn a_stream_with_reasoning() {
    let more = json!({ "stream": true, "reasoning": { "effort": "low", "summary": "auto" }, "max_output_tokens": 40 });
    assert_snapshot!(stand().await.ask(RESPONSES, response("Hello there", &more)).await.snapshot());
}

#[tokio::test]
async fn a_streamed_tool_call() {
    let more = json!({ "stream": true, "tools": response_tools(&["get_time"]), "tool_choice": "required" });
    assert_snapshot!(stand().await.ask(RESPONSES, response("Hello there", &more)).await.snapshot());
}

#[tokio::test]
async fn a_stream_ends_with_the_whole_response_and_counts_its_events() {
    let stand = stand().await;
    let events = stand.ask(RESPONSES, response("Hi", &json!({ "stream": true }))).await.data();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    let text: String = events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta")
        .filter_map(|event| event["delta"].as_str())
        .collect();
    assert_eq!(text, practice_text(PRACTICE_A, "Hi"));
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], text);
    let id = last["response"]["id"].as_str().unwrap();
    let kept = Answer::read(stand.get(&format!("{RESPONSES}/{id}"))).await.json();
    assert_eq!(kept, last["response"]);
}

#[tokio::test]
async fn a_conversation_goes_on_by_its_last_response() {
    let stand = stand().await;
    let first = stand.ask(RESPONSES, response("My name is Ada", &json!({}))).await.json();
    let more = json!({ "previous_response_id": first["id"] });
    let second = stand.ask(RESPONSES, response("[practice:recite]", &more)).await;
    let said = second.text();
    assert!(said.starts_with("user: My name is Ada\nassistant: This is a practice answer"), "{said}");
    assert!(said.ends_with("user: [practice:recite]"), "{said}");
    assert_eq!(second.json()["previous_response_id"], first["id"]);

    // An item can be sent by its id alone.
    let item = json!({ "type": "item_reference", "id": first["output"][0]["id"] });
    let input = json!([item, { "role": "user", "content": "[practice:recite]" }]);
    let said = stand.ask(RESPONSES, response("", &json!({ "input": input }))).await.text();
    assert!(said.starts_with("assistant: This is a practice answer"), "{said}");
}

#[tokio::test]
async fn what_is_not_stored_cannot_be_come_back_to() {
    let stand = stand().await;
    let first = stand.ask(RESPONSES, response("Hi", &json!({ "store": false }))).await.json();
    assert_eq!(first["store"], false);
    let id = first["id"].as_str().unwrap();
    let answer = stand.ask(RESPONSES, response("Hi", &json!({ "previous_response_id": id }))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({ "error": {
            "message": format!("Previous response with id '{id}' not found."),
            "type": "invalid_request_error",
            "param": "previous_response_id",
            "code": "previous_response_not_found",
        } })
    );
    assert_eq!(Answer::read(stand.get(&format!("{RESPONSES}/{id}"))).await.status, 404);

    let kept = stand.ask(RESPONSES, response("Hi", &json!({}))).await.json();
    let path = format!("{RESPONSES}/{}", kept["id"].as_str().unwrap());
    let deleted = Answer::read(stand.delete(&path)).await.json();
    assert_eq!((&deleted["deleted"], &deleted["id"]), (&json!(true), &kept["id"]));
    assert_eq!(Answer::read(stand.delete(&path)).await.status, 404);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let stand = stand().await;
    let item = |item: Value| json!({ "input": [item, { "role": "user", "content": "x" }] });
    let wrong = [
        json!({ "input": null }),
        json!({ "input": 5 }),
        json!({ "inputs": "x" }),
        json!({ "max_output_tokens": 15 }),
        json!({ "max_tokens": 100 }),
        json!({ "temperature": 2.5 }),
        json!({ "model": "gpt-5-mini", "temperature": 0.5 }),
        json!({ "reasoning": { "effort": "extreme" } }),
        json!({ "conversation": "conv_1" }),
        json!({ "text": { "format": { "type": "json_schema", "schema": { "type": "object" } } } }),
        json!({ "tools": [{ "type": "function", "name": "no spaces" }] }),
        item(json!({ "type": "function_call", "call_id": "c1", "name": "t", "arguments": "{}" })),
        item(json!({ "type": "function_call_output", "call_id": "c1", "output": "x" })),
        item(json!({ "type": "item_reference", "id": "msg_1" })),
        item(json!({ "content": "no role" })),
        item(
            json!({ "role": "user", "content": [{ "type": "input_image", "image_url": "data:image/png;base64,!" }] }),
        ),
    ];
    let mut shown = Vec::new();
    for more in wrong {
        let answer = stand.ask(RESPONSES, response("Hi", &more)).await;
        shown.push(format!("{more}\n{} {}", answer.status, answer.body));
    }
    assert_snapshot!(shown.join("\n\n"));
}
