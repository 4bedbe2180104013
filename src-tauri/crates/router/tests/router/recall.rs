//! Answers from the cache: when there are any, for whom, and what the ledger says of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use evenkeel_router::SystemClock;
use evenkeel_slo::Counted;
use serde_json::{Value, json};

use crate::harness::{self, Answer, Rig};
use crate::raw::{self, Raw, Seen, Step};

/// 100 tokens in and 20 out: 300 micro-dollars.
const PRICES: &str =
    "[prices.\"m\"]\ninput = 1.0\noutput = 10.0\n[prices.\"small\"]\ninput = 0.1\noutput = 1.0\n";

/// Two providers that say the last thing they were told back, until they go down.
pub struct Stage {
    pub rig: Rig,
    pub providers: [Raw; 2],
    status: Arc<AtomicU16>,
}

impl Stage {
    /// `extra` is put before everything else.
    pub async fn new(extra: &str) -> Self {
        Self::slow(extra, Duration::ZERO).await
    }

    /// Providers that take their time.
    pub async fn slow(extra: &str, takes: Duration) -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let provider = || {
            let status = Arc::clone(&status);
            Raw::answering(move |seen| script(seen, status.load(Ordering::SeqCst), takes))
        };
        let providers = [provider().await, provider().await];
        let text = |name: &str, raw: &Raw| {
            format!(
                "[providers.{name}]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n\
                 watch = \"streams\"\ncheaper_model = \"small\"\n",
                raw.base_url()
            )
        };
        let [first, second] = &providers;
        let file = format!("{extra}\n{PRICES}\n{}{}", text("first", first), text("second", second));
        let rig = harness::start(harness::config(&file), false, Arc::new(SystemClock), false).await;
        rig.open_cache().await;
        Self { rig, providers, status }
    }

    pub fn goes_down(&self) {
        self.answers_with(503);
    }

    /// Both answer everything with this error from now on.
    pub fn answers_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// How often any provider was asked.
    pub fn asked(&self) -> usize {
        self.providers.iter().map(|provider| provider.seen().len()).sum()
    }

    pub async fn ask(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let path = if body.get("max_tokens").is_some() { "/v1/messages" } else { "/v1/chat/completions" };
        let mut request = self.rig.post(path, body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// Asked and kept.
    async fn asked_before(&self, body: &Value) -> Answer {
        let answer = self.ask(body, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("x-evenkeel-cache"), "miss");
        self.rig.flush_cache().await;
        answer
    }
}

fn script(seen: &Seen, status: u16, takes: Duration) -> Vec<Step> {
    if status != 200 {
        let kind = if status < 500 { "invalid_request_error" } else { "server_error" };
        let body = json!({ "error": { "message": "not now", "type": kind } }).to_string();
        return raw::plain(status, "application/json", &body);
    }
    let asked: Value = serde_json::from_slice(&seen.body).expect("JSON");
    let said = asked["messages"].as_array().and_then(|all| all.last()).expect("a message");
    let text = said["content"].as_str().or_else(|| said["content"][0]["text"].as_str()).expect("a text");
    let model = &asked["model"];
    let mut steps = vec![Step::Pause(takes)];
    if asked["stream"] == true {
        let delta = json!({ "role": "assistant", "content": format!("You said: {text}") });
        let usage = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}"#;
        let events = format!(
            "{}{}{usage}\n\ndata: [DONE]\n\n",
            raw::chunk(&delta.to_string(), None),
            raw::chunk("{}", Some("stop"))
        );
        steps.extend([raw::stream_head(), Step::Send(events)]);
    } else {
        let body = json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{
                "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": format!("You said: {text}") },
            }],
            "usage": { "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120 },
        });
        steps.extend(raw::plain(200, "application/json", &body.to_string()));
    }
    steps
}

fn chat(text: &str, stream: bool) -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": text }], "stream": stream })
}

fn text_of(answer: &Answer) -> String {
    let said = answer.json();
    let chat = &said["choices"][0]["message"]["content"];
    chat.as_str().or_else(|| said["content"][0]["text"].as_str()).expect("a text").to_owned()
}

#[tokio::test]
async fn what_was_asked_before_is_answered_while_every_provider_is_down() {
    let stage = Stage::new("").await;
    let before = stage.asked_before(&chat("hello", false)).await;
    stage.goes_down();
    let after = stage.ask(&chat("hello", false), &[]).await;
    assert_eq!((after.status, text_of(&after)), (200, text_of(&before)));
    assert_eq!(after.header("x-evenkeel-served-by"), "cache");
    assert_eq!(after.header("x-evenkeel-cache"), "hit");
    assert_eq!((after.header("x-evenkeel-provider"), after.header("x-evenkeel-model")), ("first", "m"));
    assert_eq!(after.header("x-evenkeel-cost-usd"), "0.000000");
    after.header("x-evenkeel-age").parse::<u64>().expect("whole seconds");

    let row = stage.rig.last_row().await;
    assert_eq!(row.served_by.as_deref(), Some("cache"));
    assert_eq!((row.cache.as_str(), row.status, row.outcome.as_str()), ("hit", 200, "ok"));
    assert_eq!((row.cost_micros, row.saved_micros), (Some(0), Some(300)));
    assert_eq!(row.counted, Counted::Good);
    assert!(row.attempts.len() >= 2, "both were asked: {:?}", row.attempts);
}

#[tokio::test]
async fn what_nobody_asked_before_gets_the_true_error() {
    let stage = Stage::new("").await;
    stage.asked_before(&chat("hello", false)).await;
    stage.goes_down();
    let answer = stage.ask(&chat("something else", false), &[]).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    assert_eq!(answer.header("x-evenkeel-cache"), "");
    assert_eq!(stage.rig.last_row().await.cache, "miss");
}

#[tokio::test]
async fn a_stream_is_answered_by_what_was_no_stream_and_the_other_way_round() {
    for streamed_before in [true, false] {
        let stage = Stage::new("").await;
        stage.asked_before(&chat("hello", streamed_before)).await;
        stage.goes_down();
        let whole = stage.ask(&chat("hello", false), &[]).await;
        assert_eq!(text_of(&whole), "You said: hello", "streamed before: {streamed_before}");
        assert_eq!(whole.json()["usage"]["completion_tokens"], 20, "streamed before: {streamed_before}");
        let mut body = chat("hello", true);
        body["stream_options"] = json!({ "include_usage": true });
        let stream = stage.ask(&body, &[]).await;
        assert_eq!(stream.header("x-evenkeel-served-by"), "cache");
        assert!(stream.header("content-type").starts_with("text/event-stream"));
        assert!(stream.body.contains("You said: hello"), "{}", stream.body);
        assert!(stream.body.contains("\"completion_tokens\":20"), "{}", stream.body);
        assert!(stream.body.ends_with("data: [DONE]\n\n"), "{}", stream.body);
    }
}

#[tokio::test]
async fn the_same_question_in_the_other_dialect_gets_the_same_answer_in_its_own_words() {
    let stage = Stage::new("").await;
    let mut asked = json!({
        "model": "m", "max_tokens": 50,
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": "hello" }] }],
    });
    let before = stage.asked_before(&asked).await;
    assert_eq!(before.json()["type"], "message");
    stage.goes_down();
    let chat = json!({
        "model": "m", "max_completion_tokens": 50, "messages": [{ "role": "user", "content": "hello" }],
    });
    let after = stage.ask(&chat, &[]).await;
    assert_eq!(after.header("x-evenkeel-served-by"), "cache", "{}", after.body);
    assert_eq!(
        (after.json()["object"].as_str(), text_of(&after)),
        (Some("chat.completion"), text_of(&before))
    );
    asked["stream"] = json!(true);
    let stream = stage.ask(&asked, &[]).await;
    assert!(stream.body.contains("event: message_stop"), "{}", stream.body);
    assert!(stream.body.contains("You said: hello"), "{}", stream.body);
}

#[tokio::test]
async fn an_old_answer_is_given_and_said_to_be_stale() {
    let stage = Stage::new("[cache]\nfresh_for = \"1ms\"\n").await;
    stage.asked_before(&chat("hello", false)).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    stage.goes_down();
    let answer = stage.ask(&chat("hello", false), &[]).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-cache")), (200, "stale"));
    assert_eq!(stage.rig.last_row().await.cache, "stale");
}

#[tokio::test]
async fn tenants_and_prompt_versions_never_share_an_answer() {
    let stage = Stage::new("").await;
    stage.asked_before(&chat("hello", false)).await;
    stage.goes_down();
    let strangers: [&[(&str, &str)]; 4] = [
        &[("x-evenkeel-tenant", "acme")],
        &[("x-evenkeel-tenant", "acme"), ("x-evenkeel-feature", "support-bot")],
        &[("x-evenkeel-prompt-version", "2")],
        &[("x-evenkeel-prompt-version", "local")],
    ];
    for headers in strangers {
        let answer = stage.ask(&chat("hello", false), headers).await;
        assert_eq!(answer.status, 502, "{headers:?} got {}", answer.body);
    }
    let same = stage.ask(&chat("hello", false), &[("x-evenkeel-feature", "another")]).await;
    assert_eq!(same.status, 200, "a feature is a tag and no wall");
}

#[tokio::test]
async fn a_mistake_of_the_request_itself_is_never_covered_up() {
    let stage = Stage::new("").await;
    stage.asked_before(&chat("hello", false)).await;
    stage.answers_with(400);
    let passed_on = stage.ask(&chat("hello", false), &[]).await;
    assert_eq!(passed_on.status, 400, "{}", passed_on.body);
    assert!(passed_on.body.contains("not now"), "{}", passed_on.body);
    let refused = stage.ask(&json!({ "model": "m" }), &[("x-evenkeel-cache", "sometimes")]).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("off, only or refresh"), "{}", refused.body);
}

#[tokio::test]
async fn practice_answers_are_nobodys_memory() {
    let rig = harness::practice("").await;
    rig.open_cache().await;
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-cache")), (200, "off"));
    assert_eq!(rig.cached().await, 0);
}
