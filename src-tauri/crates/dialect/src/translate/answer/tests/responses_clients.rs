//! What a client of the Responses API gets.

use serde_json::json;

use super::*;

fn responses(from: Api, request: &'static str) -> Reply {
    Reply { request: Bytes::from_static(request.as_bytes()), ..reply(from, Api::Responses) }
}

#[test]
fn case_39_a_response_repeats_what_was_asked() {
    let request = r#"{"model":"gpt","input":"Hi","stream":true,"instructions":"Be\n brief.","max_output_tokens":100,"metadata":{"k":"v"},
        "parallel_tool_calls":false,"reasoning":{"effort":"high"},"temperature":0.25,"text":{"verbosity":"low"},
        "tool_choice":{"type":"function","name":"f"},"tools":[{"type":"function",
        "name":"f","parameters":{"type":"object"}}],"top_p":null,"truncation":"auto","user":"u","store":true,"prompt_cache_key":"k"}"#;
    let stream = messages_stream(&[], "end_turn");
    let whole = folded(&responses(Api::Messages, request), &stream);
    let asked: Value = serde_json::from_str(request).unwrap();
    for field in [
        "instructions",
        "max_output_tokens",
        "metadata",
        "parallel_tool_calls",
        "reasoning",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "truncation",
        "user",
        "prompt_cache_key",
    ] {
        assert_eq!(whole[field], asked[field], "{field}");
    }
    assert_eq!(whole["top_p"], 1.0, "null is the default");
    assert_eq!(whole["store"], false, "nothing is kept of a translated answer");
    assert_eq!(whole.get("input"), None);
    let events = events(&streamed(&responses(Api::Messages, request), &stream));
    assert_eq!(
        events[0]["response"]["tools"], asked["tools"],
        "line ends of the request stay out of the event"
    );
}

#[test]
fn a_request_that_can_not_be_read_gets_the_defaults() {
    let whole = folded(&responses(Api::Messages, "[1"), &messages_stream(&[], "end_turn"));
    assert_eq!((&whole["tools"], &whole["tool_choice"]), (&json!([]), &json!("auto")));
}

#[test]
fn case_13_a_responses_input_includes_what_was_cached() {
    let whole = body(
        &responses(Api::Messages, "{}"),
        r#"{"type":"message","content":[],"stop_reason":"end_turn","usage":{"input_tokens":21,"cache_read_input_tokens":40,"cache_creation_input_tokens":3,"output_tokens":9}}"#,
    );
    assert_eq!(
        whole["usage"],
        json!({"input_tokens": 64, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 3},
            "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 73})
    );
}

#[test]
fn an_answer_that_was_cut_off_is_incomplete_and_so_is_its_last_item() {
    let delta = r#"{"content":"Once upon"}"#;
    let cases = [
        ("length", delta, "incomplete", json!({"reason": "max_output_tokens"})),
        ("content_filter", delta, "incomplete", json!({"reason": "content_filter"})),
        ("content_filter", r#"{"refusal":"No."}"#, "completed", Value::Null),
        ("stop", delta, "completed", Value::Null),
    ];
    for (reason, delta, status, details) in cases {
        let stream = chat_deltas(&[delta], reason);
        let reply = responses(Api::ChatCompletions, "{}");
        let whole = folded(&reply, &stream);
        assert_eq!(
            (whole["status"].as_str(), &whole["incomplete_details"]),
            (Some(status), &details),
            "{reason}"
        );
        assert_eq!(whole["output"][0]["status"], status);
        let last = events(&streamed(&reply, &stream)).pop().unwrap();
        assert_eq!(last["type"], format!("response.{status}"));
    }
}

#[test]
fn text_and_refusal_are_parts_of_one_message() {
    let stream =
        chat_deltas(&[r#"{"content":"Well."}"#, r#"{"refusal":"No."}"#, r#"{"content":"Sorry."}"#], "stop");
    let reply = responses(Api::ChatCompletions, "{}");
    let output = folded(&reply, &stream)["output"].clone();
    let text = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    assert_eq!(output.as_array().unwrap().len(), 1);
    assert_eq!(
        output[0]["content"],
        json!([text("Well."), {"type": "refusal", "refusal": "No."}, text("Sorry.")])
    );
    let events = events(&streamed(&reply, &stream));
    assert_eq!(events.last().unwrap()["response"]["output"], output);
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds[2..],
        [
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.content_part.added",
            "response.refusal.delta",
            "response.refusal.done",
            "response.content_part.done",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
}

#[test]
fn interleaved_calls_keep_their_places() {
    let stream = chat_deltas(
        &[
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]}"#,
            r#"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}},{"index":0,"function":{"arguments":"}"}}]}"#,
        ],
        "tool_calls",
    );
    let reply = responses(Api::ChatCompletions, "{}");
    let events = events(&streamed(&reply, &stream));
    let pieces: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "response.function_call_arguments.delta")
        .map(|event| (event["output_index"].as_u64().unwrap(), event["delta"].as_str().unwrap()))
        .collect();
    assert_eq!(pieces, [(0, "{"), (1, "{}"), (0, "}")]);
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!((&output[0]["call_id"], &output[0]["arguments"]), (&json!("a"), &json!("{}")));
    assert_eq!((&output[1]["call_id"], &output[1]["arguments"]), (&json!("b"), &json!("{}")));
}

#[test]
fn reasoning_is_named_as_ours_so_that_nobody_takes_it_for_a_providers_own() {
    let stream = chat_deltas(&[r#"{"reasoning_content":"Hm"}"#, r#"{"content":"x"}"#], "stop");
    let whole = folded(&responses(Api::ChatCompletions, "{}"), &stream);
    let reasoning = &whole["output"][0];
    assert!(reasoning["id"].as_str().unwrap().starts_with("rs_evenkeel_"));
    assert_eq!(reasoning["summary"], json!([{"type": "summary_text", "text": "Hm"}]));
    assert_eq!(reasoning.get("encrypted_content"), None);
}
