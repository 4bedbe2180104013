//! The vendors' own SDKs as clients: what they make of answers, streams, tools and errors is what users see.
//! Each script checks one SDK and ends with a line of what it did.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Home, Ran, finish};

/// The folder of the scripts.
pub fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/clients")
        .canonicalize()
        .expect("the scripts are there")
}

/// A tool that the tests need and that only `cargo xtask test` provides.
pub fn needed(variable: &str) -> PathBuf {
    let Some(path) = std::env::var_os(variable) else {
        panic!(
            "{variable} is not set: run `cargo xtask test`, which installs the test clients and names them"
        );
    };
    PathBuf::from(path)
}

/// Node finds packages from where the script lies, so another folder's packages need a copy of it there.
pub fn node(script: &str) -> Command {
    let folder = needed("EVENKEEL_TEST_NODE_CLIENTS");
    let here = clients();
    let mut command = Command::new("node");
    if folder.canonicalize().is_ok_and(|folder| folder == here) {
        command.arg(here.join(script));
        return command;
    }
    let copy = folder.join(script);
    std::fs::copy(here.join(script), &copy).expect("the clients' folder can be written");
    command.arg(copy);
    command
}

fn python(script: &str) -> Command {
    let mut command = Command::new(needed("EVENKEEL_TEST_PYTHON"));
    command.arg(clients().join(script));
    command
}

async fn run(home: &Home, mut command: Command, arguments: &[&str]) -> Ran {
    home.clean(&mut command).args(arguments);
    finish(command).await
}

/// The same script with the primary well, down, and breaking its streams.
async fn check(client: fn(&str) -> Command, script: &str, checks: usize) {
    // Asked for first, so that a missing tool is the one thing that is said.
    let _ = client(script);
    let home = Home::new();
    let server = home.serve().await;
    let faults: [(&str, &[&str]); 3] =
        [("primary", &["none"]), ("secondary", &["down"]), ("broken", &["break-stream", "6"])];
    for (who, fault) in faults {
        home.cli(&[&["practice", "fault", "practice-a"], fault].concat()).await.ok();
        let ran = run(&home, client(script), &[&server.url(""), &server.key, who]).await;
        assert_eq!(ran.code, 0, "{script} {who}: {}{}", ran.stdout, ran.stderr);
        let done = ran.stdout.lines().last().unwrap_or_default();
        assert_eq!(done.split_whitespace().count(), checks + 1, "{script} {who}: {done}");
    }
    let page = server.admin_get("/api/requests?limit=1000").await;
    let rows = page["requests"].as_array().expect("rows");
    let with = |outcome: &str| rows.iter().filter(|row| row["outcome"] == outcome).count();
    assert!(with("ok") > checks, "the ledger has them: {}", with("ok"));
    assert!(with("broken_stream") >= 1, "and the broken ones");
}

#[tokio::test]
async fn openai_for_python() {
    check(python, "openai_sdk.py", 8).await;
}

#[tokio::test]
async fn anthropic_for_python() {
    check(python, "anthropic_sdk.py", 9).await;
}

#[tokio::test]
async fn openai_for_node() {
    check(node, "openai_sdk.mjs", 8).await;
}

#[tokio::test]
async fn anthropic_for_node() {
    check(node, "anthropic_sdk.mjs", 9).await;
}
