use super::*;
use crate::{admin::types::BreakerStatus, run_file::Kind};

fn provider(name: &str, role: Option<&str>) -> ProviderStatus {
    ProviderStatus {
        name: name.to_owned(),
        role: role.map(str::to_owned),
        dialects: vec!["openai".to_owned()],
        key: "ok".to_owned(),
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
        bypass: BypassStatus { on: false, source: None, since: None },
        force: None,
        serving: Some("openai".to_owned()),
        providers: vec![
            provider("openai", Some("primary")),
            provider("anthropic", Some("secondary")),
            provider("spare", None),
        ],
        slos: Vec::new(),
        alerts: Vec::new(),
        frozen: false,
        config_error: None,
        ledger_error: None,
    }
}

#[test]
fn who_stands_by_is_the_other_one_of_the_route() {
    assert_eq!(verdict(&healthy()), "Everything works. openai serves, anthropic stands by.");
    assert_eq!(urgent(&healthy()), None);
}

#[test]
fn practice_is_said_first() {
    let status = Status { practice: true, ..healthy() };
    assert_eq!(headline(&status), "PRACTICE. Everything works.");
}

#[test]
fn one_that_answers_in_another_s_place_is_not_everything_working() {
    let mut status = Status { serving: Some("anthropic".to_owned()), ..healthy() };
    assert_eq!(verdict(&status), "openai is not answering. anthropic serves in place of openai.");
    // Unless somebody wanted it so.
    status.force = Some("anthropic".to_owned());
    assert_eq!(verdict(&status), "Everything works. anthropic serves, by your choice, openai stands by.");
}

#[test]
fn a_key_that_is_missing_or_rejected_needs_a_person() {
    let mut status = Status { state: State::Degraded, ..healthy() };
    status.providers[1].key = "missing".to_owned();
    assert_eq!(verdict(&status), "anthropic has no key that works. openai serves; nothing stands behind it.");
    assert_eq!(urgent(&status).as_deref(), Some("Key for anthropic missing. Fix…"));
    status.providers[1].key = "rejected".to_owned();
    assert_eq!(urgent(&status).as_deref(), Some("Key for anthropic rejected. Fix…"));
    // A provider that no route names needs nobody.
    status.providers[1].key = "ok".to_owned();
    status.providers[2].key = "missing".to_owned();
    assert_eq!(urgent(&status), None);
}

#[test]
fn nobody_serves_while_nothing_can_be_answered() {
    let mut status = Status { state: State::Down, serving: None, ..healthy() };
    status.providers[0].key = "missing".to_owned();
    assert_eq!(verdict(&status), "No request can be answered: openai has no key that works.");
}

#[test]
fn bypass_names_who_gets_the_requests_and_comes_before_everything_else() {
    let mut status = Status { state: State::Degraded, ..healthy() };
    status.providers[1].key = "missing".to_owned();
    status.bypass.on = true;
    assert_eq!(verdict(&status), "Bypass is on. Requests go to openai untouched; nothing is rescued.");
}

#[test]
fn a_resting_provider_is_said_in_plain_words() {
    let mut status = Status { state: State::Degraded, serving: Some("anthropic".to_owned()), ..healthy() };
    status.providers[0].breakers.push(BreakerStatus {
        model: "gpt-5".to_owned(),
        state: "open".to_owned(),
        reason: Some("3 failures".to_owned()),
        until: None,
    });
    assert_eq!(verdict(&status), "openai is resting. anthropic serves; nothing stands behind it.");
}

#[test]
fn a_mistake_in_the_file_needs_a_person_although_requests_are_answered() {
    let status = Status { config_error: Some("line 3".to_owned()), state: State::Degraded, ..healthy() };
    assert_eq!(headline(&status), "The changed evenkeel.toml has a mistake.");
    assert_eq!(urgent(&status).as_deref(), Some("evenkeel.toml has a mistake. Fix…"));
}

#[test]
fn alone_it_says_that_nothing_stands_behind_it() {
    let mut status = healthy();
    status.providers.truncate(1);
    assert_eq!(verdict(&status), "Everything works. openai serves. No second provider stands behind it.");
}

#[test]
fn durations_have_two_units_at_most() {
    for (seconds, text) in [(5, "5 s"), (119, "1 min"), (7_380, "2 h 3 min"), (180_000, "2 d 2 h")] {
        assert_eq!(duration(seconds), text);
    }
}
