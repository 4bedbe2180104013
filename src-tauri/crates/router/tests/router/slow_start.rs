//! A model that is known to think before it speaks gets the time for it; one that isn't does not.

use std::time::Duration;

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
