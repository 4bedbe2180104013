//! What a client of Chat Completions gets of an Anthropic provider.

use serde_json::json;

use super::*;

fn chat() -> Reply {
    reply(Api::Messages, Api::ChatCompletions)
}

/// The deltas of a translated stream, without the first one, which only names the role.
fn deltas(stream: &str) -> Vec<Value> {
    let chunks = events(&streamed(&chat(), stream));
    let deltas = chunks.iter().filter_map(|chunk| chunk["choices"].get(0)?.get("delta")).cloned();
    deltas.skip(1).filter(|delta| delta.as_object().is_some_and(|delta| !delta.is_empty())).collect()
}

fn call(index: u64, id: &str, name: &str) -> Value {
    json!({"tool_calls": [{"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}]})
}

fn arguments(index: u64, fragment: &str) -> Value {
    json!({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
}

const CALL: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#;
const STOP: &str = r#"{"type":"content_block_stop","index":0}"#;

#[test]
fn case_01_the_empty_input_that_a_tool_opens_with_is_no_argument() {
    let piece = r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1.0}"}}"#;
    let stream = messages_stream(&[CALL, piece, STOP], "tool_use");
    assert_eq!(deltas(&stream), [call(0, "t", "f"), arguments(0, r#"{"a": 1.0}"#)]);
}

#[test]
fn case_01_input_that_comes_at_once_counts_if_no_piece_ever_comes() {
    let whole = CALL.replace("\"input\":{}", r#""input":{"a": 1.0}"#);
    let stream = messages_stream(&[&whole, STOP], "tool_use");
    assert_eq!(deltas(&stream), [call(0, "t", "f"), arguments(0, r#"{"a": 1.0}"#)]);
    let piece =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#;
    let stream = messages_stream(&[&whole, piece, STOP], "tool_use");
    assert_eq!(deltas(&stream), [call(0, "t", "f"), arguments(0, "{}")]);
}

#[test]
fn case_01_a_tool_without_arguments_has_an_empty_object() {
    for stop in [&[STOP][..], &[]] {
        let stream = messages_stream(&[&[CALL], stop].concat(), "tool_use");
        assert_eq!(deltas(&stream), [call(0, "t", "f"), arguments(0, "{}")]);
        let message = folded(&chat(), &stream)["choices"][0]["message"].clone();
        assert_eq!(message["tool_calls"][0]["function"], json!({"name": "f", "arguments": "{}"}));
        assert_eq!(message["content"], Value::Null);
    }
}

#[test]
fn case_02_tool_calls_are_counted_apart_from_other_blocks() {
    let block = |index: u64, block: &str| {
        [
            format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#),
            format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
        ]
    };
    let blocks = [
        block(0, r#"{"type":"thinking","thinking":"Hm","signature":""}"#),
        block(1, r#"{"type":"text","text":"I look."}"#),
        block(2, r#"{"type":"tool_use","id":"a","name":"f","input":{}}"#),
        block(3, r#"{"type":"server_tool_use","id":"s","name":"web_search","input":{}}"#),
        block(7, r#"{"type":"tool_use","id":"b","name":"g","input":{}}"#),
    ];
    let blocks: Vec<_> = blocks.iter().flatten().map(String::as_str).collect();
    let stream = messages_stream(&blocks, "tool_use");
    assert_eq!(
        deltas(&stream),
        [
            json!({"reasoning_content": "Hm"}),
            json!({"content": "I look."}),
            call(0, "a", "f"),
            arguments(0, "{}"),
            call(1, "b", "g"),
            arguments(1, "{}"),
        ]
    );
    for chunk in events(&streamed(&chat(), &stream)) {
        let choice = &chunk["choices"][0];
        assert!(choice.is_null() || choice["index"] == 0);
    }
}

#[test]
fn case_11_anthropics_stop_reasons() {
    let reasons = [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("pause_turn", "stop"),
        ("something_new", "stop"),
        // Without a call there is no result to wait for.
        ("tool_use", "stop"),
    ];
    for (theirs, ours) in reasons {
        let stream = messages_stream(&[], theirs);
        assert_eq!(folded(&chat(), &stream)["choices"][0]["finish_reason"], ours, "{theirs}");
        let chunks = events(&streamed(&chat(), &stream));
        let told: Vec<_> =
            chunks.iter().filter_map(|chunk| chunk["choices"][0]["finish_reason"].as_str()).collect();
        assert_eq!(told, [ours], "{theirs}");
    }
    let stream = messages_stream(&[CALL, STOP], "tool_use");
    assert_eq!(folded(&chat(), &stream)["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn case_13_the_prompt_includes_what_was_cached() {
    let whole = body(
        &chat(),
        r#"{"type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":21,"cache_read_input_tokens":188086,"cache_creation_input_tokens":1024,"output_tokens":393}}"#,
    );
    assert_eq!(
        whole["usage"],
        json!({"prompt_tokens": 189_131, "completion_tokens": 393, "total_tokens": 189_524,
            "prompt_tokens_details": {"cached_tokens": 188_086, "cache_write_tokens": 1024}, "completion_tokens_details": {"reasoning_tokens": 0}})
    );
}

#[test]
fn case_14_counts_on_a_stream_replace_each_other_and_are_never_added() {
    let stream = concat!(
        r#"data: {"type":"message_start","message":{"content":[],"usage":{"input_tokens":100,"cache_read_input_tokens":40,"output_tokens":1}}}"#,
        "\n\n",
        r#"data: {"type":"message_delta","delta":{},"usage":{"output_tokens":50}}"#,
        "\n\n",
        r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":0,"output_tokens":80}}"#,
        "\n\n",
        r#"data: {"type":"message_stop"}"#,
        "\n\n",
    );
    let usage = folded(&chat(), stream)["usage"].clone();
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(140), &json!(80)));
    let mut translator = StreamTranslator::new(chat());
    for frame in frames(stream) {
        translator.push(&frame).unwrap();
    }
    let known = translator.usage();
    assert_eq!((known.input, known.cached, known.output), (Some(100), Some(40), Some(80)));
}

#[test]
fn case_15_usage_is_told_only_to_clients_that_asked_and_with_no_choice() {
    let stream = messages_stream(&[], "end_turn");
    let asked = streamed(&chat(), &stream);
    let chunks = events(&asked);
    let [.., usage, done] = chunks.as_slice() else { panic!("{asked}") };
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(12)));
    assert_eq!(done, "[DONE]");
    let silent = streamed(&Reply { include_usage: false, ..chat() }, &stream);
    assert!(!silent.contains("usage"), "{silent}");
}

#[test]
fn case_15_a_provider_that_never_tells_its_usage_is_told_of_as_unknown() {
    let stream = r#"data: {"type":"message_start","message":{"content":[]}}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

data: {"type":"message_stop"}

"#;
    let out = streamed(&chat(), stream);
    assert!(events(&out).iter().all(|chunk| chunk["usage"].is_null()), "{out}");
    assert_eq!(folded(&chat(), stream)["usage"], Value::Null);
    let message = folded(&reply(Api::Messages, Api::Messages), stream);
    assert_eq!(message["usage"]["output_tokens"], 0, "Anthropic's clients demand a number");
}

#[test]
fn case_16_reasoning_is_a_part_of_the_completion() {
    let whole = body(
        &chat(),
        r#"{"type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":90,"output_tokens_details":{"thinking_tokens":70}}}"#,
    );
    let usage = &whole["usage"];
    assert_eq!(usage["completion_tokens"], 90);
    assert_eq!(usage["total_tokens"], 100);
    assert_eq!(usage["completion_tokens_details"], json!({"reasoning_tokens": 70}));
}

#[test]
fn case_24_a_refusal_is_an_answer_and_says_why_where_the_provider_does() {
    let stream = messages_stream(&[], "refusal");
    let silent = folded(&chat(), &stream)["choices"][0].clone();
    assert_eq!(silent["finish_reason"], "content_filter");
    assert_eq!(silent["message"]["content"], "");
    let explained = stream.replace(
        "\"stop_sequence\":null",
        r#""stop_details":{"type":"refusal","category":null,"explanation":"No."}"#,
    );
    let explained = folded(&chat(), &explained)["choices"][0]["message"].clone();
    assert_eq!((&explained["refusal"], &explained["content"]), (&json!("No."), &Value::Null));
}

#[test]
fn case_41_one_id_for_all_chunks_and_the_model_that_served() {
    let stream = messages_stream(&[CALL, STOP], "tool_use");
    let out = streamed(&chat(), &stream);
    for chunk in events(&out).iter().filter(|chunk| chunk.is_object()) {
        assert_eq!(chunk["id"], "chatcmpl-01K9ZQ4T6W8X2Y3Z4A5B6C7D8E");
        assert_eq!(chunk["model"], "claude-x");
        assert_eq!(chunk["created"], 1_760_000_000);
        assert_eq!(chunk["object"], "chat.completion.chunk");
    }
    assert_eq!(out, streamed(&chat(), &stream), "the same answer has the same ids");
    let nameless = stream.replace("claude-x", "");
    assert_eq!(folded(&chat(), &nameless)["model"], "asked-model");
    let own = Reply { id: "chatcmpl-own".to_owned(), ..chat() };
    assert_eq!(folded(&own, &stream)["id"], "chatcmpl-own");
    let strange = Reply { id: "…/!".to_owned(), ..chat() };
    assert_eq!(folded(&strange, &stream)["id"], "chatcmpl-evenkeel");
    let kept = Reply { from: Api::ChatCompletions, to: Api::Responses, ..chat() };
    let provider = chat_deltas(&[r#"{"content":"x"}"#], "stop").replace("chatcmpl-1", "resp_theirs");
    assert_eq!(folded(&kept, &provider)["id"], "resp_theirs");
}

#[test]
fn signatures_and_redacted_thinking_never_leave_their_provider() {
    let blocks = [
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"SECRET"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"thinking","thinking":"","signature":"SECRET"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"SECRET"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
    ];
    let stream = messages_stream(&blocks, "end_turn");
    for to in [Api::ChatCompletions, Api::Responses] {
        let out = streamed(&reply(Api::Messages, to), &stream);
        assert!(out.contains("Hm") && !out.contains("SECRET"), "{out}");
    }
}

#[test]
fn a_client_that_asked_with_functions_is_answered_with_a_function_call() {
    let stream = messages_stream(&[CALL, STOP], "tool_use");
    let of = |request: &'static str| Reply { request: Bytes::from_static(request.as_bytes()), ..chat() };
    let old = of(r#"{"functions":[{"name":"f"}]}"#);
    let choice = folded(&old, &stream)["choices"][0].clone();
    assert_eq!(choice["message"]["function_call"], json!({"name": "f", "arguments": "{}"}));
    assert_eq!(
        (choice["message"].get("tool_calls"), &choice["finish_reason"]),
        (None, &json!("function_call"))
    );
    let again: Value =
        serde_json::from_slice(&fold(Api::ChatCompletions, &streamed(&old, &stream)).unwrap()).unwrap();
    assert_eq!(again["choices"][0], choice);
    for new in [r#"{"tools":[],"functions":[]}"#, r#"{"messages":[{"content":"\"functions\""}]}"#] {
        assert_eq!(folded(&of(new), &stream)["choices"][0]["finish_reason"], "tool_calls");
    }
}
