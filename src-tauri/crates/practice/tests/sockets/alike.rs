//! The same conversation, told in every dialect, is understood alike. A translation is right if what it makes
//! is recited like what it was made of.

use evenkeel_practice::{PRACTICE_A, ProviderOptions};
use serde_json::json;

use super::support::{CHAT, MESSAGES, RESPONSES, Stand, chat_tools, message_tools, response_tools};

const RECITE: &str = "[practice:recite]";

#[tokio::test]
async fn a_conversation_is_recited_alike_in_every_dialect() {
    let stand = Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await;
    let png = "data:image/png;base64,AAAA";
    let chat = json!({
        "model": "m",
        "max_completion_tokens": 900,
        "temperature": 0.5,
        "tools": chat_tools(&["look"]),
        "parallel_tool_calls": false,
        "reasoning_effort": "low",
        "messages": [
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "content": [
                { "type": "text", "text": "Look at this" },
                { "type": "image_url", "image_url": { "url": png } },
            ] },
            { "role": "assistant", "content": "I look.", "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "look", "arguments": "{\"b\":1,\"a\":[2]}" } },
            ] },
            { "role": "tool", "tool_call_id": "c1", "content": "A cat" },
            { "role": "user", "content": RECITE },
        ],
    });
    let messages = json!({
        "model": "m",
        "max_tokens": 900,
        "temperature": 1,
        "tools": message_tools(&["look"]),
        "tool_choice": { "type": "auto", "disable_parallel_tool_use": true },
        "thinking": { "type": "adaptive" },
        "system": [{ "type": "text", "text": "Be brief." }],
        "messages": [
            { "role": "user", "content": [
                { "type": "text", "text": "Look at this" },
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AAAA" } },
            ] },
            { "role": "assistant", "content": [
                { "type": "text", "text": "I look." },
                { "type": "tool_use", "id": "c1", "name": "look", "input": { "a": [2], "b": 1 } },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "c1", "content": "A cat" },
                { "type": "text", "text": RECITE },
            ] },
        ],
    });
    let responses = json!({
        "model": "m",
        "max_output_tokens": 900,
        "temperature": 0.5,
        "instructions": "Be brief.",
        "tools": response_tools(&["look"]),
        "parallel_tool_calls": false,
        "reasoning": { "effort": "low" },
        "input": [
            { "role": "user", "content": [
                { "type": "input_text", "text": "Look at this" },
                { "type": "input_image", "image_url": png },
            ] },
            { "role": "assistant", "content": [{ "type": "output_text", "text": "I look." }] },
            { "type": "function_call", "call_id": "c1", "name": "look", "arguments": "{\"a\":[2],\"b\":1}" },
            { "type": "function_call_output", "call_id": "c1", "output": "A cat" },
            { "role": "user", "content": RECITE },
        ],
    });
    let told = stand.ask(CHAT, &chat).await.text();
    insta::assert_snapshot!(told);
    assert_eq!(stand.ask(RESPONSES, &responses).await.text(), told);
    let in_messages = stand.ask(MESSAGES, &messages).await.text();
    assert_eq!(in_messages.replace("temperature: 1", "temperature: 0.5"), told);
}
