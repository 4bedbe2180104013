//! What the request's translation changed is changed back.

use serde_json::json;

use super::*;
use crate::translate::ToolOrigin;

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
    let renamed_tools = vec![("mcp_files_read".to_owned(), "mcp.files/read".to_owned())];
    let memory = Memory { renamed_tools, ..Memory::default() };
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
    Memory { renamed_tools: Vec::new(), answer_tool: Some("answer".to_owned()), ..Memory::default() }
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

/// A function in a namespace and two tools of text, as a Responses client declared them.
fn codex() -> Reply {
    let tool = |name: &str, namespace: Option<&str>, own_name: &str, custom| ToolOrigin {
        name: name.to_owned(),
        own_name: own_name.to_owned(),
        namespace: namespace.map(str::to_owned),
        custom,
    };
    let tools = vec![
        tool("agents__close", Some("agents"), "close", false),
        tool("exec", Some("functions"), "exec", true),
        tool("apply_patch", None, "apply_patch", true),
    ];
    with(Memory { tools, ..Memory::default() }, Api::Responses)
}

#[test]
fn tools_of_text_and_of_namespaces_are_called_as_the_client_declared_them() {
    let stream = stream(&[
        tool(0, "agents__close", &[r#"{"id":1}"#]),
        tool(1, "exec", &[r#"{"inp"#, r#"ut":"text(\"hi\")\n"#, r#""}"#]),
        tool(2, "apply_patch", &["not what was asked"]),
        tool(3, "plain", &["{}"]),
    ]);
    let whole = folded(&codex(), &stream);
    let output = whole["output"].as_array().unwrap();
    let of = |at: usize, names: &[&str]| -> Value {
        names.iter().map(|name| output[at].get(name).cloned().unwrap_or_default()).collect()
    };
    let function = ["type", "name", "namespace", "arguments"];
    assert_eq!(of(0, &function), json!(["function_call", "close", "agents", "{\"id\":1}"]));
    let custom = ["type", "name", "namespace", "input", "arguments"];
    assert_eq!(of(1, &custom), json!(["custom_tool_call", "exec", "functions", "text(\"hi\")\n", null]));
    assert_eq!(of(2, &custom), json!(["custom_tool_call", "apply_patch", null, "not what was asked", null]));
    assert_eq!(of(3, &function), json!(["function_call", "plain", null, "{}"]));

    let events = events(&streamed(&codex(), &stream));
    let of_kind = |kind: &str| -> Vec<Value> {
        events
            .iter()
            .filter(|event| event["type"] == kind)
            .map(|event| event["output_index"].clone())
            .collect()
    };
    assert_eq!(of_kind("response.custom_tool_call_input.delta"), [json!(1), json!(2)]);
    assert_eq!(of_kind("response.custom_tool_call_input.done"), [json!(1), json!(2)]);
    assert_eq!(of_kind("response.function_call_arguments.done"), [json!(0), json!(3)]);
    assert_eq!(events.last().unwrap()["response"]["output"], whole["output"], "the same, streamed or not");
}

#[test]
fn case_26_a_translated_response_that_breaks_off_goes_on_with_its_id_and_numbers() {
    let mut translator = StreamTranslator::new(codex());
    let mut sent = String::new();
    for frame in frames(&stream(&[text(0, "Half an")])).into_iter().take(4) {
        sent.push_str(std::str::from_utf8(&translator.push(&frame).unwrap()).unwrap());
    }
    let last = events(&sent).pop().unwrap();
    let created = events(&sent).remove(0);
    let begun = translator.begun();
    assert_eq!(Some(begun.next_sequence - 1), last["sequence_number"].as_u64());
    assert_eq!(begun.id.as_deref(), created["response"]["id"].as_str());
    assert_eq!(begun.created_at, created["response"]["created_at"].as_u64());
}
