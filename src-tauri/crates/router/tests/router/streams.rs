//! Streams: in order, flushed as they come, and never ended in silence.

use std::time::Duration;

use evenkeel_practice::Fault;
use evenkeel_slo::Counted;
use futures_util::StreamExt;

use crate::harness::{self, Answer};
use crate::raw::{self, Raw, Step};

#[tokio::test]
async fn a_stream_is_the_providers_own_bytes() {
    let body = [
        raw::chunk("{\"role\":\"assistant\",\"content\":\"\"}", None),
        ": a comment\r\n\r\n".to_owned(),
        raw::chunk("{\"content\":\"He\\u00e9 \u{1F6A2}\",\"odd\":[1, 2.50]}", None),
        raw::chunk("{}", Some("stop")),
        "data: [DONE]\n\n".to_owned(),
    ];
    let steps = std::iter::once(raw::stream_head()).chain(body.iter().cloned().map(Step::Send)).collect();
    let provider = Raw::start(steps).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let answer = rig.chat(true).await;
    assert_eq!(answer.body, body.concat());
    assert!(answer.header("content-type").starts_with("text/event-stream"));
    assert_eq!(rig.last_row().await.outcome, "ok");
}

#[tokio::test]
async fn usage_is_asked_for_and_hidden_again() {
    let rig = harness::practice("").await;
    let answer = rig.chat(true).await;
    assert!(!answer.body.contains("\"choices\":[]"), "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
    let row = rig.last_row().await;
    assert!(row.tokens.output.is_some_and(|count| count > 0), "{:?}", row.tokens);

    let mut body = harness::chat(true);
    body["stream_options"] = serde_json::json!({ "include_usage": true });
    let asked = Answer::of(rig.post("/v1/chat/completions", &body).send().await.expect("an answer")).await;
    assert!(asked.body.contains("\"choices\":[]"), "who asks for usage gets it: {}", asked.body);
}

#[tokio::test]
async fn an_anthropic_client_gets_an_anthropic_stream() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::Down).await;
    let response =
        rig.post("/v1/messages?beta=true", &harness::message(true)).header("anthropic-version", "2023-06-01");
    let answer = Answer::of(response.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "secondary"), "{}", answer.body);
    assert!(answer.body.starts_with("event: message_start"), "{}", answer.body);
    assert!(answer.body.trim_end().ends_with("{\"type\":\"message_stop\"}"), "{}", answer.body);
    let row = rig.last_row().await;
    assert_eq!((row.dialect.as_str(), row.endpoint.as_str()), ("anthropic", "/v1/messages"));
    assert!(row.tokens.input.is_some() && row.tokens.output.is_some(), "{:?}", row.tokens);
}

#[tokio::test]
async fn a_break_in_the_middle_is_an_error_event_in_the_clients_dialect() {
    for (path, body, marker) in [
        ("/v1/chat/completions", harness::chat(true), "data: {\"error\":"),
        ("/v1/messages", harness::message(true), "event: error"),
    ] {
        let rig = harness::practice("").await;
        rig.fault("practice-a", Fault::BreakStream(4)).await;
        let answer = Answer::of(rig.post(path, &body).send().await.expect("an answer")).await;
        assert_eq!(answer.status, 200);
        let last = answer.body.trim_end().rsplit("\n\n").next().unwrap_or_default();
        assert!(last.starts_with(marker), "{last}");
        assert!(!answer.body.contains("[DONE]") && !answer.body.contains("message_stop"), "{}", answer.body);
        let row = rig.last_row().await;
        assert_eq!((row.outcome.as_str(), row.counted), ("broken_stream", Counted::Bad), "{path}");
        assert_eq!(row.attempts.len(), 1, "nothing is retried once the client has begun to read");
    }
}

#[tokio::test]
async fn an_end_without_the_terminal_event_is_no_success() {
    let provider =
        Raw::start(vec![raw::stream_head(), Step::Send(raw::chunk("{\"content\":\"half an ans\"}", None))])
            .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let answer = rig.chat(true).await;
    assert!(answer.body.contains("half an ans"), "{}", answer.body);
    assert!(answer.body.contains("\"error\""), "{}", answer.body);
    assert_eq!(rig.last_row().await.outcome, "broken_stream");
}

/// The error must not be swallowed by the torso of the event before it.
#[tokio::test]
async fn an_error_behind_half_an_event_stands_by_itself() {
    let whole = raw::chunk("{\"content\":\"hi\"}", None);
    let torso = raw::chunk("{\"content\":\" there\"}", None).trim_end().to_owned();
    let provider = Raw::start(vec![raw::stream_head(), Step::Send(whole), Step::Send(torso)]).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let answer = rig.chat(true).await;
    let last = answer.body.trim_end().rsplit("\n\n").next().unwrap_or_default();
    assert!(last.starts_with("data: {\"error\":"), "{}", answer.body);
}

#[tokio::test]
async fn silence_after_the_first_token_ends_at_the_idle_time() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"then nothing\"}", None)),
        Step::Hang,
    ])
    .await;
    let extra = "[[routes]]\nname = \"default\"\nidle_timeout = \"200ms\"\n";
    let rig = harness::between(&provider.base_url(), &provider.base_url(), extra).await;
    let answer = rig.chat(true).await;
    assert!(answer.body.contains("fell silent"), "{}", answer.body);
    provider.until_closed(1, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn the_total_time_ends_a_stream_that_never_stops() {
    let mut steps = vec![raw::stream_head()];
    for _ in 0..200 {
        steps.push(Step::Send(raw::chunk("{\"content\":\"more \"}", None)));
        steps.push(Step::Pause(Duration::from_millis(20)));
    }
    let provider = Raw::start(steps).await;
    let extra =
        "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"400ms\"\ntotal_timeout = \"500ms\"\n";
    let rig = harness::between(&provider.base_url(), &provider.base_url(), extra).await;
    let answer = rig.chat(true).await;
    assert!(answer.body.contains("deadline_exceeded"), "{}", answer.body);
    assert_eq!(rig.last_row().await.outcome, "deadline");
}

/// The first event is in the client's hands while the provider still holds the rest back.
#[tokio::test]
async fn events_are_passed_on_as_they_come() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"now\"}", None)),
        Step::Hang,
    ])
    .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let response = rig.post("/v1/chat/completions", &harness::chat(true)).send().await.expect("an answer");
    let mut chunks = response.bytes_stream();
    let first =
        tokio::time::timeout(Duration::from_secs(5), chunks.next()).await.expect("no waiting for more");
    let first = first.expect("a chunk").expect("readable");
    assert!(String::from_utf8_lossy(&first).contains("now"));
}

/// A row is there as soon as the client has the terminal event, before the connection has ended.
#[tokio::test]
async fn the_ledger_knows_a_request_once_its_last_event_is_out() {
    let provider = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"content\":\"hi\"}", None)),
        Step::Send(raw::chunk("{}", Some("stop")) + "data: [DONE]\n\n"),
        Step::Hang,
    ])
    .await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let response = rig.post("/v1/chat/completions", &harness::chat(true)).send().await.expect("an answer");
    let mut chunks = response.bytes_stream();
    let mut text = String::new();
    while !text.contains("[DONE]") {
        let chunk = tokio::time::timeout(Duration::from_secs(5), chunks.next()).await.expect("it comes");
        text.push_str(&String::from_utf8_lossy(&chunk.expect("a chunk").expect("readable")));
    }
    assert_eq!(rig.last_row().await.outcome, "ok");
    drop(chunks);
    assert_eq!(rig.rows().await.len(), 1, "leaving after the last event adds nothing");
}

#[tokio::test]
async fn case_28_a_silent_provider_is_told_by_heartbeats_until_the_idle_time() {
    for (path, body, beat) in [
        ("/v1/chat/completions", harness::chat(true), ": keep-alive\n\n"),
        ("/v1/messages", harness::message(true), "event: ping\ndata: {\"type\": \"ping\"}\n\n"),
    ] {
        let provider = Raw::start(vec![
            raw::stream_head(),
            Step::Send(raw::chunk("{\"content\":\"then nothing\"}", None)),
            Step::Hang,
        ])
        .await;
        let extra = "[[routes]]\nname = \"default\"\nidle_timeout = \"40s\"\n";
        let rig = harness::between(&provider.base_url(), &provider.base_url(), extra).await;
        let mut response = rig.post(path, &body).send().await.expect("a stream");
        let mut text = String::new();
        while !text.contains("then nothing") {
            let piece = response.chunk().await.expect("bytes").expect("the first token");
            text.push_str(std::str::from_utf8(&piece).expect("text"));
        }
        // From here on time runs as fast as nobody has anything to do.
        tokio::time::pause();
        while let Some(piece) = response.chunk().await.expect("bytes") {
            text.push_str(std::str::from_utf8(&piece).expect("text"));
        }
        tokio::time::resume();
        assert_eq!(text.matches(beat).count(), 2, "at 15 and 30 s: {text}");
        let (silence, error) = (text.rfind(beat), text.find("fell silent"));
        assert!(silence.is_some() && silence < error, "heartbeats don't put the idle time off: {text}");
    }
}
