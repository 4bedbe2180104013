//! Hosts that speak their dialect roughly.

use serde_json::json;

use super::*;

/// The message that a client of Messages gets, streamed and folded alike.
fn message(stream: &str) -> Value {
    let reply = reply(Api::ChatCompletions, Api::Messages);
    let whole = folded(&reply, stream);
    let again: Value =
        serde_json::from_slice(&fold(Api::Messages, &streamed(&reply, stream)).unwrap()).unwrap();
    assert_eq!(again, whole);
    whole
}

/// Name and input of every call.
fn calls(deltas: &[&str]) -> Vec<(String, Value)> {
    let message = message(&chat_deltas(deltas, "tool_calls"));
    let blocks = message["content"].as_array().unwrap().iter().filter(|block| block["type"] == "tool_use");
    let call = |block: &Value| (block["name"].as_str().unwrap().to_owned(), block["input"].clone());
    blocks.map(call).collect()
}

fn call(name: &str, input: Value) -> (String, Value) {
    (name.to_owned(), input)
}

#[test]
fn case_33_empty_reasons_missing_fields_and_numbers_as_text() {
    let stream = r#"data: {"choices":[{"delta":{"role":null,"content":"Hi"},"finish_reason":""}],"usage":{}}

data: {"choices":[{"delta":null,"finish_reason":null}],"usage":null,"new":[]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":"7","completion_tokens":"3.0"}}

data: [DONE]

"#;
    let message = message(stream);
    assert_eq!(message["content"], json!([{"type": "text", "text": "Hi"}]));
    assert_eq!(message["stop_reason"], "end_turn");
    assert_eq!(
        (&message["usage"]["input_tokens"], &message["usage"]["output_tokens"]),
        (&json!(7), &json!(3))
    );
    assert_eq!(message["model"], "asked-model");
}

#[test]
fn case_33_azure_names_itself_only_in_its_second_chunk() {
    let stream = r#"data: {"id":"","model":"","object":"","choices":[],"prompt_filter_results":[]}

data: {"id":"chatcmpl-2","model":"gpt-y","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

data: [DONE]

"#;
    let out = streamed(&reply(Api::ChatCompletions, Api::ChatCompletions), stream);
    assert!(events(&out).iter().all(|chunk| chunk == "[DONE]" || chunk["model"] == "gpt-y"), "{out}");
    assert!(out.starts_with(r#"data: {"id":"chatcmpl-2""#), "{out}");
}

#[test]
fn case_02_calls_are_known_by_index_else_by_id_else_by_being_open() {
    let by_id = [
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"n\""}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"name":"g","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":":1}"}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"arguments":"}"}}]}"#,
    ];
    assert_eq!(calls(&by_id), [call("f", json!({"n": 1})), call("g", json!({}))]);
    let open = [
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"n\""}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":":1}"}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":"{\"n\":2}"}}]}"#,
    ];
    assert_eq!(calls(&open), [call("f", json!({"n": 1})), call("f", json!({"n": 2}))]);
    let strange_indexes = [
        r#"{"tool_calls":[{"index":7,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":3,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
    ];
    assert_eq!(calls(&strange_indexes), [call("f", json!({})), call("g", json!({}))]);
}

#[test]
fn case_02_hosts_that_number_every_call_zero() {
    let with_ids = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"f","arguments":"{\"n\""}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"","function":{"arguments":":2}"}}]}"#,
    ];
    assert_eq!(calls(&with_ids), [call("f", json!({})), call("f", json!({"n": 2}))]);
    // Neither index nor id, whole calls: in one chunk, or one chunk each.
    let at_once = [
        r#"{"tool_calls":[{"function":{"name":"f","arguments":"{\"n\":1}"}},{"function":{"name":"f","arguments":"{\"n\":2}"}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"f","arguments":"{\"n\":3}"}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"g","arguments":"{\"n\":4}"}}]}"#,
    ];
    assert_eq!(
        calls(&at_once),
        [
            call("f", json!({"n": 1})),
            call("f", json!({"n": 2})),
            call("f", json!({"n": 3})),
            call("g", json!({"n": 4}))
        ]
    );
    let at_once_and_bare = [
        r#"{"tool_calls":[{"function":{"name":"f","arguments":""}},{"function":{"name":"f","arguments":""}}]}"#,
    ];
    assert_eq!(calls(&at_once_and_bare), [call("f", json!({})), call("f", json!({}))]);
    // The name repeated with every piece of one call.
    let repeated = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"n\""}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":":1}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]}"#,
    ];
    assert_eq!(calls(&repeated), [call("f", json!({"n": 1}))]);
}

#[test]
fn names_ids_and_arguments_in_any_order_and_form() {
    let late_name = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{\"n\""}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":":1}"}}]}"#,
    ];
    assert_eq!(calls(&late_name), [call("f", json!({"n": 1}))]);
    let object = [r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"n": 1.0}}}]}"#];
    assert_eq!(calls(&object), [call("f", json!({"n": 1.0}))]);
    let nameless = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}},{"index":1},7,{"index":2,"function":null}]}"#,
    ];
    assert_eq!(calls(&nameless), []);
    assert_eq!(message(&chat_deltas(&nameless, "tool_calls"))["stop_reason"], "end_turn");
    let whole = r#"{"choices":[{"message":{"content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    let content = body(&reply(Api::ChatCompletions, Api::Messages), whole)["content"].clone();
    assert_eq!(content.as_array().unwrap().len(), 2, "the calls of a whole body are whole");
}

#[test]
fn a_call_without_an_id_gets_one_that_can_be_sent_back() {
    let stream = chat_deltas(
        &[r#"{"tool_calls":[{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}]}"#],
        "stop",
    );
    let id = message(&stream)["content"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(id, "call_01K9ZQ4T6W8X2Y3Z4A5B6C7D8E_0");
    assert!(id.len() <= 40);
}

#[test]
fn function_calls_of_old_are_tool_calls() {
    let old = [
        r#"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}}"#,
        r#"{"function_call":{"arguments":"{\"n\":1}"}}"#,
    ];
    assert_eq!(calls(&old), [call("f", json!({"n": 1}))]);
    let both = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}],"function_call":{"name":"f","arguments":"{}"}}"#,
    ];
    assert_eq!(calls(&both), [call("f", json!({}))], "hosts that send both say the same twice");
}

#[test]
fn thinking_under_any_of_its_names_is_told_once() {
    let deltas = [
        r#"{"reasoning_content":"a","reasoning":"a"}"#,
        r#"{"reasoning":"b"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"c"}]},{"type":"thinking","thinking":"d"}]}"#,
        r#"{"content":[{"type":"text","text":"e"},"f",{"type":"output_text","text":"g"},{"type":"reference","reference_ids":[1]},{"type":"refusal","refusal":"h"}]}"#,
        r#"{"content":"i"}"#,
    ];
    let chat = folded(&reply(Api::ChatCompletions, Api::ChatCompletions), &chat_deltas(&deltas, "stop"));
    let message = &chat["choices"][0]["message"];
    assert_eq!(message["reasoning_content"], "abcd");
    assert_eq!(message["content"], "efgi");
    assert_eq!(message["refusal"], "h");
}

#[test]
fn characters_cut_in_two_by_the_host_are_whole_again() {
    let text = chat_deltas(&[r#"{"content":"\ud83d"}"#, r#"{"content":"\ude00 ok \\ud83d"}"#], "stop");
    assert_eq!(message(&text)["content"][0]["text"], "😀 ok \\ud83d");
    let lost =
        chat_deltas(&[r#"{"content":"a\ud83d"}"#, r#"{"content":"b"}"#, r#"{"content":"c\uD83D"}"#], "stop");
    let text = message(&lost)["content"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with('a') && text.contains("bc") && text.contains('\u{fffd}'), "{text}");
    let input = [
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"e\":\"\ud83d"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"\ude00\"}"}}]}"#,
    ];
    assert_eq!(calls(&input), [call("f", json!({"e": "😀"}))]);
    let claude = messages_stream(
        &[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"\ud83d"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ude00"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
        ],
        "end_turn",
    );
    let chat = folded(&reply(Api::Messages, Api::ChatCompletions), &claude);
    assert_eq!(chat["choices"][0]["message"]["content"], "😀");
}

#[test]
fn choices_beyond_the_first_are_not_mixed_into_it() {
    let stream = r#"data: {"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"first"},"finish_reason":"stop"}]}

data: [DONE]

"#;
    assert_eq!(message(stream)["content"], json!([{"type": "text", "text": "first"}]));
}

#[test]
fn events_without_a_type_go_by_their_name() {
    let stream = "event: message_start\ndata: {\"message\":{\"content\":[]}}\n\nevent: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\nevent: message_stop\ndata: {}\n\n";
    let chat = folded(&reply(Api::Messages, Api::ChatCompletions), stream);
    assert_eq!(chat["choices"][0]["message"]["content"], "Hi");
    assert_eq!(chat["choices"][0]["finish_reason"], "stop");
}

#[test]
fn of_several_reasons_for_stopping_the_last_one_counts() {
    let stream = chat_stream(&[
        r#""delta":{"content":"Once"},"finish_reason":"stop""#,
        r#""delta":{"content":" upon"},"finish_reason":"length""#,
        r#""delta":{},"finish_reason":"""#,
    ]);
    assert_eq!(message(&stream)["stop_reason"], "max_tokens");
}
