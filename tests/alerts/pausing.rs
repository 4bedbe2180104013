//! While alerts are paused they fire and are seen by whoever looks, and nobody is told; afterwards everybody is, once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::desk::Desk;
use super::webhook::Webhook;
use super::{SUCCESS, Service, alert, go_on, state, while_it_breaks, while_it_works};
use crate::harness::{Answer, Home, Server, until};

const TITLE: &str = "Too many requests fail";
const SECOND: &str = "success:Second";
/// Two that break and are kept together.
const TWO: &str = "[[slo]]\nname = \"Everything\"\n[[slo]]\nname = \"Second\"\n";

/// From now on.
fn within(time: Duration) -> Timestamp {
    Timestamp::now() + SignedDuration::try_from(time).expect("a short time")
}

async fn pause(server: &Server, until: Option<Timestamp>) -> Value {
    let request = server.admin(reqwest::Method::PUT, "/api/alerts/pause");
    let body = json!({ "until": until.map(|until| until.to_string()) }).to_string();
    let answer = Answer::of(request.header("content-type", "application/json").body(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// A router with alerts paused for an hour, in which requests fail until an alert fires.
async fn fires_while_paused(home: &Home) -> (Server, String) {
    let server = home.serve().await;
    let status = pause(&server, Some(within(Duration::from_hours(1)))).await;
    let until = status["alerts_paused_until"].as_str().expect("a time").to_owned();
    while_it_breaks(&server, "an alert", async || (state(&server, SUCCESS).await == "firing").then_some(()))
        .await;
    (server, until)
}

/// An alert fires, and who looks for it sees it.
async fn is_seen(home: &Home, server: &Server, until: &str) {
    let status = server.admin_get("/api/status").await;
    assert_eq!(
        (&status["alerts"][0]["id"], &status["alerts_paused_until"]),
        (&SUCCESS.into(), &until.into())
    );
    let words = home.cli(&["status"]).await;
    assert_eq!(words.code, 3, "{words:?}");
    assert!(words.stdout.contains(&format!("{SUCCESS} fires: ")), "{words:?}");
    assert!(words.stdout.to_lowercase().contains("paused"), "{words:?}");
    assert_eq!(status["alert_error"], Value::Null, "nothing waits for a channel");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fires_while_alerts_are_paused_is_seen_and_told_by_nobody_until_they_are_resumed() {
    let (desk, service, webhook) = (Desk::attended().await, Service::start().await, Webhook::start().await);
    let home = desk.home(&service.config(&format!("repeat_every = \"1s\"\n{}", webhook.line()), TWO));
    let (server, until_then) = fires_while_paused(&home).await;
    while_it_breaks(&server, "a second alert", async || {
        (state(&server, SECOND).await == "firing").then_some(())
    })
    .await;
    is_seen(&home, &server, &until_then).await;
    // Repeats would have been due as well.
    go_on(&server, true, Duration::from_secs(2)).await;
    assert_eq!(webhook.posts(), [Value::Null; 0]);
    assert!(!desk.printed().contains("CRITICAL"), "{}", desk.printed());

    // Acknowledged, they are told once all the same, for others than whoever did it may wait for it; and no more.
    for id in [SUCCESS, SECOND] {
        home.cli(&["alerts", "ack", id]).await.ok();
    }
    pause(&server, None).await;
    let digest = until("the digest", async || webhook.posts().into_iter().next()).await;
    assert_eq!((&digest["event"], &digest["title"]), (&"digest".into(), &"2 alerts held back".into()));
    let body = digest["body"].as_str().expect("a body");
    assert_eq!(body.matches("too many requests fail.").count(), 2, "{digest}");
    until("the same on the desktop", async || (desk.count("2 alerts held back") == 1).then_some(())).await;
    go_on(&server, true, Duration::from_secs(2)).await;
    while_it_works(&server, "their ends", async || webhook.of("resolved").into_iter().nth(1)).await;
    until("the same on the desktop", async || (desk.count("Requests succeed again") == 2).then_some(()))
        .await;
    assert_eq!(webhook.posts().len(), 3, "{:?}", webhook.posts());
    assert_eq!((desk.count(TITLE), desk.count("2 alerts held back")), (0, 1), "{}", desk.printed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_outlives_a_kill_and_its_end_alone_tells_what_waited() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let (server, until_then) = fires_while_paused(&home).await;
    server.kill();
    let server = home.serve().await;
    go_on(&server, true, Duration::from_secs(2)).await;
    is_seen(&home, &server, &until_then).await;
    assert_eq!(webhook.posts(), [Value::Null; 0]);

    // Nobody resumes it: its end passes.
    let end = within(Duration::from_secs(3));
    pause(&server, Some(end)).await;
    let page = while_it_breaks(&server, "what waited", async || webhook.posts().into_iter().next()).await;
    assert!(Timestamp::now() >= end);
    // One alone needs no digest: it is the page itself, with the time of then.
    assert_eq!((&page["event"], &page["title"]), (&"firing".into(), &TITLE.into()), "{page}");
    let at: Timestamp = page["at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    assert!(at < end, "{page}");
    assert_eq!(server.admin_get("/api/status").await["alerts_paused_until"], Value::Null);
    let over = while_it_works(&server, "its end", async || webhook.of("resolved").into_iter().next()).await;
    assert_eq!(
        (over["incident"] == page["incident"], webhook.posts().len()),
        (true, 2),
        "{:?}",
        webhook.posts()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_and_over_within_a_pause_is_told_in_one_digest_and_no_more() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let (server, _) = fires_while_paused(&home).await;
    home.cli(&["alerts", "ack", SUCCESS]).await.ok();
    assert_eq!(alert(&server, SUCCESS).await["acknowledged"], true);
    while_it_works(&server, "its end", async || {
        (["resolved", "inactive"].contains(&state(&server, SUCCESS).await.as_str())).then_some(())
    })
    .await;
    go_on(&server, false, Duration::from_secs(1)).await;
    assert_eq!(webhook.posts(), [Value::Null; 0]);

    pause(&server, None).await;
    let digest = until("the digest", async || webhook.posts().into_iter().next()).await;
    assert_eq!((&digest["event"], &digest["title"]), (&"digest".into(), &"2 alerts held back".into()));
    let body = digest["body"].as_str().expect("a body");
    let (broke, over) = (body.find("too many requests fail."), body.find("requests succeed again."));
    assert!(broke.is_some() && broke < over, "{digest}");
    go_on(&server, false, Duration::from_secs(2)).await;
    assert_eq!(webhook.posts().len(), 1, "{:?}", webhook.posts());
    // The next incident is told as ever.
    while_it_breaks(&server, "a page", async || webhook.pages().into_iter().next()).await;
}
