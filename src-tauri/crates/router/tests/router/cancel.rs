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
