//! Breakers end to end: who fails rests, and comes back when the time or the key is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use evenkeel_router::{BreakerState, KeyState, Outcome, Secrets};
use secrecy::SecretString;

use crate::harness::{self, PROVIDER_KEY};
use crate::pair::{self, attempts, breakers};
use crate::raw::{self, Raw};

const NO_RETRIES: &str = "[[routes]]\nname = \"default\"\nretries = 0\n";

async fn failing(status: u16) -> Raw {
    Raw::start(raw::plain(status, "application/json", "{\"error\":{\"message\":\"no\"}}")).await
}

#[tokio::test]
async fn after_three_failures_the_next_request_goes_straight_to_the_other_one() {
    let (first, second) = (failing(500).await, Raw::start(pair::aye()).await);
    let rig = pair::between("openai", (&first, &second), NO_RETRIES).await;
    for _ in 0..3 {
        assert_eq!(breakers(&rig, "first"), [], "not yet");
        let answer = rig.chat(true).await;
        assert_eq!((answer.status, answer.header("x-evenkeel-attempts")), (200, "2"), "{}", answer.body);
    }
    let open = breakers(&rig, "first").remove(0);
    assert_eq!((open.state, open.reason), (BreakerState::Open, Outcome::ServerError));
    assert_eq!(open.model, "gpt-4o-mini", "another model may still work");
    let wait = open.until.expect("it is known").duration_since(jiff::Timestamp::now()).as_secs();
    assert!((10..=15).contains(&wait), "{wait} s");
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-attempts")), (200, "1"), "{}", answer.body);
    assert_eq!(attempts(&rig.last_row().await), ["second ok"]);
    assert_eq!(first.seen().len(), 3, "it is left alone");
    assert_eq!(rig.router.snapshot().serving.as_deref(), Some("second"));
}

/// The pause before a retry of "overloaded" is half a second, so an answer in less has made none.
#[tokio::test]
async fn with_both_open_the_true_error_comes_at_once_after_one_attempt_each() {
    let (first, second) = (failing(529).await, failing(529).await);
    let rig = pair::between("openai", (&first, &second), "").await;
    for _ in 0..2 {
        let answer = rig.chat(false).await;
        assert_eq!((answer.status, rig.last_row().await.attempts.len()), (503, 4), "{}", answer.body);
    }
    let states = ["first", "second"].map(|name| breakers(&rig, name)[0].state);
    assert_eq!(states, [BreakerState::Open; 2]);
    let began = Instant::now();
    let answer = rig.chat(false).await;
    let took = began.elapsed();
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(
        answer.json()["error"]["code"],
        "providers_overloaded",
        "the true error, not one about breakers"
    );
    assert!(took < Duration::from_millis(400), "{took:?}");
    assert_eq!(attempts(&rig.last_row().await), ["first overloaded", "second overloaded"]);
}

#[tokio::test]
async fn a_rate_limit_parks_until_the_time_that_the_host_named() {
    let asked = AtomicUsize::new(0);
    let first = Raw::answering(move |_| {
        if asked.fetch_add(1, Ordering::Relaxed) > 0 {
            return pair::aye();
        }
        let head = "HTTP/1.1 429 Scripted\r\nretry-after: 1\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        vec![raw::Step::Send(head.to_owned())]
    })
    .await;
    let second = Raw::start(pair::aye()).await;
    let rig = pair::between("openai", (&first, &second), "").await;
    let began = Instant::now();
    rig.chat(true).await;
    assert_eq!(
        attempts(&rig.last_row().await),
        ["first rate_limited", "second ok"],
        "at once, without a retry"
    );
    let parked = breakers(&rig, "first").remove(0);
    assert_eq!((parked.state, parked.reason), (BreakerState::Parked, Outcome::RateLimited));
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["second ok"]);
    while breakers(&rig, "first").first().is_some_and(|breaker| breaker.state == BreakerState::Parked) {
        assert!(began.elapsed() < Duration::from_secs(10), "it stays parked");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["first ok"], "one real request tries it");
    rig.chat(true).await;
    assert_eq!(
        (attempts(&rig.last_row().await), breakers(&rig, "first")),
        (vec!["first ok".to_owned()], vec![])
    );
}

#[tokio::test]
async fn a_new_key_is_tried_with_the_next_request() {
    let first = Raw::answering(|seen| {
        if seen.header("authorization") == Some("Bearer sk-new") {
            return pair::aye();
        }
        let body = r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
        raw::plain(401, "application/json", body)
    })
    .await;
    let second = Raw::start(pair::aye()).await;
    let file = pair::file("openai", (&first, &second), "", "");
    let rig = pair::between("openai", (&first, &second), "").await;
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["first credentials", "second ok"]);
    let open = breakers(&rig, "first").remove(0);
    assert_eq!((open.state, open.reason), (BreakerState::Open, Outcome::Credentials));
    assert_eq!(open.model, "", "a key opens every model or none");

    let keys = |first: &str| -> Secrets {
        let key = |name: &str, key: &str| (name.to_owned(), KeyState::Present(SecretString::from(key)));
        [key("first", first), key("second", PROVIDER_KEY)].into_iter().collect()
    };
    rig.router.reload(Arc::new(harness::config(&file)), &keys(PROVIDER_KEY));
    rig.chat(true).await;
    assert_eq!(
        attempts(&rig.last_row().await),
        ["second ok"],
        "a reload that changes nothing changes nothing"
    );
    rig.router.reload(Arc::new(harness::config(&file)), &keys("sk-new"));
    assert_eq!(breakers(&rig, "first"), []);
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["first ok"]);
}

#[tokio::test]
async fn one_models_failures_leave_the_others_alone() {
    let first = Raw::answering(|seen| {
        if String::from_utf8_lossy(&seen.body).contains("gpt-4o-mini") {
            return raw::plain(
                404,
                "application/json",
                r#"{"error":{"message":"no","code":"model_not_found"}}"#,
            );
        }
        pair::aye()
    })
    .await;
    let second = Raw::start(pair::aye()).await;
    let rig = pair::between("openai", (&first, &second), "").await;
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["first unserved", "second ok"]);
    rig.chat(true).await;
    assert_eq!(attempts(&rig.last_row().await), ["second ok"], "once is enough");
    let mut other = harness::chat(true);
    other["model"] = "gpt-4o".into();
    let answer = rig.post("/v1/chat/completions", &other).send().await.expect("an answer");
    drop(harness::Answer::of(answer).await);
    assert_eq!(attempts(&rig.last_row().await), ["first ok"]);
}
