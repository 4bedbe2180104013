use serde_json::{Value, json};

use super::*;

fn shortened(api: Api, body: &Value, by: u64) -> Option<(Value, usize)> {
    let bytes = Bytes::from(body.to_string());
    let Shortened { body, turns } = shorten(api, &bytes, by)?;
    Some((serde_json::from_slice(&body).expect("it is still JSON"), turns))
}

fn chat() -> Value {
    json!({
        "model": "m",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "first question" },
            { "role": "assistant", "tool_calls": [{ "id": "c1", "type": "function", "function": { "name": "f", "arguments": "{}" } }] },
            { "role": "tool", "tool_call_id": "c1", "content": "a long result" },
            { "role": "assistant", "content": "first answer" },
            { "role": "developer", "content": "From now on in French." },
            { "role": "user", "content": "second question" },
            { "role": "assistant", "content": "second answer" },
            { "role": "user", "content": "third question" },
        ],
    })
}

fn said(body: &Value, list: &str) -> Vec<String> {
    let word = |message: &Value| {
        message["content"].as_str().or(message["type"].as_str()).unwrap_or("(blocks)").to_owned()
    };
    body[list].as_array().expect("a list").iter().map(word).collect()
}

#[test]
fn the_oldest_turn_goes_whole_with_its_tool_call_and_result() {
    let (body, turns) = shortened(Api::ChatCompletions, &chat(), 10).expect("there is something to drop");
    assert_eq!(turns, 1);
    assert_eq!(
        said(&body, "messages"),
        ["Be brief.", "From now on in French.", "second question", "second answer", "third question"]
    );
}

#[test]
fn as_many_turns_go_as_are_needed() {
    let (body, turns) = shortened(Api::ChatCompletions, &chat(), 330).expect("two turns");
    assert_eq!(turns, 2);
    assert_eq!(said(&body, "messages"), ["Be brief.", "From now on in French.", "third question"]);
}

#[test]
fn the_last_turn_and_the_instructions_never_go() {
    assert_eq!(shortened(Api::ChatCompletions, &chat(), 100_000), None);
    let only = json!({ "messages": [{ "role": "user", "content": "one question" }] });
    assert_eq!(shortened(Api::ChatCompletions, &only, 1), None);
}

#[test]
fn anthropics_tool_results_belong_to_the_turn_that_asked_for_them() {
    let body = json!({
        "system": "Be brief.",
        "messages": [
            { "role": "user", "content": "first question" },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "t1", "name": "f", "input": {} }] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t1", "content": "r" }] },
            { "role": "assistant", "content": "first answer" },
            { "role": "user", "content": [{ "type": "text", "text": "second question" }] },
        ],
    });
    let (body, turns) = shortened(Api::Messages, &body, 1).expect("one turn");
    assert_eq!((turns, body["messages"].as_array().map(Vec::len)), (1, Some(1)));
    assert_eq!(body["system"], "Be brief.");
}

#[test]
fn a_responses_items_go_with_their_turn() {
    let body = json!({
        "input": [
            { "type": "message", "role": "user", "content": "first" },
            { "type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}" },
            { "type": "function_call_output", "call_id": "c1", "output": "r" },
            { "type": "message", "role": "user", "content": "second" },
        ],
    });
    let (body, turns) = shortened(Api::Responses, &body, 1).expect("one turn");
    assert_eq!((turns, said(&body, "input")), (1, vec!["second".to_owned()]));
    assert_eq!(shortened(Api::Responses, &json!({ "input": "all in one string" }), 1), None);
}

#[test]
fn what_stays_keeps_every_byte() {
    let text = r#"{ "x":1.50, "messages" : [ {"role":"user","content":"a"} ,  {"role":"user","content":"h\u00e9"}  ] }"#;
    let short = shorten(Api::ChatCompletions, &Bytes::from(text), 1).expect("one turn");
    assert_eq!(&short.body[..], br#"{ "x":1.50, "messages" : [ {"role":"user","content":"h\u00e9"}  ] }"#);
}
