//! Tenants and their keys, with a router running and without one.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, CHAT, Home, MESSAGES, Server, chat, message, missing_keys};

async fn status_of(server: &Server, key: &str) -> u16 {
    Answer::of(server.post_as(key, CHAT, &chat(false))).await.status
}

fn names(list: &Value) -> Vec<&str> {
    list["tenants"].as_array().expect("a list").iter().filter_map(|row| row["tenant"].as_str()).collect()
}

#[tokio::test]
async fn a_key_is_shown_once_works_at_once_and_stops_at_once() {
    let home = Home::new();
    let server = home.serve().await;
    let added =
        home.cli(&["tenant", "add", "acme", "--feature", "support-bot", "--feature", "search"]).await.ok();
    let key = added.stdout.trim().to_owned();
    assert!(key.starts_with("ek-") && key.lines().count() == 1, "{added:?}");
    assert_eq!(status_of(&server, &key).await, 200);

    let answer = Answer::of(server.post_as(&key, MESSAGES, &message(false))).await;
    assert_eq!(answer.status, 200, "the key works in either header: {answer:?}");
    let row = server.admin_get(&format!("/api/requests/{}", answer.header("x-evenkeel-id"))).await;
    assert_eq!((row["tenant"].as_str(), row["feature"].as_str()), (Some("acme"), Some("support-bot")));
    assert!(home.read("evenkeel.toml").contains("[tenants.acme]"));

    let rotated = home.cli(&["tenant", "rotate", "acme", "--json"]).await.ok().json();
    assert_eq!(missing_keys(&rotated, &["tenant", "key", "features"]), [""; 0], "{rotated}");
    assert_eq!(rotated["features"], serde_json::json!(["support-bot", "search"]));
    let new = rotated["key"].as_str().expect("a key");
    assert_eq!((status_of(&server, &key).await, status_of(&server, new).await), (401, 200));

    let list = home.cli(&["tenant", "list", "--json"]).await.ok();
    assert_eq!(names(&list.json()), ["local", "acme"]);
    let row = &list.json()["tenants"][1];
    assert_eq!(missing_keys(row, &["tenant", "features", "created_at", "last_used_at"]), [""; 0], "{row}");
    assert!(!list.stdout.contains("ek-"), "{list:?}");
    let text = home.cli(&["tenant", "list"]).await.ok();
    assert!(text.stdout.contains("acme") && text.stdout.contains("search"), "{text:?}");

    home.cli(&["tenant", "remove", "acme"]).await.ok();
    assert_eq!(status_of(&server, new).await, 401);
    assert_eq!(names(&home.cli(&["tenant", "list", "--json"]).await.ok().json()), ["local"]);
    assert!(!home.read("evenkeel.toml").contains("acme"));
    let rows = home.cli(&["requests", "--tenant", "acme", "--json"]).await.ok().json();
    assert_eq!(rows["requests"].as_array().map(Vec::len), Some(3), "its requests stay in the ledger");
}

#[tokio::test]
async fn a_tenants_key_names_no_other_tenant_and_local_names_any() {
    let home = Home::new();
    let server = home.serve().await;
    let key = home.cli(&["tenant", "add", "acme"]).await.ok().stdout.trim().to_owned();
    home.cli(&["tenant", "add", "globex"]).await.ok();
    let ask = |key: &str, tenant: &str| {
        Answer::of(server.post_as(key, CHAT, &chat(false)).header("x-evenkeel-tenant", tenant))
    };
    let refused = ask(&key, "globex").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_request"));
    assert!(refused.body.contains("x-evenkeel-tenant"), "{refused:?}");
    let unknown = ask(&server.key, "initech").await;
    assert_eq!((unknown.status, unknown.body.contains("x-evenkeel-tenant")), (400, true));
    let named = ask(&server.key, "globex").await;
    assert_eq!(named.status, 200);
    let row = server.admin_get(&format!("/api/requests/{}", named.header("x-evenkeel-id"))).await;
    assert_eq!(row["tenant"], "globex");
}

#[tokio::test]
async fn the_local_key_is_rotated_in_its_file_and_env_hands_out_the_new_one() {
    let home = Home::new();
    let server = home.serve().await;
    home.cli(&["tenant", "rotate", "local"]).await.ok();
    let new = home.read("local.key").trim().to_owned();
    assert_ne!(new, server.key);
    assert_eq!((status_of(&server, &server.key).await, status_of(&server, &new).await), (401, 200));
    assert!(home.cli(&["env", "--shell", "sh"]).await.ok().stdout.contains(&new));
    assert_eq!(home.mode("local.key"), 0o600);
}

#[tokio::test]
async fn tenants_are_managed_without_a_router_too() {
    let home = Home::new();
    home.serve().await.stop().await;
    let key = home.cli(&["tenant", "add", "acme"]).await.ok().stdout.trim().to_owned();
    let old = home.cli(&["tenant", "add", "globex"]).await.ok().stdout.trim().to_owned();
    home.cli(&["tenant", "remove", "globex"]).await.ok();
    assert_eq!(names(&home.cli(&["tenant", "list", "--json"]).await.ok().json()), ["local", "acme"]);
    let server = home.serve().await;
    assert_eq!((status_of(&server, &key).await, status_of(&server, &old).await), (200, 401));
}

#[tokio::test]
async fn what_cant_be_done_to_a_tenant_is_said_with_its_code() {
    let home = Home::new();
    let server = home.serve().await;
    home.cli(&["tenant", "add", "acme"]).await.ok();
    for (arguments, code) in [
        (["tenant", "add", "acme", "--json"], "tenant_exists"),
        (["tenant", "remove", "local", "--json"], "tenant_reserved"),
        (["tenant", "remove", "globex", "--json"], "unknown_tenant"),
        (["tenant", "rotate", "globex", "--json"], "unknown_tenant"),
        (["tenant", "add", "not a name", "--json"], "invalid_request"),
    ] {
        let ran = home.cli(&arguments).await;
        assert_eq!((ran.code, ran.error()["code"].as_str()), (1, Some(code)), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "");
    }
    let over_http = Answer::of(server.admin(Method::POST, "/api/tenants").body("{\"name\":\"acme\"}")).await;
    assert_eq!((over_http.status, over_http.code().as_str()), (409, "tenant_exists"));
}
