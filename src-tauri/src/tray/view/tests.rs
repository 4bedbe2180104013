use serde_json::{Value, json};

use super::*;

/// A healthy router's status with some of its fields replaced.
fn status(changes: Value) -> Status {
    let mut status = json!({
        "version": "0.1.0", "listen": "127.0.0.1:9950", "pid": 12, "kind": "desktop", "uptime_s": 60,
        "state": "healthy", "practice": false, "offline": false,
        "bypass": { "on": false, "source": null, "since": null },
        "force": null, "serving": "openai",
        "providers": [
            { "name": "openai", "role": "primary", "dialects": ["openai"], "key": "ok", "breakers": [] },
            { "name": "anthropic", "role": "secondary", "dialects": ["anthropic"], "key": "ok", "breakers": [] },
            { "name": "spare", "role": null, "dialects": ["openai"], "key": "missing", "breakers": [] },
        ],
        "slos": [], "alerts": [], "frozen": false, "config_error": null,
    });
    if let (Value::Object(status), Value::Object(changes)) = (&mut status, changes) {
        status.extend(changes);
    }
    serde_json::from_value(status).unwrap()
}

fn alert(kind: &str) -> Value {
    json!([{ "id": format!("{kind}:Everything"), "kind": kind, "slo": "Everything", "state": "firing",
             "since": "2026-11-20T14:18:00Z", "incident": 7, "acknowledged": false, "sentence": "Said." }])
}

fn slos(met: Option<bool>, budget_left: i64) -> Value {
    json!([{ "name": "Everything", "success_percent": 99.71, "p95_ms": 2020, "average_usd": 0.0073, "met": met,
             "budget_left": budget_left }])
}

fn providers(first_key: &str) -> Value {
    json!([
        { "name": "openai", "role": "primary", "dialects": ["openai"], "key": first_key, "breakers": [] },
        { "name": "anthropic", "role": "secondary", "dialects": ["anthropic"], "key": "ok", "breakers": [] },
    ])
}

#[test]
fn each_state_has_its_face() {
    let bypass = json!({ "on": true, "source": "command", "since": null });
    for (changes, face) in [
        (json!({}), Face::Kept),
        (json!({ "serving": "anthropic" }), Face::Risk),
        (json!({ "serving": "anthropic", "force": "anthropic" }), Face::Kept),
        (json!({ "config_error": "line 3", "state": "degraded" }), Face::Risk),
        (
            json!({ "providers": providers("rejected"), "state": "degraded", "serving": "anthropic" }),
            Face::Risk,
        ),
        (json!({ "alerts": alert("p95"), "state": "degraded" }), Face::Risk),
        (json!({ "alerts": alert("cost"), "state": "degraded" }), Face::Risk),
        (json!({ "alerts": alert("success"), "state": "degraded" }), Face::Broken),
        (json!({ "burn": "calm", "slos": slos(Some(true), 18) }), Face::Kept),
        (json!({ "burn": "amber" }), Face::Risk),
        (json!({ "burn": "red" }), Face::Broken),
        (json!({ "frozen": true }), Face::Risk),
        (json!({ "alert_error": "no notification service answers" }), Face::Risk),
        (json!({ "slos": slos(Some(false), -7) }), Face::Broken),
        (json!({ "state": "down", "serving": null }), Face::Broken),
        (json!({ "offline": true }), Face::Offline),
        (json!({ "alerts_paused_until": "2099-11-20T14:18:00Z" }), Face::Paused),
        (json!({ "alerts_paused_until": "2099-11-20T14:18:00Z", "alerts": alert("p95") }), Face::Paused),
        // A pause silences and hides nothing.
        (json!({ "alerts_paused_until": "2099-11-20T14:18:00Z", "alerts": alert("success") }), Face::Broken),
        // Whoever goes past the router has taken matters into their own hands, whatever else is wrong.
        (json!({ "state": "down", "alerts": alert("success"), "bypass": bypass }), Face::Paused),
    ] {
        assert_eq!(View::of(&status(changes.clone()), false).face, face, "{changes}");
    }
}

#[test]
fn a_row_that_needs_a_person_leads_to_the_screen_that_helps() {
    let view = View::of(&status(json!({ "providers": providers("missing"), "state": "degraded" })), false);
    let urgent = view.urgent.unwrap();
    assert_eq!((urgent.text.as_str(), urgent.screen), ("Key for openai missing. Fix…", "providers"));
    assert_eq!(View::of(&status(json!({})), false).urgent, None);
}

#[test]
fn an_alert_that_fires_has_the_verdict_and_a_row_that_leads_to_it() {
    let view = View::of(&status(json!({ "alerts": alert("success"), "state": "degraded" })), false);
    assert_eq!(view.verdict, "Too many requests fail.");
    let urgent = view.urgent.unwrap();
    assert_eq!((urgent.text.as_str(), urgent.screen), ("Too many requests fail. Look…", "overview"));
}

#[test]
fn the_promise_stands_under_the_verdict_once_somebody_has_looked_at_it() {
    let view = View::of(&status(json!({ "slos": slos(Some(true), 18) })), false);
    assert_eq!(view.verdict, "All promises kept.");
    assert_eq!(view.promise.as_deref(), Some("99.71 % answered · 18 failures left"));
    assert_eq!(View::of(&status(json!({})), false).promise, None);
}

#[test]
fn a_keychain_that_has_not_answered_yet_is_no_alarm() {
    let waiting = status(json!({ "providers": providers("missing"), "state": "down", "serving": null }));
    let view = View::of(&waiting, true);
    assert_eq!((view.face, view.urgent, view.serving), (Face::Risk, None, None));
    assert_eq!(view.verdict, "Waiting for the keychain.");
}

#[test]
fn practice_is_in_the_verdict() {
    let view = View::of(&status(json!({ "practice": true })), false);
    assert_eq!(view.verdict, "PRACTICE. Everything works.");
    assert_eq!(view.serving.as_deref(), Some("openai serves, anthropic stands by."));
}

#[test]
fn only_providers_of_a_route_can_be_chosen() {
    assert_eq!(View::of(&status(json!({})), false).providers, ["openai", "anthropic"]);
}

#[test]
fn offline_it_says_what_saved_answers_did() {
    let network = |saved: u64, failed: u64| {
        let network = json!({ "state": "offline", "since": "2026-11-20T14:27:00Z", "reason": "no_route",
                              "saved_answers": saved, "failed": failed });
        View::of(&status(json!({ "offline": true, "network": network, "slos": slos(Some(true), 18) })), false)
    };
    for (saved, failed, said) in [
        (0, 0, "No request since"),
        (1, 0, "1 saved answer served"),
        (12, 2, "12 saved answers served · 2 failed"),
        (0, 3, "0 saved answers served · 3 failed"),
    ] {
        let view = network(saved, failed);
        assert_eq!((view.promise.as_deref(), view.serving), (Some(said), None));
    }
}

#[test]
fn a_pause_says_its_end() {
    let view = View::of(&status(json!({ "alerts_paused_until": "2099-11-20T14:18:00Z" })), false);
    let until = view.paused_until.unwrap();
    assert!(until.contains(':') && until.len() > "14:18".len(), "another day is named: {until}");
    assert_eq!(View::of(&status(json!({})), false).paused_until, None);
}
