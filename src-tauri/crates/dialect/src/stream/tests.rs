//! When the first token is there, when a stream is over, and what of it is an error.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

mod responses;

fn frame(data: &str) -> Frame {
    Frame::parse(Bytes::from(format!("data: {data}\n\n")))
}

fn named(event: &str, data: &str) -> Frame {
    Frame::parse(Bytes::from(format!("event: {event}\ndata: {data}\n\n")))
}

/// A chunk with this delta in its only choice.
fn delta(delta: &str) -> Frame {
    frame(&format!(
        r#"{{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#
    ))
}

fn chat(frame: &Frame) -> Reading {
    StreamReader::new(Api::ChatCompletions).read(frame)
}

fn message(frame: &Frame) -> Reading {
    StreamReader::new(Api::Messages).read(frame)
}

#[test]
fn chat_deltas_that_say_something() {
    let deltas = [
        r#"{"content":"H"}"#,
        r#"{"content":" "}"#,
        r#"{"content":"\ud83d"}"#,
        r#"{"refusal":"I"}"#,
        r#"{"reasoning_content":"Let"}"#,
        r#"{"reasoning":"Let","content":""}"#,
        r#"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"index":0,"type":"custom","custom":{"name":"sh"}}]}"#,
        r#"{"function_call":{"name":"f"}}"#,
        r#"{"audio":{"id":"a","data":"UklG"}}"#,
        r#"{"audio":{"transcript":"Hi"}}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}"#,
        r#"{"content":[{"type":"text","text":"Hm"}]}"#,
    ];
    for text in deltas {
        assert_eq!(chat(&delta(text)), Reading::Meaningful, "{text}");
    }
}

#[test]
fn case_27_chat_deltas_that_say_nothing() {
    let deltas = [
        r#"{"role":"assistant","content":"","refusal":null}"#,
        r#"{"role":null,"content":null}"#,
        r#"{"reasoning_content":"","reasoning":null}"#,
        r#"{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"","arguments":""}}]}"#,
        r#"{"tool_calls":[],"audio":{"id":"a","expires_at":1}}"#,
        r#"{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":""}]}"#,
        r#"{"content":5,"tool_calls":{},"audio":"x","function_call":[]}"#,
        "{}",
        "null",
        "7",
    ];
    for text in deltas {
        assert_eq!(chat(&delta(text)), Reading::Nothing, "{text}");
    }
}

#[test]
fn chunks_without_choices() {
    let cases = [
        // Azure opens with the verdict of its filter, and with an empty model.
        (
            r#"{"id":"","model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#,
            Reading::Nothing,
        ),
        (r#"{"choices":[],"usage":null}"#, Reading::Nothing),
        (r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, Reading::UsageOnly),
        (r#"{"choices":[],"usage":{}}"#, Reading::UsageOnly),
        (r#"{"usage":{"prompt_tokens":1}}"#, Reading::UsageOnly),
        (r#"{"choices":null}"#, Reading::Nothing),
        (r#"{"something":"new"}"#, Reading::Nothing),
        (r#"{"error":{},"choices":[]}"#, Reading::Nothing),
        (r#"{"error":"","choices":[]}"#, Reading::Nothing),
        (r#"{"error":null,"choices":[]}"#, Reading::Nothing),
    ];
    for (text, expected) in cases {
        assert_eq!(chat(&frame(text)), expected, "{text}");
    }
}

#[test]
fn a_chat_stream_from_first_to_last() {
    let mut reader = StreamReader::new(Api::ChatCompletions);
    assert_eq!(reader.read(&frame(r#"{"id":"","model":"","choices":[]}"#)), Reading::Nothing);
    assert_eq!(
        reader.read(&frame(r#"{"id":"c-1","model":"gpt-5-x","choices":[{"delta":{"role":"assistant"}}]}"#)),
        Reading::Nothing
    );
    assert!(!reader.meaningful_seen());
    assert_eq!(reader.read(&delta(r#"{"content":"Hi"}"#)), Reading::Meaningful);
    assert!(reader.meaningful_seen() && !reader.finished());
    assert_eq!(reader.read(&frame(r#"{"choices":[{"delta":{},"finish_reason":""}]}"#)), Reading::Nothing);
    assert!(!reader.finished(), "an empty finish reason is none");
    assert_eq!(
        reader.read(&frame(r#"{"choices":[{"delta":{},"finish_reason":"from_the_future"}]}"#)),
        Reading::Nothing
    );
    assert!(reader.finished() && !reader.terminal_seen());
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":"9","completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#;
    assert_eq!(reader.read(&frame(usage)), Reading::UsageOnly);
    assert_eq!(reader.read(&frame("[DONE]")), Reading::Terminal);
    assert!(reader.terminal_seen());
    assert_eq!(
        reader.read(&delta(r#"{"content":"late"}"#)),
        Reading::Nothing,
        "nothing belongs to it after the end"
    );
    assert_eq!((reader.model(), reader.id()), (Some("gpt-5-x"), Some("c-1")));
    let usage = reader.usage();
    assert_eq!((usage.input, usage.cached, usage.output), (Some(5), Some(4), Some(2)));
}

#[test]
fn case_15_usage_with_every_chunk_is_the_sum_so_far() {
    let mut reader = StreamReader::new(Api::ChatCompletions);
    for tokens in 1..=3 {
        let chunk = format!(
            r#"{{"choices":[{{"delta":{{"content":"x"}}}}],"usage":{{"prompt_tokens":7,"completion_tokens":{tokens}}}}}"#
        );
        assert_eq!(reader.read(&frame(&chunk)), Reading::Meaningful);
    }
    reader.read(&frame(r#"{"choices":[],"usage":{}}"#));
    assert_eq!((reader.usage().input, reader.usage().output), (Some(7), Some(3)));
}

#[test]
fn message_events_that_say_something() {
    let events = [
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H"}}"#,
        ),
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"H"}}"#,
        ),
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
        ),
        ("content_block_delta", r#"{"delta":{"type":"delta_from_the_future","text":"H"}}"#),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
        ),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"server_tool_use","id":"t","name":"web_search"}}"#,
        ),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"web_search_tool_result","content":[]}}"#,
        ),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"Em"}}"#,
        ),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"text","text":"whole"}}"#,
        ),
    ];
    for (event, data) in events {
        assert_eq!(message(&named(event, data)), Reading::Meaningful, "{data}");
    }
}

#[test]
fn case_28_message_events_that_say_nothing() {
    let events = [
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"from_the_future","content":"x"}}"#,
        ),
        (
            "message_start",
            r#"{"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":1}}}"#,
        ),
        ("ping", r#"{"type": "ping"}"#),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"text","text":""}}"#,
        ),
        (
            "content_block_start",
            r#"{"type":"content_block_start","content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        ),
        ("content_block_delta", r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":""}}"#),
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":""}}"#,
        ),
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"Eq"}}"#,
        ),
        ("content_block_stop", r#"{"type":"content_block_stop","index":0}"#),
        ("message_delta", r#"{"type":"message_delta","delta":{"stop_reason":null}}"#),
        ("event_from_the_future", r#"{"type":"event_from_the_future","text":"x"}"#),
        ("message_start", r#"{"type":"message_start"}"#),
        ("content_block_delta", "{}"),
    ];
    for (event, data) in events {
        assert_eq!(message(&named(event, data)), Reading::Nothing, "{data}");
    }
    assert_eq!(message(&Frame::parse(Bytes::from_static(b": keep-alive\n\n"))), Reading::Nothing);
    assert_eq!(message(&Frame::parse(Bytes::from_static(b"event: ping\n\n"))), Reading::Nothing);
    assert_eq!(message(&frame("[DONE]")), Reading::Nothing, "message_stop is the end of this dialect");
}

#[test]
fn a_message_stream_from_first_to_last() {
    let mut reader = StreamReader::new(Api::Messages);
    let start = r#"{"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":25,"cache_read_input_tokens":3,"output_tokens":1}}}"#;
    assert_eq!(reader.read(&named("message_start", start)), Reading::Nothing);
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}"#;
    assert_eq!(reader.read(&named("message_delta", end)), Reading::Nothing);
    assert!(reader.finished() && !reader.meaningful_seen() && !reader.terminal_seen());
    assert_eq!(reader.read(&named("message_stop", r#"{"type":"message_stop"}"#)), Reading::Terminal);
    assert!(reader.terminal_seen());
    assert_eq!((reader.model(), reader.id()), (Some("claude-x"), Some("msg_1")));
    let usage = reader.usage();
    assert_eq!((usage.input, usage.cached, usage.output), (Some(25), Some(3), Some(15)));
}

#[test]
fn an_event_without_a_type_goes_by_its_name() {
    let text = r#"{"index":0,"delta":{"type":"text_delta","text":"H"}}"#;
    assert_eq!(message(&named("content_block_delta", text)), Reading::Meaningful);
    assert_eq!(message(&named("message_stop", "{}")), Reading::Terminal);
    assert_eq!(message(&frame(r#"{"type":"message_stop"}"#)), Reading::Terminal);
}

#[test]
fn case_27_errors_in_every_shape() {
    let cases = [
        (
            Api::ChatCompletions,
            frame(r#"{"error":{"message":"Busy","type":"server_error","code":null}}"#),
            500,
            "Busy",
        ),
        (Api::ChatCompletions, frame(r#"{"error":"Busy"}"#), 500, "Busy"),
        (
            Api::ChatCompletions,
            frame(
                r#"{"id":"c","choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":429,"message":"Busy"}}"#,
            ),
            429,
            "Busy",
        ),
        (Api::ChatCompletions, frame(r#"{"object":"error","message":"Busy","code":503}"#), 503, "Busy"),
        (Api::ChatCompletions, named("error", r#"{"message":"Busy"}"#), 500, "Busy"),
        (Api::ChatCompletions, named("error", "Busy"), 500, "Busy"),
        (
            Api::Messages,
            named("error", r#"{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}"#),
            529,
            "Busy",
        ),
        (
            Api::Messages,
            frame(r#"{"type":"error","error":{"type":"api_error","message":"Busy"}}"#),
            500,
            "Busy",
        ),
        (
            Api::Messages,
            frame(r#"{"type":"content_block_delta","delta":{"text":"x"},"error":{"message":"Busy"}}"#),
            500,
            "Busy",
        ),
    ];
    for (api, frame, status, message) in cases {
        let mut reader = StreamReader::new(api);
        match reader.read(&frame) {
            Reading::Error(error) => {
                assert_eq!((error.status, error.message.as_deref()), (status, Some(message)));
            }
            other => panic!("{frame:?} gave {other:?}"),
        }
        assert!(!reader.terminal_seen(), "an error is no end of an answer");
    }
}

#[test]
fn what_is_no_event_of_an_api_is_malformed() {
    for data in ["<html>", "{\"choices\":[", "[1]", "\"text\"", "{} {}", "DONE"] {
        assert!(matches!(chat(&frame(data)), Reading::Malformed(_)), "{data}");
        assert!(matches!(message(&frame(data)), Reading::Malformed(_)), "{data}");
    }
    let latin = Frame::parse(Bytes::from_static(b"data: {\"a\":\"\xfc\"}\n\n"));
    assert_eq!(chat(&latin), Reading::Malformed("an event of the stream is not UTF-8".to_owned()));
}

proptest! {
    #[test]
    fn any_event_is_read_without_a_crash(text in r#"[{}\[\]":,a-z0-9\\ ]{0,60}"#) {
        chat(&frame(&text));
        message(&frame(&text));
        chat(&delta(&text));
    }
}
