//! What a client of Messages gets of a provider that speaks Chat Completions.

use serde_json::json;

use super::*;

fn messages() -> Reply {
    reply(Api::ChatCompletions, Api::Messages)
}

/// The blocks that a client of a stream puts together, after a check that they come one after the other.
fn blocks(stream: &str) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    let mut input = String::new();
    let mut open = None;
    for event in events(&streamed(&messages(), stream)) {
        let index = event["index"].as_u64();
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(
                    (open, index),
                    (None, Some(blocks.len() as u64)),
                    "a block opens within another one"
                );
                open = index;
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                assert_eq!(open, index, "a delta for a block that is not open");
                let block = blocks.last_mut().unwrap();
                let delta = &event["delta"];
                if let Some(text) = delta["text"].as_str() {
                    block["text"] = json!(block["text"].as_str().unwrap().to_owned() + text);
                }
                input.push_str(delta["partial_json"].as_str().unwrap_or_default());
            }
            "content_block_stop" => {
                assert_eq!(open.take(), index);
                if !input.is_empty() {
                    blocks.last_mut().unwrap()["input"] =
                        serde_json::from_str(&std::mem::take(&mut input)).unwrap();
                }
            }
            _ => {}
        }
    }
    assert_eq!(open, None, "a block was left open");
    blocks
}

fn tool(id: &str, name: &str, input: &Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}

#[test]
fn case_03_interleaved_calls_become_blocks_one_after_the_other() {
    let stream = chat_deltas(
        &[
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":1,"function":{"arguments":"{\"b\":"}},{"index":0,"function":{"arguments":"{\"a\""}}]}"#,
            r#"{"content":"Both at once."}"#,
            r#"{"tool_calls":[{"index":1,"function":{"arguments":"1}"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#,
        ],
        "tool_calls",
    );
    let text = json!({"type": "text", "text": "Both at once."});
    assert_eq!(blocks(&stream), [tool("a", "f", &json!({"a": 1})), tool("b", "g", &json!({"b": 1})), text]);
}

/// A call that nobody waits for is not held back until the end of the answer.
#[test]
fn case_03_calls_one_after_the_other_are_shown_as_they_come() {
    let stream = chat_deltas(
        &[
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
            r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":1,"function":{"arguments":"{\"n\":"}}]}"#,
        ],
        "length",
    );
    let mut translator = StreamTranslator::new(messages());
    let shown: Vec<String> = frames(&stream)
        .iter()
        .map(|frame| String::from_utf8(translator.push(frame).unwrap().to_vec()).unwrap())
        .collect();
    assert!(shown[1].contains("partial_json"), "{}", shown[1]);
    assert!(shown[2].contains("content_block_stop") && shown[2].contains("\"g\""), "{}", shown[2]);
    assert!(shown[3].contains("partial_json"), "{}", shown[3]);
}

#[test]
fn case_06_arguments_that_are_no_json_are_kept_as_text() {
    let of = |arguments: &str| {
        let arguments = Value::from(arguments);
        let message = format!(
            r#"{{"choices":[{{"message":{{"tool_calls":[{{"id":"a","function":{{"name":"f","arguments":{arguments}}}}}]}},"finish_reason":"tool_calls"}}]}}"#
        );
        body(&messages(), &message)["content"][0]["input"].clone()
    };
    assert_eq!(of(""), json!({}));
    assert_eq!(of(" \n"), json!({}));
    assert_eq!(of("{\"a\": 1.0}"), json!({"a": 1.0}));
    assert_eq!(of("{\"a\": "), json!({"INVALID_JSON": "{\"a\": "}));
    assert_eq!(of("weather in Bern"), json!({"INVALID_JSON": "weather in Bern"}));
}

#[test]
fn case_12_reasons_for_stopping_are_the_same_with_and_without_a_stream() {
    let reasons = [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "refusal"),
        ("model_length", "max_tokens"),
        ("SAFETY", "refusal"),
        ("eos", "end_turn"),
        // Without a call there is no result to wait for.
        ("tool_calls", "end_turn"),
    ];
    let call = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#;
    let with_call = [
        ("tool_calls", "tool_use"),
        ("function_call", "tool_use"),
        ("stop", "tool_use"),
        ("length", "max_tokens"),
    ];
    let cases = reasons.map(|reason| (r#"{"content":"x"}"#, reason)).into_iter();
    for (delta, (theirs, ours)) in cases.chain(with_call.map(|reason| (call, reason))) {
        let stream = chat_deltas(&[delta], theirs);
        let whole = stream.split_once("\n\n").unwrap().0.trim_start_matches("data: ");
        let whole = whole.replace("\"delta\"", &format!("\"finish_reason\":\"{theirs}\",\"message\""));
        let last = events(&streamed(&messages(), &stream));
        let told = &last[last.len() - 2]["delta"]["stop_reason"];
        assert_eq!(told, ours, "{theirs} in a stream");
        assert_eq!(folded(&messages(), &stream)["stop_reason"], ours, "{theirs} folded");
        assert_eq!(body(&messages(), &whole)["stop_reason"], ours, "{theirs} whole");
    }
}

#[test]
fn case_13_the_input_excludes_what_was_cached() {
    let whole = body(
        &messages(),
        r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":5}}}"#,
    );
    assert_eq!(
        whole["usage"],
        json!({"input_tokens": 40, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 0, "output_tokens": 9,
            "output_tokens_details": {"thinking_tokens": 5}})
    );
}

/// langchain-anthropic reads the input's tokens from the last event, others from the first.
#[test]
fn case_15_usage_that_comes_late_is_in_the_last_event_and_early_usage_in_the_first_as_well() {
    let late = r#"data: {"choices":[{"index":0,"delta":{"content":"x"}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":9}}

data: [DONE]

"#;
    let early = late.replacen("{\"choices\"", "{\"usage\":{\"prompt_tokens\":100},\"choices\"", 1);
    for (stream, first) in [(late, 0), (early.as_str(), 100)] {
        let events = events(&streamed(&messages(), stream));
        assert_eq!(events[0]["message"]["usage"]["input_tokens"], first);
        let usage = &events[events.len() - 2]["usage"];
        assert_eq!((&usage["input_tokens"], &usage["output_tokens"]), (&json!(100), &json!(9)));
    }
}

#[test]
fn case_24_a_refusal_is_text_with_its_own_stop_reason() {
    let stream = chat_deltas(&[r#"{"refusal":"I can"}"#, r#"{"refusal":"not."}"#], "stop");
    let message = folded(&messages(), &stream);
    assert_eq!(message["content"], json!([{"type": "text", "text": "I cannot."}]));
    assert_eq!(message["stop_reason"], "refusal");
}

/// Only vLLM and its kin say it, and others put other things there.
#[test]
fn case_38_the_stop_text_that_fired_is_told_if_the_client_asked_for_it() {
    let stream = chat_stream(&[
        r#""delta":{"content":"one"}"#,
        r#""delta":{},"finish_reason":"stop","stop_reason":"two""#,
    ]);
    let asked = Reply { request: Bytes::from_static(br#"{"stop_sequences":["three","two"]}"#), ..messages() };
    let message = folded(&asked, &stream);
    assert_eq!(
        (&message["stop_reason"], &message["stop_sequence"]),
        (&json!("stop_sequence"), &json!("two"))
    );
    for request in ["", "{}", r#"{"stop_sequences":["three"]}"#] {
        let other = Reply { request: Bytes::from_static(request.as_bytes()), ..messages() };
        let message = folded(&other, &stream);
        let told = (&message["stop_reason"], &message["stop_sequence"]);
        assert_eq!(told, (&json!("end_turn"), &Value::Null), "{request}");
    }
}

#[test]
fn thinking_is_left_out_for_its_signature_can_not_be_forged() {
    let stream = chat_deltas(
        &[
            r#"{"content":"a"}"#,
            r#"{"reasoning_content":"Hm"}"#,
            r#"{"content":"b"}"#,
            r#"{"reasoning":"Hm"}"#,
        ],
        "stop",
    );
    assert_eq!(blocks(&stream), [json!({"type": "text", "text": "ab"})]);
    assert_eq!(folded(&messages(), &stream)["content"], json!([{"type": "text", "text": "ab"}]));
}

#[test]
fn ids_of_calls_have_the_characters_that_anthropic_takes_back() {
    let stream = chat_deltas(
        &[
            r#"{"tool_calls":[{"index":0,"id":"functions.get_weather:0","function":{"name":"f","arguments":"{}"}}]}"#,
        ],
        "tool_calls",
    );
    assert_eq!(blocks(&stream)[0]["id"], "functions_get_weather_0");
}

#[test]
fn every_event_is_named() {
    let stream = chat_deltas(&[r#"{"content":"x"}"#], "stop");
    for frame in frames(&streamed(&messages(), &stream)) {
        let data: Value = serde_json::from_slice(&frame.data).unwrap();
        assert_eq!(frame.event.as_deref(), data["type"].as_str());
    }
}

#[test]
fn arguments_that_are_no_object_come_as_one_for_the_api_takes_nothing_else_back() {
    for (pieces, input) in [
        (&["null"][..], json!({})),
        (&["nu", "ll"], json!({})),
        (&["", " ", "{\"a\"", ":1}"], json!({"a": 1})),
        (&["[1", ",2]"], json!({"INVALID_JSON": "[1,2]"})),
        (&["\"Par", "is\""], json!({"INVALID_JSON": "\"Paris\""})),
        (&["Paris"], json!({"INVALID_JSON": "Paris"})),
    ] {
        let begin =
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#.to_owned();
        let deltas = pieces
            .iter()
            .map(|piece| json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}).to_string());
        let deltas: Vec<String> = std::iter::once(begin).chain(deltas).collect();
        let deltas: Vec<&str> = deltas.iter().map(String::as_str).collect();
        let stream = chat_deltas(&deltas, "tool_calls");
        let expected = [tool("a", "f", &input)];
        assert_eq!(blocks(&stream), expected, "{pieces:?} as a stream");
        assert_eq!(folded(&messages(), &stream)["content"], json!(expected), "{pieces:?} as a whole");
    }
}
