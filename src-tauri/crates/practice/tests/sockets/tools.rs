//! Loops of tools, and how calls are streamed.

use evenkeel_practice::{PRACTICE_A, ProviderOptions};
use serde_json::{Value, json};

use super::support::{
    CHAT, MESSAGES, RESPONSES, Stand, chat, chat_tools, message, message_tools, response, response_tools,
};

const TOOLS: [&str; 3] = ["get_weather", "get_time", "book"];
/// What the tools say: the first one leads to the third.
const RESULTS: [(&str, &str); 3] =
    [("get_weather", "Sunny. Now book a table."), ("get_time", "Noon"), ("book", "Booked")];
const ASKED: &str = "Use get_weather and get_time";

fn result_of(tool: &Value) -> &'static str {
    RESULTS.iter().find(|(name, _)| tool == name).unwrap().1
}

/// The tools called in each turn, and the text at the end.
type Talk = (Vec<Vec<String>>, String);

fn names<'a>(calls: impl Iterator<Item = &'a Value>) -> Vec<String> {
    calls.map(|name| name.as_str().unwrap().to_owned()).collect()
}

async fn chat_loop(stand: &Stand, more: Value) -> Talk {
    let mut body = chat(ASKED, &more);
    body["tools"] = chat_tools(&TOOLS);
    let mut turns = Vec::new();
    loop {
        let answer = stand.ask(CHAT, &body).await;
        let message = answer.json()["choices"][0]["message"].clone();
        let Some(calls) = message["tool_calls"].as_array().cloned() else { return (turns, answer.text()) };
        turns.push(names(calls.iter().map(|call| &call["function"]["name"])));
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(message);
        messages.extend(calls.iter().map(|call| {
            let content = result_of(&call["function"]["name"]);
            json!({ "role": "tool", "tool_call_id": call["id"], "content": content })
        }));
    }
}

async fn message_loop(stand: &Stand, more: Value) -> Talk {
    let mut body = message(ASKED, &more);
    body["tools"] = message_tools(&TOOLS);
    let mut turns = Vec::new();
    loop {
        let answer = stand.ask(MESSAGES, &body).await;
        let content = answer.json()["content"].clone();
        let calls: Vec<Value> =
            content.as_array().unwrap().iter().filter(|block| block["type"] == "tool_use").cloned().collect();
        if calls.is_empty() {
            return (turns, answer.text());
        }
        turns.push(names(calls.iter().map(|call| &call["name"])));
        let results: Vec<Value> = calls
            .iter()
            .map(|call| {
                json!({ "type": "tool_result", "tool_use_id": call["id"], "content": result_of(&call["name"]) })
            })
            .collect();
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(json!({ "role": "assistant", "content": content }));
        messages.push(json!({ "role": "user", "content": results }));
    }
}

async fn response_loop(stand: &Stand, more: Value) -> Talk {
    let mut body = response(ASKED, &more);
    body["tools"] = response_tools(&TOOLS);
    let mut turns = Vec::new();
    loop {
        let answer = stand.ask(RESPONSES, &body).await;
        let output = answer.json()["output"].as_array().unwrap().clone();
        let calls: Vec<&Value> = output.iter().filter(|item| item["type"] == "function_call").collect();
        if calls.is_empty() {
            return (turns, answer.text());
        }
        turns.push(names(calls.iter().map(|call| &call["name"])));
        let results: Value = calls
            .iter()
            .map(|call| {
                let output = result_of(&call["name"]);
                json!({ "type": "function_call_output", "call_id": call["call_id"], "output": output })
            })
            .collect();
        body["previous_response_id"] = answer.json()["id"].clone();
        body["input"] = results;
    }
}

#[tokio::test]
async fn a_loop_of_three_turns_is_the_same_in_every_dialect() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let expected = (
        vec![vec!["get_weather".to_owned(), "get_time".to_owned()], vec!["book".to_owned()]],
        "This is a practice answer from practice-a, which got the result of book. book gave: \"Booked\"."
            .to_owned(),
    );
    assert_eq!(chat_loop(&stand, json!({})).await, expected);
    assert_eq!(message_loop(&stand, json!({})).await, expected);
    assert_eq!(response_loop(&stand, json!({})).await, expected);
}

#[tokio::test]
async fn one_call_at_a_time_takes_a_turn_more() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let expected = ["get_weather", "get_time", "book"].map(|name| vec![name.to_owned()]).to_vec();
    let serial = json!({ "parallel_tool_calls": false });
    let disabled = json!({ "tool_choice": { "type": "auto", "disable_parallel_tool_use": true } });
    let turns = [
        chat_loop(&stand, serial.clone()).await.0,
        message_loop(&stand, disabled).await.0,
        response_loop(&stand, serial).await.0,
    ];
    for turns in turns {
        assert_eq!(turns, expected);
    }
}

#[tokio::test]
async fn a_forced_tool_is_not_forced_again_once_it_has_answered() {
    let stand = Stand::start().await;
    let chosen = json!({ "type": "function", "function": { "name": "get_time" } });
    let (turns, text) = chat_loop(&stand, json!({ "tool_choice": chosen })).await;
    assert_eq!(turns, [["get_time"]]);
    assert!(text.ends_with("get_time gave: \"Noon\"."), "{text}");
    let (turns, _) =
        message_loop(&stand, json!({ "tool_choice": { "type": "tool", "name": "get_time" } })).await;
    assert_eq!(turns, [["get_time"]]);
}

/// Puts the deltas of a streamed chat together: name and arguments of each call, by index.
fn calls_of(chunks: &[Value]) -> Vec<(String, String)> {
    let mut calls: Vec<(String, String)> = Vec::new();
    let deltas = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].as_array());
    for delta in deltas.flatten() {
        let index = usize::try_from(delta["index"].as_u64().unwrap()).unwrap();
        if let Some(name) = delta["function"]["name"].as_str() {
            assert_eq!(index, calls.len(), "calls begin in order");
            assert!(delta["id"].as_str().is_some_and(|id| id.starts_with("call_")));
            calls.push((name.to_owned(), String::new()));
        }
        calls[index].1.push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
    }
    calls
}

#[tokio::test]
async fn streamed_calls_put_together_are_the_whole_interleaved_or_not() {
    let stand = Stand::start().await;
    let tools = json!({ "tools": chat_tools(&["get_weather", "get_time"]), "stream": true });
    let expected =
        ["get_weather", "get_time"].map(|name| (name.to_owned(), r#"{"city":"practice city"}"#.to_owned()));
    let plain = stand.ask(CHAT, chat(ASKED, &tools)).await.data();
    let mixed = stand.ask(CHAT, chat(&format!("[practice:interleave] {ASKED}"), &tools)).await.data();
    assert_eq!(calls_of(&plain), expected);
    assert_eq!(calls_of(&mixed), expected);
    let switches = |chunks: &[Value]| {
        let indices: Vec<u64> = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0]["index"].as_u64())
            .collect();
        indices.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    assert_eq!(switches(&plain), 1);
    assert!(switches(&mixed) > 3, "{mixed:?}");
}

#[tokio::test]
async fn words_may_come_before_calls() {
    let stand = Stand::start().await;
    let asked = "[practice:preamble] get_time";
    let whole = stand.ask(CHAT, chat(asked, &json!({ "tools": chat_tools(&["get_time"]) }))).await.json();
    let message = &whole["choices"][0]["message"];
    assert_eq!(message["content"], "practice-a now calls get_time.");
    assert_eq!(message["tool_calls"].as_array().unwrap().len(), 1);
    assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");

    let more = json!({ "tools": message_tools(&["get_time"]), "stream": true });
    let events = stand.ask(MESSAGES, super::support::message(asked, &more)).await.data();
    let starts: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "content_block_start")
        .map(|event| &event["content_block"]["type"])
        .collect();
    assert_eq!(starts, ["text", "tool_use"]);
}

#[tokio::test]
async fn a_call_without_arguments_is_streamed_as_each_vendor_does() {
    let stand = Stand::start().await;
    let schema = json!({ "type": "object", "properties": {} });
    let function = json!({ "type": "function", "function": { "name": "go", "parameters": schema } });
    let chunks = stand.ask(CHAT, chat("go", &json!({ "tools": [function], "stream": true }))).await.data();
    assert_eq!(calls_of(&chunks), [("go".to_owned(), "{}".to_owned())]);

    let tool = json!({ "name": "go", "input_schema": schema });
    let events = stand.ask(MESSAGES, message("go", &json!({ "tools": [tool], "stream": true }))).await.data();
    let pieces: Vec<&Value> = events
        .iter()
        .map(|event| &event["delta"]["partial_json"])
        .filter(|piece| piece.is_string())
        .collect();
    assert_eq!(pieces, [""]);
}

#[tokio::test]
async fn a_call_over_the_limit_breaks_off_in_its_arguments() {
    let stand = Stand::start().await;
    let more = json!({ "tools": chat_tools(&["get_time"]), "max_tokens": 4 });
    let cut = stand.ask(CHAT, chat("get_time", &more)).await.json();
    assert_eq!(cut["choices"][0]["finish_reason"], "length");
    assert_eq!(cut["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], "{\"city\":");
    let more = json!({ "tools": message_tools(&["get_time"]), "max_tokens": 4 });
    let cut = stand.ask(MESSAGES, message("get_time", &more)).await.json();
    assert_eq!((&cut["stop_reason"], &cut["content"][0]["input"]), (&json!("max_tokens"), &json!({})));
}
