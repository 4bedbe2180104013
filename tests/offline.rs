//! Without a network, behind a captive portal, and with providers that nobody can reach: each test in a network of its
//! own, with a cable that it plugs in and pulls out.
//!
//! - [`world`]: that network, and the internet behind it
//! - [`travel`]: what was asked before is answered all the same

#![cfg(target_os = "linux")]

mod travel;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::raw::{Raw, Seen, Step, plain};
use crate::harness::{Answer, Home, Server, until};
use world::{FIRST, SECOND, World, alone};

/// What the first request that meets it may take, and what the next ones may, on a machine that is busy: the first is
/// promised within 2.5 s, and takes four and more where each provider's time-outs are waited for.
const FIRST_TIME: Duration = Duration::from_millis(3_500);
const AT_ONCE: Duration = Duration::from_millis(500);
/// A way that nobody comes back from.
const NOWHERE: &str = "203.0.113.10";
const NOWHERE_ELSE: &str = "203.0.113.20";

fn config(first: &str, second: &str) -> String {
    let provider = |name: &str, url: &str| {
        format!(
            "[providers.{name}]\ndialect = \"openai\"\nbase_url = \"{url}\"\nkey = \"none\"\nmodels = [\"*\"]\n"
        )
    };
    format!(
        "{}{}[[routes]]\nname = \"default\"\nprimary = {{ provider = \"first\" }}\n\
         secondary = {{ provider = \"second\" }}\n[alerts]\nevaluate_every = \"250ms\"\nsuccess_hold = \"1s\"\n",
        provider("first", first),
        provider("second", second)
    )
}

/// Both at their places in the internet, over plain HTTP.
fn both() -> String {
    config(&format!("http://{FIRST}:8080/v1"), &format!("http://{SECOND}:8080/v1"))
}

/// A provider that answers, in the OpenAI dialect.
fn answers(seen: &Seen) -> Vec<Step> {
    if seen.head.starts_with("GET") {
        return plain(401, "application/json", r#"{"error":{"message":"No key."}}"#);
    }
    let chunk = |delta: &str, finish| crate::harness::raw::chunk(delta, finish);
    let text = chunk(r#"{"role":"assistant","content":"aye"}"#, None) + &chunk("{}", Some("stop"));
    vec![crate::harness::raw::stream_head(), Step::Send(text + "data: [DONE]\n\n")]
}

/// A network that wants a login first.
fn portal(_: &Seen) -> Vec<Step> {
    plain(200, "text/html", "<!doctype html><title>Welcome to the airport</title>")
}

/// A request that nobody has asked before, so that there is nothing kept for it.
fn new_question() -> Value {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let mut question = crate::harness::chat(true);
    question["messages"][0]["content"] = format!("new {}", ASKED.fetch_add(1, Ordering::Relaxed)).into();
    question
}

/// One request, its code, and how long it took.
async fn refused(server: &Server) -> (String, Duration) {
    let began = Instant::now();
    let answer = server.ask("/v1/chat/completions", &new_question()).await;
    let took = began.elapsed();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1", "{answer:?}");
    (answer.code(), took)
}

/// The first one within its time, and many more at once.
async fn refused_soon_and_then_at_once(server: &Server, code: &str) -> Duration {
    let (told, took) = refused(server).await;
    assert_eq!(told, code);
    assert!(took < FIRST_TIME, "the first one took {took:?}");
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let (told, took) = refused(server).await;
        assert_eq!(told, code);
        slowest = slowest.max(took);
    }
    measured(&format!("{code}: first answer after {took:?}, the slowest of the next ten after {slowest:?}"));
    assert!(slowest < AT_ONCE, "one of the next took {slowest:?}");
    took
}

#[expect(clippy::print_stderr, reason = "a measurement is there to be read")]
fn measured(what: &str) {
    eprintln!("measured: {what}");
}

async fn status(server: &Server) -> Value {
    server.admin_get("/api/status").await
}

async fn network(server: &Server) -> (String, String) {
    let network = status(server).await["network"].clone();
    let word = |name: &str| network[name].as_str().unwrap_or_default().to_owned();
    (word("state"), word("reason"))
}

async fn last_rows(server: &Server) -> Vec<Value> {
    let page = server.admin_get("/api/requests").await;
    page["requests"].as_array().expect("rows").clone()
}

async fn alert(server: &Server) -> Value {
    let list = server.admin_get("/api/alerts").await;
    let rows = list["alerts"].as_array().expect("alerts").clone();
    rows.into_iter().find(|row| row["id"] == "success:Everything").expect("the alert of failures")
}

/// Every provider's breaker is closed, and none ever was anything else.
async fn no_breaker_tripped(server: &Server) {
    for provider in status(server).await["providers"].as_array().expect("providers") {
        assert_eq!(provider["breakers"], serde_json::json!([]), "{provider}");
    }
    assert!(!server.stderr().contains("it rests"), "{}", server.stderr());
}

async fn until_online(server: &Server) -> Duration {
    let began = Instant::now();
    until("a network that is seen", async || (network(server).await.0 == "online").then_some(())).await;
    began.elapsed()
}

#[test]
fn without_a_route_requests_are_refused_at_once_and_nobody_is_blamed_or_paged() {
    alone("without_a_route_requests_are_refused_at_once_and_nobody_is_blamed_or_paged", async || {
        let _world = World::new();
        let home = Home::with_config(&both());
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "offline").await;
        assert_eq!(network(&server).await, ("offline".to_owned(), "no_route".to_owned()));
        let now = status(&server).await;
        assert_eq!((&now["offline"], &now["state"]), (&true.into(), &"degraded".into()), "{now}");
        for row in last_rows(&server).await {
            let told = (&row["counted"], &row["cause"], &row["status"]);
            assert_eq!(told, (&"bad".into(), &"own_network".into(), &503.into()), "{row}");
        }
        no_breaker_tripped(&server).await;
        // Twenty failures are more than any alert needs; this one says why it keeps quiet.
        for _ in 0..10 {
            refused(&server).await;
        }
        until("an evaluation that knows", async || {
            alert(&server).await["sentence"]
                .as_str()
                .is_some_and(|said| said.contains("offline"))
                .then_some(())
        })
        .await;
        assert_eq!(alert(&server).await["state"], "inactive");
        let told = home.cli(&["status"]).await;
        assert_eq!(told.code, 3, "{told:?}");
        assert!(told.stdout.starts_with("No network since "), "{told:?}");
        assert!(told.stdout.contains("no route to the internet"), "{told:?}");
        assert_eq!(server.stderr().matches("Offline: ").count(), 1, "{}", server.stderr());
    });
}

#[test]
fn a_cable_that_is_plugged_in_ends_it_and_one_that_is_pulled_out_is_noticed() {
    alone("a_cable_that_is_plugged_in_ends_it_and_one_that_is_pulled_out_is_noticed", async || {
        let world = World::new();
        let (_first, _second) = (world.provider(FIRST, 8080, answers), world.provider(SECOND, 8080, answers));
        let home = Home::with_config(&both());
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "offline").await;
        world.plug_in();
        let took = until_online(&server).await;
        measured(&format!("online again {took:?} after the cable was plugged in"));
        assert!(took < Duration::from_secs(4), "{took:?}");
        // The first of them did not have to be asked twice: nothing was held against it.
        let answer = server.chat(true).await;
        assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "primary"), "{answer:?}");
        no_breaker_tripped(&server).await;
        // Connections from before are dead without knowing it.
        server.chat(true).await;
        world.pull_out();
        refused_soon_and_then_at_once(&server, "offline").await;
        assert_eq!(last_rows(&server).await[0]["cause"], "own_network");
        world.plug_in();
        until_online(&server).await;
        assert_eq!(server.chat(true).await.status, 200);
        no_breaker_tripped(&server).await;
        let log = server.stderr();
        assert_eq!((log.matches("Offline: ").count(), log.matches("Online again").count()), (2, 2), "{log}");
    });
}

#[test]
fn streams_that_the_network_takes_away_are_held_against_nobody() {
    alone("streams_that_the_network_takes_away_are_held_against_nobody", async || {
        let world = World::new();
        world.plug_in();
        let begun = |_: &Seen| {
            let words = crate::harness::raw::chunk(r#"{"role":"assistant","content":"aye"}"#, None);
            vec![crate::harness::raw::stream_head(), Step::Send(words), Step::Hang]
        };
        let (first, _second) = (world.provider(FIRST, 8080, begun), world.provider(SECOND, 8080, begun));
        let route = "secondary = { provider = \"second\" }\n";
        let home = Home::with_config(&both().replace(route, &format!("{route}idle_timeout = \"1s\"\n")));
        let server = home.serve().await;
        let streams = (0..5).map(|_| server.chat(true));
        let (ended, ()) = tokio::join!(futures_util::future::join_all(streams), async {
            until("five streams", async || (first.seen().len() == 5).then_some(())).await;
            world.pull_out();
        });
        for answer in ended {
            assert!(answer.status == 200 && answer.body.contains("error"), "{answer:?}");
        }
        for row in last_rows(&server).await {
            let told = (&row["outcome"], &row["cause"]);
            assert_eq!(told, (&"broken_stream".into(), &"own_network".into()), "{row}");
        }
        until("a look", async || (network(&server).await.0 == "offline").then_some(())).await;
        no_breaker_tripped(&server).await;
    });
}

#[test]
fn a_page_in_place_of_every_answer_is_a_network_that_wants_a_login() {
    alone("a_page_in_place_of_every_answer_is_a_network_that_wants_a_login", async || {
        let world = World::new();
        world.plug_in();
        let logged_in = Arc::new(AtomicBool::new(false));
        let providers = [FIRST, SECOND].map(|address| {
            let logged_in = Arc::clone(&logged_in);
            world.provider(address, 8080, move |seen: &Seen| {
                if logged_in.load(Ordering::Relaxed) { answers(seen) } else { portal(seen) }
            })
        });
        let home = Home::with_config(&both());
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "offline").await;
        assert_eq!(network(&server).await, ("offline".to_owned(), "captive_portal".to_owned()));
        no_breaker_tripped(&server).await;
        for row in last_rows(&server).await {
            assert_eq!(row["cause"], "own_network", "{row}");
        }
        logged_in.store(true, Ordering::Relaxed);
        // Nothing tells of it but the next look.
        until_online(&server).await;
        assert_eq!(server.chat(true).await.status, 200);
        no_breaker_tripped(&server).await;
        let looks = providers.iter().flat_map(Raw::seen).filter(|seen| seen.head.starts_with("GET"));
        for seen in looks {
            assert!(seen.head.starts_with("GET /v1/models"), "{seen:?}");
            assert_eq!(seen.header("authorization"), None, "{seen:?}");
        }
    });
}

#[test]
fn a_portal_that_cuts_tls_is_found_at_the_door_it_leaves_open() {
    alone("a_portal_that_cuts_tls_is_found_at_the_door_it_leaves_open", async || {
        let world = World::new();
        world.plug_in();
        let _portal = [FIRST, SECOND].map(|address| world.provider(address, 80, portal));
        let home =
            Home::with_config(&config(&format!("https://{FIRST}/v1"), &format!("https://{SECOND}/v1")));
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "offline").await;
        assert_eq!(network(&server).await.1, "captive_portal");
        no_breaker_tripped(&server).await;
    });
}

#[test]
fn a_way_that_nobody_comes_back_from_is_an_outage_told_in_time() {
    alone("a_way_that_nobody_comes_back_from_is_an_outage_told_in_time", async || {
        let world = World::new();
        world.plug_in();
        let home = Home::with_config(&config(
            &format!("http://{NOWHERE}:8080/v1"),
            &format!("http://{NOWHERE_ELSE}:8080/v1"),
        ));
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "unreachable").await;
        assert_eq!(last_rows(&server).await[0]["cause"], "provider_outage");
    });
}

#[test]
fn names_that_nobody_resolves_are_a_second_witness() {
    alone("names_that_nobody_resolves_are_a_second_witness", async || {
        let world = World::new();
        world.plug_in();
        let home = Home::with_config(&config(
            "http://first.provider.test:8080/v1",
            "http://second.provider.test:8080/v1",
        ));
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "offline").await;
        assert_eq!(network(&server).await.1, "no_names");
        no_breaker_tripped(&server).await;
    });
}

#[test]
fn a_crowd_that_meets_it_at_the_same_time_trips_no_breaker() {
    alone("a_crowd_that_meets_it_at_the_same_time_trips_no_breaker", async || {
        let world = World::new();
        world.plug_in();
        let home = Home::with_config(&config(
            "http://first.provider.test:8080/v1",
            "http://second.provider.test:8080/v1",
        ));
        let server = home.serve().await;
        let crowd = (0..30).map(|number: u32| {
            let server = &server;
            async move {
                // Some come while the others wait already, long enough to meet the time-outs of those.
                tokio::time::sleep(Duration::from_millis(60) * number).await;
                refused(server).await.0
            }
        });
        let told = futures_util::future::join_all(crowd).await;
        assert!(told.iter().all(|code| code == "offline"), "{told:?}");
        let rows = last_rows(&server).await;
        assert_eq!(rows.len(), 30);
        assert!(rows.iter().all(|row| row["cause"] == "own_network"), "{rows:?}");
        no_breaker_tripped(&server).await;
    });
}

#[test]
fn two_that_refuse_over_a_network_that_is_there_are_an_outage_and_page() {
    alone("two_that_refuse_over_a_network_that_is_there_are_an_outage_and_page", async || {
        let world = World::new();
        world.plug_in();
        let home = Home::with_config(&both());
        let server = home.serve().await;
        refused_soon_and_then_at_once(&server, "unreachable").await;
        let now = status(&server).await;
        assert_eq!((&now["offline"], &now["state"]), (&false.into(), &"down".into()), "{now}");
        assert_eq!(network(&server).await, ("unreachable".to_owned(), "first, second".to_owned()));
        for row in last_rows(&server).await {
            assert_eq!((&row["counted"], &row["cause"]), (&"bad".into(), &"provider_outage".into()), "{row}");
        }
        until("an alert that fires", async || {
            refused(&server).await;
            (alert(&server).await["state"] == "firing").then_some(())
        })
        .await;
        assert!(home.cli(&["status"]).await.stdout.starts_with("No provider can be reached since "));
        let _first = world.provider(FIRST, 8080, answers);
        until_online(&server).await;
        let answer =
            until("an answer", async || Some(server.chat(true).await).filter(Answer::is_whole_stream));
        assert_eq!(answer.await.header("x-evenkeel-served-by"), "primary");
    });
}

#[test]
fn one_of_two_that_can_be_reached_is_neither() {
    alone("one_of_two_that_can_be_reached_is_neither", async || {
        let world = World::new();
        world.plug_in();
        let _second = world.provider(SECOND, 8080, answers);
        let home = Home::with_config(&both());
        let server = home.serve().await;
        let opened = until("a breaker that opens", async || {
            let answer = server.chat(true).await;
            assert_eq!(
                (answer.status, answer.header("x-evenkeel-served-by")),
                (200, "secondary"),
                "{answer:?}"
            );
            assert_eq!(network(&server).await.0, "online");
            status(&server).await["providers"][0]["breakers"].get(0).cloned()
        });
        assert_eq!(opened.await["reason"], "connect");
    });
}
