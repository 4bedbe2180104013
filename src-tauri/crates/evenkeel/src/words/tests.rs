use super::*;
use crate::{
    admin::types::{BreakerStatus, SloSummary},
    run_file::Kind,
};

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
        network: crate::admin::types::NetworkStatus::default(),
        bypass: BypassStatus { on: false, source: None, since: None },
        force: None,
        serving: Some("openai".to_owned()),
        providers: vec![
            provider("openai", Some("primary")),
            provider("anthropic", Some("secondary")),
            provider("spare", None),
        ],
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

fn alert(kind: &str, acknowledged: bool) -> AlertRow {
    AlertRow {
        id: format!("{kind}:Everything"),
        kind: kind.to_owned(),
        slo: "Everything".to_owned(),
        state: "firing".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
        incident: Some(7),
        acknowledged,
        sentence: "12 of 30 failed in 5 min.".to_owned(),
    }
}

fn slo(name: &str, met: Option<bool>, budget_left: i64) -> SloSummary {
    SloSummary {
        name: name.to_owned(),
        success_percent: Some(99.71),
        p95_ms: Some(2_020),
        average_usd: None,
        met,
        budget_left,
    }
}

fn urgent_text(status: &Status) -> Option<String> {
    urgent(status).map(|urgent| urgent.text)
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
fn a_network_that_is_away_stands_before_everything_but_the_bypass() {
    let since = Some(jiff::Timestamp::from_second(1_800_000_000).expect("a time"));
    let away = |state: &str, reason: &str| crate::admin::types::NetworkStatus {
        state: state.to_owned(),
        since,
        reason: Some(reason.to_owned()),
        saved_answers: 12,
        failed: 2,
    };
    let offline = Status {
        offline: true,
        state: State::Degraded,
        network: away("offline", "captive_portal"),
        ..healthy()
    };
    let said = verdict(&offline);
    assert!(said.starts_with("No network since ") && said.ends_with(". Saved answers only."), "{said}");
    assert!(network(&offline).expect("a line").contains("wants a login first"));
    assert_eq!(saved(&offline).as_deref(), Some("12 saved answers served · 2 failed"));
    assert_eq!(saved(&healthy()), None);
    let bypassed = BypassStatus { on: true, source: None, since: None };
    assert_eq!(headline(&Status { bypass: bypassed, ..offline }), "Bypass is on.");

    let both = away("unreachable", "openai, anthropic");
    let unreachable = Status { state: State::Down, network: both, ..healthy() };
    let said = verdict(&unreachable);
    assert!(said.starts_with("No provider can be reached since "), "{said}");
    assert!(network(&unreachable).expect("a line").ends_with(": openai, anthropic"));
    assert_eq!(network(&healthy()), None);
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
    assert_eq!(urgent_text(&status).as_deref(), Some("Key for anthropic missing. Fix…"));
    status.providers[1].key = "rejected".to_owned();
    assert_eq!(urgent_text(&status).as_deref(), Some("Key for anthropic rejected. Fix…"));
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
    assert_eq!(urgent_text(&status).as_deref(), Some("evenkeel.toml has a mistake. Fix…"));
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

#[test]
fn an_alert_is_said_after_what_stops_requests_and_before_everything_else() {
    let alerts = vec![alert("cost", false), alert("p95", false), alert("success", false)];
    let mut status = Status {
        alerts,
        frozen: true,
        alert_error: Some("no notification service".to_owned()),
        config_error: Some("line 3".to_owned()),
        state: State::Degraded,
        ..healthy()
    };
    assert_eq!(verdict(&status), "Too many requests fail. openai serves, anthropic stands by.");
    assert_eq!(
        urgent(&status),
        Some(Urgent { text: "Too many requests fail. Look…".to_owned(), screen: "overview" })
    );
    status.providers[1].key = "rejected".to_owned();
    assert_eq!(headline(&status), "anthropic has no key that works.");
    assert_eq!(urgent(&status).map(|urgent| urgent.screen), Some("providers"));
    status.bypass.on = true;
    assert_eq!(headline(&status), "Bypass is on.");
}

#[test]
fn of_several_alerts_the_one_nobody_has_seen_comes_first_and_then_the_worst() {
    let told = |alerts| headline(&Status { alerts, ..healthy() });
    assert_eq!(told(vec![alert("cost", false), alert("p95", false)]), "Answers are too slow.");
    assert_eq!(told(vec![alert("success", true), alert("cost", false)]), "Requests cost too much.");
    assert_eq!(told(vec![alert("p95", true), alert("success", true)]), "Too many requests fail.");
}

#[test]
fn an_alert_somebody_has_acknowledged_is_still_said_but_needs_nobody() {
    let status = Status { alerts: vec![alert("p95", true)], ..healthy() };
    assert_eq!(headline(&status), "Answers are too slow.");
    assert_eq!(urgent(&status), None);
}

#[test]
fn with_several_promises_an_alert_names_its_own() {
    let slos = vec![slo("Everything", Some(true), 18), slo("Acme", Some(true), 3)];
    let mut status = Status { alerts: vec![alert("p95", false)], slos, ..healthy() };
    assert_eq!(headline(&status), "Everything: answers are too slow.");
    status.alerts.clear();
    status.slos[1].met = Some(false);
    assert_eq!(headline(&status), "Acme: a promise is missed.");
}

#[test]
fn a_freeze_and_pages_that_reach_nobody_are_said_while_requests_are_well() {
    let mut status = Status { alert_error: Some("nobody answers".to_owned()), ..healthy() };
    assert_eq!(headline(&status), "Alerts do not reach you.");
    assert_eq!(
        urgent(&status),
        Some(Urgent { text: "Alerts do not reach you. Fix…".to_owned(), screen: "settings" })
    );
    status.frozen = true;
    assert_eq!(headline(&status), "Frozen: changes ask for a reason.");
    status.serving = Some("anthropic".to_owned());
    assert_eq!(headline(&status), "openai is not answering.");
}

#[test]
fn promises_are_called_kept_only_once_all_of_them_can_be_judged() {
    let told = |slos| headline(&Status { slos, ..healthy() });
    assert_eq!(told(vec![slo("Everything", Some(true), 18)]), "All promises kept.");
    assert_eq!(told(vec![slo("Everything", Some(true), 18), slo("Acme", None, 0)]), "Everything works.");
    assert_eq!(told(vec![slo("Everything", Some(false), -7)]), "A promise is missed.");
}

#[test]
fn the_row_under_the_verdict_never_gives_a_rate_out_of_a_handful() {
    let told = |slo| promise(&Status { slos: vec![slo], ..healthy() }).unwrap();
    assert_eq!(told(slo("Everything", Some(true), 18)), "99.71 % answered · 18 failures left");
    assert_eq!(told(slo("Everything", Some(true), 1)), "99.71 % answered · 1 failure left");
    assert_eq!(told(slo("Everything", Some(false), -1_007)), "99.71 % answered · 1,007 over");
    assert_eq!(told(slo("Everything", None, 0)), "Too early to judge every promise");
    let nearly = SloSummary { success_percent: Some(99.9999), ..slo("Everything", Some(true), 4) };
    assert_eq!(told(nearly), "99.99 % answered · 4 failures left");
    let none = SloSummary { success_percent: None, ..slo("Everything", None, 0) };
    assert_eq!(told(none), "No requests yet");
    assert_eq!(promise(&healthy()), None);
}

#[test]
fn failing_requests_break_the_promise_and_slow_or_dear_ones_put_it_at_risk() {
    let with = |alerts, burn, slos| {
        let status = Status { slos, burn, alerts, ..healthy() };
        (is_broken(&status), is_at_risk(&status))
    };
    assert_eq!(with(vec![], None, vec![]), (false, false));
    assert_eq!(with(vec![], Some(BurnColour::Calm), vec![]), (false, false));
    assert_eq!(with(vec![], Some(BurnColour::Amber), vec![]), (false, true));
    assert!(with(vec![], Some(BurnColour::Red), vec![]).0);
    assert_eq!(with(vec![alert("cost", false), alert("p95", true)], None, vec![]), (false, true));
    assert!(with(vec![alert("success", true)], None, vec![]).0);
    assert!(with(vec![], None, vec![slo("Everything", Some(false), -1)]).0);
}
