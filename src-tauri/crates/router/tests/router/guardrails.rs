//! What a request may cost, and what it did cost.

use std::sync::Arc;

use evenkeel_practice::Fault;
use evenkeel_router::SystemClock;
use serde_json::{Value, json};

use crate::harness::{self, Answer, Rig};
use crate::raw::{self, Raw, Seen};

/// A dollar per million input tokens and ten per million output tokens: a micro-dollar a token, and ten.
const PRICES: &str =
    "[prices.\"m\"]\ninput = 1.0\noutput = 10.0\n[prices.\"small\"]\ninput = 0.1\noutput = 1.0\n";

fn answer(_: &Seen) -> Vec<raw::Step> {
    raw::plain(
        200,
        "application/json",
        r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"aye"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}"#,
    )
}

/// One OpenAI provider that answers everything at once, and not as a stream.
async fn rig(provider: &Raw, extra: &str) -> Rig {
    let text = format!(
        "{extra}\n{PRICES}\n[providers.only]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n\
         watch = \"streams\"\ncheaper_model = \"small\"\n",
        provider.base_url()
    );
    harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await
}

fn conversation(turns: usize, max_tokens: u64) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": "You are a keel." })];
    for turn in 0..turns {
        messages
            .push(json!({ "role": "user", "content": format!("question {turn} {}", "word ".repeat(100)) }));
        messages.push(json!({ "role": "assistant", "content": "an answer" }));
    }
    messages.push(json!({ "role": "user", "content": "the last question" }));
    json!({ "model": "m", "messages": messages, "max_tokens": max_tokens })
}

async fn ask(rig: &Rig, body: &Value) -> Answer {
    Answer::of(rig.post("/v1/chat/completions", body).send().await.expect("an answer")).await
}

fn sent(provider: &Raw) -> Value {
    let seen = provider.seen();
    serde_json::from_slice(&seen.last().expect("a request").body).expect("JSON")
}

#[tokio::test]
async fn what_an_answer_cost_is_in_its_header_and_its_row() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "").await;
    let answer = ask(&rig, &conversation(0, 50)).await;
    assert_eq!(answer.header("x-evenkeel-cost-usd"), "0.000300", "100 at 1 and 20 at 10 micro-dollars");
    let row = rig.last_row().await;
    assert_eq!((row.cost_micros, row.attempts[0].cost_micros), (Some(300), Some(300)));
}

#[tokio::test]
async fn a_model_without_a_price_costs_an_unknown_amount() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.000001\n").await;
    let mut body = conversation(0, 50);
    body["model"] = json!("nobody-knows-it");
    let answer = ask(&rig, &body).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-cost-usd")), (200, ""), "allowed, and never 0");
    assert_eq!(rig.last_row().await.cost_micros, None);

    let strict =
        "[guardrails]\nmax_cost_per_request = 0.000001\non_unpriced = \"reject\"\non_exceed = [\"reject\"]\n";
    let answer = ask(&self::rig(&provider, strict).await, &body).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(answer.body.contains("[prices]"), "{}", answer.body);
}

#[tokio::test]
async fn the_output_is_capped_where_the_client_wants_more_or_says_nothing() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_output_tokens = 64\n").await;
    for (asked, expected) in [(Some(5_000), 64), (Some(10), 10), (None, 64)] {
        let mut body = conversation(0, 0);
        match asked {
            Some(asked) => body["max_tokens"] = json!(asked),
            None => drop(body.as_object_mut().expect("an object").remove("max_tokens")),
        }
        assert_eq!(ask(&rig, &body).await.status, 200);
        assert_eq!(sent(&provider)["max_tokens"], expected, "{asked:?}");
    }
}

#[tokio::test]
async fn a_long_conversation_loses_its_oldest_turns_and_says_so() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_input_tokens = 1000\n").await;
    let answer = ask(&rig, &conversation(10, 50)).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-degraded")), (200, "truncated"), "{}", answer.body);
    let body = sent(&provider);
    let messages = body["messages"].as_array().expect("messages");
    assert_eq!(messages[0]["role"], "system");
    assert_eq!(messages.last().expect("one")["content"], "the last question");
    assert!((4..20).contains(&messages.len()), "{}", messages.len());
    assert_eq!(rig.last_row().await.degraded.as_deref(), Some("truncated"));
}

#[tokio::test]
async fn what_can_not_be_shortened_goes_to_the_cheaper_model() {
    let provider = Raw::answering(answer).await;
    // 1,000 output tokens are 10,000 micro-dollars at the usual model and 1,000 at the cheaper one.
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.002\n").await;
    let answer = ask(&rig, &conversation(0, 1_000)).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-degraded")), (200, "cheaper"), "{}", answer.body);
    assert_eq!(
        (answer.header("x-evenkeel-model"), sent(&provider)["model"].as_str()),
        ("small", Some("small"))
    );
    assert_eq!(rig.last_row().await.cost_micros, Some(30), "at the cheaper model's price");
}

#[tokio::test]
async fn what_nothing_makes_cheap_enough_is_refused_with_estimate_and_limit() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.0001\n").await;
    let answer = ask(&rig, &conversation(0, 1_000)).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "over_budget");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("$0.0001") && message.contains("max_cost_per_request"), "{message}");
    assert!(provider.seen().is_empty(), "nothing was sent");
    let row = rig.last_row().await;
    assert_eq!((row.outcome.as_str(), row.counted.as_str()), ("over_budget", "no"));
}

#[tokio::test]
async fn one_requests_own_limit_lowers_the_configured_one() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 1\non_exceed = [\"reject\"]\n").await;
    let body = conversation(0, 1_000);
    assert_eq!(ask(&rig, &body).await.status, 200);
    let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-max-cost", "0.001");
    assert_eq!(request.send().await.expect("an answer").status(), 402);
}

#[tokio::test]
async fn a_dear_secondary_is_checked_at_its_own_prices() {
    let provider = Raw::answering(answer).await;
    let down = Raw::start(raw::plain(503, "application/json", "{}")).await;
    let text = format!(
        "[guardrails]\nmax_cost_per_request = 0.002\non_exceed = [\"reject\"]\n{PRICES}\n\
         [providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"small\"]\n\
         [providers.second]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"m\"]\ndefault_model = \"m\"\n",
        down.base_url(),
        provider.base_url()
    );
    let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    let mut body = conversation(0, 1_000);
    body["model"] = json!("small");
    let answer = ask(&rig, &body).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(!down.seen().is_empty() && provider.seen().is_empty());
}

#[tokio::test]
async fn of_64_at_once_a_cap_lets_no_more_through_than_it_has_money_for() {
    let provider = Raw::answering(|seen| {
        let mut steps = vec![raw::Step::Pause(std::time::Duration::from_millis(300))];
        steps.extend(answer(seen));
        steps
    })
    .await;
    let extra = "[tenants.acme]\nfeatures = [\"support-bot\"]\nguardrails = { max_cost_per_month = 0.01, on_exceed = [\"reject\"] }\n";
    let rig = Arc::new(rig(&provider, extra).await);
    // About 30 input and 97 output tokens: 1,000 micro-dollars each at most, so that ten of them fit.
    let body = conversation(0, 94);
    let tasks = (0..64).map(|_| {
        let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-tenant", "acme");
        tokio::spawn(async move { request.send().await.expect("an answer").status().as_u16() })
    });
    let mut statuses = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        statuses.push(task.await.expect("no panic"));
    }
    let served = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(served, 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 402)), "{statuses:?}");
    // They cost 300 each, so the month has 7,000 left: another seven fit, one after the other.
    let spent: i64 = rig.until_rows(64).await.iter().filter_map(|row| row.cost_micros).sum();
    assert_eq!(spent, 3_000);
    let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-tenant", "acme");
    assert_eq!(
        request.send().await.expect("an answer").status(),
        200,
        "what was only reserved is free again"
    );
}

#[tokio::test]
async fn a_failed_attempt_that_produced_tokens_is_paid_for_too() {
    let rig = harness::practice(PRICES).await;
    rig.fault("practice-b", Fault::Down).await;
    rig.fault("practice-a", Fault::BreakStream(8)).await;
    let mut body = harness::message(false);
    body["model"] = json!("m");
    let answer = Answer::of(rig.post("/v1/messages", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let row = rig.last_row().await;
    let attempts: i64 = row.attempts.iter().filter_map(|attempt| attempt.cost_micros).sum();
    assert!(attempts > 0, "{row:?}");
    assert_eq!(row.cost_micros, Some(attempts));
}
