//! Chat Completions: chunks and the `chat.completion` of the same answer.

use serde_json::json;

use super::*;

pub(super) const TOOLS: &[&str] = &[
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}],"refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x1"}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x2"}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Zürich\"}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"clock","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}"#,
    r#"{"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"gpt-5-mini-x","service_tier":"default","system_fingerprint":"fp_1","choices":[],"usage":{"prompt_tokens":82,"completion_tokens":17,"total_tokens":99,"prompt_tokens_details":{"cached_tokens":0}}}"#,
];

fn chat(events: &[&str]) -> Value {
    folded(Api::ChatCompletions, events)
}

/// The message of a stream of these deltas.
fn message(deltas: &[&str]) -> Value {
    let chunks: Vec<_> =
        deltas.iter().map(|delta| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#)).collect();
    let chunks: Vec<_> = chunks.iter().map(String::as_str).collect();
    chat(&chunks)["choices"][0]["message"].clone()
}

#[test]
fn tool_calls_as_openai_sends_them() {
    let body = r#"{"id":"chatcmpl-7","object":"chat.completion","created":1760000000,"model":"gpt-5-mini-x",
        "choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
            {"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Zürich\"}"}},
            {"id":"call_b","type":"function","function":{"name":"clock","arguments":"{}"}}],"refusal":null,"annotations":[]},
          "logprobs":null,"finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":82,"completion_tokens":17,"total_tokens":99,"prompt_tokens_details":{"cached_tokens":0}},
        "service_tier":"default","system_fingerprint":"fp_1"}"#;
    assert_eq!(chat(TOOLS), value(body));
}

#[test]
fn text_with_log_probabilities_keeps_every_digit() {
    let events = [
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":{"content":[],"refusal":null},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":{"content":[{"token":"Hel","logprob":-0.31725305000000001,"bytes":[72],"top_logprobs":[{"token":"H","logprob":-1.0e-7,"bytes":null}]}],"refusal":null},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"logprobs":{"content":[{"token":"lo","logprob":0.0,"bytes":[],"top_logprobs":[]}],"refusal":null},"finish_reason":"stop"}]}"#,
    ];
    let body = fold(Api::ChatCompletions, [stream(Api::ChatCompletions, &events).as_bytes()]).unwrap();
    assert_eq!(
        std::str::from_utf8(&body).unwrap(),
        concat!(
            r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"#,
            r#""message":{"role":"assistant","content":"Hello","refusal":null,"annotations":[]},"logprobs":{"content":["#,
            r#"{"token":"Hel","logprob":-0.31725305000000001,"bytes":[72],"top_logprobs":[{"token":"H","logprob":-1.0e-7,"bytes":null}]},"#,
            r#"{"token":"lo","logprob":0.0,"bytes":[],"top_logprobs":[]}],"refusal":null},"finish_reason":"stop"}]}"#,
        )
    );
}

#[test]
fn several_choices_in_any_order() {
    let body = chat(&[
        r#"{"choices":[{"index":1,"delta":{"role":"assistant","content":"B"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    ]);
    let choice = |index: u64, content: &str, reason: &str| json!({"index": index, "message": {"role": "assistant", "content": content}, "finish_reason": reason});
    assert_eq!(body["choices"], json!([choice(0, "a", "stop"), choice(1, "Bb", "length")]));
}

#[test]
fn a_refusal_has_no_content() {
    let refused = message(&[
        r#"{"role":"assistant","content":"","refusal":null}"#,
        r#"{"refusal":"I can"}"#,
        r#"{"refusal":"not."}"#,
    ]);
    assert_eq!(
        refused,
        json!({"role": "assistant", "content": null, "refusal": "I cannot.", "annotations": []})
    );
    let silent = message(&[r#"{"role":"assistant","content":""}"#, "{}"]);
    assert_eq!(silent, json!({"role": "assistant", "content": ""}), "empty text that was said stays");
}

#[test]
fn reasoning_and_unknown_fields_are_kept() {
    let body = message(&[
        r#"{"role":"assistant","reasoning_content":"Let ","x":{"deep":"a","n":1}}"#,
        r#"{"role":"assistant","content":null,"reasoning_content":"me","x":{"deep":"b","n":2}}"#,
        r#"{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"u1"}}]}"#,
        r#"{"content":"!","annotations":[{"type":"url_citation","url_citation":{"url":"u2"}}]}"#,
    ]);
    let citation = |url: &str| json!({"type": "url_citation", "url_citation": {"url": url}});
    assert_eq!(
        body,
        json!({"role": "assistant", "content": "Hi!", "reasoning_content": "Let me", "x": {"deep": "ab", "n": 2}, "annotations": [citation("u1"), citation("u2")]})
    );
}

#[test]
fn reasoning_details_grow_by_index() {
    let body = message(&[
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"Let ","format":"f-v1","index":0}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"me","format":"f-v1","index":0}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"Z","index":1}]}"#,
    ]);
    assert_eq!(
        body["reasoning_details"],
        json!([{"type": "reasoning.text", "text": "Let me", "format": "f-v1", "index": 0}, {"type": "reasoning.encrypted", "data": "Z", "index": 1}])
    );
}

#[test]
fn characters_cut_in_two_by_the_host_are_whole_again() {
    let body = message(&[r#"{"content":"\ud83d"}"#, r#"{"content":"\ude00 ok"}"#]);
    assert_eq!(body["content"], "😀 ok");
}

#[test]
fn case_02_lax_hosts_get_their_tool_calls_too() {
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    // No index at all; the name repeated with every piece.
    let body = message(&[
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"}"}}]}"#,
        r#"{"tool_calls":[{"id":"b","function":{"name":"g","arguments":""}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":"[]"}}]}"#,
    ]);
    assert_eq!(body["tool_calls"], json!([call("a", "f", "{}"), call("b", "g", "[]")]));
    // Every call numbered 0.
    let body = message(&[
        r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","type":"function","function":{"name":"f","arguments":"["}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"","function":{"arguments":"]"}}]}"#,
    ]);
    assert_eq!(body["tool_calls"], json!([call("a", "f", "{}"), call("b", "f", "[]")]));
    // Neither numbers nor ids: another name, or one more in the same list, is another call.
    let nameless = |name: &str, arguments: &str| json!({"type": "function", "function": {"name": name, "arguments": arguments}});
    let body = message(&[
        r#"{"tool_calls":[{"function":{"name":"f","arguments":"{}"}},{"function":{"name":"f","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"function":{"arguments":"}"}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"g","arguments":"["}}]}"#,
        r#"{"tool_calls":[{"function":{"name":"g","arguments":"]"}}]}"#,
    ]);
    assert_eq!(body["tool_calls"], json!([nameless("f", "{}"), nameless("f", "{}"), nameless("g", "[]")]));
    let body = message(&[
        r#"{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":"l"}}]}"#,
        r#"{"tool_calls":[{"index":0,"custom":{"input":"s"}}]}"#,
    ]);
    let custom = json!([{"id": "a", "type": "custom", "custom": {"name": "sh", "input": "ls"}}]);
    assert_eq!(body["tool_calls"], custom);
}

/// Gemini is reached in OpenAI's dialect, where the signature that it wants back hangs on the call.
#[test]
fn case_40_geminis_thought_signature_stays_with_its_call() {
    let body = message(&[
        r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"},"extra_content":{"google":{"thought_signature":"S"}}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}"#,
    ]);
    let call = json!({"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "S"}}});
    assert_eq!(body["tool_calls"], json!([call]));
}

#[test]
fn tool_calls_stand_in_their_order_however_they_came() {
    let body = message(&[
        r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"["}}]}"#,
        r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}"#,
        r#"{"tool_calls":[{"index":1,"function":{"arguments":"]"}},{"index":0,"function":{"arguments":"}"}}]}"#,
    ]);
    let function = |n: usize| body["tool_calls"][n]["function"].clone();
    assert_eq!(function(0), json!({"name": "f", "arguments": "{}"}));
    assert_eq!(function(1), json!({"name": "g", "arguments": "[]"}));
}

#[test]
fn function_calls_of_old() {
    let body = message(&[
        r#"{"role":"assistant","content":"","function_call":{"name":"f","arguments":""}}"#,
        r#"{"function_call":{"arguments":"{}"}}"#,
    ]);
    assert_eq!(
        body,
        json!({"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}})
    );
}

#[test]
fn azures_first_chunk_and_filters() {
    let body = chat(&[
        r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#,
        r#"{"choices":[{"content_filter_results":{},"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}],"created":5,"id":"c","model":"gpt","object":"chat.completion.chunk"}"#,
        r#"{"choices":[{"content_filter_results":{"hate":{"severity":"safe"}},"delta":{"content":"A"},"finish_reason":null,"index":0}],"created":5,"id":"c","model":"gpt","object":"chat.completion.chunk"}"#,
        r#"{"choices":[{"content_filter_results":{"hate":{"severity":"safe"}},"delta":{},"finish_reason":"stop","index":0}],"created":5,"id":"c","model":"gpt","object":"chat.completion.chunk"}"#,
    ]);
    assert_eq!(
        body,
        json!({"id": "c", "object": "chat.completion", "created": 5, "model": "gpt", "prompt_filter_results": [{"prompt_index": 0}],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "A"}, "finish_reason": "stop", "content_filter_results": {"hate": {"severity": "safe"}}}]})
    );
}

#[test]
fn missing_fields_are_not_invented() {
    let body =
        chat(&[r#"{"choices":[{"delta":{"role":null,"content":"x"},"finish_reason":""}],"usage":{}}"#]);
    assert_eq!(
        body,
        json!({"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": null}]})
    );
}

#[test]
fn content_in_parts_and_then_text() {
    let body = message(&[
        r#"{"role":"assistant","content":""}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Let "}]}]}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"me"}]}]}"#,
        r#"{"content":"It "}"#,
        r#"{"content":"is"}"#,
        r#"{"content":[{"type":"reference","reference_ids":[1]}]}"#,
    ]);
    assert_eq!(
        body["content"],
        json!([{"type": "thinking", "thinking": [{"type": "text", "text": "Let me"}]}, {"type": "text", "text": "It is"}, {"type": "reference", "reference_ids": [1]}])
    );
}
