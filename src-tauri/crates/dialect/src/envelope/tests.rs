//! Our errors, byte for byte as clients see them.

use std::fmt::Write as _;

use super::*;

mod responses;

/// The codes of the public interface with their status.
const CODES: [(u16, &str); 19] = [
    (400, "invalid_request"),
    (401, "invalid_local_key"),
    (402, "over_budget"),
    (403, "forbidden_origin"),
    (404, "unknown_endpoint"),
    (404, "no_route"),
    (404, "model_not_served"),
    (413, "request_too_large"),
    (422, "untranslatable"),
    (429, "rate_limited"),
    (500, "internal_error"),
    (502, "providers_failed"),
    (503, "providers_overloaded"),
    (503, "unreachable"),
    (503, "offline"),
    (503, "no_provider"),
    (503, "shutting_down"),
    (504, "first_token_timeout"),
    (504, "deadline_exceeded"),
];

fn problem(status: u16, code: &str) -> Problem<'_> {
    Problem { status, code, message: "What to do.", param: None, request_id: "01J" }
}

#[test]
fn bodies() {
    let mut bodies = String::new();
    for (status, code) in CODES {
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            let body = body(dialect, &problem(status, code));
            writeln!(bodies, "{status} {}", String::from_utf8(body).unwrap()).unwrap();
        }
    }
    insta::assert_snapshot!(bodies);
}

#[test]
fn a_field_and_odd_characters() {
    let message = "`model` is \"wrong\"\nFix: név\u{1}.";
    let problem = Problem { message, param: Some("model"), ..problem(400, "invalid_request") };
    insta::assert_snapshot!(String::from_utf8(body(Dialect::OpenAi, &problem)).unwrap(), @r#"{"error":{"message":"`model` is \"wrong\"\nFix: név\u0001.","type":"invalid_request_error","param":"model","code":"invalid_request"}}"#);
    insta::assert_snapshot!(String::from_utf8(body(Dialect::Anthropic, &problem)).unwrap(), @r#"{"type":"error","error":{"type":"invalid_request_error","message":"`model` is \"wrong\"\nFix: név\u0001.","details":{"error_code":"invalid_request"}},"request_id":"01J"}"#);
}

#[test]
fn case_26_the_last_event_of_a_broken_stream() {
    let problem = problem(502, "providers_failed");
    let text = |api| String::from_utf8(event(api, &problem).to_vec()).unwrap().replace('\n', "⏎\n");
    insta::assert_snapshot!(text(Api::ChatCompletions), @r#"
    data: {"error":{"message":"What to do.","type":"server_error","param":null,"code":"providers_failed"}}⏎
    ⏎
    "#);
    insta::assert_snapshot!(text(Api::Messages), @r#"
    event: error⏎
    data: {"type":"error","error":{"type":"api_error","message":"What to do.","details":{"error_code":"providers_failed"}},"request_id":"01J"}⏎
    ⏎
    "#);
}

#[test]
fn case_25_our_own_readers_take_them_for_errors() {
    use crate::sse::Frame;
    use crate::stream::{Reading, StreamReader};
    for api in [Api::ChatCompletions, Api::Responses, Api::Messages] {
        let problem = Problem { message: "two\nlines", ..problem(503, "providers_overloaded") };
        let frame = Frame::parse(event(api, &problem));
        match StreamReader::new(api).read(&frame) {
            Reading::Error(error) => {
                assert_eq!(error.code.as_deref(), Some("providers_overloaded"));
                assert_eq!(error.message.as_deref(), Some("two\nlines"));
            }
            other => panic!("{api:?} gave {other:?}"),
        }
    }
}
