//! `evenkeel.toml` edited while the router runs: a good edit is in force a moment later, a bad one changes
//! nothing and says why.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, CHAT, Home, Server, chat, until};

const OPEN: &str = "[server]\nrequire_key = false\n";
const CLOSED: &str = "[server]\nrequire_key = true\n";

async fn without_a_key(server: &Server) -> u16 {
    Answer::of(server.request(Method::POST, CHAT).body(chat(false).to_string())).await.status
}

async fn until_status(what: &str, server: &Server, found: impl Fn(&Value) -> bool) -> Value {
    until(what, async || Some(server.admin_get("/api/status").await).filter(|status| found(status))).await
}

#[tokio::test]
async fn edits_in_place_and_by_rename_take_effect_without_a_restart() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(without_a_key(&server).await, 401);
    // In turn the file is made, written into, and replaced; each has to be noticed.
    home.write("evenkeel.toml", OPEN);
    until("a file that appears", async || (without_a_key(&server).await == 200).then_some(())).await;
    home.write("evenkeel.toml", CLOSED);
    until("an edit in place", async || (without_a_key(&server).await == 401).then_some(())).await;
    home.replace("evenkeel.toml", OPEN);
    until("an edit by rename", async || (without_a_key(&server).await == 200).then_some(())).await;
    home.replace("evenkeel.toml", CLOSED);
    until("a second one", async || (without_a_key(&server).await == 401).then_some(())).await;

    home.write("evenkeel.toml", OPEN);
    until("any key", async || (without_a_key(&server).await == 200).then_some(())).await;
    let answer = Answer::of(server.post_as("sk-whatever", CHAT, &chat(false))).await;
    let row = server.admin_get(&format!("/api/requests/{}", answer.header("x-evenkeel-id"))).await;
    assert_eq!((answer.status, row["tenant"].as_str()), (200, Some("local")));
}

#[tokio::test]
async fn a_bad_edit_keeps_the_settings_and_is_shown_until_it_is_mended() {
    let home = Home::with_config(OPEN);
    let server = home.serve().await;
    home.write("evenkeel.toml", "[server]\nrequire_key = false\nmax_bdy = \"1MiB\"\n");
    let status = until_status("the mistake", &server, |status| status["config_error"].is_string()).await;
    let error = status["config_error"].as_str().expect("a sentence");
    assert!(error.contains("line 3") && error.contains("max_bdy"), "{error}");
    assert_eq!(without_a_key(&server).await, 200, "the settings from before hold");

    let text = home.cli(&["status"]).await;
    assert!(text.code == 3 && text.stdout.contains("line 3"), "{text:?}");
    let check = home.cli(&["check"]).await;
    assert!(
        check.code == 1 && check.stdout.contains("evenkeel.toml:3:1") && check.stdout.contains("max_body"),
        "{check:?}"
    );
    assert!(home.read("logs/evenkeel.log").contains("max_bdy"));

    home.replace("evenkeel.toml", CLOSED);
    until_status("its end", &server, |status| status["config_error"].is_null()).await;
    until("the new setting", async || (without_a_key(&server).await == 401).then_some(())).await;
}

#[tokio::test]
async fn a_mistake_that_is_undone_is_forgotten() {
    let home = Home::with_config(OPEN);
    let server = home.serve().await;
    home.write("evenkeel.toml", "not toml");
    until_status("the mistake", &server, |status| status["config_error"].is_string()).await;
    home.write("evenkeel.toml", OPEN);
    until_status("its end", &server, |status| status["config_error"].is_null()).await;
    assert_eq!(without_a_key(&server).await, 200);
}

#[tokio::test]
async fn a_pin_and_a_provider_are_in_force_on_the_next_request() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(server.chat(false).await.header("x-evenkeel-served-by"), "primary");
    home.write("evenkeel.toml", "[[routes]]\nname = \"default\"\npin = \"secondary\"\n");
    until("the pin", async || {
        (server.chat(false).await.header("x-evenkeel-served-by") == "secondary").then_some(())
    })
    .await;

    // The first real provider ends practice, without a restart.
    let elsewhere = Home::new();
    let vendor = elsewhere.serve().await;
    let practice = vendor.admin_get("/api/practice").await;
    let address = practice["providers"][0]["listen"].as_str().expect("an address");
    let section = "[providers.mine]\ndialect = \"openai\"\nkey = \"none\"\nmodels = [\"*\"]\n";
    home.write("evenkeel.toml", &format!("{section}base_url = \"http://{address}/v1\"\n"));
    let answer = until("the real provider", async || {
        Some(server.chat(false).await).filter(|answer| answer.header("x-evenkeel-provider") == "mine")
    })
    .await;
    assert_eq!((answer.status, answer.header("x-evenkeel-practice")), (200, ""), "{answer:?}");
    assert_eq!(server.admin_get("/api/status").await["practice"], false);
    assert_eq!(
        home.cli(&["practice", "status", "--json"]).await.ok().json()["providers"],
        serde_json::json!([])
    );
}
