//! Who hangs up stops the provider too, and still leaves a row.

use std::time::Duration;

use evenkeel_slo::Counted;
use futures_util::StreamExt;

use crate::harness;
use crate::raw::{self, Raw, Step};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn hanging_up_before_the_first_token_closes_the_providers_connection() {
    let provider = Raw::start(vec![Step::Hang]).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let request = rig.post("/v1/chat/completions", &harness::chat(false)).send();
    let gone = tokio::time::timeout(Duration::from_millis(300), request).await;
    assert!(gone.is_err(), "the client leaves while it waits");
    provider.until_closed(1, SOON).await;
    let row = rig.until_rows(1).await.remove(0);
    assert_eq!((row.outcome.as_str(), row.counted, row.status), ("cancelled", Counted::No, 499));
    let attempts: Vec<_> =
        row.attempts.iter().map(|it| (it.provider.as_str(), it.outcome.as_str())).collect();
    assert_eq!(attempts, [("first", "cancelled")], "it was asked, and may want money for it");
    assert_eq!(row.cost_micros, None, "nobody knows how much");
}

#[tokio::test]
async fn hanging_up_in_the_middle_of_a_stream_does_too() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"hi\"}", None)),
        Step::Hang,
    ])
    .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let response = rig.post("/v1/chat/completions", &harness::chat(true)).send().await.expect("an answer");
    let mut chunks = response.bytes_stream();
    chunks.next().await.expect("a chunk").expect("readable");
    drop(chunks);
    provider.until_closed(1, SOON).await;
    let row = rig.until_rows(1).await.remove(0);
    assert_eq!(row.outcome, "cancelled");
    assert_eq!(row.attempts.len(), 1);
    assert_eq!(row.attempts[0].outcome, "cancelled", "the provider is not to blame");
    assert!(row.first_token_ms.is_some());
}

#[tokio::test]
async fn nothing_is_in_flight_afterwards() {
    let provider = Raw::start(vec![Step::Hang]).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let request = rig.post("/v1/chat/completions", &harness::chat(false)).send();
    let _ = tokio::time::timeout(Duration::from_millis(200), request).await;
    rig.until_rows(1).await;
    assert_eq!(rig.router.snapshot().in_flight, 0);
}

/// Whoever gives up after the promised time without a byte was failed, whatever the provider had begun.
#[tokio::test]
async fn giving_up_after_the_promised_time_counts_as_bad() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"hi\"}", None)),
        Step::Hang,
    ])
    .await;
    let extra = "[[slo]]\nname = \"Quick\"\np95 = \"100ms\"\n";
    let rig = harness::between(&provider.base_url(), &provider.base_url(), extra).await;
    let request = rig.post("/v1/chat/completions", &harness::chat(false)).send();
    let gone = tokio::time::timeout(Duration::from_millis(400), request).await;
    assert!(gone.is_err(), "the answer isn't whole, so the client has nothing of it");
    let row = rig.until_rows(1).await.remove(0);
    assert_eq!((row.outcome.as_str(), row.counted, row.first_token_ms), ("cancelled", Counted::Bad, None));
}

/// Deadlines run whether or not the client reads.
#[tokio::test]
async fn a_client_that_stops_reading_does_not_hold_the_provider() {
    let more = raw::chunk(&format!("{{\"content\":\"{}\"}}", "x".repeat(64 * 1024)), None);
    let mut steps = vec![raw::stream_head()];
    steps.extend(std::iter::repeat_n(Step::Send(more), 400));
    let provider = Raw::start(steps).await;
    let extra =
        "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"300ms\"\ntotal_timeout = \"600ms\"\n";
    let rig = harness::between(&provider.base_url(), &provider.base_url(), extra).await;
    let response = rig.post("/v1/chat/completions", &harness::chat(true)).send().await.expect("an answer");
    provider.until_closed(1, SOON).await;
    let row = rig.until_rows(1).await.remove(0);
    assert_eq!(row.outcome, "deadline");
    drop(response);
}

#[tokio::test]
async fn what_a_shutdown_cuts_short_is_told_and_is_our_own_doing() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"hi\"}", None)),
        Step::Hang,
    ])
    .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let streaming = rig.post("/v1/chat/completions", &harness::chat(true)).send().await.expect("an answer");
    let waiting = tokio::spawn(rig.post("/v1/chat/completions", &harness::chat(false)).send());
    let until = tokio::time::Instant::now() + SOON;
    while rig.router.snapshot().in_flight < 2 {
        assert!(tokio::time::Instant::now() < until, "both are under way");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    rig.router.cut_short();
    let body = streaming.text().await.expect("it ends as HTTP should");
    assert!(body.contains("shutting_down"), "{body}");
    assert_eq!(waiting.await.expect("no panic").expect("an answer").status(), 503);
    let rows = rig.until_rows(2).await;
    assert!(rows.iter().all(|row| row.cause == Some(evenkeel_slo::Cause::Router)), "{rows:?}");
}
