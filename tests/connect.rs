//! `evenkeel connect` and `disconnect`, and the same over the admin API, in a home with a tool's settings.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Home, Server, missing_keys};

const SETTINGS: &str = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"sk-ant-api03-mine-alone\"\n  }\n}\n";

/// A home in which Claude Code was started once. The harness takes the terminal's folder for the account's home.
fn home() -> (Home, PathBuf) {
    let home = Home::new();
    let file = home.terminal().join(".claude/settings.json");
    fs::create_dir_all(file.parent().expect("it has one")).expect("a folder");
    fs::write(&file, SETTINGS).expect("written");
    (home, file)
}

fn env_of(file: &PathBuf) -> Value {
    let text = fs::read_to_string(file).expect("it is there");
    serde_json::from_str::<Value>(&text).expect("JSON")["env"].clone()
}

fn row<'a>(list: &'a Value, tool: &str) -> &'a Value {
    list["tools"].as_array().expect("rows").iter().find(|row| row["tool"] == tool).expect("a row")
}

#[tokio::test]
async fn a_tool_is_connected_shown_first_and_put_back() {
    let (home, file) = home();
    let server = home.serve().await;
    let shown = home.cli(&["connect", "claude-code", "--dry-run"]).await.ok();
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS, "nothing is changed yet");
    let url = server.url("");
    assert!(shown.stdout.contains(&format!("+    \"ANTHROPIC_BASE_URL\": \"{url}\"")), "{shown:?}");
    for secret in ["sk-ant-api03-mine-alone", server.key.as_str()] {
        assert!(!shown.stdout.contains(secret), "{shown:?}");
    }

    let nobody = home.cli(&["connect", "claude-code"]).await;
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.stderr.contains("--yes") && nobody.stderr.contains("--dry-run"), "{nobody:?}");
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS);

    let done = home.cli(&["connect", "claude", "--yes"]).await.ok();
    assert!(done.stdout.contains("Claude Code is connected"), "{done:?}");
    assert_eq!(env_of(&file), json!({ "ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": server.key }));
    assert_eq!(home.mode("tools.json"), 0o600);
    let again = home.cli(&["connect", "claude-code"]).await.ok();
    assert!(again.stdout.contains("connected already"), "{again:?}");

    let list = home.cli(&["connect", "--list"]).await.ok();
    let line = list.stdout.lines().find(|line| line.starts_with("claude-code")).expect("a line");
    assert!(line.contains(" connected ") && line.contains("settings.json"), "{list:?}");
    assert!(list.stdout.contains("can't reach an address on this machine"), "{list:?}");

    home.cli(&["disconnect", "claude-code", "--yes"]).await.ok();
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS);
    let nothing = home.cli(&["disconnect", "claude-code"]).await.ok();
    assert!(nothing.stdout.contains("nothing to take back"), "{nothing:?}");
}

#[tokio::test]
async fn machines_get_documents() {
    let (home, file) = home();
    let error = home.cli(&["connect", "claude-code", "--yes", "--json"]).await;
    assert_eq!(error.error()["code"], "key_unknown", "there is no key before the first start");
    let _server = home.serve().await;
    let change = home.cli(&["connect", "claude-code", "--yes", "--json"]).await.ok().json();
    let keys = ["tool", "name", "state", "applied", "file", "diff", "left", "notes"];
    assert!(missing_keys(&change, &keys).is_empty(), "{change}");
    assert_eq!((change["state"].as_str(), change["applied"].as_bool()), (Some("connected"), Some(true)));
    assert_eq!(change["file"], file.display().to_string());
    let list = home.cli(&["connect", "--list", "--json"]).await.ok().json();
    let keys = ["tool", "name", "found", "state", "file", "since", "note"];
    assert!(missing_keys(row(&list, "claude-code"), &keys).is_empty(), "{list}");
    assert_eq!(row(&list, "claude-code")["state"], "connected");
    assert_eq!(row(&list, "cursor")["state"], "unsupported");
    let cursor = home.cli(&["connect", "cursor", "--json"]).await;
    assert_eq!((cursor.code, cursor.error()["code"].as_str()), (1, Some("tool_unsupported")));
    let unknown = home.cli(&["connect", "emacs", "--json"]).await;
    assert_eq!(unknown.error()["code"], "unknown_tool");
}

#[tokio::test]
async fn a_rotated_key_is_said_and_taken_up() {
    let (home, file) = home();
    let _server = home.serve().await;
    home.cli(&["connect", "claude-code", "--yes"]).await.ok();
    home.cli(&["tenant", "rotate", "local"]).await.ok();
    let list = home.cli(&["connect", "--list", "--json"]).await.ok().json();
    assert_eq!(row(&list, "claude-code")["state"], "outdated", "{list}");
    home.cli(&["connect", "claude-code", "--yes"]).await.ok();
    let key = home.read("local.key");
    assert_eq!(env_of(&file)["ANTHROPIC_AUTH_TOKEN"], key.trim());
    home.cli(&["disconnect", "claude-code", "--yes"]).await.ok();
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS);
}

async fn post(server: &Server, path: &str, body: Value) -> Value {
    let answer = Answer::of(server.admin(Method::POST, path).body(body.to_string())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn the_dashboard_does_the_same() {
    let (home, file) = home();
    let server = home.serve().await;
    let list = server.admin_get("/api/tools").await;
    assert_eq!(row(&list, "claude-code")["state"], "not_connected");
    assert_eq!(row(&list, "claude-code")["found"], true);
    let shown = post(&server, "/api/tools/claude-code/connect", json!({ "dry_run": true })).await;
    assert_eq!(shown["applied"], false, "{shown}");
    assert!(shown["diff"].as_str().expect("a diff").contains("ANTHROPIC_BASE_URL"));
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS);
    let done = post(&server, "/api/tools/claude-code/connect", json!({})).await;
    assert_eq!((done["applied"].as_bool(), &done["diff"]), (Some(true), &shown["diff"]), "{done}");
    assert_eq!(env_of(&file)["ANTHROPIC_AUTH_TOKEN"], server.key);
    let undone = post(&server, "/api/tools/claude-code/disconnect", json!({})).await;
    assert_eq!(undone["state"], "not_connected", "{undone}");
    assert_eq!(fs::read_to_string(&file).expect("read"), SETTINGS);
}

/// A new terminal, in which the shell runs its start-up file.
#[tokio::test]
async fn a_shell_s_start_up_file_hands_out_address_and_key() {
    let home = Home::new().set("SHELL", "/bin/bash");
    let server = home.serve().await;
    let file = home.terminal().join(".bashrc");
    fs::write(&file, "export HARBOUR=low").expect("written");
    home.cli(&["connect", "shell", "--yes"]).await.ok();
    let text = fs::read_to_string(&file).expect("read");
    assert!(!text.contains(&server.key), "people keep this file in repositories: {text}");
    let ran = home.shell(". ~/.bashrc; echo $HARBOUR $OPENAI_BASE_URL $OPENAI_API_KEY").await.ok();
    assert_eq!(ran.stdout, format!("low {} {}\n", server.url("/v1"), server.key));
    home.cli(&["disconnect", "shell", "--yes"]).await.ok();
    assert_eq!(fs::read_to_string(&file).expect("read"), "export HARBOUR=low");
}
