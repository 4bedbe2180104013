//! What Anthropic refuses, in its own words; and that a lax host refuses none of it.

use evenkeel_practice::{PRACTICE_A, ProviderOptions};
use serde_json::{Value, json};

use super::support::{Answer, MESSAGES, Stand, message, message_tools};

fn call(id: &str) -> Value {
    json!({ "type": "tool_use", "id": id, "name": "t", "input": {} })
}

fn result(id: &str) -> Value {
    json!({ "type": "tool_result", "tool_use_id": id, "content": "x" })
}

/// A conversation that begins with the user's word; roles alternate from there.
fn after(contents: &[Value]) -> Value {
    let mut all = vec![json!({ "role": "user", "content": "Hi" })];
    for (at, content) in contents.iter().enumerate() {
        let role = if at % 2 == 0 { "assistant" } else { "user" };
        all.push(json!({ "role": role, "content": content }));
    }
    json!({ "messages": all })
}

fn user(blocks: &Value) -> Value {
    json!({ "messages": [{ "role": "user", "content": blocks }] })
}

/// Requests that only a strict host refuses.
fn wrong() -> Vec<Value> {
    let text = |text: &str| json!([{ "type": "text", "text": text }]);
    let mark = |ttl: &str| json!({ "type": "text", "text": "x", "cache_control": { "type": "ephemeral", "ttl": ttl } });
    let tool = |tool: Value| json!({ "tools": [tool] });
    let format =
        |schema: Value| json!({ "output_config": { "format": { "type": "json_schema", "schema": schema } } });
    vec![
        json!({ "frequency_penalty": 0.5 }),
        json!({ "context_management": { "edits": [] } }),
        json!({ "metadata": { "user_id": "u", "k": "v" } }),
        json!({ "temperature": 1.5 }),
        json!({ "top_p": -1 }),
        json!({ "stop_sequences": ["a", " \n"] }),
        json!({ "model": "claude-haiku-4-5", "max_tokens": 100_000 }),
        json!({ "model": "claude-haiku-4-5", "temperature": 0.5, "top_p": 0.5 }),
        json!({ "model": "claude-opus-4-7", "temperature": 0.5 }),
        json!({ "output_config": { "effort": "extreme" } }),
        format(json!({ "type": "object" })),
        json!({ "system": "x", "tool_choice": { "type": "auto" } }),
        json!({ "tools": message_tools(&["t"]), "tool_choice": { "type": "auto", "parallel": false } }),
        json!({ "tools": message_tools(&["t", "t"]) }),
        tool(json!({ "name": "no spaces", "input_schema": { "type": "object" } })),
        tool(json!({ "name": "t" })),
        tool(json!({ "name": "t", "input_schema": {} })),
        tool(json!({ "name": "t", "input_schema": { "type": "object" }, "parameters": {} })),
        tool(json!({ "name": "t", "input_schema": { "type": "object", "anyOf": [] } })),
        json!({ "system": [{ "type": "text", "text": "" }] }),
        json!({ "messages": [{ "role": "assistant", "content": "Hi" }, { "role": "user", "content": "Hi" }] }),
        json!({ "messages": [{ "role": "system", "content": "Hi" }, { "role": "user", "content": "Hi" }] }),
        json!({ "messages": [{ "role": "tool", "content": "Hi" }] }),
        json!({ "messages": [{ "role": "user", "content": "Hi", "name": "ada" }] }),
        json!({ "messages": [{ "role": "user", "content": "" }] }),
        user(&json!([])),
        user(&text("")),
        user(&text(" \n")),
        user(&json!([{ "type": "input_text", "text": "x" }])),
        user(&json!([{ "type": "text", "text": "x", "annotations": [] }])),
        after(&[text("x "), json!("y"), json!("ends with space ")]),
        after(&[json!([call("a.b")]), json!([result("a.b")])]),
        after(&[
            json!([{ "type": "tool_use", "id": "a", "name": "t", "input": "{}" }]),
            json!([result("a")]),
        ]),
        after(&[json!([call("a")])]),
        after(&[json!([call("a")]), json!("no result")]),
        after(&[json!([call("a"), call("b")]), json!([result("b")])]),
        after(&[json!([call("a")]), json!([{ "type": "text", "text": "first" }, result("a")])]),
        after(&[json!([call("a")]), json!([result("a"), result("a")])]),
        after(&[json!([call("a"), call("a")]), json!([result("a")])]),
        after(&[json!("Hello"), json!([result("a")])]),
        user(&json!([mark("5m"), mark("1h")])),
        user(&json!([mark("1h"), mark("1h"), mark("5m"), mark("5m"), mark("5m")])),
        user(&json!([mark("2d")])),
    ]
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused_in_its_words() {
    let stand = Stand::start().await;
    let mut shown = Vec::new();
    for more in wrong() {
        let answer = stand.ask(MESSAGES, message("Hi", &more)).await;
        assert_eq!(answer.status, 400, "{more}: {}", answer.body);
        assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
        shown.push(format!("{more}\n{}", answer.told()));
    }
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn a_lax_host_answers_all_of_it() {
    let stand = Stand::of(ProviderOptions::anthropic(PRACTICE_A).lax()).await;
    for more in wrong() {
        let answer = stand.ask(MESSAGES, message("Hi", &more)).await;
        assert_eq!(answer.status, 200, "{more}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_the_vendor_takes_is_taken() {
    let stand = Stand::start().await;
    let fine = [
        json!({ "metadata": { "user_id": "u" }, "service_tier": "auto", "top_k": 5, "temperature": 1, "system": null }),
        json!({ "stop_sequences": ["\n\nHuman:"], "inference_geo": "us", "speed": null, "tools": [] }),
        json!({ "tools": [{ "type": "web_search_20250305", "name": "web_search", "max_uses": 5 }] }),
        json!({ "messages": [
            { "role": "user", "content": "x" },
            { "role": "user", "content": "y" },
            { "role": "system", "content": "Now be brief." },
            { "role": "assistant", "content": "I" },
        ] }),
        after(&[
            json!([call("a"), call("b")]),
            json!([result("b"), result("a"), { "type": "text", "text": "so" }]),
        ]),
        after(&[json!("Hello"), json!("x"), json!("")]),
        after(&[
            json!([{ "type": "server_tool_use", "id": "s", "name": "web_search", "input": {} }]),
            json!("x"),
        ]),
    ];
    for more in fine {
        let answer = stand.ask(MESSAGES, message("Hi", &more)).await;
        assert_eq!(answer.status, 200, "{more}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_beta_brings_fields_that_are_refused_without_it() {
    let stand = Stand::start().await;
    let more = json!({ "context_management": { "edits": [] }, "messages": [
        { "role": "user", "content": [{ "type": "text", "text": "x", "soon": true }] },
    ] });
    let request =
        stand.post(MESSAGES, message("Hi", &more)).header("anthropic-beta", "context-management-2025-06-27");
    assert_eq!(Answer::read(request).await.status, 200);
}

#[tokio::test]
async fn a_count_takes_no_limits() {
    let stand = Stand::start().await;
    let count = async |more: Value| {
        let mut body = message("Hi", &more);
        if more.get("max_tokens").is_none() {
            body.as_object_mut().unwrap().remove("max_tokens");
        }
        stand.ask("/v1/messages/count_tokens", body).await
    };
    assert_eq!(count(json!({ "thinking": { "type": "adaptive" } })).await.status, 200);
    assert_eq!(count(json!({ "max_tokens": 5 })).await.told(), "max_tokens: Extra inputs are not permitted");
    assert_eq!(count(json!({ "stream": true })).await.told(), "stream: Extra inputs are not permitted");
}
