//! Start and stop: what is drained, what is left behind, who holds what, and who may read it.

use std::net::TcpListener;
use std::time::Instant;

use reqwest::Method;

use crate::harness::{Answer, CHAT, Home, MESSAGES, Server, chat, finish, message, until};

/// Waits until a practice provider is busy with a request.
async fn until_asked(server: &Server, requests: u64) {
    until("a request in flight", async || {
        let practice = server.admin_get("/api/practice").await;
        (practice["providers"][0]["requests"].as_u64() >= Some(requests)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_polite_stop_lets_requests_finish_and_leaves_everything_in_order() {
    let home = Home::new();
    let mut server = home.serve().await;
    home.cli(&["practice", "fault", "practice-a", "slow", "1s"]).await.ok();
    let (one, two) = (server.post(CHAT, &chat(true)), server.post(MESSAGES, &message(false)));
    let asking = tokio::spawn(async { tokio::join!(Answer::of(one), Answer::of(two)) });
    until_asked(&server, 2).await;
    server.signal("TERM");
    let (streamed, whole) = asking.await.expect("no panic");
    assert_eq!((streamed.status, streamed.is_whole_stream()), (200, true), "{streamed:?}");
    assert_eq!((whole.status, whole.is_written_by("practice-a")), (200, true), "{whole:?}");
    assert_eq!(server.until_gone().await.code(), Some(0), "{}", server.stderr());

    assert!(!home.path("run.json").exists());
    for name in ["evenkeel.db-wal", "evenkeel.db-shm"] {
        assert!(!home.path(name).exists(), "{name}: the database is not closed in order");
    }
    let rows = home.cli(&["requests", "--json"]).await.ok().json();
    let outcomes: Vec<_> =
        rows["requests"].as_array().expect("rows").iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["ok", "ok"], "both are in the ledger, which reads without a router");
    assert_eq!(home.cli(&["status"]).await.code, 4);
    assert!(home.read("logs/evenkeel.log").contains("Stopped"), "the log tells of the stop");
}

#[tokio::test]
async fn a_stop_waits_ten_seconds_at_most_and_takes_nothing_new() {
    let home = Home::new();
    let mut server = home.serve().await;
    home.cli(&["practice", "fault", "practice-a", "hang"]).await.ok();
    home.cli(&["practice", "fault", "practice-b", "hang"]).await.ok();
    let request = server.post(CHAT, &chat(false));
    let asking = tokio::spawn(async { request.send().await.map(|response| response.status().as_u16()) });
    until_asked(&server, 1).await;
    let start = Instant::now();
    server.signal("TERM");
    until("a router that drains", async || {
        // Either answer turns a load balancer and a tool away.
        match server.request(Method::GET, "/readyz").send().await {
            Ok(response) => (response.status() == 503).then_some(()),
            Err(_) => Some(()),
        }
    })
    .await;
    if let Ok(response) = server.post(CHAT, &chat(false)).send().await {
        assert_eq!(response.status(), 503);
    }
    assert_eq!(server.until_gone().await.code(), Some(0), "{}", server.stderr());
    assert!((9..14).contains(&start.elapsed().as_secs()), "it took {:?}", start.elapsed());
    assert_eq!(asking.await.expect("no panic").expect("an answer, not a dropped connection"), 503);
    let rows = home.cli(&["requests", "--failed", "--json"]).await.ok().json();
    let row = &rows["requests"][0];
    assert_eq!(
        (row["counted"].as_str(), row["cause"].as_str()),
        (Some("bad"), Some("router")),
        "our own doing: {rows}"
    );
}

#[tokio::test]
async fn a_second_ctrl_c_does_not_wait() {
    let home = Home::new();
    let mut server = home.serve().await;
    home.cli(&["practice", "fault", "practice-a", "hang"]).await.ok();
    home.cli(&["practice", "fault", "practice-b", "hang"]).await.ok();
    let request = server.post(CHAT, &chat(false));
    let asking = tokio::spawn(request.send());
    until_asked(&server, 1).await;
    let start = Instant::now();
    server.signal("INT");
    until("the announcement", async || server.stdout().contains("Stopping").then_some(())).await;
    server.signal("INT");
    assert_eq!(server.until_gone().await.code(), Some(130), "{}", server.stderr());
    assert!(start.elapsed().as_secs() < 5, "it took {:?}", start.elapsed());
    drop(asking.await);
    // What was cut short opens again.
    assert_eq!(home.serve().await.chat(false).await.status, 200);
}

#[tokio::test]
async fn ctrl_c_stops_it_too_and_at_once_where_nothing_is_in_flight() {
    let home = Home::new();
    let mut server = home.serve().await;
    // An idle connection of a pool and a live view of the dashboard must not hold it up.
    assert_eq!(server.chat(false).await.status, 200);
    let live = server.admin(Method::GET, "/api/events").send().await.expect("a stream");
    assert_eq!(live.status(), 200);
    let start = Instant::now();
    server.signal("INT");
    assert_eq!(server.until_gone().await.code(), Some(0), "{}", server.stderr());
    assert!(start.elapsed().as_secs() < 5, "it took {:?}", start.elapsed());
}

#[tokio::test]
async fn a_second_router_on_the_folder_names_the_first_and_harms_nothing() {
    let home = Home::new();
    let server = home.serve().await;
    let second = home.cli(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!((second.code, second.stdout.as_str()), (1, ""), "{second:?}");
    assert!(second.stderr.contains(&server.pid().to_string()), "{second:?}");
    let json = home.cli(&["serve", "--listen", "127.0.0.1:0", "--json"]).await;
    assert_eq!((json.code, json.error()["code"].as_str()), (1, Some("already_running")));
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(home.cli(&["status", "--json"]).await.ok().json()["pid"], server.pid());
}

#[tokio::test]
async fn a_taken_port_names_its_holder_and_a_free_one_that_works() {
    let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = held.local_addr().expect("bound").to_string();
    let home = Home::new();
    let ran = home.cli(&["serve", "--listen", &address]).await;
    // Above it may stand a line of the log, about the database of a new folder.
    let said: Vec<_> = ran.stderr.lines().rev().take(2).collect();
    assert!(ran.code == 1 && said[1].contains(&address) && said[0].contains("--listen"), "{ran:?}");
    if cfg!(target_os = "linux") {
        assert!(said[1].contains(&format!("process {}", std::process::id())), "{ran:?}");
    }
    assert!(!home.path("run.json").exists());
    let offered = said[0].split_whitespace().last().expect("an offer").to_owned();
    let server = home.serve_with(&["serve", "--listen", &offered]).await;
    assert_eq!(server.address.to_string(), offered);
    assert_eq!(server.chat(false).await.status, 200);
}

#[tokio::test]
async fn only_the_owner_may_read_what_is_private() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(server.chat(false).await.status, 200);
    home.cli(&["tenant", "add", "acme"]).await.ok();
    for name in
        ["evenkeel.db", "evenkeel.db-wal", "admin.token", "run.json", "local.key", "logs/evenkeel.log"]
    {
        assert_eq!(home.mode(name), 0o600, "{name}");
    }
    assert_eq!(home.mode("logs"), 0o700);
    let run: serde_json::Value = serde_json::from_str(&home.read("run.json")).expect("a document");
    let keys: Vec<_> = run.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["pid", "listen", "kind"]);
}

#[tokio::test]
async fn without_a_command_and_a_display_it_serves_and_says_so() {
    let home = Home::with_config("[server]\nlisten = \"127.0.0.1:0\"\n");
    let server = home.serve_with(&[]).await;
    assert_eq!(server.chat(false).await.status, 200);
    let said =
        until("a word about it", async || Some(server.stderr()).filter(|text| text.contains("serve"))).await;
    let line = said.lines().next().expect("a line");
    assert!(line.contains("display") && line.contains("evenkeel serve"), "{said}");
    server.stop().await;
}

#[tokio::test]
async fn the_home_may_come_from_the_environment() {
    let home = Home::new();
    let server = home.serve().await;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_evenkeel"));
    home.clean(&mut command).env("EVENKEEL_HOME", home.folder()).args(["status", "--json"]);
    assert_eq!(finish(command).await.ok().json()["pid"], server.pid());
}

#[tokio::test]
async fn a_home_that_cant_be_written_is_one_clear_message() {
    let home = Home::new();
    home.write("file", "");
    // Not by permissions: the tests may run as root, whom none stop.
    let inside = home.path("file").join("home").display().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_evenkeel"));
    home.clean(&mut command).args(["--home", &inside, "serve", "--listen", "127.0.0.1:0"]);
    let ran = finish(command).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!((1..=2).contains(&ran.stderr.lines().count()), "{ran:?}");
    assert!(ran.stderr.contains(&inside) && ran.stderr.contains("--home"), "{ran:?}");
}

#[tokio::test]
async fn the_log_of_a_service_is_one_json_object_a_line() {
    let home = Home::new();
    let server = home.serve_with(&["serve", "--listen", "127.0.0.1:0", "--log", "json"]).await;
    let id = server.chat(false).await.header("x-evenkeel-id").to_owned();
    let line = until("the request in the log", async || {
        home.read("logs/evenkeel.log").lines().find(|line| line.contains(&id)).map(str::to_owned)
    });
    let line: serde_json::Value = serde_json::from_str(&line.await).expect("JSON");
    assert_eq!((line["id"].as_str(), line["status"].as_u64()), (Some(id.as_str()), Some(200)), "{line}");
}
