//! The error budget spent by real requests: what is allowed, what happens once nothing is left, and who may go on.

use reqwest::Method;
use serde_json::{Value, json};

use super::{counts, everything, named, slo};
use crate::harness::raw::Raw;
use crate::harness::{Answer, CHAT, Home, Server, scripted, until};

/// Both providers, the route over them, and these lines.
fn config(first: &Raw, second: &Raw, more: &str) -> String {
    scripted::pair(first, second) + &scripted::price("calm-1", 1.0, 2.0) + more
}

/// Requests of one kind, eight at a time.
async fn ask(server: &Server, model: &str, requests: usize) {
    let body = json!({ "model": model, "messages": [{ "role": "user", "content": "Hello" }] });
    let mut left = requests;
    while left > 0 {
        let now = left.min(8);
        let answers = (0..now).map(|_| Answer::of(server.post(CHAT, &body)));
        futures_util::future::join_all(answers).await;
        left -= now;
    }
}

async fn status(home: &Home) -> Value {
    home.cli(&["status", "--json"]).await.json()
}

/// Waits until the file as it is now is in force or is held back.
async fn held_back(home: &Home) -> String {
    let error = until("an answer to the edit", async || {
        status(home).await["config_error"].as_str().map(str::to_owned)
    });
    error.await
}

async fn in_force(home: &Home, server: &Server, what: &str) {
    until("the edit", async || {
        let shown = server.admin_get("/api/config").await;
        shown["effective"].as_str().is_some_and(|text| text.contains(what)).then_some(())
    })
    .await;
    assert_eq!(status(home).await["config_error"], Value::Null);
}

/// Two failures are allowed of 400, and both are spent.
async fn spent(more: &str) -> (Home, Server, [Raw; 2], String) {
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let text = config(&first, &second, more);
    let home = Home::with_config(&text);
    let server = home.serve().await;
    ask(&server, "calm-1", 398).await;
    ask(&server, "fails-1", 2).await;
    let slo = everything(&home).await;
    assert_eq!((counts(&slo), &slo["success"]["left"]), ([398, 2, 400], &0.into()), "{slo}");
    assert_eq!(slo["success"]["policy"], "frozen");
    (home, server, [first, second], text)
}

async fn ten_thousand(scale: usize) {
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let home = Home::with_config(&config(&first, &second, ""));
    let server = home.serve().await;
    let (all, failing) = (10_000 / scale, 50 / scale);
    // At 99.5 % one in two hundred may fail; half of that does.
    ask(&server, "fails-1", failing / 2).await;
    ask(&server, "calm-1", all - failing / 2).await;
    let count = |count: usize| Value::from(u64::try_from(count).expect("a count"));
    let policy = if (failing - failing / 2) * 2 <= failing { "watch" } else { "healthy" };
    let slo = everything(&home).await;
    assert_eq!(
        (&slo["success"]["allowed"], &slo["success"]["left"]),
        (&count(failing), &count(failing - failing / 2))
    );
    assert_eq!((&status(&home).await["frozen"], &slo["success"]["policy"]), (&false.into(), &policy.into()));

    ask(&server, "fails-1", failing - failing / 2).await;
    ask(&server, "fails-1", 1).await;
    let slo = everything(&home).await;
    assert_eq!(
        (&slo["success"]["bad"], &slo["success"]["left"]),
        (&count(failing + 1), &(-1).into()),
        "{slo}"
    );
    assert_eq!(slo["success"]["policy"], "frozen");
    let shown = status(&home).await;
    assert_eq!((&shown["frozen"], &shown["slos"][0]["budget_left"]), (&true.into(), &(-1).into()));
}

#[tokio::test]
async fn half_of_the_budget_is_left_after_half_of_the_failures_and_one_too_many_freezes() {
    ten_thousand(10).await;
}

#[tokio::test]
#[ignore = "a minute; `cargo xtask test --full` runs it"]
async fn fifty_of_ten_thousand_may_fail_and_the_fifty_first_freezes() {
    ten_thousand(1).await;
}

#[tokio::test]
async fn a_frozen_budget_holds_back_a_change_of_routes_until_somebody_says_why() {
    let (home, server, _providers, text) = spent("").await;
    let edited = text.replace("[[routes]]\n", "[[routes]]\nretries = 3\n");
    home.replace("evenkeel.toml", &edited);
    let error = held_back(&home).await;
    assert!(error.contains("routes") && error.contains("evenkeel budget spend"), "{error}");
    let shown = server.admin_get("/api/config").await;
    assert!(shown["effective"].as_str().is_some_and(|text| !text.contains("retries = 3")), "{shown}");
    let words = home.cli(&["status"]).await;
    assert!(
        words.code == 3 && words.stdout.contains("Frozen") && words.stdout.contains("budget spend"),
        "{words:?}"
    );
    let check = home.cli(&["check", "--offline"]).await;
    assert!(check.stdout.contains("budget spend"), "{check:?}");

    // The reason lets it through at once, and is kept.
    let empty = home.cli(&["budget", "spend", "--kind", "deploy", "--reason", " ", "--json"]).await;
    assert_eq!((empty.code, empty.error()["code"].as_str()), (1, Some("invalid_request")));
    let reason = "three tries carry us over the outage";
    let declared = home
        .cli(&["budget", "spend", "--kind", "experiment", "--reason", reason, "--for", "10m", "--json"])
        .await;
    assert_eq!(declared.ok().json()["reason"], reason);
    in_force(&home, &server, "retries = 3").await;
    assert_eq!(status(&home).await["frozen"], true, "a reason is no thaw");
    ask(&server, "fails-1", 1).await;
    let slo = everything(&home).await;
    let spend = slo["spend"].as_array().expect("causes");
    assert_eq!(
        spend,
        &[json!({ "cause": "provider_outage", "bad": 2 }), json!({ "cause": "experiment", "bad": 1 })]
    );
    let change = &slo["changes"][0];
    assert_eq!(
        (&change["kind"], &change["bad_within_an_hour"]),
        (&"config_saved".into(), &1.into()),
        "{slo}"
    );
    assert_eq!(slo["entries"][0]["note"], reason, "{slo}");
    assert!(home.cli(&["slo"]).await.ok().stdout.contains(reason));
    assert!(home.read("logs/evenkeel.log").contains(reason), "and in the log");
}

#[tokio::test]
async fn what_repairs_is_free_while_the_budget_is_frozen() {
    let (home, server, _providers, text) = spent("[alerts]\nnotices = false\n").await;
    for [command, argument] in [["bypass", "on"], ["bypass", "off"]] {
        home.cli(&[command, argument]).await.ok();
    }
    let force = server.admin(Method::PUT, "/api/force").header("content-type", "application/json");
    let force = Answer::of(force.body(json!({ "provider": "second" }).to_string())).await;
    assert_eq!(force.status, 200, "{force:?}");
    home.cli(&["tenant", "add", "acme"]).await.ok();
    let with_acme = home.read("evenkeel.toml");
    // Alerts, promises and the place of a key, in one edit.
    let edited = with_acme
        .replace("notices = false", "notices = true\nquiet_hours = \"22:00-07:00\"")
        .replacen("key = \"none\"", "key = \"env:SOME_KEY\"", 1);
    home.replace("evenkeel.toml", &edited);
    in_force(&home, &server, "22:00-07:00").await;

    // A change that was made before the freeze can be taken back.
    home.cli(&["budget", "thaw"]).await.ok();
    let changed = edited.replace("[[routes]]\n", "[[routes]]\nretries = 3\n");
    home.replace("evenkeel.toml", &changed);
    in_force(&home, &server, "retries = 3").await;
    home.cli(&["budget", "freeze", "--reason", "hands off"]).await.ok();
    let slo = everything(&home).await;
    assert_eq!((&slo["frozen"]["by_hand"], &slo["frozen"]["reason"]), (&true.into(), &"hands off".into()));
    home.replace("evenkeel.toml", &edited);
    until("the way back", async || {
        let shown = server.admin_get("/api/config").await;
        shown["effective"].as_str().is_some_and(|text| !text.contains("retries = 3")).then_some(())
    })
    .await;
    // And what nobody has tried yet still asks.
    home.replace("evenkeel.toml", &changed.replace("retries = 3", "retries = 2"));
    assert!(held_back(&home).await.contains("budget spend"));
    drop(text);
}

#[tokio::test]
async fn a_freeze_by_hand_and_a_thaw_outlive_a_stop_and_a_kill() {
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let home = Home::with_config(&config(&first, &second, ""));
    let server = home.serve().await;
    assert_eq!(status(&home).await["frozen"], false);
    let frozen = home.cli(&["budget", "freeze", "--reason", "the fair is on", "--json"]).await.ok();
    assert_eq!(frozen.json(), json!({ "frozen": true }));
    server.kill();
    let server = home.serve().await;
    assert_eq!(status(&home).await["frozen"], true);
    assert_eq!(everything(&home).await["frozen"]["reason"], "the fair is on");
    home.replace(
        "evenkeel.toml",
        &config(&first, &second, "").replace("[[routes]]\n", "[[routes]]\nretries = 2\n"),
    );
    assert!(held_back(&home).await.contains("routes"));
    server.stop().await;

    // Started again, the file is what it is: a freeze asks while Evenkeel runs.
    let server = home.serve().await;
    in_force(&home, &server, "retries = 2").await;
    assert_eq!(home.cli(&["budget", "thaw", "--json"]).await.ok().json(), json!({ "frozen": false }));
    server.kill();
    let _server = home.serve().await;
    assert_eq!(status(&home).await["frozen"], false);
    let document = slo(&home, &[]).await;
    assert_eq!(named(&document, "Everything")["frozen"], Value::Null);
}
