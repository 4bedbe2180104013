//! Streams of the Responses API and the bodies that OpenAI sends for the same answer.

use serde_json::json;

use super::*;

const BODY: &str = r#"{"id":"resp_1","object":"response","created_at":1764000000.0,"status":"completed","error":null,"model":"gpt-5","output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"H\u00fb \ud83d"}]}],"temperature":1.0,"usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11},"new_field":{"b":1,"a":2}}"#;

/// The events of an answer, the last of which carries `response`.
fn events(last: &str, response: &str) -> Vec<String> {
    vec![
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","output":[]}}"#.to_owned(),
        r#"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","content":[]}}"#.to_owned(),
        r#"{"type":"response.output_text.delta","sequence_number":2,"output_index":0,"content_index":0,"delta":"Hû"}"#.to_owned(),
        r#"{"type":"response.output_item.done","sequence_number":4,"output_index":1,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}}"#.to_owned(),
        r#"{"type":"response.output_item.done","sequence_number":3,"output_index":0,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hû"}]}}"#.to_owned(),
        format!(r#"{{"type":"{last}","sequence_number":5,"response":{response}}}"#),
    ]
}

fn body_of(last: &str, response: &str) -> Result<Bytes, FoldError> {
    let events = events(last, response);
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    fold(Api::Responses, [stream(Api::Responses, &events).as_bytes()])
}

#[test]
fn the_last_events_response_is_the_body_byte_for_byte() {
    assert_eq!(body_of("response.completed", BODY).unwrap(), BODY);
    let incomplete = BODY.replace("\"completed\"", "\"incomplete\"");
    assert_eq!(body_of("response.incomplete", &incomplete).unwrap(), incomplete);
    crate::answer::read(Api::Responses, BODY.as_bytes()).unwrap();
}

#[test]
fn case_32_a_response_that_is_cut_within_a_character_is_the_same() {
    let events = events("response.completed", BODY);
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let whole = stream(Api::Responses, &events);
    let bytes = whole.as_bytes();
    assert!(!whole.is_ascii());
    for size in 1..8 {
        assert_eq!(fold(Api::Responses, bytes.chunks(size)).unwrap(), BODY, "in pieces of {size} bytes");
    }
}

#[test]
fn an_output_that_the_last_event_leaves_out_is_put_together() {
    for output in ["", r#","output":null"#, r#","output":[]"#] {
        let response = format!(
            r#"{{"id":"resp_1","object":"response"{output},"status":"completed","temperature":1.00}}"#
        );
        let body = body_of("response.completed", &response).unwrap();
        crate::answer::read(Api::Responses, &body).unwrap();
        assert!(std::str::from_utf8(&body).unwrap().contains(r#""temperature":1.00"#), "{body:?}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["output"][0]["content"][0]["text"], json!("Hû"));
        assert_eq!(body["output"][1]["name"], json!("f"));
        assert_eq!(body["status"], json!("completed"));
    }
}

#[test]
fn a_response_that_fails_gives_no_body() {
    match body_of(
        "response.failed",
        r#"{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Busy"}}"#,
    ) {
        Err(FoldError::Failed(error)) => {
            assert_eq!((error.status, error.message.as_deref()), (429, Some("Busy")));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(body_of("response.in_progress", BODY), Err(FoldError::Unfinished));
    for nothing in ["null", "5", "[]"] {
        assert!(matches!(body_of("response.completed", nothing), Err(FoldError::Malformed(_))), "{nothing}");
    }
}
