//! Once, at its time, in the right words, and no more than anybody can bear.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::webhook::Webhook;
use super::{
    HOLD, SLACK, SUCCESS, Service, alert, ask, break_off, firing, go_on, state, while_it_breaks,
    while_it_works,
};
use crate::harness::{Answer, Home, Server, missing_keys, until};

/// When a page was found, in milliseconds since 1970.
fn at(page: &Value) -> i64 {
    let text = page["at"].as_str().expect("a time");
    text.parse::<Timestamp>().expect("RFC 3339").as_millisecond()
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).expect("a short time")
}

/// Lets one of the three happen; its page.
async fn fires(kind: &str, words: &[&str], round: impl AsyncFn(&Server, usize)) {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let more = "[[slo]]\nname = \"Everything\"\np95 = \"500ms\"\n";
    let home = Home::with_config(&service.config(&webhook.line(), more));
    let server = home.serve().await;
    let began = Timestamp::now().as_millisecond();
    let mut number = 0;
    let page = until("a page", async || {
        number += 1;
        round(&server, number).await;
        webhook.pages().into_iter().next()
    })
    .await;
    assert_eq!((&page["kind"], &page["slo"]), (&kind.into(), &"Everything".into()), "{page}");
    let after = at(&page) - began;
    assert!(after >= millis(HOLD), "{after} ms after the first request: {page}");
    assert!(at(&page) - began <= millis(HOLD + SLACK), "{after} ms after the first request: {page}");
    let (title, body) = (page["title"].as_str().expect("a title"), page["body"].as_str().expect("a body"));
    assert!(title.chars().count() <= 50 && body.chars().count() <= 180, "{title}: {body}");
    for word in words {
        assert!(format!("{title}\n{body}").contains(word), "{word}: {title}: {body}");
    }
    // It goes on, and is not told again.
    for number in 100..105 {
        round(&server, number).await;
    }
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
    let row = alert(&server, &format!("{kind}:Everything")).await;
    assert_eq!((&row["state"], &row["acknowledged"]), (&"firing".into(), &false.into()), "{row}");
    let status = home.cli(&["status", "--json"]).await;
    assert_eq!((status.code, &status.json()["alerts"][0]["id"]), (3, &row["id"]));
    let id = row["id"].as_str().expect("an id");
    assert!(home.cli(&["status"]).await.stdout.contains(&format!("{id} fires: ")));
    let log = home.read("logs/evenkeel.log");
    assert!(log.lines().any(|line| line.contains("Everything: ") && line.contains("broken since")), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_fail_fire_once_at_their_time_and_name_who_fails() {
    let words = [
        "Too many requests fail",
        "failed in",
        "promised 99.5 %",
        "since ",
        "first is failing.",
        "Next: use only second.",
    ];
    fires("success", &words, async |server, round| break_off(server, round).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_answers_fire_once_at_their_time_and_name_who_is_slow() {
    let words = ["Answers start too late", "500 ms", "first is the slow one.", "Next: use only second."];
    fires("p95", &words, async |server, _| ask(server, "slow-1", true, 6).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dear_requests_fire_once_at_their_time_and_say_what_they_cost() {
    let words = [
        "Requests cost too much",
        "$1.70 a request",
        "promised $0.015 on average",
        "look at the dearest requests",
    ];
    fires("cost", &words, async |server, _| ask(server, "dear-1", false, 10).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_told_again_until_somebody_has_seen_it_and_its_end_is_told() {
    let (_service, home, server, webhook, page) = firing("repeat_every = \"1s\"", "").await;
    while_it_breaks(&server, "a repeat", async || webhook.of("repeat").into_iter().next()).await;
    let repeat = webhook.of("repeat").remove(0);
    assert_eq!(repeat["incident"], page["incident"]);
    assert!(repeat["title"].as_str().is_some_and(|title| title.starts_with("Still: ")), "{repeat}");

    let seen = home.cli(&["alerts", "ack", SUCCESS, "--json"]).await.ok().json();
    assert_eq!((&seen["acknowledged"], &seen["state"]), (&true.into(), &"firing".into()));
    assert!(home.cli(&["alerts", "ack", SUCCESS]).await.ok().stdout.contains("acknowledged"));
    assert!(home.cli(&["alerts", "list"]).await.ok().stdout.contains("acknowledged"));
    // What was on its way has arrived before the count.
    go_on(&server, true, Duration::from_millis(500)).await;
    let repeats = webhook.of("repeat").len();
    go_on(&server, true, Duration::from_millis(2_500)).await;
    assert_eq!(webhook.of("repeat").len(), repeats);

    let resolved =
        while_it_works(&server, "its end", async || webhook.of("resolved").into_iter().next()).await;
    assert_eq!(resolved["incident"], page["incident"]);
    let (title, body) = (resolved["title"].as_str(), resolved["body"].as_str().expect("a body"));
    assert_eq!(title, Some("Requests succeed again"));
    assert!(body.contains("Broken from") && body.contains("promised 99.5 %"), "{body}");
    while_it_works(&server, "calm", async || (state(&server, SUCCESS).await == "inactive").then_some(()))
        .await;
    assert_eq!((webhook.pages().len(), webhook.of("resolved").len()), (1, 1));

    // Acknowledged and over: the next incident pages.
    while_it_breaks(&server, "a second page", async || webhook.pages().into_iter().nth(1)).await;
    assert_ne!(webhook.pages()[1]["incident"], page["incident"]);
    let late = server.admin(reqwest::Method::POST, &format!("/api/alerts/{SUCCESS}/ack"));
    let late = Answer::of(
        late.header("content-type", "application/json").body(json!({ "incident": 1 }).to_string()),
    );
    let late = late.await;
    assert_eq!((late.status, late.code().as_str()), (409, "nothing_open"));
}

#[tokio::test]
async fn the_list_has_three_for_each_promise_and_unknown_ones_are_told_so() {
    let service = Service::start().await;
    let home = Home::with_config(
        &service.config("", "[[slo]]\nname = \"Everything\"\n[[slo]]\nname = \"Chat\"\nfeature = \"chat\"\n"),
    );
    let _server = home.serve().await;
    let list = home.cli(&["alerts", "list", "--json"]).await.ok().json();
    let rows = list["alerts"].as_array().expect("alerts");
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().expect("an id")).collect();
    for id in
        ["success:Everything", "p95:Everything", "cost:Everything", "success:Chat", "p95:Chat", "cost:Chat"]
    {
        assert!(ids.contains(&id), "{ids:?}");
    }
    assert_eq!(ids.len(), 6);
    let fields = ["id", "kind", "slo", "state", "since", "incident", "acknowledged", "sentence"];
    for row in rows {
        assert_eq!(missing_keys(row, &fields), [""; 0], "{row}");
        assert_eq!((&row["state"], &row["incident"]), (&"inactive".into(), &Value::Null), "{row}");
        assert!(row["sentence"].as_str().is_some_and(|sentence| !sentence.contains('%')), "{row}");
    }
    let unknown = home.cli(&["alerts", "ack", "success:Nobody", "--json"]).await;
    assert_eq!((unknown.code, unknown.error()["code"].as_str()), (1, Some("unknown_alert")));
    assert!(unknown.stderr.contains("success:Everything"), "{unknown:?}");
    let nothing = home.cli(&["alerts", "ack", SUCCESS, "--json"]).await;
    assert_eq!((nothing.code, nothing.error()["code"].as_str()), (1, Some("nothing_open")));
}

#[tokio::test]
async fn a_test_sends_one_of_each_and_says_who_took_it() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let server = home.serve().await;
    let ran = home.cli(&["alerts", "test", "--json"]).await;
    let sent = ran.json();
    let sent = sent["sent"].as_array().expect("pages");
    assert_eq!((ran.code, sent.len()), (1, 6), "there is no desktop here: {sent:?}");
    for page in sent {
        assert_eq!(page["ok"], page["channel"] == "webhook", "{page}");
        assert_eq!(page["error"].is_null(), page["channel"] == "webhook", "{page}");
    }
    let kinds: Vec<_> = webhook.of("test").iter().map(|page| page["kind"].clone()).collect();
    assert_eq!(kinds, ["success", "p95", "cost"]);
    for page in webhook.of("test") {
        assert!(page["title"].as_str().is_some_and(|title| title.starts_with("[Test] ")), "{page}");
    }
    assert_eq!(webhook.header("authorization"), None);
    // No test is an incident.
    assert_eq!(state(&server, SUCCESS).await, "inactive");
    assert_eq!(server.admin_get("/api/status").await["alert_error"], Value::Null);
}

#[tokio::test]
async fn the_webhook_s_secret_goes_with_the_page_and_stands_in_no_file() {
    const CANARY: &str = "wh-canary-Kc83TtQvWq27LmNb90PoIu";
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let _server = home.serve().await;
    // There is no keychain here, so the router holds it.
    let program = format!("{} --home {}", crate::harness::PROGRAM, home.folder().display());
    home.shell(&format!("printf '%s' {CANARY} | {program} key set webhook")).await.ok();
    let ran = home.cli(&["alerts", "test", "--json"]).await;
    assert_eq!(webhook.header("authorization"), Some(format!("Bearer {CANARY}")));
    assert!(!ran.stdout.contains(CANARY) && !ran.stderr.contains(CANARY));
    for name in ["evenkeel.toml", "logs/evenkeel.log"] {
        assert!(!home.read(name).contains(CANARY), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_quiet_hours_only_failures_page_and_the_rest_comes_in_one_when_they_are_over() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let slo = "[[slo]]\nname = \"Everything\"\np95 = \"500ms\"\n";
    // Two spans make a day, for one can't.
    let quiet = |hours: &str| service.config(&format!("{}\nquiet_hours = \"{hours}\"", webhook.line()), slo);
    let home = Home::with_config(&quiet("00:00-23:59"));
    let server = home.serve().await;
    until("two that fire", async || {
        ask(&server, "dear-1", false, 10).await;
        ask(&server, "slow-1", true, 6).await;
        let both = [state(&server, "cost:Everything").await, state(&server, "p95:Everything").await];
        (both == ["firing", "firing"]).then_some(())
    })
    .await;
    while_it_breaks(&server, "a page about failures", async || webhook.pages().into_iter().next()).await;
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
    assert_eq!(webhook.pages()[0]["kind"], "success");

    home.replace("evenkeel.toml", &quiet(""));
    let digest = until("the rest", async || webhook.of("digest").into_iter().next()).await;
    // Where one of them was over meanwhile, that is told with it.
    assert!(digest["title"].as_str().is_some_and(|title| title.contains(" alerts held back")), "{digest}");
    for word in ["answers start too late.", "requests cost too much."] {
        assert!(digest["body"].as_str().is_some_and(|body| body.contains(word)), "{digest}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_is_six_pages_and_a_digest() {
    let promise = |number: usize| format!("[[slo]]\nname = \"Promise {number}\"\n");
    let more: String = (0..9).map(promise).collect();
    let (_service, _home, server, webhook, _page) = firing("", &more).await;
    let digest = while_it_breaks(&server, "a digest", async || webhook.of("digest").into_iter().next()).await;
    assert!(digest["title"].as_str().is_some_and(|title| title.contains("3 alerts held back")), "{digest}");
    go_on(&server, true, Duration::from_secs(1)).await;
    assert_eq!((webhook.pages().len(), webhook.of("digest").len()), (6, 1), "{:?}", webhook.posts());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn practice_pages_say_that_they_are_practice() {
    let webhook = Webhook::start().await;
    let home = Home::with_config(&format!(
        "[alerts]\nevaluate_every = \"250ms\"\nsuccess_hold = \"1s\"\n{}\n",
        webhook.line()
    ));
    let server = home.serve().await;
    for provider in ["practice-a", "practice-b"] {
        home.cli(&["practice", "fault", provider, "down"]).await.ok();
    }
    let page = until("a page", async || {
        server.chat(false).await;
        webhook.pages().into_iter().next()
    })
    .await;
    assert_eq!(page["practice"], true);
    assert!(page["title"].as_str().is_some_and(|title| title.starts_with("PRACTICE: ")), "{page}");
}
