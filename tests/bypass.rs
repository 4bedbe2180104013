//! The rollback switch: by command, by the environment, by header, and over a restart.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, CHAT, Home, Server, chat};

async fn served_by(server: &Server) -> String {
    server.chat(false).await.header("x-evenkeel-served-by").to_owned()
}

async fn switch(home: &Home) -> Value {
    home.cli(&["bypass", "status", "--json"]).await.ok().json()
}

#[tokio::test]
async fn on_and_off_take_effect_on_the_next_request_and_are_seen_everywhere() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(switch(&home).await["on"], false);
    let on = home.cli(&["bypass", "on"]).await.ok();
    assert!(on.stdout.contains("on"), "{on:?}");
    assert_eq!(served_by(&server).await, "bypass");
    let document = switch(&home).await;
    assert_eq!((document["on"].as_bool(), document["source"].as_str()), (Some(true), Some("command")));
    assert!(document["since"].is_string(), "{document}");
    assert!(home.cli(&["status"]).await.stdout.contains("Bypass is on"));
    assert_eq!(server.admin_get("/api/status").await["bypass"], document);

    home.cli(&["practice", "fault", "practice-a", "down"]).await.ok();
    let untouched = server.chat(false).await;
    assert_eq!((untouched.status, untouched.header("x-evenkeel-attempts")), (503, "1"), "nothing is rescued");
    assert!(untouched.body.contains("practice-a"), "the provider's own words: {untouched:?}");
    home.cli(&["bypass", "off"]).await.ok();
    assert_eq!(served_by(&server).await, "secondary");
}

#[tokio::test]
async fn one_request_bypasses_by_its_header() {
    let home = Home::new();
    let server = home.serve().await;
    let answer = Answer::of(server.post(CHAT, &chat(true)).header("x-evenkeel-bypass", "true")).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "bypass"));
    assert!(answer.is_whole_stream(), "{answer:?}");
    assert_eq!(served_by(&server).await, "primary");
}

#[tokio::test]
async fn the_switch_survives_a_restart_and_moves_without_a_router() {
    let home = Home::new();
    let server = home.serve().await;
    home.cli(&["bypass", "on"]).await.ok();
    server.stop().await;
    let kept = switch(&home).await;
    assert_eq!((kept["on"].as_bool(), kept["since"].is_string()), (Some(true), true), "{kept}");
    let server = home.serve().await;
    assert_eq!(served_by(&server).await, "bypass");
    assert_eq!(switch(&home).await["since"], kept["since"], "since then, not since the restart");
    assert!(home.cli(&["status"]).await.stdout.contains("Bypass is on"));
    server.stop().await;
    home.cli(&["bypass", "off"]).await.ok();
    assert_eq!(served_by(&home.serve().await).await, "primary");
}

#[tokio::test]
async fn the_environment_wins_and_off_says_so() {
    let home = Home::new().set("BYPASS_ROUTER", "true");
    let server = home.serve().await;
    assert_eq!(served_by(&server).await, "bypass");
    // A shell without the variable: the router's environment is what counts.
    let plain = async |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env_remove("BYPASS_ROUTER");
        crate::harness::finish(command).await
    };
    let document = plain(&["status", "--json"]).await.json();
    assert_eq!(document["bypass"]["source"], "env");
    let off = plain(&["bypass", "off"]).await;
    assert_eq!((off.code, off.stderr.contains("BYPASS_ROUTER")), (1, true), "{off:?}");
    assert_eq!(plain(&["bypass", "off", "--json"]).await.error()["code"], "bypass_environment");
    assert_eq!(served_by(&server).await, "bypass");
}

#[tokio::test]
async fn the_file_turns_it_on_and_the_command_turns_the_file_off() {
    let home = Home::with_config("# mine\nbypass = true\n");
    let server = home.serve().await;
    assert_eq!(served_by(&server).await, "bypass");
    assert_eq!(switch(&home).await["source"], "config");
    home.cli(&["bypass", "off"]).await.ok();
    assert_eq!(served_by(&server).await, "primary");
    assert_eq!(home.read("evenkeel.toml"), "# mine\nbypass = false\n");
}

/// "Send everything to …": a person's choice goes first, keeps its safety net, and survives a restart.
#[tokio::test]
async fn everything_is_sent_to_the_chosen_one_until_it_is_automatic_again() {
    let home = Home::new();
    let server = home.serve().await;
    let force = |server: &Server, name: Value| {
        let body = serde_json::json!({ "provider": name }).to_string();
        Answer::of(
            server.admin(Method::PUT, "/api/force").header("content-type", "application/json").body(body),
        )
    };
    let unknown = force(&server, "nobody".into()).await;
    assert_eq!(
        (unknown.status, unknown.json()["code"].as_str()),
        (404, Some("unknown_provider")),
        "{unknown:?}"
    );
    assert!(unknown.body.contains("practice-a, practice-b"), "{unknown:?}");

    assert_eq!(force(&server, "practice-b".into()).await.json()["force"], "practice-b");
    assert_eq!(served_by(&server).await, "secondary");
    server.stop().await;
    let server = home.serve().await;
    assert_eq!(served_by(&server).await, "secondary");
    assert!(home.cli(&["status"]).await.stdout.contains("practice-b first, by your choice"));
    home.cli(&["practice", "fault", "practice-b", "down"]).await.ok();
    assert_eq!(served_by(&server).await, "primary");
    home.cli(&["practice", "fault", "practice-b", "none"]).await.ok();
    assert!(force(&server, Value::Null).await.json()["force"].is_null());
    assert_eq!(server.chat(false).await.header("x-evenkeel-attempts"), "1");
    assert_eq!(served_by(&server).await, "primary");
}
