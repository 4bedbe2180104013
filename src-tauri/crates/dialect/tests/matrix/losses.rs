//! What the other dialect has no words for.

use serde_json::{Value, json};

use crate::cell::row;

#[test]
fn left_out_silently() {
    let cache = json!({"type": "ephemeral"});
    let thought = json!({"type": "thinking", "thinking": "Hm.", "signature": "EqRk"});
    row("left_out_silently")
        .ask(
            "",
            json!({"store": false, "metadata": {"a": "b"}, "prompt_cache_key": "k", "service_tier": "auto", "logprobs": false, "presence_penalty": 0, "n": 1}),
            json!({"store": false, "metadata": {"a": "b"}, "prompt_cache_key": "k", "include": ["reasoning.encrypted_content"], "truncation": "auto", "reasoning": {"summary": "auto"}}),
            json!({"service_tier": "auto", "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
                "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": cache}]},
                    {"role": "assistant", "content": [thought, {"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "Hello."}]},
                    {"role": "user", "content": "Who are you?"}]}),
        )
        .ask(
            "thinking of another provider",
            json!({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello.", "reasoning_content": "Hm."}, {"role": "user", "content": "So?"}]}),
            json!({"input": [{"role": "user", "content": "Hi"}, {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}, {"role": "assistant", "content": "Hello."}, {"role": "user", "content": "So?"}]}),
            Value::Null,
        )
        .check();
}

#[test]
fn left_out_and_told() {
    row("left_out_and_told")
        .ask(
            "",
            json!({"seed": 7, "logprobs": true, "top_logprobs": 2, "presence_penalty": 0.5, "frequency_penalty": 0.5, "logit_bias": {"50": 1}, "verbosity": "low", "of_next_year": {"a": 1}}),
            json!({"top_logprobs": 2, "text": {"verbosity": "low"}, "of_next_year": {"a": 1}, "tools": [{"type": "web_search"}]}),
            json!({"top_k": 40, "inference_geo": "eu", "speed": "fast", "of_next_year": {"a": 1}, "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}),
        )
        .ask(
            "within messages",
            json!({"messages": [{"role": "user", "name": "Ada", "content": [{"type": "text", "text": "Hi", "of_next_year": 1}]}]}),
            json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi", "of_next_year": 1}]}]}),
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi", "of_next_year": 1}, {"type": "of_next_year", "text": "Hello"}]}]}),
        )
        .check();
}

#[test]
fn untranslatable() {
    let said = |part: Value| json!([{"role": "user", "content": [part]}]);
    let audio = json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}});
    row("untranslatable")
        .ask(
            "several answers, a stored conversation, another's thread",
            json!({"n": 2}),
            json!({"previous_response_id": "resp_1"}),
            json!({"thread": {"type": "continue", "previous_message_id": "msg_1"}}),
        )
        .ask(
            "sound, unknown content",
            json!({"messages": said(audio.clone())}),
            json!({"input": said(audio)}),
            json!({"messages": said(json!({"type": "of_next_year"}))}),
        )
        .ask(
            "tools of the provider's own",
            json!({"web_search_options": {}}),
            json!({"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]}),
            json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        )
        .ask(
            "forms that nobody knows",
            json!({"response_format": {"type": "grammar"}}),
            json!({"text": {"format": {"type": "grammar"}}}),
            json!({"output_config": {"format": {"type": "grammar"}}}),
        )
        .check();
}

#[test]
fn the_callers_own_fault() {
    row("the_callers_own_fault")
        .ask(
            "no role",
            json!({"messages": [{"content": "Hi"}]}),
            json!({"input": [{"type": "message", "content": "Hi"}]}),
            json!({"messages": [{"content": "Hi"}]}),
        )
        .ask("no list", json!({"tools": {}}), json!({"tools": {}}), json!({"tools": {}}))
        .ask(
            "no number",
            json!({"temperature": "hot"}),
            json!({"temperature": "hot"}),
            json!({"temperature": "hot"}),
        )
        .ask(
            "no name",
            json!({"tools": [{"type": "function", "function": {}}]}),
            json!({"tools": [{"type": "function"}]}),
            json!({"tools": [{}]}),
        )
        .check();
}
