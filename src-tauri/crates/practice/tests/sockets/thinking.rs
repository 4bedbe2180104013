//! Thinking: hidden and counted in one dialect, shown and signed in the other.

use evenkeel_practice::{PRACTICE_A, PRACTICE_B, ProviderOptions};
use serde_json::{Value, json};

use super::support::{CHAT, MESSAGES, RESPONSES, Stand, chat, message, message_tools, response};

fn enabled(budget: u64) -> Value {
    json!({ "thinking": { "type": "enabled", "budget_tokens": budget }, "max_tokens": 4000 })
}

#[tokio::test]
async fn reasoning_is_counted_and_not_shown_in_a_chat() {
    let stand = Stand::start().await;
    let plain = stand.ask(CHAT, chat("Hi", &json!({}))).await.json();
    let thought = stand.ask(CHAT, chat("Hi", &json!({ "reasoning_effort": "high" }))).await.json();
    let tokens = |answer: &Value| answer["usage"]["completion_tokens"].as_u64().unwrap();
    assert_eq!(thought["usage"]["completion_tokens_details"]["reasoning_tokens"], 128);
    assert_eq!(tokens(&thought), tokens(&plain) + 128);
    assert_eq!(thought["choices"][0]["message"], plain["choices"][0]["message"]);
    let none = stand.ask(CHAT, chat("Hi", &json!({ "reasoning_effort": "none" }))).await.json();
    assert_eq!(tokens(&none), tokens(&plain));

    let more = json!({ "reasoning_effort": "high", "max_completion_tokens": 100 });
    let cut = stand.ask(CHAT, chat("Hi", &more)).await.json();
    assert_eq!(cut["choices"][0]["message"]["content"], "");
    assert_eq!((&cut["choices"][0]["finish_reason"], tokens(&cut)), (&json!("length"), 100));
}

#[tokio::test]
async fn thinking_is_a_block_of_its_own_streamed_or_not() {
    let stand = Stand::start().await;
    let whole = stand.ask(MESSAGES, message("Hi", &enabled(1024))).await.json();
    let block = &whole["content"][0];
    assert_eq!(block["type"], "thinking");
    assert!(block["thinking"].as_str().unwrap().contains("The prompt begins with: \"Hi\"."), "{block}");
    let counted = &whole["usage"]["output_tokens_details"]["thinking_tokens"];
    assert!(counted.as_u64().unwrap() > 10 && whole["usage"]["output_tokens"].as_u64() > counted.as_u64());
    assert_eq!(whole["content"][1]["type"], "text");

    let mut streamed = enabled(1024);
    streamed["stream"] = json!(true);
    let events = stand.ask(MESSAGES, message("Hi", &streamed)).await.data();
    let text: String = events.iter().filter_map(|event| event["delta"]["thinking"].as_str()).collect();
    assert_eq!(text, block["thinking"]);
    let signature = events.iter().find(|event| event["delta"]["type"] == "signature_delta").unwrap();
    assert_eq!(signature["delta"]["signature"], block["signature"]);
    assert_eq!(signature["index"], 0);
}

#[tokio::test]
async fn thinking_may_be_left_out_or_encrypted() {
    let stand = Stand::start().await;
    let ask = async |thinking: Value| {
        let more = json!({ "thinking": thinking, "max_tokens": 4000 });
        stand.ask(MESSAGES, message("Hi", &more)).await.json()["content"].clone()
    };
    let omitted = ask(json!({ "type": "adaptive", "display": "omitted" })).await;
    assert_eq!((&omitted[0]["type"], &omitted[0]["thinking"]), (&json!("thinking"), &json!("")));
    let redacted = ask(json!({ "type": "enabled", "budget_tokens": 1031 })).await;
    assert_eq!(redacted[0]["type"], "redacted_thinking");
    assert!(redacted[0]["data"].as_str().unwrap().len() > 20);
    for off in [json!({ "type": "disabled" }), json!({ "type": "between_tools" })] {
        assert_eq!(ask(off).await[0]["type"], "text");
    }
}

#[tokio::test]
async fn the_newest_models_think_unasked_and_keep_the_words_back() {
    let stand = Stand::start().await;
    let ask = async |more: Value| {
        let mut body = message("Hi", &more);
        body["model"] = json!("claude-opus-5-5");
        stand.ask(MESSAGES, body).await.json()["content"][0].clone()
    };
    let unasked = ask(json!({})).await;
    assert_eq!((&unasked["type"], &unasked["thinking"]), (&json!("thinking"), &json!("")));
    assert!(unasked["signature"].as_str().is_some_and(|signature| !signature.is_empty()));
    let shown = ask(json!({ "thinking": { "type": "adaptive", "display": "summarized" } })).await;
    assert!(shown["thinking"].as_str().unwrap().starts_with("This is practice thinking"), "{shown}");
    assert_eq!(ask(json!({ "thinking": { "type": "disabled" } })).await["type"], "text");
}

/// A loop of one tool with thinking on, up to the second request.
async fn second_request(stand: &Stand, more: Value) -> Value {
    let mut body = message("Use get_time", &more);
    body["tools"] = message_tools(&["get_time"]);
    let content = stand.ask(MESSAGES, &body).await.json()["content"].clone();
    let call = content.as_array().unwrap().last().unwrap()["id"].clone();
    let result = json!({ "type": "tool_result", "tool_use_id": call, "content": "Noon" });
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": content }));
    messages.push(json!({ "role": "user", "content": [result] }));
    body
}

#[tokio::test]
async fn what_was_thought_here_is_known_again_and_nothing_else_is() {
    let stand = Stand::start().await;
    for more in [enabled(1024), enabled(1031)] {
        let body = second_request(&stand, more).await;
        assert_eq!(stand.ask(MESSAGES, &body).await.status, 200);
        // The other provider can't have thought it.
        assert_eq!(stand.ask_b(MESSAGES, &body).await.status, 400);
    }
    let body = second_request(&stand, enabled(1024)).await;
    let told = async |change: fn(&mut Value)| {
        let mut body = body.clone();
        change(&mut body["messages"][1]["content"]);
        stand.ask(MESSAGES, body).await.told()
    };
    let invalid = "messages.1.content.0: Invalid `signature` in `thinking` block";
    assert_eq!(told(|content| content[0]["thinking"] = json!("other words")).await, invalid);
    assert_eq!(told(|content| content[0]["signature"] = json!("forged")).await, invalid);
    assert_eq!(told(|content| content[0]["signature"] = json!("")).await, invalid);
    let missing = told(|content| {
        content[0].as_object_mut().unwrap().remove("signature");
    });
    assert_eq!(missing.await, "messages.1.content.0.thinking.signature: Field required");
    let without = told(|content| {
        content.as_array_mut().unwrap().remove(0);
    });
    let without = without.await;
    assert!(without.starts_with("messages.1.content.0.type: Expected `thinking`"), "{without}");
    assert!(without.contains("but found `tool_use`"), "{without}");
}

#[tokio::test]
async fn adaptive_thinking_does_not_ask_for_the_thinking_of_before() {
    let stand = Stand::start().await;
    let mut body = second_request(&stand, json!({})).await;
    body["thinking"] = json!({ "type": "adaptive" });
    assert_eq!(stand.ask(MESSAGES, &body).await.json()["content"][0]["type"], "thinking");
}

#[tokio::test]
async fn thinking_has_rules() {
    let stand = Stand::start().await;
    let tools = message_tools(&["get_time"]);
    let wrong = [
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1023 }, "max_tokens": 4000 }),
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 }, "max_tokens": 1024 }),
        json!({ "thinking": { "type": "enabled" } }),
        json!({ "thinking": { "type": "perhaps" } }),
        json!({ "thinking": { "type": "adaptive" }, "temperature": 0.5 }),
        json!({ "thinking": { "type": "adaptive" }, "top_p": 0.5 }),
        json!({ "thinking": { "type": "adaptive" }, "top_k": 5 }),
        json!({ "thinking": { "type": "adaptive" }, "tools": tools, "tool_choice": { "type": "any" } }),
    ];
    let mut shown = Vec::new();
    for more in wrong {
        let answer = stand.ask(MESSAGES, message("Hi", &more)).await;
        shown.push(format!("{} {}", answer.status, answer.told()));
    }
    insta::assert_snapshot!(shown.join("\n"));
    let fine = json!({ "thinking": { "type": "adaptive" }, "temperature": 1, "top_p": 0.95 });
    assert_eq!(stand.ask(MESSAGES, message("Hi", &fine)).await.status, 200);
}

#[tokio::test]
async fn reasoning_items_come_back_by_id_or_as_what_was_handed_out() {
    let providers = [PRACTICE_A, PRACTICE_B].map(|name| ProviderOptions::openai(name).with_responses());
    let stand = Stand::between(providers).await;
    let more = json!({
        "reasoning": { "effort": "low", "summary": "auto" },
        "include": ["reasoning.encrypted_content"],
    });
    let whole = stand.ask(RESPONSES, response("Hi", &more)).await.json();
    let item = &whole["output"][0];
    assert_eq!((&item["type"], &item["summary"][0]["type"]), (&json!("reasoning"), &json!("summary_text")));
    assert_eq!(whole["usage"]["output_tokens_details"]["reasoning_tokens"], 32);

    let again = |item: Value| json!([{ "role": "user", "content": "Hi" }, item, { "role": "user", "content": "And now?" }]);
    let body = response("", &json!({ "input": again(item.clone()) }));
    assert_eq!(stand.ask(RESPONSES, &body).await.status, 200);
    let foreign = stand.ask_b(RESPONSES, &body).await;
    assert_eq!(
        (foreign.status, &foreign.json()["error"]["code"]),
        (400, &json!("invalid_encrypted_content"))
    );

    let mut bare = item.clone();
    bare.as_object_mut().unwrap().remove("encrypted_content");
    let body = response("", &json!({ "input": again(bare) }));
    assert_eq!(stand.ask(RESPONSES, &body).await.status, 200, "it was stored");
    let lost = stand.ask_b(RESPONSES, &body).await;
    assert!(lost.status == 404 && lost.told().contains("Items are not persisted"), "{}", lost.body);
}
