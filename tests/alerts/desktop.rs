//! Pages on a real notification service, and what is pressed on them.

use std::time::Duration;

use serde_json::Value;

use super::desk::Desk;
use super::plain::Plain;
use super::{SUCCESS, Service, alert, go_on, state, while_it_breaks, while_it_works};
use crate::harness::{Answer, Home, Server, until};

const TITLE: &str = "Too many requests fail";

async fn firing(desk: &Desk, alerts: &str) -> (Service, Home, Server) {
    let service = Service::start().await;
    let home = desk.home(&service.config(alerts, ""));
    let server = fires(&home).await;
    (service, home, server)
}

/// A router in this home, up to its first alert.
async fn fires(home: &Home) -> Server {
    let server = home.serve().await;
    while_it_breaks(&server, "an alert", async || (state(&server, SUCCESS).await == "firing").then_some(()))
        .await;
    server
}

async fn shown(desk: &Desk, title: &str) {
    until(title, async || (desk.count(title) > 0).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_stays_on_the_screen_with_its_buttons_and_acknowledge_ends_the_repeats() {
    let desk = Desk::attended().await;
    let (_service, _home, server) = firing(&desk, "repeat_every = \"1s\"\n").await;
    shown(&desk, TITLE).await;
    let printed = desk.printed();
    for word in
        ["CRITICAL", "first is failing.", "Next: use only second.", "Acknowledge", "Use only second", "Open"]
    {
        assert!(printed.contains(word), "{word}: {printed}");
    }
    while_it_breaks(&server, "a repeat", async || {
        (desk.count(&format!("Still: t{}", &TITLE[1..])) > 0).then_some(())
    })
    .await;
    desk.press("Acknowledge");
    until("somebody who has seen it", async || {
        (alert(&server, SUCCESS).await["acknowledged"] == true).then_some(())
    })
    .await;
    go_on(&server, true, Duration::from_millis(500)).await;
    let told = desk.count("Still: ");
    go_on(&server, true, Duration::from_millis(2_500)).await;
    assert_eq!((desk.count(TITLE), desk.count("Still: ")), (1, told), "{}", desk.printed());

    while_it_works(&server, "its end", async || (desk.count("Requests succeed again") > 0).then_some(()))
        .await;
    assert_eq!(desk.count("Requests succeed again"), 1);
    assert_eq!(server.admin_get("/api/status").await["alert_error"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_shows_the_alerts_in_a_browser_that_is_logged_in_by_it() {
    let desk = Desk::attended().await;
    let (_service, _home, server) = firing(&desk, "").await;
    shown(&desk, TITLE).await;
    desk.press("Open");
    let link = until("a page in the browser", async || desk.opened()).await;
    let (path, place) = link
        .strip_prefix(&format!("http://{}", server.address))
        .and_then(|path| path.split_once('#'))
        .expect("ours");
    assert_eq!(place, "/overview", "where the alerts are");
    let answer = Answer::of(server.request(reqwest::Method::GET, path)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard/"), "{answer:?}");
    let cookie = answer.header("set-cookie").split(';').next().expect("a pair").to_owned();
    let status =
        Answer::of(server.request(reqwest::Method::GET, "/api/status").header("cookie", cookie)).await;
    assert_eq!(status.json()["alerts"][0]["id"], SUCCESS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_screen_for_a_browser_nothing_offers_to_open_one() {
    let desk = Desk::attended().await;
    let service = Service::start().await;
    let home = desk.home_without_a_screen(&service.config("", ""));
    let server = fires(&home).await;
    shown(&desk, TITLE).await;
    let printed = desk.printed();
    assert!(printed.contains("Acknowledge") && printed.contains("Use only second"), "{printed}");
    assert!(!printed.contains("Open"), "{printed}");
    // What is left works.
    desk.press("Acknowledge");
    until("somebody who has seen it", async || {
        (alert(&server, SUCCESS).await["acknowledged"] == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_buttons_is_given_none() {
    let desk = Desk::bare().await;
    let plain = Plain::on(&desk.bus());
    let (_service, _home, server) = firing(&desk, "").await;
    let buttons = until("the page", async || plain.buttons(TITLE)).await;
    assert_eq!(buttons, [""; 0]);
    until("no trouble", async || {
        server.admin_get("/api/status").await["alert_error"].is_null().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn use_only_switches_for_its_own_incident_and_for_no_other() {
    let desk = Desk::attended().await;
    let (service, home, server) = firing(&desk, "").await;
    shown(&desk, TITLE).await;
    desk.press("Use only second");
    until("the switch", async || (server.admin_get("/api/status").await["force"] == "second").then_some(()))
        .await;
    drop((service, home, server));

    // The promise is deleted, and its page is still on the screen.
    let desk = Desk::attended().await;
    let (service, home, server) = firing(&desk, "").await;
    shown(&desk, TITLE).await;
    home.replace("evenkeel.toml", &service.config("", "[[slo]]\nname = \"Another\"\n"));
    until("the other promise", async || {
        let list = server.admin_get("/api/alerts").await;
        (list["alerts"][0]["slo"] == "Another").then_some(())
    })
    .await;
    desk.press("Use only second");
    until("a line in the log", async || {
        home.read("logs/evenkeel.log").contains("that incident is over; nothing was switched").then_some(())
    })
    .await;
    assert_eq!(server.admin_get("/api/status").await["force"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_comes_late_shows_the_page_once_and_until_then_the_status_says_why_not() {
    let mut desk = Desk::bare().await;
    let (_service, home, server) = firing(&desk, "").await;
    let error = until("a reason", async || {
        let status = server.admin_get("/api/status").await;
        status["alert_error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(error.contains("notification service"), "{error}");
    let words = home.cli(&["status"]).await;
    assert!(words.code == 3 && words.stdout.contains("Not told"), "{words:?}");

    desk.come().await;
    shown(&desk, TITLE).await;
    until("no trouble", async || {
        server.admin_get("/api/status").await["alert_error"].is_null().then_some(())
    })
    .await;
    go_on(&server, true, Duration::from_secs(1)).await;
    assert_eq!(desk.count(TITLE), 1, "{}", desk.printed());
    // And one that was started anew takes the next.
    desk.go();
    desk.come().await;
    while_it_works(&server, "its end", async || (desk.count("Requests succeed again") > 0).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_shows_one_of_each() {
    let desk = Desk::attended().await;
    let service = Service::start().await;
    let home = desk.home(&service.config("", ""));
    let _server = home.serve().await;
    let ran = home.cli(&["alerts", "test"]).await.ok();
    assert_eq!(ran.stdout.matches("taken").count(), 3, "{ran:?}");
    until("three", async || (desk.count("[Test] ") == 3).then_some(())).await;
    for title in
        ["[Test] Too many requests fail", "[Test] Answers start too late", "[Test] Requests cost too much"]
    {
        assert_eq!(desk.count(title), 1, "{title}: {}", desk.printed());
    }
}
