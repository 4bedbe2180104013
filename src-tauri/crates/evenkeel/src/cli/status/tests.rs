use super::*;
use crate::{admin::types::BreakerStatus, run_file::Kind};

fn provider(name: &str, role: &str, key: &str) -> ProviderStatus {
    ProviderStatus {
        name: name.to_owned(),
        role: Some(role.to_owned()),
        dialects: vec!["openai".to_owned()],
        key: key.to_owned(),
        breakers: Vec::new(),
    }
}

fn healthy() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        listen: "127.0.0.1:9950".to_owned(),
        pid: Some(4711),
        kind: Some(Kind::Headless),
        uptime_s: Some(7_380),
        state: State::Healthy,
        practice: false,
        offline: false,
        network: crate::admin::types::NetworkStatus::default(),
        bypass: BypassStatus { on: false, source: None, since: None },
        force: None,
        serving: Some("openai".to_owned()),
        providers: vec![provider("openai", "primary", "ok"), provider("anthropic", "secondary", "ok")],
        slos: Vec::new(),
        burn: None,
        alert_error: None,
        alerts_paused_until: None,
        alerts: Vec::new(),
        frozen: false,
        config_error: None,
        ledger_error: None,
    }
}

#[test]
fn the_verdict_comes_first() {
    insta::assert_snapshot!(in_words(&healthy(), &[], "evenkeel"));
}

#[test]
fn practice_is_in_the_verdict_and_among_the_facts() {
    let status = Status { practice: true, ..healthy() };
    let text = in_words(&status, &[], "evenkeel");
    assert!(text.starts_with("PRACTICE. Everything works."), "{text}");
    assert!(text.contains("simulated"), "{text}");
}

#[test]
fn a_missing_key_is_named_by_its_provider() {
    let mut status = Status { state: State::Degraded, ..healthy() };
    status.providers[1].key = "missing".to_owned();
    assert!(in_words(&status, &[], "evenkeel").starts_with("anthropic has no key"));
}

#[test]
fn a_resting_provider_is_said_in_plain_words() {
    let mut status = Status { state: State::Degraded, ..healthy() };
    status.providers[0].breakers.push(BreakerStatus {
        model: "gpt-5".to_owned(),
        state: "open".to_owned(),
        reason: Some("3 failures".to_owned()),
        until: None,
    });
    assert!(in_words(&status, &[], "evenkeel").contains("resting for gpt-5, 3 failures"));
}

#[test]
fn at_rest_it_says_how_to_start() {
    let status = Status { pid: None, state: State::Down, ..healthy() };
    let text = in_words(&status, &[], "evenkeel --home /x");
    assert_eq!(text, "Evenkeel is not running.\nStart it with: evenkeel --home /x serve\n");
}
