//! The failure of a response that has begun.

use super::*;
use crate::sse::Frame;
use crate::stream::{Reading, StreamReader};

/// A stream that came as far as its seventh event.
fn begun() -> Begun {
    Begun {
        id: Some("resp_68".to_owned()),
        model: Some("gpt-5".to_owned()),
        created_at: Some(1_764_000_000),
        next_sequence: 7,
    }
}

#[test]
fn case_26_a_response_that_breaks_off_is_a_failed_response() {
    let problem = problem(502, "providers_failed");
    let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap().replace('\n', "⏎\n");
    insta::assert_snapshot!(text(event_after(Api::Responses, &problem, &begun())), @r#"
    event: response.failed⏎
    data: {"type":"response.failed","sequence_number":7,"response":{"id":"resp_68","object":"response","created_at":1764000000,"status":"failed","error":{"code":"providers_failed","message":"What to do.","type":"server_error","param":null},"incomplete_details":null,"instructions":null,"metadata":{},"model":"gpt-5","output":[],"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":null}}⏎
    ⏎
    "#);
    insta::assert_snapshot!(text(event(Api::Responses, &problem)), @r#"
    event: response.failed⏎
    data: {"type":"response.failed","sequence_number":0,"response":{"id":"resp_01J","object":"response","created_at":0,"status":"failed","error":{"code":"providers_failed","message":"What to do.","type":"server_error","param":null},"incomplete_details":null,"instructions":null,"metadata":{},"model":"","output":[],"parallel_tool_calls":true,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"usage":null}}⏎
    ⏎
    "#);
}

#[test]
fn case_26_our_own_reader_takes_it_for_a_failure_of_the_same_response() {
    let problem = Problem { message: "two\nlines", param: Some("input"), ..problem(429, "rate_limited") };
    let event = event_after(Api::Responses, &problem, &begun());
    let frame = Frame::parse(event);
    assert_eq!(frame.event.as_deref(), Some("response.failed"));
    let mut reader = StreamReader::new(Api::Responses);
    match reader.read(&frame) {
        Reading::Error(error) => {
            assert_eq!(error.code.as_deref(), Some("rate_limited"));
            assert_eq!(error.kind.as_deref(), Some("rate_limit_error"));
            assert_eq!(error.message.as_deref(), Some("two\nlines"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(reader.begun(), Begun { next_sequence: 8, ..begun() });
    assert!(!reader.terminal_seen(), "nobody may take it for a whole answer");
}

#[test]
fn a_response_that_has_not_begun_gets_openais_error() {
    let body = body(Api::Responses.dialect(), &problem(404, "model_not_served"));
    assert!(body.starts_with(b"{\"error\":{"), "{}", String::from_utf8_lossy(&body));
}
