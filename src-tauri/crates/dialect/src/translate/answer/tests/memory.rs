//! What the request's translation changed is changed back.

use serde_json::json;

use super::*;

fn with(memory: Memory, to: Api) -> Reply {
    Reply { memory, ..reply(Api::Messages, to) }
}

fn tool(index: u64, name: &str, pieces: &[&str]) -> Vec<String> {
    let mut events = vec![format!(
        r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"tool_use","id":"t{index}","name":"{name}","input":{{}}}}}}"#
    )];
    events.extend(pieces.iter().map(|piece| {
        let piece = Value::from(*piece);
        format!(
            r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"input_json_delta","partial_json":{piece}}}}}"#
        )
    }));
    events.push(format!(r#"{{"type":"content_block_stop","index":{index}}}"#));
    events
}

fn text(index: u64, text: &str) -> Vec<String> {
    vec![
        format!(
            r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"text","text":"{text}"}}}}"#
        ),
        format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
    ]
}

fn stream(blocks: &[Vec<String>]) -> String {
    let blocks: Vec<_> = blocks.iter().flatten().map(String::as_str).collect();
    messages_stream(&blocks, "tool_use")
}

#[test]
fn tools_have_their_own_names_again() {
    let memory = Memory {
        renamed_tools: vec![("mcp_files_read".to_owned(), "mcp.files/read".to_owned())],
        answer_tool: None,
    };
    let stream = stream(&[tool(0, "mcp_files_read", &["{}"]), tool(1, "other", &["{}"])]);
    for to in CLIENTS {
        for shown in [
            streamed(&with(memory.clone(), to), &stream),
            folded(&with(memory.clone(), to), &stream).to_string(),
        ] {
            assert!(shown.contains("\"mcp.files/read\"") && shown.contains("\"other\""), "{shown}");
            assert!(!shown.contains("mcp_files_read"), "{shown}");
        }
    }
}

fn form() -> Memory {
    Memory { renamed_tools: Vec::new(), answer_tool: Some("answer".to_owned()) }
}

/// The message that a client of Chat Completions puts together, with its reason for stopping.
fn message(stream: &str) -> (Value, Value) {
    let reply = with(form(), Api::ChatCompletions);
    let mut whole = folded(&reply, stream);
    let again: Value =
        serde_json::from_slice(&fold(Api::ChatCompletions, &streamed(&reply, stream)).unwrap()).unwrap();
    assert_eq!(again, whole);
    let mut choice = whole["choices"][0].take();
    (choice["message"].take(), choice["finish_reason"].take())
}

#[test]
fn an_answer_that_was_given_as_a_call_is_text() {
    let (answer, reason) = message(&stream(&[tool(0, "answer", &["{\"a\":", " 1}"])]));
    assert_eq!((&answer["content"], reason), (&json!("{\"a\": 1}"), json!("stop")));
    assert_eq!(answer.get("tool_calls"), None);
    let (answer, _) = message(&stream(&[tool(0, "answer", &[])]));
    assert_eq!(answer["content"], "{}");
    let out = streamed(&with(form(), Api::Messages), &stream(&[tool(0, "answer", &["{}"])]));
    assert!(out.contains("text_delta") && out.contains("end_turn") && !out.contains("tool_use"), "{out}");
}

#[test]
fn talk_around_such_an_answer_does_not_spoil_its_json() {
    let around = [
        text(0, "Here you are:"),
        tool(1, "answer", &["{}"]),
        text(2, "Anything else?"),
        tool(3, "answer", &["[]"]),
    ];
    let (answer, reason) = message(&stream(&around));
    assert_eq!((&answer["content"], reason), (&json!("{}"), json!("stop")));
}

#[test]
fn talk_without_such_an_answer_is_the_answer() {
    let (answer, reason) = message(&stream(&[text(0, "I can't say.")]));
    assert_eq!((&answer["content"], reason), (&json!("I can't say."), json!("stop")));
}

#[test]
fn the_clients_own_tools_keep_their_places_beside_such_an_answer() {
    let (answer, reason) = message(&stream(&[
        text(0, "I look."),
        tool(1, "f", &["{\"n\":1}"]),
        tool(2, "answer", &["{}"]),
        tool(3, "g", &[]),
    ]));
    assert_eq!(reason, "tool_calls");
    assert_eq!(answer["content"], "I look.{}");
    let calls = answer["tool_calls"].as_array().unwrap();
    let names: Vec<_> = calls.iter().map(|call| &call["function"]["name"]).collect();
    assert_eq!(names, ["f", "g"]);
}
