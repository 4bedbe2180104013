//! Messages: events and the `message` of the same answer.

use serde_json::json;

use super::*;

pub(super) const TOOLS: &[&str] = &[
    r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":472,"cache_creation_input_tokens":0,"cache_read_input_tokens":11,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":2,"service_tier":"standard"}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"The user "}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"asks.","estimated_tokens":9}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/=="}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I look in "}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Zürich \ud83d"}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\ude00"}}"#,
    r#"{"type":"content_block_stop","index":1}"#,
    r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\": \"Z\\u00"}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"fcrich\", \"days\": 1.0}"}}"#,
    r#"{"type":"content_block_stop","index":2}"#,
    r#"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"clock","input":{}}}"#,
    r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
    r#"{"type":"content_block_stop","index":3}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":472,"cache_creation_input_tokens":0,"cache_read_input_tokens":11,"output_tokens":89}}"#,
];

const START: &str = r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":1}}}"#;

/// The content of a message of these blocks' events.
fn content(events: &[&str], stop_reason: &str) -> Result<Value, FoldError> {
    let end = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{stop_reason}"}},"usage":{{"output_tokens":5}}}}"#
    );
    let events = [&[START], events, &[end.as_str()]].concat();
    let body = fold(Api::Messages, [stream(Api::Messages, &events).as_bytes()])?;
    Ok(serde_json::from_slice::<Value>(&body).unwrap()["content"].take())
}

#[test]
fn case_17_thinking_text_and_tools_as_anthropic_sends_them() {
    let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[
        {"type":"thinking","thinking":"The user asks.","signature":"EqQB+/=="},
        {"type":"text","text":"I look in Zürich 😀"},
        {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Zürich","days":1.0}},
        {"type":"tool_use","id":"toolu_2","name":"clock","input":{}}],
        "stop_reason":"tool_use","stop_sequence":null,
        "usage":{"input_tokens":472,"cache_creation_input_tokens":0,"cache_read_input_tokens":11,
            "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":89,"service_tier":"standard"}}"#;
    assert_eq!(folded(Api::Messages, TOOLS), value(body));
}

#[test]
fn what_is_only_known_at_the_end_is_taken_over() {
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END","container":{"id":"k"}},"usage":{"output_tokens":15,"input_tokens":0,"server_tool_use":{"web_search_requests":1}},"context_management":{"applied_edits":[]}}"#;
    let body = folded(Api::Messages, &[START, end]);
    assert_eq!(
        body,
        json!({"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [], "stop_reason": "stop_sequence", "stop_sequence": "END",
            "usage": {"input_tokens": 25, "output_tokens": 15, "server_tool_use": {"web_search_requests": 1}},
            "container": {"id": "k"}, "context_management": {"applied_edits": []}})
    );
}

#[test]
fn citations_and_server_tools() {
    let blocks = content(
        &[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"x\"}"}}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u","encrypted_content":"E"}]}}"#,
            r#"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"","citations":null}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"u","index":0}}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"So."}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"v","index":0}}}"#,
            r#"{"type":"content_block_start","index":3,"content_block":{"type":"redacted_thinking","data":"Em"}}"#,
        ],
        "end_turn",
    );
    let citation = |url: &str| json!({"type": "web_search_result_location", "url": url, "index": 0});
    assert_eq!(
        blocks.unwrap(),
        json!([
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"type": "web_search_result", "url": "u", "encrypted_content": "E"}]},
            {"type": "text", "text": "So.", "citations": [citation("u"), citation("v")]},
            {"type": "redacted_thinking", "data": "Em"},
        ])
    );
}

#[test]
fn blocks_and_deltas_from_the_future_are_kept() {
    let blocks = content(
        &[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":null,"x":1}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"Sum"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"mary"}}"#,
        ],
        "end_turn",
    );
    assert_eq!(blocks.unwrap(), json!([{"type": "compaction", "content": "Summary", "x": 1}]));
}

const CALL: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#;
const HALF: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"city\": \"Zü"}}"#;

#[test]
fn tool_input_cut_off_by_the_token_limit_is_not_lost() {
    let blocks = content(&[CALL, HALF], "max_tokens").unwrap();
    assert_eq!(blocks[0]["input"], json!({"INVALID_JSON": "{\"city\": \"Zü"}));
    assert_eq!(
        content(&[CALL, HALF], "tool_use"),
        Err(FoldError::Malformed("the input of a tool call is not JSON".to_owned()))
    );
}

#[test]
fn case_01_lax_hosts_send_the_whole_input_at_once_or_none() {
    let whole = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}"#;
    assert_eq!(content(&[whole], "tool_use").unwrap()[0]["input"], json!({"a": 1}));
    let none = r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"f"}}"#;
    assert_eq!(content(&[none], "tool_use").unwrap()[0]["input"], json!({}));
    let delta = r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"[1]"}}"#;
    assert_eq!(content(&[none, delta], "tool_use").unwrap()[0]["input"], json!([1]));
}

#[test]
fn a_delta_out_of_nowhere_is_malformed() {
    assert_eq!(
        content(&[HALF], "end_turn"),
        Err(FoldError::Malformed("a delta for a block that was never opened".to_owned()))
    );
}
