//! What we add to a request, and hosts that don't take it.

use std::time::Duration;

use crate::harness::{self, Answer};
use crate::raw::{self, Raw, Seen, Step};

const COMPLETE: &str = "data: [DONE]\n\n";

fn refusal(message: &str) -> Vec<Step> {
    let body = serde_json::json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": null } });
    raw::plain(400, "application/json", &body.to_string())
}

fn stream() -> Vec<Step> {
    vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"hi\"}", None) + &raw::chunk("{}", Some("stop")) + COMPLETE),
    ]
}

fn says(seen: &Seen, word: &str) -> bool {
    String::from_utf8_lossy(&seen.body).contains(word)
}

#[tokio::test]
async fn a_host_that_refuses_a_splice_is_asked_as_the_client_asked_and_remembered() {
    let refuses = Raw::answering(|seen| {
        if says(seen, "stream_options") { refusal("Unknown parameter: 'stream_options'.") } else { stream() }
    })
    .await;
    let rig = harness::between(&refuses.base_url(), &refuses.base_url(), "").await;
    assert_eq!(rig.chat(true).await.status, 200);
    let bodies: Vec<_> =
        refuses.seen().iter().map(|seen| String::from_utf8_lossy(&seen.body).into_owned()).collect();
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert_eq!(bodies[1], harness::chat(true).to_string(), "byte for byte the client's");
    assert_eq!(rig.chat(true).await.status, 200);
    assert_eq!(refuses.seen().len(), 3, "the next request isn't spliced again");
}

/// A complaint that stays the same without our splice is the client's own affair, and says nothing about
/// the host: the protection of everybody else must not end with it.
#[tokio::test]
async fn a_clients_mistake_with_streams_teaches_nothing_about_the_host() {
    for message in ["Invalid schema for function 'stream_logs'", "'stream' must be a boolean"] {
        let host =
            Raw::answering(move |seen| if says(seen, "WRONG") { refusal(message) } else { stream() }).await;
        let rig = harness::between(&host.base_url(), &host.base_url(), "").await;
        let mut wrong = harness::chat(true);
        wrong["user"] = "WRONG".into();
        let answer =
            Answer::of(rig.post("/v1/chat/completions", &wrong).send().await.expect("an answer")).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        rig.chat(true).await;
        assert!(says(host.seen().last().expect("a request"), "stream_options"), "{message}");
    }
}

#[tokio::test]
async fn a_clients_mistake_told_as_the_first_event_is_still_the_clients() {
    let error = "data: {\"error\":{\"message\":\"Too long by far\",\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}\n\n";
    let host = Raw::start(vec![raw::stream_head(), Step::Send(error.to_owned())]).await;
    let rig = harness::between(&host.base_url(), &host.base_url(), "").await;
    for streams in [true, false] {
        let answer = rig.chat(streams).await;
        assert_eq!((answer.status, answer.header("x-should-retry")), (400, "false"), "{}", answer.body);
        assert_eq!(answer.json()["error"]["code"], "context_length_exceeded");
        assert_eq!(answer.json()["error"]["message"], "Too long by far");
        let row = rig.last_row().await;
        assert_eq!((row.counted, row.attempts.len(), row.cause), (evenkeel_slo::Counted::No, 1, None));
    }
}

#[tokio::test]
async fn a_gateways_html_never_reaches_a_client() {
    let page = "<html><body>413 Request Entity Too Large</body></html>";
    let host = Raw::start(raw::plain(413, "text/html", page)).await;
    let rig = harness::between(&host.base_url(), &host.base_url(), "").await;
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("content-type")), (413, "application/json"), "{}", answer.body);
    assert!(answer.json()["error"]["message"].is_string());
    assert!(!answer.body.contains("<html>"), "{}", answer.body);
}

#[tokio::test]
async fn a_client_is_done_with_the_last_event_whatever_the_provider_does() {
    let open = Raw::start([stream(), vec![Step::Hang]].concat()).await;
    let rig = harness::between(&open.base_url(), &open.base_url(), "").await;
    for streams in [true, false] {
        let answer = tokio::time::timeout(Duration::from_secs(5), rig.chat(streams)).await;
        assert_eq!(answer.expect("it ends").status, 200);
    }
    open.until_closed(2, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn case_17_thinking_that_this_provider_did_not_sign_is_left_out_once() {
    const REFUSED: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}"#;
    const ANSWER: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"aye"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let provider = Raw::answering(|seen| {
        let signed = String::from_utf8_lossy(&seen.body).contains("signature");
        if signed {
            raw::plain(400, "application/json", REFUSED)
        } else {
            raw::plain(200, "application/json", ANSWER)
        }
    })
    .await;
    let text = format!(
        "[providers.only]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\nwatch = \"streams\"\n",
        provider.base_url().trim_end_matches("/v1")
    );
    let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
    let rig = harness::start(harness::config(&text), false, clock, false).await;
    let mut body = harness::message(false);
    body["messages"] = serde_json::json!([
        { "role": "user", "content": "hello" },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": "hm", "signature": "from elsewhere" },
            { "type": "text", "text": "hello" },
        ] },
        { "role": "user", "content": "and now?" },
    ]);
    let answer = Answer::of(rig.post("/v1/messages", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(provider.seen().len(), 2);
    assert!(rig.router.snapshot().providers[0].breakers.is_empty(), "no fault of the provider's");
}

#[tokio::test]
async fn case_18_a_turn_that_another_vendors_model_began_is_ended_without_thinking() {
    const REFUSED: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). To avoid this requirement, disable `thinking`."}}"#;
    const ANSWER: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let provider = Raw::answering(|seen| {
        if says(seen, "budget_tokens") {
            raw::plain(400, "application/json", REFUSED)
        } else {
            raw::plain(200, "application/json", ANSWER)
        }
    })
    .await;
    let text = format!(
        "[providers.only]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\nwatch = \"streams\"\n",
        provider.base_url().trim_end_matches("/v1")
    );
    let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
    let rig = harness::start(harness::config(&text), false, clock, false).await;
    let mut body = harness::message(false);
    body["max_tokens"] = serde_json::json!(4000);
    body["thinking"] = serde_json::json!({ "type": "enabled", "budget_tokens": 2000 });
    body["messages"] = serde_json::json!([
        { "role": "user", "content": "weather?" },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "call_1", "name": "f", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "call_1", "content": "fine" }] },
    ]);
    let answer = Answer::of(rig.post("/v1/messages", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let seen = provider.seen();
    assert_eq!(seen.len(), 2);
    assert!(says(&seen[1], r#""thinking":{"type":"disabled"}"#) && says(&seen[1], "tool_result"));
    assert!(rig.router.snapshot().providers[0].breakers.is_empty(), "no fault of the provider's");
}

#[tokio::test]
async fn thinking_that_a_host_does_not_take_back_is_left_out_and_the_conversation_goes_on() {
    const ANSWER: &str = r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]}"#;
    for words in [
        "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
        "Unknown parameter: 'messages[1].reasoning_content'.",
        "Additional properties are not allowed ('reasoning_content' was unexpected) - 'messages.1'",
    ] {
        let provider = Raw::answering(move |seen| {
            if says(seen, "reasoning_content") {
                refusal(words)
            } else {
                raw::plain(200, "application/json", ANSWER)
            }
        })
        .await;
        let text = format!(
            "[providers.only]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\nwatch = \"streams\"\n",
            provider.base_url()
        );
        let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
        let rig = harness::start(harness::config(&text), false, clock, false).await;
        let body = serde_json::json!({ "model": "m", "messages": [
            { "role": "user", "content": "hello" },
            { "role": "assistant", "content": "hello", "reasoning_content": "hm" },
            { "role": "user", "content": "and now?" },
        ] });
        let answer =
            Answer::of(rig.post("/v1/chat/completions", &body).send().await.expect("an answer")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let seen = provider.seen();
        assert_eq!(seen.len(), 2);
        assert!(says(&seen[0], "reasoning_content"), "hosts that want it get it");
    }
}

#[tokio::test]
async fn a_host_that_wants_its_thinking_back_is_not_asked_with_even_less_of_it() {
    const WORDS: &str = "The `reasoning_content` in the thinking mode must be passed back to the API.";
    let provider = Raw::answering(|_| refusal(WORDS)).await;
    let text = format!(
        "[providers.only]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\nwatch = \"streams\"\n",
        provider.base_url()
    );
    let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
    let rig = harness::start(harness::config(&text), false, clock, false).await;
    let body = serde_json::json!({ "model": "m", "messages": [
        { "role": "assistant", "content": "hello", "reasoning_content": "hm" },
        { "role": "user", "content": "and now?" },
    ] });
    let answer = Answer::of(rig.post("/v1/chat/completions", &body).send().await.expect("an answer")).await;
    assert_eq!((answer.status, provider.seen().len()), (400, 1), "{}", answer.body);
}
