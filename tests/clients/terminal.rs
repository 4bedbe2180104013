//! `llm` and aider under `evenkeel run`, with no settings of their own: what they print is what their user gets.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::scene::{Primary, Scene};
use super::script::needed;
use crate::harness::{Ran, finish};

const PROMPT: &str = "Hello to the keel";

/// The text without the line breaks that a terminal's width puts into it.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_answered(ran: &Ran, by: &str) {
    let said = flat(&ran.stdout);
    assert!(ran.code == 0 && said.contains(&format!("This is a practice answer from {by}")), "{by}: {ran:?}");
}

const FUNCTIONS: &str = r#"
def get_weather(place: str) -> str:
    "Tells the weather"
    return "Sunny intervals, and now get_tide"

def get_tide(place: str) -> str:
    "Tells the tide"
    return "High water at noon"
"#;

/// `llm` with one of the models that it brings along, in a home of its own.
async fn llm(primary: Primary, model: &str) {
    let scene = Scene::set(primary).await;
    let home = tempfile::tempdir().expect("a folder");
    let program = needed("EVENKEEL_TEST_PYTHON").with_file_name("llm");
    let run = async |arguments: &[&str]| {
        let mut command = scene.run(&program);
        command.env("HOME", home.path()).env("LLM_USER_PATH", home.path());
        command.args(["--model", model]).args(arguments);
        finish(command).await
    };
    let ran = run(&[PROMPT, "--usage"]).await;
    assert_answered(&ran, scene.by());
    assert!(ran.stdout.contains(&format!("\"{PROMPT}\"")), "{ran:?}");
    let used = ran.stderr.split_once("Token usage: ").map(|(_, used)| used).unwrap_or_default();
    let some = !used.starts_with("0 ") && !used.contains(" 0 output");
    assert!(some && used.contains(" input, ") && used.contains(" output"), "{ran:?}");
    for more in [&[] as &[&str], &["--no-stream"]] {
        let prompt = ["Please use get_weather for the harbour", "--functions", FUNCTIONS, "--tools-debug"];
        let ran = run(&[&prompt, more].concat()).await;
        assert_answered(&ran, scene.by());
        let calls = ["Tool call: get_weather(", "Tool call: get_tide("].map(|call| ran.stderr.find(call));
        assert!(calls[0].is_some() && calls[0] < calls[1], "{ran:?}");
        assert!(ran.stdout.contains("High water at noon"), "{ran:?}");
    }
    let ran = run(&[PROMPT, "--schema", "title, days int"]).await.ok();
    assert!(ran.json()["title"].is_string() && ran.json()["days"].is_i64(), "{ran:?}");
    let ran = run(&[PROMPT, "--key", "ek-nobody"]).await;
    assert!(ran.code == 1 && ran.stderr.contains("evenkeel env"), "{ran:?}");
    scene.assert_ledger(8).await;
}

#[tokio::test]
async fn llm_chats_calls_tools_and_fills_schemas() {
    llm(Primary::Well, "gpt-4o-mini").await;
}

#[tokio::test]
async fn llm_chats_after_a_failover() {
    llm(Primary::Down, "gpt-4o-mini").await;
}

/// Its newer models of this vendor ask for responses.
#[tokio::test]
async fn llm_gets_responses_calls_tools_and_fills_schemas() {
    llm(Primary::Well, "gpt-5-mini").await;
}

#[tokio::test]
async fn llm_gets_responses_after_a_failover() {
    llm(Primary::Down, "gpt-5-mini").await;
}

#[tokio::test]
async fn llm_gets_messages_calls_tools_and_fills_schemas() {
    llm(Primary::Well, "claude-haiku-4.5").await;
}

#[tokio::test]
async fn llm_gets_messages_after_a_failover() {
    llm(Primary::Down, "claude-haiku-4.5").await;
}

/// Aider's program, or nothing where its Python is missing; `cargo xtask test` says so in its table then.
fn aider_program() -> Option<PathBuf> {
    Some(needed("EVENKEEL_TEST_AIDER")).filter(|program| !program.as_os_str().is_empty())
}

/// A home in which aider finds the prices of the models here.
fn aider_home() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    // It asks a host on the internet for prices unless it did so today.
    let prices = json!({
        "gpt-5-mini": { "max_input_tokens": 128_000, "litellm_provider": "openai", "mode": "chat" },
        "claude-haiku-4-5": { "max_input_tokens": 200_000, "litellm_provider": "anthropic", "mode": "chat" },
    });
    let caches = folder.path().join(".aider/caches");
    fs::create_dir_all(&caches).expect("a folder");
    fs::write(caches.join("model_prices_and_context_window.json"), prices.to_string()).expect("written");
    folder
}

async fn aider(primary: Primary, model: &str) {
    let Some(program) = aider_program() else { return };
    let scene = Scene::set(primary).await;
    let folder = aider_home();
    let ask = async |more: &[&str]| {
        let mut command = scene.run(&program);
        command
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .args(QUIET)
            .args(["--model", model, "--message", PROMPT])
            .args(more);
        finish(command).await
    };
    for more in [&[] as &[&str], &["--no-stream"]] {
        let ran = ask(more).await;
        assert_answered(&ran, scene.by());
        let said = flat(&ran.stdout);
        let used = said.split_once("Tokens: ").map(|(_, used)| used).unwrap_or_default();
        assert!(
            used.contains(" sent, ") && !used.starts_with("0 ") && !used.contains(" 0 received"),
            "{ran:?}"
        );
    }
    // Aider ends with 0 whatever happened.
    let ran = ask(&["--openai-api-key", "ek-nobody", "--anthropic-api-key", "ek-nobody"]).await;
    assert!(flat(&ran.stdout).contains("`evenkeel env` prints a valid one"), "{ran:?}");
    scene.assert_ledger(2).await;
}

/// After `evenkeel connect`: nothing in its environment, everything in its own settings.
#[tokio::test]
async fn aider_is_connected_by_its_own_settings_and_put_back() {
    let Some(program) = aider_program() else { return };
    let scene = Scene::set(Primary::Well).await;
    let folder = aider_home();
    let settings = "# mine\ndark-mode: true\nset-env:\n- HARBOUR=low  # mine, too\n";
    let file = folder.path().join(".aider.conf.yml");
    fs::write(&file, settings).expect("written");
    let command = async |word: &str| {
        let mut command = scene.home.command(&[word, "aider", "--yes"]);
        command.env("HOME", folder.path());
        finish(command).await.ok()
    };
    command("connect").await;
    for model in ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"] {
        let mut command = Command::new(&program);
        scene.home.clean(&mut command).current_dir(folder.path()).env("HOME", folder.path());
        command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True").args(QUIET);
        command.args(["--model", model, "--message", PROMPT]);
        assert_answered(&finish(command).await, scene.by());
    }
    scene.assert_ledger(2).await;
    command("disconnect").await;
    assert_eq!(fs::read_to_string(&file).expect("it is there"), settings);
}

/// Nothing but the question, and no question back.
const QUIET: [&str; 10] = [
    "--no-git",
    "--yes-always",
    "--no-pretty",
    "--no-fancy-input",
    "--map-tokens=0",
    "--no-detect-urls",
    "--analytics-disable",
    "--no-check-update",
    "--no-show-release-notes",
    "--no-show-model-warnings",
];

#[tokio::test]
async fn aider_chats() {
    aider(Primary::Well, "openai/gpt-5-mini").await;
}

#[tokio::test]
async fn aider_chats_after_a_failover() {
    aider(Primary::Down, "openai/gpt-5-mini").await;
}

#[tokio::test]
async fn aider_gets_messages() {
    aider(Primary::Well, "anthropic/claude-haiku-4-5").await;
}

#[tokio::test]
async fn aider_gets_messages_after_a_failover() {
    aider(Primary::Down, "anthropic/claude-haiku-4-5").await;
}
