//! What OpenAI refuses in a chat, in its own words; and that a lax host refuses none of it.

use evenkeel_practice::{PRACTICE_A, ProviderOptions};
use serde_json::{Value, json};

use super::support::{CHAT, Stand, chat, chat_tools};

fn call(id: &str) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": "t", "arguments": "{}" } })
}

fn calls(calls: &Value) -> Value {
    json!({ "role": "assistant", "content": null, "tool_calls": calls })
}

fn result(id: &str) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": "x" })
}

/// A conversation that begins with the user's word.
fn after(messages: &Value) -> Value {
    let mut all = vec![json!({ "role": "user", "content": "Hi" })];
    all.extend(messages.as_array().unwrap().iter().cloned());
    json!({ "messages": all })
}

fn user(parts: &Value) -> Value {
    json!({ "messages": [{ "role": "user", "content": parts }] })
}

/// Requests that only a strict host refuses.
fn wrong() -> Vec<Value> {
    let mut indexed = call("a");
    indexed["index"] = json!(0);
    let mut objects = call("a");
    objects["function"]["arguments"] = json!({});
    let named = |name: &str, parameters: Value| json!({ "tools": [{ "type": "function", "function": { "name": name, "parameters": parameters } }] });
    vec![
        json!({ "thinking": { "type": "enabled" } }),
        json!({ "top_k": 5 }),
        json!({ "max_tokens": 5, "max_completion_tokens": 5 }),
        json!({ "model": "gpt-5-mini", "max_tokens": 5 }),
        json!({ "model": "gpt-5-mini", "temperature": 0.5 }),
        json!({ "top_p": 1.5 }),
        json!({ "presence_penalty": 3 }),
        json!({ "stop": ["a", "b", "c", "d", "e"] }),
        json!({ "stream_options": { "include_usage": true } }),
        json!({ "top_logprobs": 2 }),
        json!({ "tools": [] }),
        json!({ "tool_choice": "auto" }),
        json!({ "parallel_tool_calls": true }),
        json!({ "tools": [{ "type": "function", "function": {} }] }),
        json!({ "tools": [{ "name": "t", "input_schema": {} }] }),
        named("no spaces", json!({ "type": "object" })),
        named(&"x".repeat(65), json!({ "type": "object" })),
        named("t", json!({ "type": "string" })),
        json!({ "response_format": { "type": "json_schema", "json_schema": { "schema": { "type": "object" } } } }),
        json!({ "response_format": { "type": "xml" } }),
        json!({ "messages": [{ "role": "robot", "content": "Hi" }] }),
        json!({ "messages": [{ "role": "user", "content": null }] }),
        user(&json!([])),
        user(&json!([{ "text": "Hi" }])),
        user(&json!([{ "type": "image", "source": {} }])),
        user(&json!([{ "type": "text" }])),
        user(&json!([{ "type": "text", "text": "Hi", "cache_control": { "type": "ephemeral" } }])),
        after(&json!([calls(&json!([])), { "role": "user", "content": "x" }])),
        after(&json!([calls(&json!([indexed])), result("a")])),
        after(&json!([calls(&json!([objects])), result("a")])),
        after(&json!([calls(&json!([call(&"a".repeat(41))])), result(&"a".repeat(41))])),
        after(&json!([result("a")])),
        after(&json!([calls(&json!([call("a")]))])),
        after(
            &json!([calls(&json!([call("a"), call("b")])), result("b"), { "role": "user", "content": "x" }]),
        ),
        after(&json!([
            calls(&json!([call("a")])),
            { "role": "tool", "tool_call_id": "a", "content": [
                { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } },
            ] },
        ])),
    ]
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused_in_its_words() {
    let stand = Stand::start().await;
    let mut shown = Vec::new();
    for more in wrong() {
        let answer = stand.ask(CHAT, chat("Hi", &more)).await;
        assert_eq!(answer.status, 400, "{more}: {}", answer.body);
        shown.push(format!("{more}\n{}", answer.json()["error"]));
    }
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn a_lax_host_answers_all_of_it() {
    let stand = Stand::of(ProviderOptions::openai(PRACTICE_A).lax()).await;
    for more in wrong() {
        let answer = stand.ask(CHAT, chat("Hi", &more)).await;
        assert_eq!(answer.status, 200, "{more}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_the_vendor_takes_is_taken() {
    let stand = Stand::start().await;
    let fine = [
        json!({ "stop": ["a", "b", "c", "d"], "seed": 5, "user": "u", "metadata": { "k": "v" }, "store": true }),
        json!({ "temperature": 2, "top_p": 1, "presence_penalty": -2, "logit_bias": {}, "verbosity": "low" }),
        json!({ "tools": chat_tools(&["t"]), "tool_choice": "none", "parallel_tool_calls": true }),
        json!({ "model": "gpt-5-mini", "max_completion_tokens": 500, "reasoning_effort": "minimal" }),
        json!({ "max_tokens": null, "tools": null, "stop": null, "response_format": { "type": "text" } }),
        json!({ "messages": [
            { "role": "system", "content": [{ "type": "text", "text": "x" }] },
            { "role": "user", "content": "" },
            { "role": "assistant", "content": null, "refusal": "No." },
            { "role": "user", "name": "ada", "content": "x" },
        ] }),
        after(&json!([calls(&json!([call("a"), call("b")])), result("b"), result("a")])),
    ];
    for more in fine {
        let answer = stand.ask(CHAT, chat("Hi", &more)).await;
        assert_eq!(answer.status, 200, "{more}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_answer_can_be_sent_back_as_it_came() {
    let stand = Stand::start().await;
    let tools = json!({ "tools": chat_tools(&["get_time"]) });
    for asked in ["Hi", "[practice:refuse]"] {
        let answer = stand.ask(CHAT, chat(asked, &tools)).await.json()["choices"][0]["message"].clone();
        let again = after(&json!([answer, { "role": "user", "content": "And now?" }]));
        assert_eq!(stand.ask(CHAT, chat("", &again)).await.status, 200, "{asked}");
    }
}
