//! What a client of each API gets of an answer of each API: an answer in words, and one that calls a tool.

use super::*;
use crate::translate::FoldTranslator;

const TEXT: [(Api, &str); 3] = [
    (
        Api::ChatCompletions,
        r#"{"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"gpt-5-mini-x","choices":[{"index":0,"message":{"role":"assistant","content":"High tide is at noon.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":7,"total_tokens":27,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":2}},"service_tier":"default","system_fingerprint":"fp_1"}"#,
    ),
    (
        Api::Messages,
        r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"High tide is at noon."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":8,"output_tokens":7,"service_tier":"standard"}}"#,
    ),
    (
        Api::Responses,
        r#"{"id":"resp_1","object":"response","created_at":1764000000,"status":"completed","background":false,"error":null,"incomplete_details":null,"instructions":null,"model":"gpt-5-mini-x","output":[{"id":"msg_1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"High tide is at noon."}],"role":"assistant"}],"parallel_tool_calls":true,"store":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":8,"cache_write_tokens":0},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":27}}"#,
    ),
];

const CALL: [(Api, &str); 3] = [
    (
        Api::ChatCompletions,
        r#"{"id":"chatcmpl-2","object":"chat.completion","created":1764000000,"model":"gpt-5-mini-x","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_tide","arguments":"{\"place\":\"Zürich\"}"}}],"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":20,"completion_tokens":7,"total_tokens":27}}"#,
    ),
    (
        Api::Messages,
        r#"{"id":"msg_2","type":"message","role":"assistant","model":"claude-x","content":[{"type":"thinking","thinking":"Which place?","signature":"EqQB"},{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"get_tide","input":{"place":"Zürich"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":7}}"#,
    ),
    (
        Api::Responses,
        r#"{"id":"resp_2","object":"response","created_at":1764000000,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-5-mini-x","output":[{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Which place?"}]},{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"place\":\"Zürich\"}","call_id":"call_1","name":"get_tide"}],"parallel_tool_calls":true,"store":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":27}}"#,
    ),
];

fn word(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions | Api::Embeddings => "chat",
        Api::Messages => "messages",
        Api::Responses => "responses",
    }
}

#[test]
fn every_answer_for_every_client() {
    for (kind, answers) in [("text", TEXT), ("call", CALL)] {
        for (from, stored) in answers {
            let stored = Bytes::from_static(stored.as_bytes());
            for to in APIS {
                let stream = stream(from, &stored, to, true).unwrap();
                let whole = serde_json::to_string_pretty(&value(&body(from, &stored, to).unwrap())).unwrap();
                let shown = format!("{}=== whole ===\n{whole}", std::str::from_utf8(&stream).unwrap());
                insta::assert_snapshot!(format!("{kind}_of_{}_for_{}", word(from), word(to)), shown);
            }
        }
    }
}

#[test]
fn a_client_of_another_api_is_told_when_if_the_caller_knows() {
    let stored = Bytes::from_static(TEXT[1].1.as_bytes());
    let known = Reply { created: 1_764_000_000, ..reply(Api::Messages, &stored, Api::ChatCompletions) };
    let chat = value(&body_for(&known, &stored).unwrap());
    assert_eq!((&chat["created"], &chat["id"]), (&json!(1_764_000_000), &json!("chatcmpl-msg1")));
    let chat = value(
        &body(Api::Responses, &Bytes::from_static(TEXT[2].1.as_bytes()), Api::ChatCompletions).unwrap(),
    );
    assert_eq!((&chat["created"], &chat["id"]), (&json!(1_764_000_000), &json!("chatcmpl-resp1")));
}

#[test]
fn a_response_repeats_what_this_client_asked() {
    let stored = Bytes::from_static(TEXT[0].1.as_bytes());
    let plain = reply(Api::ChatCompletions, &stored, Api::Responses);
    let known = Reply { request: Bytes::from_static(br#"{"instructions":"Be brief."}"#), ..plain };
    assert_eq!(value(&body_for(&known, &stored).unwrap())["instructions"], json!("Be brief."));
    let events = events(&stream_for(&known, &stored).unwrap());
    assert_eq!(events[0]["response"]["instructions"], json!("Be brief."));
}

#[test]
fn a_stored_response_keeps_what_another_api_has_a_word_for() {
    let stored = Bytes::from_static(include_bytes!("bodies/responses_everything.json"));
    let chat = value(&body(Api::Responses, &stored, Api::ChatCompletions).unwrap());
    let message = &chat["choices"][0]["message"];
    assert_eq!(message["content"], json!("High tide 😀"));
    assert_eq!(message["refusal"], json!("The rest I keep to myself."));
    assert_eq!(message["reasoning_content"], json!("**Tides**\n\nThey turn.\n\nThey turn again.Hm."));
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    assert_eq!(
        message["tool_calls"],
        json!([
            call("call_a", "get_weather", "{\"place\": \"Zürich\"}"),
            call("call_b", "sh", "{\"input\":\"ls\\n-la\"}")
        ])
    );
    let cut = Bytes::from_static(include_bytes!("bodies/responses_incomplete.json"));
    assert_eq!(
        value(&body(Api::Responses, &cut, Api::ChatCompletions).unwrap())["choices"][0]["finish_reason"],
        "length"
    );
    assert_eq!(value(&body(Api::Responses, &cut, Api::Messages).unwrap())["stop_reason"], "max_tokens");
}

/// A stream of the Responses API can be translated, too: its last event says everything once more.
#[test]
fn a_response_that_comes_as_a_stream_is_the_same_to_a_client_of_another_api() {
    for (_, answer) in [TEXT[2], CALL[2]] {
        let stored = Bytes::from_static(answer.as_bytes());
        for to in [Api::ChatCompletions, Api::Messages] {
            let mut translator = FoldTranslator::new(reply(Api::Responses, &stored, to));
            for frame in frames(&stream(Api::Responses, &stored, Api::Responses, false).unwrap()) {
                assert!(!translator.is_complete());
                translator.push(&frame).unwrap();
            }
            assert_eq!(translator.finish().unwrap(), body(Api::Responses, &stored, to).unwrap());
        }
    }
}

#[test]
fn a_response_that_fails_or_breaks_off_is_no_answer_to_a_client_of_another_api() {
    let push = |event: &str, data: &'static str| {
        let reply = reply(Api::Responses, &Bytes::new(), Api::Messages);
        let mut translator = FoldTranslator::new(reply);
        let frame = Frame::parse(Bytes::from(format!("event: {event}\ndata: {data}\n\n")));
        translator.push(&frame).and_then(|()| translator.finish().map(drop))
    };
    let failed = r#"{"response":{"status":"failed","error":{"code":"server_error","message":"Busy"}}}"#;
    assert!(matches!(push("response.failed", failed), Err(FoldError::Failed(_))));
    assert!(matches!(push("response.error", r#"{"message":"Busy"}"#), Err(FoldError::Failed(_))));
    assert!(matches!(push("response.completed", "{}"), Err(FoldError::Malformed(_))));
    assert!(matches!(push("response.completed", r#"{"response":{}}"#), Err(FoldError::Malformed(_))));
    assert_eq!(push("response.created", r#"{"response":{"output":[]}}"#), Err(FoldError::Unfinished));
}
