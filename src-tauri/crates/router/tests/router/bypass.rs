//! The rollback switch: the client's own bytes to the primary, and nothing else.

use evenkeel_practice::Fault;
use evenkeel_router::BypassSource;

use crate::harness::{self, Answer};
use crate::raw::{self, Raw};

#[tokio::test]
async fn the_header_bypasses_one_request() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::Down).await;
    let request = rig.post("/v1/chat/completions", &harness::chat(false)).header("x-evenkeel-bypass", "true");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!(answer.status, 503, "no retry, no failover: {}", answer.body);
    assert_eq!(answer.header("x-evenkeel-served-by"), "bypass");
    assert_eq!(answer.header("x-evenkeel-attempts"), "1");
    let row = rig.last_row().await;
    assert_eq!((row.served_by.as_deref(), row.attempts.len()), (Some("bypass"), 1));
    assert_eq!(rig.chat(false).await.status, 200, "the next request is routed again");
}

#[tokio::test]
async fn the_command_bypasses_from_the_next_request_on() {
    let rig = harness::practice("").await;
    let state = rig.router.set_bypass(true).expect("nothing holds it");
    assert_eq!((state.on, state.source), (true, Some(BypassSource::Command)));
    assert_eq!(rig.chat(true).await.header("x-evenkeel-served-by"), "bypass");
    rig.router.set_bypass(false).expect("nothing holds it");
    assert_eq!(rig.chat(true).await.header("x-evenkeel-served-by"), "primary");
}

#[tokio::test]
async fn the_file_and_its_reload_bypass() {
    let rig = harness::practice("bypass = true\n").await;
    let answer = rig.chat(false).await;
    assert_eq!(answer.header("x-evenkeel-served-by"), "bypass", "{}", answer.body);
    assert!(rig.last_row().await.tokens.output.is_some(), "still observed");
}

#[tokio::test]
async fn the_environment_wins() {
    let clock = std::sync::Arc::new(evenkeel_router::SystemClock);
    let provider = Raw::start(raw::plain(200, "application/json", "{}")).await;
    let text = format!(
        "[providers.only]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"gpt-*\"]\n",
        provider.base_url()
    );
    let rig = harness::start(harness::config(&text), false, clock, true).await;
    assert!(rig.router.set_bypass(false).is_err());
    assert_eq!(rig.router.bypass().source, Some(BypassSource::Env));
}

#[tokio::test]
async fn the_bytes_are_the_clients_own_and_only_the_key_is_swapped() {
    let provider = Raw::start(raw::plain(200, "application/json", "{\"odd\" : 1}")).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let body = "{ \"model\":\"gpt-4o-mini\",\"messages\":[ ],\n \"x\": 1.0, \"stream\":false}";
    let request = rig
        .http
        .post(rig.url("/v1/chat/completions"))
        .header("x-api-key", harness::LOCAL_KEY)
        .header("x-evenkeel-bypass", "true")
        .header("openai-organization", "org-1")
        .body(body);
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"odd\" : 1}"));
    let seen = provider.seen().remove(0);
    assert_eq!(String::from_utf8_lossy(&seen.body), body);
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {}", harness::PROVIDER_KEY).as_str()));
    assert_eq!((seen.header("x-api-key"), seen.header("x-evenkeel-bypass")), (None, None));
    assert_eq!(seen.header("openai-organization"), Some("org-1"));
}
