//! Streams of the Responses API.

use super::*;
use crate::envelope::Begun;

fn response(frame: &Frame) -> Reading {
    StreamReader::new(Api::Responses).read(frame)
}

/// An event whose name is its type, as OpenAI sends it.
fn event(data: &str) -> Frame {
    let fields = Fields::parse(data).unwrap();
    named(&fields.text("type").unwrap(), data)
}

#[test]
fn case_39_lifecycle_events_are_no_tokens() {
    let events = [
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","output":[],"error":null}}"#,
        r#"{"type":"response.queued","response":{"id":"resp_1","status":"queued"}}"#,
        r#"{"type":"response.in_progress","response":{"id":"resp_1","instructions":"Be brief."}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA","summary":[]}}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"gAAA","summary":[]}}"#,
        r#"{"type":"response.output_item.added","item":{"type":"function_call","call_id":"c","name":"","arguments":""}}"#,
        r#"{"type":"response.output_item.added","item":{"type":"mcp_list_tools","tools":[{"name":"f"}]}}"#,
        r#"{"type":"response.output_item.added"}"#,
        r#"{"type":"response.content_part.added","part":{"type":"output_text","text":"","annotations":[]}}"#,
        r#"{"type":"response.reasoning_summary_part.added","part":{"type":"summary_text","text":""}}"#,
        r#"{"type":"response.output_text.delta","delta":"","obfuscation":"x8f"}"#,
        r#"{"type":"response.function_call_arguments.delta","delta":""}"#,
        r#"{"type":"response.shell_call_output_content.delta","delta":{"stdout":null,"stderr":""}}"#,
        r#"{"type":"response.function_call_arguments.done","arguments":""}"#,
        r#"{"type":"response.web_search_call.in_progress","item_id":"ws_1"}"#,
        r#"{"type":"response.event_from_the_future","obfuscation":"abc"}"#,
        r#"{"type":"keepalive","sequence_number":3}"#,
    ];
    for data in events {
        assert_eq!(response(&event(data)), Reading::Nothing, "{data}");
    }
    assert_eq!(response(&frame("[DONE]")), Reading::Nothing, "an event of its own is the end");
    assert_eq!(response(&Frame::parse(Bytes::from_static(b": keepalive\n\n"))), Reading::Nothing);
}

#[test]
fn events_that_say_something() {
    let events = [
        r#"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"H","logprobs":[]}"#,
        r#"{"type":"response.output_text.delta","delta":"\ud83d"}"#,
        r#"{"type":"response.refusal.delta","delta":"I"}"#,
        r#"{"type":"response.reasoning_text.delta","delta":"Let"}"#,
        r#"{"type":"response.reasoning_summary_text.delta","summary_index":0,"delta":"**Le"}"#,
        r#"{"type":"response.function_call_arguments.delta","delta":"{"}"#,
        r#"{"type":"response.custom_tool_call_input.delta","delta":"ls"}"#,
        r#"{"type":"response.mcp_call_arguments.delta","delta":"{"}"#,
        r#"{"type":"response.code_interpreter_call_code.delta","delta":"import"}"#,
        r#"{"type":"response.audio.delta","delta":"UklG"}"#,
        r#"{"type":"response.shell_call_output_content.delta","delta":{"stdout":"hi"}}"#,
        r#"{"type":"response.kind_from_the_future.delta","delta":"x"}"#,
        r#"{"type":"response.output_item.added","item":{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":""}}"#,
        r#"{"type":"response.output_item.added","item":{"type":"custom_tool_call","name":"exec","input":""}}"#,
        r#"{"type":"response.output_item.added","item":{"id":"ws_1","type":"web_search_call","status":"in_progress"}}"#,
        r#"{"type":"response.image_generation_call.partial_image","partial_image_b64":"iVBO"}"#,
        r#"{"type":"response.shell_call_command.added","command":"ls"}"#,
        // Hosts that don't stream send everything at once, at the end of a part or of an item.
        r#"{"type":"response.output_text.done","text":"Hi"}"#,
        r#"{"type":"response.content_part.done","part":{"type":"output_text","text":"Hi"}}"#,
        r#"{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}}"#,
        r#"{"type":"response.output_item.done","item":{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]}}"#,
    ];
    for data in events {
        assert_eq!(response(&event(data)), Reading::Meaningful, "{data}");
        let unnamed = data.replacen("\"type\":", "\"kind\":", 1);
        let name = Fields::parse(data).unwrap().text("type").unwrap().into_owned();
        assert_eq!(response(&named(&name, &unnamed)), Reading::Meaningful, "by its name alone: {data}");
    }
}

#[test]
fn a_response_from_first_to_last() {
    let mut reader = StreamReader::new(Api::Responses);
    let created = r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","created_at":1764000000,"model":"gpt-5-2026","usage":null}}"#;
    assert_eq!(reader.read(&event(created)), Reading::Nothing);
    assert!(!reader.meaningful_seen());
    let delta = r#"{"type":"response.output_text.delta","sequence_number":6,"delta":"Hi"}"#;
    assert_eq!(reader.read(&event(delta)), Reading::Meaningful);
    assert!(reader.meaningful_seen() && !reader.finished());
    let begun = Begun {
        id: Some("resp_1".into()),
        model: Some("gpt-5-2026".into()),
        created_at: Some(1_764_000_000),
        next_sequence: 7,
    };
    assert_eq!(reader.begun(), begun);

    let completed = r#"{"type":"response.completed","sequence_number":9,"response":{"id":"resp_1","status":"completed","output":[],
        "usage":{"input_tokens":2006,"input_tokens_details":{"cached_tokens":1920},"output_tokens":300,"output_tokens_details":{"reasoning_tokens":192},"total_tokens":2306}}}"#;
    assert_eq!(reader.read(&frame(&completed.replace('\n', " "))), Reading::Terminal);
    assert!(reader.finished() && reader.terminal_seen());
    assert_eq!(reader.read(&event(delta)), Reading::Nothing, "nothing belongs to it after the end");
    assert_eq!((reader.model(), reader.id()), (Some("gpt-5-2026"), Some("resp_1")));
    let usage = reader.usage();
    assert_eq!(
        (usage.input, usage.cached, usage.output, usage.reasoning),
        (Some(86), Some(1920), Some(300), Some(192)),
        "input without what came from the cache"
    );
}

#[test]
fn an_answer_that_met_its_limit_is_an_answer() {
    let mut reader = StreamReader::new(Api::Responses);
    let incomplete = r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[],"usage":{"input_tokens":1,"output_tokens":2}}}"#;
    assert_eq!(reader.read(&event(incomplete)), Reading::Terminal);
    assert!(reader.finished());
    assert_eq!(reader.usage().output, Some(2));
}

#[test]
fn failures_in_every_shape() {
    let cases = [
        (
            r#"{"type":"response.failed","sequence_number":3,"response":{"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"Busy"},"output":[]}}"#,
            500,
            Some("server_error"),
        ),
        (
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Busy"}}}"#,
            429,
            Some("rate_limit_exceeded"),
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"invalid_prompt","message":"Busy"}}}"#,
            400,
            Some("invalid_prompt"),
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"image_too_large","message":"Busy"}}}"#,
            400,
            Some("image_too_large"),
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"invalid_base64_image","message":"Busy"}}}"#,
            400,
            Some("invalid_base64_image"),
        ),
        (
            r#"{"type":"error","code":"rate_limit_exceeded","message":"Busy","param":null,"sequence_number":2}"#,
            429,
            Some("rate_limit_exceeded"),
        ),
        (
            r#"{"type":"error","sequence_number":2,"error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"Busy","param":"input"}}"#,
            400,
            Some("context_length_exceeded"),
        ),
        (
            r#"{"type":"response.error","error":{"code":"server_is_overloaded","message":"Busy"}}"#,
            503,
            Some("server_is_overloaded"),
        ),
        (r#"{"type":"response.error","message":"Busy"}"#, 500, None),
    ];
    for (data, status, code) in cases {
        let mut reader = StreamReader::new(Api::Responses);
        match reader.read(&event(data)) {
            Reading::Error(error) => {
                let told = (error.status, error.code.as_deref(), error.message.as_deref());
                assert_eq!(told, (status, code, Some("Busy")), "{data}");
            }
            other => panic!("{data} gave {other:?}"),
        }
        assert!(!reader.terminal_seen() && !reader.finished(), "an error is no end of an answer");
    }
    for silent in [r#"{"type":"response.failed","response":{"error":null}}"#, r#"{"type":"response.failed"}"#]
    {
        assert!(matches!(response(&event(silent)), Reading::Error(error) if error.status == 500), "{silent}");
    }
}

#[test]
fn what_is_no_event_of_a_response_is_malformed() {
    for data in ["<html>", "[1]", "{} {}"] {
        assert!(matches!(response(&frame(data)), Reading::Malformed(_)), "{data}");
    }
    assert_eq!(response(&frame("{}")), Reading::Nothing);
    assert_eq!(response(&frame(r#"{"type":"response.completed"}"#)), Reading::Terminal);
}

proptest! {
    #[test]
    fn any_event_is_read_without_harm(text in r#"[{}\[\]":,a-z0-9\\ ]{0,60}"#) {
        response(&frame(&text));
        response(&named("response.completed", &text));
        response(&frame(&format!(r#"{{"type":"response.output_item.done","item":{text}}}"#)));
    }
}
