//! Every fault that answers, as each dialect shows it.

use std::time::{Duration, Instant};

use evenkeel_practice::{Fault, Options, PRACTICE_A, Pace, ProviderOptions, practice_text};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::support::{
    Answer, CHAT, DEADLINE, MESSAGES, RESPONSES, Stand, chat, message, read_to_close, send_raw,
};

fn chat_stream() -> Value {
    chat("Hello there", &json!({ "stream": true }))
}

fn message_stream() -> Value {
    message("Hello there", &json!({ "stream": true }))
}

/// What arrived of a body, and whether it was cut off.
async fn what_arrives(request: reqwest::RequestBuilder) -> (String, bool) {
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut arrived = Vec::new();
    let cut_off = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => arrived.extend_from_slice(&bytes),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    (String::from_utf8(arrived).unwrap(), cut_off)
}

#[tokio::test]
async fn faults_that_answer_use_the_envelope_and_headers_of_the_dialect() {
    let stand = Stand::start().await;
    let faults = [
        Fault::Down,
        Fault::Overloaded,
        Fault::Revoked,
        Fault::RateLimited,
        Fault::RateLimitedFor(Duration::from_millis(1500)),
        Fault::Flaky(1.0),
    ];
    let mut shown = Vec::new();
    for fault in faults {
        stand.set(fault).await;
        for (path, body) in [(CHAT, chat_stream()), (MESSAGES, message_stream())] {
            let answer = stand.ask(path, body).await;
            let waits = answer.headers.get("retry-after").map_or("", |value| value.to_str().unwrap());
            let body = super::support::blot(&answer.body);
            shown.push(format!("{fault} {path}\n{} retry-after: {waits}\n{body}", answer.status));
        }
    }
    assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn a_rate_limit_shows_in_the_vendors_own_headers() {
    let stand = Stand::with(Fault::RateLimited).await;
    let answer = stand.ask(CHAT, chat_stream()).await;
    assert_eq!(answer.header("x-ratelimit-remaining-requests"), "0");
    assert_eq!(answer.header("x-ratelimit-reset-requests"), "20s");
    let answer = stand.ask(MESSAGES, message_stream()).await;
    assert_eq!(answer.header("anthropic-ratelimit-requests-remaining"), "0");
    assert!(answer.header("anthropic-ratelimit-requests-reset").ends_with('Z'));
}

#[tokio::test]
async fn a_general_error_never_speaks_of_overload() {
    let stand = Stand::with(Fault::Down).await;
    for (path, body) in [(CHAT, chat_stream()), (MESSAGES, message_stream())] {
        assert!(!stand.ask(path, body).await.body.contains("overloaded"));
    }
}

#[tokio::test]
async fn the_next_request_meets_the_new_fault_and_only_at_that_provider() {
    let stand = Stand::start().await;
    assert_eq!(stand.ask(CHAT, chat_stream()).await.status, 200);
    stand.set(Fault::Down).await;
    assert_eq!(stand.ask(CHAT, chat_stream()).await.status, 503);
    let other = Answer::read(stand.post_to(&stand.url_b(CHAT), chat_stream())).await;
    assert_eq!(other.status, 200);
    stand.set(Fault::None).await;
    assert_eq!(stand.ask(CHAT, chat_stream()).await.status, 200);
}

#[tokio::test]
async fn slow_holds_back_the_first_token_but_not_what_comes_before_it() {
    for (path, body) in [(CHAT, chat_stream()), (MESSAGES, message_stream())] {
        let stand = Stand::with(Fault::Slow(Duration::from_mins(10))).await;
        let mut response = stand.post(path, body.clone()).send().await.unwrap();
        let first = response.chunk().await.unwrap().expect("the stream ended early");
        assert!(!std::str::from_utf8(&first).unwrap().contains("This"));
        let more = tokio::time::timeout(Duration::from_millis(200), response.chunk()).await;
        assert!(!format!("{more:?}").contains("This"), "{path}: the token came early");

        let slow = Duration::from_millis(300);
        stand.set(Fault::Slow(slow)).await;
        let begun = Instant::now();
        let answer = stand.ask(path, body).await;
        assert!(begun.elapsed() >= slow && answer.body.contains("This"));
    }
}

#[tokio::test]
async fn slow_holds_back_a_whole_answer() {
    let slow = Duration::from_millis(300);
    let stand = Stand::with(Fault::Slow(slow)).await;
    let begun = Instant::now();
    let answer = stand.ask(CHAT, chat("Hi", &json!({}))).await;
    assert!(begun.elapsed() >= slow);
    assert_eq!(answer.json()["choices"][0]["message"]["content"], practice_text(PRACTICE_A, "Hi").as_str());
}

#[tokio::test]
async fn a_request_in_flight_keeps_the_fault_it_met() {
    let stand = Stand::with(Fault::Slow(Duration::from_millis(300))).await;
    let mut response = stand.post(CHAT, chat_stream()).send().await.unwrap();
    response.chunk().await.unwrap().expect("the role comes at once");
    stand.set(Fault::Refuse).await;
    let rest = response.text().await.unwrap();
    assert!(rest.ends_with("data: [DONE]\n\n"), "{rest}");
}

#[tokio::test]
async fn break_stream_drops_the_connection_after_so_many_events() {
    for chunks in [0, 1, 3] {
        let stand = Stand::with(Fault::BreakStream(chunks)).await;
        for (path, body) in [(CHAT, chat_stream()), (MESSAGES, message_stream())] {
            let (arrived, cut_off) = what_arrives(stand.post(path, body)).await;
            assert!(cut_off, "{path} ended as if nothing had happened");
            assert_eq!(arrived.matches("\n\n").count(), chunks as usize, "{path}: {arrived}");
        }
    }
}

#[tokio::test]
async fn a_stream_with_fewer_events_ends_as_it_should() {
    let stand = Stand::with(Fault::BreakStream(1000)).await;
    let (arrived, cut_off) = what_arrives(stand.post(CHAT, chat_stream())).await;
    assert!(!cut_off && arrived.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn break_stream_cuts_a_whole_answer_in_half() {
    let stand = Stand::with(Fault::BreakStream(3)).await;
    let (arrived, cut_off) = what_arrives(stand.post(CHAT, chat("Hi", &json!({})))).await;
    assert!(cut_off && arrived.starts_with("{\"id\":"), "{arrived}");
    stand.set(Fault::BreakStream(0)).await;
    let (arrived, cut_off) = what_arrives(stand.post(MESSAGES, message("Hi", &json!({})))).await;
    assert!(cut_off && arrived.is_empty(), "{arrived}");
}

#[tokio::test]
async fn responses_meet_the_same_faults() {
    let stand = Stand::of(ProviderOptions::openai(PRACTICE_A).with_responses()).await;
    let body = super::support::response("Hello there", &json!({ "stream": true }));
    stand.set(Fault::BreakStream(3)).await;
    let (arrived, cut_off) = what_arrives(stand.post(RESPONSES, &body)).await;
    assert!(cut_off && arrived.matches("\n\n").count() == 3, "{arrived}");
    stand.set(Fault::Overloaded).await;
    let answer = stand.ask(RESPONSES, &body).await;
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (529, &json!("overloaded_error")));
}

#[tokio::test]
async fn break_stream_also_drops_the_stream_under_way() {
    let stand = Stand::with(Fault::Slow(Duration::from_mins(10))).await;
    let mut response = stand.post(CHAT, chat_stream()).send().await.unwrap();
    response.chunk().await.unwrap().expect("the role comes at once");
    // Neither another fault nor a later break ends it, and a break that is due does, at once.
    stand.set(Fault::Down).await;
    stand.set(Fault::BreakStream(2)).await;
    stand.set(Fault::BreakStream(1)).await;
    assert!(response.chunk().await.is_err(), "the stream went on");
}

#[tokio::test]
async fn garbage_is_a_200_whose_json_is_broken() {
    let stand = Stand::with(Fault::Garbage).await;
    for (path, body) in [(CHAT, chat("Hi", &json!({}))), (MESSAGES, message("Hi", &json!({})))] {
        let answer = stand.ask(path, body).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert!(serde_json::from_str::<Value>(&answer.body).is_err(), "{}", answer.body);
    }
    for (path, body) in [(CHAT, chat_stream()), (MESSAGES, message_stream())] {
        let answer = stand.ask(path, body).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("text/event-stream"));
        let data = answer.body.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        assert!(serde_json::from_str::<Value>(data).is_err(), "{data}");
        assert!(!answer.body.contains("[DONE]") && !answer.body.contains("message_stop"));
    }
}

#[tokio::test]
async fn hang_reads_the_request_and_ends_when_the_fault_is_changed() {
    let stand = Stand::with(Fault::Hang).await;
    let mut waiting = stand.connect().await.unwrap();
    send_raw(&mut waiting, CHAT, &chat_stream()).await;
    let read = tokio::time::timeout(Duration::from_millis(200), read_to_close(&mut waiting)).await;
    assert!(read.is_err(), "a hanging provider said something: {read:?}");
    assert_eq!(stand.status().requests, 1);

    // The same fault again is no change, and another one is.
    stand.set(Fault::Hang).await;
    stand.set(Fault::None).await;
    assert_eq!(read_to_close(&mut waiting).await, "");
    assert_eq!(stand.ask(CHAT, chat_stream()).await.status, 200);
}

#[tokio::test]
async fn hang_ends_when_the_client_goes() {
    use tokio::io::AsyncWriteExt;

    let stand = Stand::with(Fault::Hang).await;
    let mut leaving = stand.connect().await.unwrap();
    send_raw(&mut leaving, MESSAGES, &message_stream()).await;
    // Saying goodbye but listening on shows that the other side lets go as well.
    leaving.shutdown().await.unwrap();
    assert_eq!(read_to_close(&mut leaving).await, "");
}

#[tokio::test]
async fn flaky_fails_in_the_same_order_every_time() {
    let stand = Stand::start().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        stand.set(Fault::Flaky(0.5)).await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(stand.ask(CHAT, chat_stream()).await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let failed = runs[0].iter().filter(|status| **status == 503).count();
    assert!((5..=15).contains(&failed), "{failed} of 20 failed");

    let options = Options { seed: 1, pace: Pace::Instant, ..Options::default() };
    let other = Stand::with_options(options).await;
    other.set(Fault::Flaky(0.5)).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(other.ask(CHAT, chat_stream()).await.status);
    }
    assert_ne!(statuses, runs[0], "the seed changes nothing");

    other.set(Fault::Flaky(0.0)).await;
    assert_eq!(other.ask(CHAT, chat_stream()).await.status, 200);
}

#[tokio::test]
async fn a_natural_answer_takes_its_time() {
    let stand = Stand::with_options(Options::default()).await;
    let begun = Instant::now();
    let answer = stand.ask(CHAT, chat_stream()).await;
    let pieces = u32::try_from(answer.data().len()).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(5) + Duration::from_millis(2) * (pieces - 2));
    assert!(begun.elapsed() < DEADLINE);
    let first_token: u64 = answer.header("openai-processing-ms").parse().unwrap();
    assert!(first_token >= 5, "{first_token} ms");
}
