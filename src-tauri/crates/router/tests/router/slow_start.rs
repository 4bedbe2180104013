//! A model that is known to think before it speaks gets the time for it; one that isn't does not.

use std::sync::Arc;
use std::time::Duration;

use evenkeel_router::SystemClock;
use serde_json::Value;

use crate::harness::{self, Answer};
use crate::pair;
use crate::raw::{Raw, Step};

const BUDGETS: &str =
    "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"150ms\"\nslow_first_token_timeout = \"10s\"\n";

fn late() -> Vec<Step> {
    let mut steps = vec![Step::Pause(Duration::from_millis(500))];
    steps.extend(pair::aye());
    steps
}

async fn who_answers(body: &Value) -> (Answer, Vec<String>) {
    let (first, second) = (Raw::start(late()).await, Raw::start(pair::aye()).await);
    let rig = pair::between("openai", (&first, &second), BUDGETS).await;
    let answer = Answer::of(rig.post("/v1/chat/completions", body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let attempts = pair::attempts(&rig.last_row().await);
    (answer, attempts)
}

#[tokio::test]
async fn a_model_marked_as_a_slow_start_is_waited_for() {
    for stream in [true, false] {
        // gpt-5 is marked in models.toml, also under a dated name; gpt-4o-mini isn't.
        for (model, expected) in [
            ("gpt-5", &["first ok"][..]),
            ("gpt-5-2025-08-07", &["first ok"]),
            ("gpt-4o-mini", &["first first_token_timeout", "second ok"]),
        ] {
            let mut body = harness::chat(stream);
            body["model"] = model.into();
            let (answer, attempts) = who_answers(&body).await;
            assert_eq!(attempts, expected, "{model}, stream {stream}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn who_asks_for_reasoning_waits_for_it_whatever_the_model() {
    let mut body = harness::chat(true);
    body["reasoning_effort"] = "high".into();
    let (_, attempts) = who_answers(&body).await;
    assert_eq!(attempts, ["first ok"]);
}

#[tokio::test]
async fn who_declines_to_think_is_not_kept_waiting_by_a_model_that_does_so_by_itself() {
    let mut body = harness::chat(true);
    body["model"] = "gpt-5.5".into();
    assert_eq!(who_answers(&body).await.1, ["first ok"], "it thinks unless told otherwise");
    body["reasoning_effort"] = "none".into();
    assert_eq!(who_answers(&body).await.1, ["first first_token_timeout", "second ok"]);
    body["model"] = "o3".into();
    assert_eq!(who_answers(&body).await.1, ["first ok"], "it can't be told not to");
}

#[tokio::test]
async fn even_the_slow_budget_ends() {
    let budgets = BUDGETS.replace("10s", "200ms");
    let (first, second) = (Raw::start(vec![Step::Hang]).await, Raw::start(pair::aye()).await);
    let rig = pair::between("openai", (&first, &second), &budgets).await;
    let mut body = harness::chat(true);
    body["model"] = "gpt-5".into();
    let answer = rig.post("/v1/chat/completions", &body).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    drop(Answer::of(answer).await);
    let row = rig.last_row().await;
    assert_eq!(pair::attempts(&row), ["first first_token_timeout", "second ok"]);
    assert!((200..2_000).contains(&row.attempts[0].total_ms), "{} ms", row.attempts[0].total_ms);
}

/// A provider that only seems to be left is no reason to give up the one that is late.
#[tokio::test]
async fn a_late_primary_is_waited_for_where_the_secondary_could_not_answer_anyway() {
    let budgets = BUDGETS.replace("150ms", "200ms");
    let two_prices = "[prices.\"cheap\"]\ninput = 0.1\noutput = 0.1\n[prices.\"dear\"]\ninput = 100.0\noutput = 100.0\n\
                      [guardrails]\nmax_cost_per_request = 0.001\non_exceed = [\"reject\"]\n";
    let several = serde_json::json!({ "n": 2 });
    let short = serde_json::json!({ "max_tokens": 100 });
    for (case, dialect, extra, fields, expected) in [
        ("it has no words for two choices", "anthropic", "", &several, &["first ok"][..]),
        ("it would cost too much", "openai", two_prices, &short, &["first ok"]),
        ("it can", "openai", "", &several, &["first first_token_timeout", "second ok"]),
    ] {
        let (first, second) = (Raw::start(late()).await, Raw::start(pair::aye()).await);
        let provider = |name: &str, dialect: &str, raw: &Raw, model: &str| {
            let url = raw.base_url();
            format!(
                "[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\"\nkey = \"env:A\"\nmodels = []\ndefault_model = \"{model}\"\n"
            )
        };
        let text = format!(
            "{budgets}\n{extra}\n{}{}",
            provider("first", "openai", &first, "cheap"),
            provider("second", dialect, &second, "dear")
        );
        let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
        let mut body = harness::chat(true);
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let answer = rig.post("/v1/chat/completions", &body).send().await.expect("an answer");
        let answer = Answer::of(answer).await;
        assert_eq!(answer.status, 200, "{case}: {}", answer.body);
        assert_eq!(pair::attempts(&rig.last_row().await), expected, "{case}");
    }
}
