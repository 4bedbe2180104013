//! Channels that are away, kills, edits, and a database that is locked: nobody is told twice, and nobody never.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use super::webhook::Webhook;
use super::{SUCCESS, Service, alert, break_off, firing, go_on, state, while_it_breaks, while_it_works};
use crate::harness::{Home, PATIENCE, Server, until};

async fn alert_error(server: &Server) -> Value {
    server.admin_get("/api/status").await["alert_error"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_away_gets_the_page_once_with_the_time_of_then() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    webhook.answer(500);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let server = home.serve().await;
    while_it_breaks(&server, "a try", async || webhook.pages().into_iter().next()).await;
    let refused = until("a reason", async || {
        alert_error(&server).await.as_str().filter(|error| error.contains("webhook")).map(str::to_owned)
    })
    .await;
    assert!(refused.contains("500") && !refused.contains("/hook"), "{refused}");
    until("another try", async || (webhook.pages().len() > 1).then_some(())).await;
    webhook.answer(200);
    let before = webhook.pages().len();
    until("a delivery", async || (webhook.pages().len() > before).then_some(())).await;
    until("no word about it", async || {
        (!alert_error(&server).await.to_string().contains("webhook")).then_some(())
    })
    .await;
    go_on(&server, true, Duration::from_secs(2)).await;
    let pages = webhook.pages();
    assert_eq!(pages.len(), before + 1, "{pages:?}");
    assert!(pages.iter().all(|page| page == &pages[0]), "the same page, with its first time: {pages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_desktop_the_status_says_why_a_page_reaches_nobody() {
    let (_service, home, server, _webhook, _page) = firing("", "").await;
    let error = until("a reason", async || alert_error(&server).await.as_str().map(str::to_owned)).await;
    assert!(error.contains("notification service"), "{error}");
    let words = home.cli(&["status"]).await;
    assert!(words.code == 3 && words.stdout.contains("Not told"), "{words:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_it_fires_pages_nobody_again_and_forgets_nothing() {
    let (_service, home, server, webhook, page) = firing("repeat_every = \"1h\"", "").await;
    home.cli(&["alerts", "ack", SUCCESS]).await.ok();
    let before = alert(&server, SUCCESS).await;
    server.kill();
    let server = home.serve().await;
    go_on(&server, true, Duration::from_secs(3)).await;
    let after = alert(&server, SUCCESS).await;
    assert_eq!((&after["state"], &after["acknowledged"]), (&"firing".into(), &true.into()));
    assert_eq!((&after["incident"], &after["since"]), (&before["incident"], &before["since"]));
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
    // The end of it is the end of the same incident.
    let end = while_it_works(&server, "its end", async || webhook.of("resolved").into_iter().next()).await;
    assert_eq!(end["incident"], page["incident"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_it_is_pending_leaves_one_page() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let server = home.serve().await;
    while_it_breaks(&server, "a beginning", async || {
        (state(&server, SUCCESS).await == "pending").then_some(())
    })
    .await;
    assert_eq!(webhook.pages().len(), 0);
    server.kill();
    let server = home.serve().await;
    while_it_breaks(&server, "a page", async || webhook.pages().into_iter().next()).await;
    go_on(&server, true, Duration::from_secs(2)).await;
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_target_while_it_fires_goes_on_with_the_incident_until_that_one_is_kept() {
    let (service, home, server, webhook, page) = firing("", "[[slo]]\nname = \"Everything\"\n").await;
    let easier = service.config(&webhook.line(), "[[slo]]\nname = \"Everything\"\nsuccess = 50.0\n");
    home.replace("evenkeel.toml", &easier);
    until("the new target", async || {
        (server.admin_get("/api/slo").await["slos"][0]["success"]["target_percent"] == 50.0).then_some(())
    })
    .await;
    assert_eq!(
        format!("{SUCCESS}:{}", alert(&server, SUCCESS).await["incident"]),
        page["incident"].as_str().unwrap_or("")
    );
    // A third fails: too many for the old target, few enough for the new one.
    let mut round = 5_000;
    let end = while_it_works(&server, "its end", async || {
        round += 1;
        break_off(&server, round).await;
        webhook.of("resolved").into_iter().next()
    })
    .await;
    assert_eq!(end["incident"], page["incident"]);
    assert!(end["body"].as_str().is_some_and(|body| body.contains("promised 50 %")), "{end}");
    assert_eq!(webhook.pages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promise_that_is_renamed_or_gets_another_scope_closes_its_incident_without_a_word() {
    let (service, home, server, webhook, page) = firing("", "[[slo]]\nname = \"Everything\"\n").await;
    let other = service.config(&webhook.line(), "[[slo]]\nname = \"Everything\"\nfeature = \"chat\"\n");
    home.replace("evenkeel.toml", &other);
    until("a new beginning", async || (state(&server, SUCCESS).await == "inactive").then_some(())).await;
    go_on(&server, true, Duration::from_secs(1)).await;
    assert_eq!(
        alert(&server, SUCCESS).await["incident"],
        Value::Null,
        "none of these requests is about chat"
    );
    home.replace("evenkeel.toml", &service.config(&webhook.line(), "[[slo]]\nname = \"Renamed\"\n"));
    while_it_breaks(&server, "a page under the new name", async || webhook.pages().into_iter().nth(1)).await;
    assert_eq!((webhook.pages()[1]["slo"].as_str(), webhook.of("resolved").len()), (Some("Renamed"), 0));
    assert_ne!(webhook.pages()[1]["incident"], page["incident"]);
}

/// What another program does that holds the database until its connection ends.
fn lock(home: &Home) -> Connection {
    let other = Connection::open(home.path("evenkeel.db")).expect("the ledger");
    other.busy_timeout(PATIENCE).expect("a setting");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    other
}

async fn not_written(server: &Server) {
    // Models that no breaker knows: of one that rests, the other provider answers, and that would be a recovery.
    let mut round = 9_000;
    until("a ledger that can't be written", async || {
        round += 1;
        break_off(server, round).await;
        server.admin_get("/api/status").await["ledger_error"].as_str().map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_locked_nothing_is_taken_for_healthy() {
    let (_service, home, server, webhook, page) = firing("", "").await;
    let lock = lock(&home);
    not_written(&server).await;
    // All is well again as far as anybody can see, but nothing of it is written.
    while_it_works(&server, "a word that nothing is known", async || {
        let row = alert(&server, SUCCESS).await;
        assert_eq!(row["state"], "firing", "{row}");
        row["sentence"].as_str().filter(|sentence| sentence.contains("could not be read")).map(drop)
    })
    .await;
    go_on(&server, false, Duration::from_secs(3)).await;
    let row = alert(&server, SUCCESS).await;
    assert_eq!(row["state"], "firing", "{row}");
    assert_eq!(webhook.of("resolved").len(), 0);
    drop(lock);
    let end = while_it_works(&server, "its end", async || webhook.of("resolved").into_iter().next()).await;
    assert_eq!(end["incident"], page["incident"]);
    assert_eq!(webhook.pages().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_somebody_has_is_not_told_again_because_the_database_could_not_note_it() {
    const TAKES_ITS_TIME: Duration = Duration::from_secs(4);
    let (service, webhook) = (Service::start().await, Webhook::answering_after(TAKES_ITS_TIME).await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let server = home.serve().await;
    while_it_breaks(&server, "a page", async || webhook.pages().into_iter().next()).await;
    // It has been posted, and not yet answered.
    let lock = lock(&home);
    until("a line in the log", async || {
        home.read("logs/evenkeel.log").contains("what became of a page could not be kept").then_some(())
    })
    .await;
    drop(lock);
    let ledger = Connection::open(home.path("evenkeel.db")).expect("the ledger");
    until("a page that is noted", async || {
        let sql = "SELECT state FROM pages WHERE key LIKE 'webhook/%'";
        let state = ledger.query_row(sql, [], |row| row.get::<_, String>(0)).expect("one page");
        (state == "delivered").then_some(())
    })
    .await;
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_the_database_would_not_take_is_told_once_it_does() {
    let (service, webhook) = (Service::start().await, Webhook::start().await);
    let home = Home::with_config(&service.config(&webhook.line(), ""));
    let server = home.serve().await;
    while_it_breaks(&server, "a beginning", async || {
        (state(&server, SUCCESS).await == "pending").then_some(())
    })
    .await;
    let lock = lock(&home);
    not_written(&server).await;
    assert_eq!(webhook.pages().len(), 0);
    drop(lock);
    while_it_breaks(&server, "the page", async || webhook.pages().into_iter().next()).await;
    go_on(&server, true, Duration::from_secs(1)).await;
    assert_eq!(webhook.pages().len(), 1, "{:?}", webhook.posts());
}
