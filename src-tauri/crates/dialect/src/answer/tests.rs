//! What counts as a whole answer, and what only looks like one.

use super::*;

const CHAT: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-5-2026","choices":[{"index":0,
    "message":{"role":"assistant","content":"Hi","refusal":null},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11},"error":null}"#;
const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Hi"}],
    "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":2}}"#;

#[test]
fn whole_answers_tell_model_id_and_usage() {
    let usage = Usage { input: Some(9), output: Some(2), ..Usage::default() };
    let chat = read(Api::ChatCompletions, CHAT.as_bytes()).unwrap();
    assert_eq!(chat, Answer { usage, model: Some("gpt-5-2026".into()), id: Some("chatcmpl-1".into()) });
    let message = read(Api::Messages, MESSAGE.as_bytes()).unwrap();
    assert_eq!(message, Answer { usage, model: Some("claude-x".into()), id: Some("msg_1".into()) });
}

#[test]
fn case_33_answers_with_little_in_them_are_answers() {
    let cases = [
        (
            Api::ChatCompletions,
            r#"{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}"#,
        ),
        (
            Api::ChatCompletions,
            r#"{"choices":[{"message":{"role":null,"content":""},"finish_reason":"length"}],"usage":{}}"#,
        ),
        (Api::ChatCompletions, "\u{feff} {\"choices\":[{\"message\":{\"content\":\"\\ud83d\"}}]}\r\n"),
        (Api::Messages, r#"{"type":"message","content":[],"stop_reason":"end_turn"}"#),
        (Api::Messages, r#"{"type":"message","content":[{"type":"from_the_future"}]}"#),
    ];
    for (api, body) in cases {
        assert!(read(api, body.as_bytes()).is_ok(), "{body}");
    }
}

#[test]
fn case_27_everything_else_with_status_200_is_a_problem() {
    let other = |what: &str| AnswerProblem::NotThisDialect(what.to_owned());
    let chat: [(&str, AnswerProblem); 11] = [
        ("", AnswerProblem::Empty),
        ("  \n", AnswerProblem::Empty),
        ("<!doctype html><title>Log in</title>", AnswerProblem::Html),
        (&CHAT[..100], AnswerProblem::NotJson),
        ("data: {}\n\n", AnswerProblem::NotJson),
        ("[]", other("it is no object")),
        ("{}", other("`choices` is missing")),
        (r#"{"choices":[]}"#, other("`choices` is empty")),
        (r#"{"choices":[null]}"#, other("a choice is no object")),
        (r#"{"choices":[{"delta":{"content":"x"}}]}"#, other("a choice has no message")),
        (MESSAGE, other("`choices` is missing")),
    ];
    for (body, problem) in chat {
        assert_eq!(read(Api::ChatCompletions, body.as_bytes()), Err(problem), "{body}");
    }
    assert_eq!(read(Api::ChatCompletions, b"{\"a\":\"\xff\"}"), Err(AnswerProblem::NotJson));
    assert_eq!(read(Api::Messages, CHAT.as_bytes()), Err(other("its type is not \"message\"")));
    assert_eq!(
        read(Api::Messages, br#"{"type":"message","content":"x"}"#),
        Err(other("`content` is no list"))
    );
}

#[test]
fn case_27_an_error_with_status_200_is_that_error() {
    let cases = [
        (
            Api::ChatCompletions,
            r#"{"error":{"message":"busy","type":"server_error","code":null}}"#,
            500,
            "busy",
        ),
        (Api::ChatCompletions, r#"{"error":"busy"}"#, 500, "busy"),
        (Api::ChatCompletions, r#"{"object":"error","message":"busy","code":503}"#, 503, "busy"),
        (
            Api::ChatCompletions,
            r#"{"choices":[{"message":{},"error":{"code":502,"message":"upstream"}}]}"#,
            502,
            "upstream",
        ),
        (
            Api::Messages,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            529,
            "Overloaded",
        ),
    ];
    for (api, body, status, message) in cases {
        match read(api, body.as_bytes()) {
            Err(AnswerProblem::ErrorEnvelope(error)) => {
                assert_eq!((error.status, error.message.as_deref()), (status, Some(message)), "{body}");
            }
            other => panic!("{body} gave {other:?}"),
        }
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let body = format!(r#"{{"choices":[{{"message":{{"x":{deep}}}}}]}}"#);
    assert!(read(Api::ChatCompletions, body.as_bytes()).is_ok());
    assert!(read(Api::ChatCompletions, deep.as_bytes()).is_err());
}

const RESPONSE: &str = r#"{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"gpt-5-2026",
    "output":[{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hi"}]}],
    "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":11}}"#;

#[test]
fn a_whole_response_tells_model_id_and_usage() {
    let usage =
        Usage { input: Some(5), cached: Some(4), output: Some(2), reasoning: Some(1), ..Usage::default() };
    let answer = read(Api::Responses, RESPONSE.as_bytes()).unwrap();
    assert_eq!(answer, Answer { usage, model: Some("gpt-5-2026".into()), id: Some("resp_1".into()) });
    let fine = [
        r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#,
        r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[],"error":null}"#,
        r#"{"output":[{"type":"item_from_the_future"}]}"#,
        r#"{"object":"response","status":"status_from_the_future","output":[]}"#,
        r#"{"object":"response","status":"queued","background":true,"output":[]}"#,
    ];
    for body in fine {
        assert!(read(Api::Responses, body.as_bytes()).is_ok(), "{body}");
    }
}

#[test]
fn case_24_a_refusal_is_an_answer() {
    let refusal = r#"{"object":"response","status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"I won't."}]}]}"#;
    assert!(read(Api::Responses, refusal.as_bytes()).is_ok());
}

#[test]
fn case_27_what_is_no_response_is_a_problem() {
    let other = |what: &str| AnswerProblem::NotThisDialect(what.to_owned());
    let cases = [
        (CHAT, other("its object is not \"response\"")),
        (MESSAGE, other("`output` is no list")),
        (r#"{"object":"response","status":"completed"}"#, other("`output` is no list")),
        (r#"{"object":"response","status":"completed","output":"Hi"}"#, other("`output` is no list")),
        (r#"{"object":"response","status":"in_progress","output":[]}"#, other("it is not finished")),
        (
            r#"{"object":"response","status":"queued","background":false,"output":[]}"#,
            other("it is not finished"),
        ),
        (
            r#"{"object":"response","status":"cancelled","background":true,"output":[]}"#,
            other("it was cancelled"),
        ),
        ("<html>", AnswerProblem::Html),
        (&RESPONSE[..90], AnswerProblem::NotJson),
    ];
    for (body, problem) in cases {
        assert_eq!(read(Api::Responses, body.as_bytes()), Err(problem), "{body}");
    }
    let failed = [
        (
            r#"{"object":"response","status":"failed","error":{"code":"rate_limit_exceeded","message":"Busy"},"output":[]}"#,
            429,
        ),
        (
            r#"{"object":"response","status":"failed","error":{"code":"server_error","message":"Busy"},"output":[]}"#,
            500,
        ),
        (r#"{"error":{"type":"invalid_request_error","code":null,"message":"Busy"}}"#, 400),
    ];
    for (body, status) in failed {
        match read(Api::Responses, body.as_bytes()) {
            Err(AnswerProblem::ErrorEnvelope(error)) => {
                assert_eq!((error.status, error.message.as_deref()), (status, Some("Busy")), "{body}");
                assert_ne!(error.kind.as_deref(), Some("failed"));
            }
            other => panic!("{body} gave {other:?}"),
        }
    }
    assert!(read(Api::Responses, br#"{"status":"failed","error":null}"#).is_err());
}
