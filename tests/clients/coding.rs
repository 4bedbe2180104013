//! The coding tools' command lines: a question, and one use of a tool where the answer is what the tool gave.
//!
//! The practice providers invent a tool's arguments from its schema, so the command that a tool is told to run always
//! begins with `practice`. Each of them finds a program of that name.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::scene::{Primary, Scene};
use super::script::needed;
use crate::harness::{Ran, finish};

const PROMPT: &str = "Hello to the keel";
/// The port for discarding, which no desktop serves.
const NOBODY: &str = "http://127.0.0.1:9";
const TIDE: &str = "High water at noon";

/// One tool in a home of its own, with a folder to work in.
struct Desk {
    scene: Scene,
    home: TempDir,
}

impl Desk {
    async fn set(primary: Primary) -> Self {
        // Asked for first, so that a missing tool is the one thing that is said.
        programs();
        let desk = Self { scene: Scene::set(primary).await, home: tempfile::tempdir().expect("a folder") };
        let program = desk.path("bin/practice");
        desk.write("bin/practice", &format!("#!/bin/sh\necho '{TIDE}'\n"));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
        // Some run their commands in a login shell, which makes a search path of its own.
        for profile in [".profile", ".bash_profile"] {
            desk.write(profile, &format!("PATH={}:$PATH\n", desk.path("bin").display()));
        }
        // Opencode would fetch a package at each start.
        desk.write(".npmrc", "offline=true\nfetch-retries=0\n");
        fs::create_dir(desk.path("work")).expect("a folder");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// A program under `evenkeel run`.
    async fn run(&self, program: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        self.finish(self.scene.run(&programs().join(program)), variables, arguments).await
    }

    /// The same with nothing but what is named here.
    async fn run_alone(&self, program: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = Command::new(programs().join(program));
        self.scene.home.clean(&mut command);
        self.finish(command, variables, arguments).await
    }

    async fn finish(&self, mut command: Command, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(self.path("work"))
            .env("HOME", self.home.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            // Whatever they ask of hosts on the internet, they ask a port of this machine where nobody answers.
            .envs([("HTTPS_PROXY", NOBODY), ("https_proxy", NOBODY)])
            .envs([("NO_PROXY", "127.0.0.1,localhost"), ("no_proxy", "127.0.0.1,localhost")])
            .envs(variables.iter().copied())
            .args(arguments);
        finish(command).await
    }

    fn by(&self) -> String {
        format!("This is a practice answer from {}", self.scene.by())
    }

    fn url(&self, path: &str) -> String {
        self.scene.server.url(path)
    }

    fn key(&self) -> &str {
        &self.scene.server.key
    }
}

/// Where npm links the four programs.
fn programs() -> PathBuf {
    needed("EVENKEEL_TEST_CODING").join("node_modules/.bin")
}

/// After `evenkeel connect`, started as it always was: nothing in its environment, everything in its own settings.
impl Desk {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn connect(&self, tool: &str) {
        let ran = self.finish(self.scene.home.command(&["connect", tool, "--yes"]), &[], &[]).await.ok();
        assert!(ran.stdout.contains("+++ ") && !ran.stdout.contains(self.key()), "{ran:?}");
    }

    async fn disconnect(&self, tool: &str) {
        self.finish(self.scene.home.command(&["disconnect", tool, "--yes"]), &[], &[]).await.ok();
    }
}

/// A whole result of Claude Code, and what it says.
fn said(ran: &Ran) -> String {
    let end = ran.json();
    assert_eq!(end["is_error"], false, "{ran:?}");
    let used = |name: &str| end["usage"][name].as_u64().unwrap_or(0);
    // Its prompts are long enough to be cached.
    let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"].map(used);
    assert!(input.iter().any(|tokens| *tokens > 0) && used("output_tokens") > 0, "{ran:?}");
    end["result"].as_str().unwrap_or_default().to_owned()
}

async fn claude(primary: Primary) {
    let desk = Desk::set(primary).await;
    let (url, settings) = (desk.url(""), desk.path("settings"));
    let quiet = [
        ("CLAUDE_CONFIG_DIR", settings.to_str().expect("UTF-8")),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_TELEMETRY", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_ERROR_REPORTING", "1"),
    ];
    let ask = ["--model", "claude-sonnet-4-5", "--output-format", "json", "-p"];
    let ran = desk.run("claude", &quiet, &[&ask[..], &[PROMPT]].concat()).await.ok();
    assert!(said(&ran).contains(&desk.by()), "{ran:?}");
    // Its reminders name more tools, and a practice provider calls whatever is named.
    let tool = ["Please use Bash", "--tools", "Bash,Edit,Read,Write,WebFetch", "--allowedTools", "Bash"];
    let ran = desk.run("claude", &quiet, &[&ask[..], &tool].concat()).await.ok();
    assert!(said(&ran).contains(&desk.by()) && said(&ran).contains(TIDE), "{ran:?}");
    assert_eq!(ran.json()["num_turns"], 2, "{ran:?}");

    // A key in this variable goes into the other header.
    let with = |name, key| [&quiet[..], &[("ANTHROPIC_BASE_URL", url.as_str()), (name, key)]].concat();
    let variables = with("ANTHROPIC_AUTH_TOKEN", desk.key());
    let ran = desk.run_alone("claude", &variables, &[&ask[..], &[PROMPT]].concat()).await.ok();
    assert!(said(&ran).contains(&desk.by()), "{ran:?}");
    let variables = with("ANTHROPIC_API_KEY", "ek-nobody");
    let ran = desk.run_alone("claude", &variables, &[&ask[..], &[PROMPT]].concat()).await;
    assert!(ran.code == 1 && ran.stdout.contains("evenkeel env"), "{ran:?}");
    desk.scene.assert_ledger(4).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn claude_code_answers_and_uses_a_tool() {
    claude(Primary::Well).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn claude_code_does_so_after_a_failover() {
    claude(Primary::Down).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn claude_code_is_connected_by_its_own_settings_and_put_back() {
    let desk = Desk::set(Primary::Well).await;
    let settings =
        "{\n  \"cleanupPeriodDays\": 20,\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"sk-ant-mine\"\n  }\n}\n";
    desk.write(".claude/settings.json", settings);
    desk.connect("claude-code").await;
    let quiet = [
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_TELEMETRY", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_ERROR_REPORTING", "1"),
    ];
    let ask = ["--model", "claude-sonnet-4-5", "--output-format", "json", "-p", PROMPT];
    let ran = desk.run_alone("claude", &quiet, &ask).await.ok();
    assert!(said(&ran).contains(&desk.by()), "{ran:?}");
    desk.scene.assert_ledger(1).await;
    desk.disconnect("claude-code").await;
    assert_eq!(desk.read(".claude/settings.json"), settings);
}

async fn codex(primary: Primary) {
    let desk = Desk::set(primary).await;
    let url = desk.url("/v1");
    let settings = |key: &str| {
        format!(
            "model = \"gpt-5-mini\"\nmodel_provider = \"evenkeel\"\n\
             check_for_update_on_startup = false\n[analytics]\nenabled = false\n\
             [model_providers.evenkeel]\nname = \"Evenkeel\"\nbase_url = \"{url}\"\nenv_key = \"{key}\"\n\
             wire_api = \"responses\"\nsupports_websockets = false\n"
        )
    };
    desk.write(".codex/config.toml", &settings("OPENAI_API_KEY"));
    let folder = desk.path(".codex");
    let variables = [("CODEX_HOME", folder.to_str().expect("UTF-8")), ("WRONG_KEY", "ek-nobody")];
    let ask = ["exec", "--skip-git-repo-check", "--sandbox", "danger-full-access"];
    let ran = desk.run("codex", &variables, &[&ask[..], &[PROMPT]].concat()).await.ok();
    assert!(ran.stdout.contains(&desk.by()) && ran.stderr.contains("tokens used"), "{ran:?}");
    let ran = desk.run("codex", &variables, &[&ask[..], &["Please use exec_command"]].concat()).await.ok();
    // It shows what the command said; the model is told under a head longer than what a practice answer quotes.
    assert!(ran.stderr.contains(TIDE), "{ran:?}");
    assert!(ran.stdout.contains(&desk.by()) && ran.stdout.contains("exited with code 0"), "{ran:?}");
    desk.write(".codex/config.toml", &settings("WRONG_KEY"));
    let ran = desk.run("codex", &variables, &[&ask[..], &[PROMPT]].concat()).await;
    assert!(ran.code == 1 && ran.stderr.contains("evenkeel env"), "{ran:?}");
    desk.scene.assert_ledger(3).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn codex_answers_and_uses_a_tool() {
    codex(Primary::Well).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn codex_does_so_after_a_failover() {
    codex(Primary::Down).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn codex_is_connected_by_a_profile_of_its_own_and_put_back() {
    let desk = Desk::set(Primary::Well).await;
    let settings =
        "# mine\nmodel = \"gpt-5-mini\"\ncheck_for_update_on_startup = false\n[analytics]\nenabled = false\n";
    desk.write(".codex/config.toml", settings);
    desk.connect("codex").await;
    let ask = ["exec", "--profile", "evenkeel", "--skip-git-repo-check", "--sandbox", "danger-full-access"];
    let ran = desk.run_alone("codex", &[], &[&ask[..], &[PROMPT]].concat()).await.ok();
    assert!(ran.stdout.contains(&desk.by()) && ran.stderr.contains("provider: evenkeel"), "{ran:?}");
    desk.scene.assert_ledger(1).await;
    desk.disconnect("codex").await;
    assert!(!desk.path(".codex/evenkeel.config.toml").exists());
    assert!(desk.read(".codex/config.toml").starts_with(settings));
}

/// Opencode with a model of the provider that its name starts with.
async fn opencode(primary: Primary, model: &str) {
    let desk = Desk::set(primary).await;
    let options = json!({ "baseURL": desk.url("/v1"), "apiKey": "{env:OPENAI_API_KEY}" });
    let models = json!({ "gpt-4o-mini": { "name": "GPT-4o mini" } });
    let own = json!({ "npm": "@ai-sdk/openai-compatible", "options": options, "models": models });
    let vendors = json!({ "options": options });
    let providers = json!({ "evenkeel": own, "openai": vendors, "anthropic": vendors });
    let settings = json!({ "autoupdate": false, "share": "disabled", "provider": providers });
    desk.write("work/opencode.json", &settings.to_string());
    let variables = [
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
        ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ];
    let ran = desk.run("opencode", &variables, &["run", "--model", model, PROMPT]).await.ok();
    assert!(ran.stdout.contains(&desk.by()), "{ran:?}");
    let ask = ["run", "--model", model, "--format", "json", "Please use bash"];
    let ran = desk.run("opencode", &variables, &ask).await.ok();
    let events: Vec<Value> = ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let gave = format!("{TIDE}\n");
    let used = |event: &Value| event["type"] == "tool_use" && event["part"]["state"]["output"] == gave;
    assert!(events.iter().any(used), "{ran:?}");
    let text = events.iter().filter_map(|event| event["part"]["text"].as_str()).next_back();
    assert!(text.is_some_and(|text| text.contains(&desk.by()) && text.contains(TIDE)), "{ran:?}");
    desk.scene.assert_ledger(3).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_chats_and_uses_a_tool() {
    opencode(Primary::Well, "evenkeel/gpt-4o-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_chats_after_a_failover() {
    opencode(Primary::Down, "evenkeel/gpt-4o-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_gets_messages_and_uses_a_tool() {
    opencode(Primary::Well, "anthropic/claude-sonnet-4-5").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_gets_messages_after_a_failover() {
    opencode(Primary::Down, "anthropic/claude-sonnet-4-5").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_gets_responses_and_uses_a_tool() {
    opencode(Primary::Well, "openai/gpt-5-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_gets_responses_after_a_failover() {
    opencode(Primary::Down, "openai/gpt-5-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn opencode_is_connected_by_its_own_settings_and_put_back() {
    let desk = Desk::set(Primary::Well).await;
    let settings = "{\n  // mine\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"autoupdate\": false,\n  \"share\": \"disabled\",\n}\n";
    desk.write(".config/opencode/opencode.jsonc", settings);
    desk.connect("opencode").await;
    let variables = [
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
        ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ];
    for model in ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"] {
        let ran = desk.run_alone("opencode", &variables, &["run", "--model", model, PROMPT]).await.ok();
        assert!(ran.stdout.contains(&desk.by()), "{ran:?}");
    }
    desk.scene.assert_ledger(2).await;
    desk.disconnect("opencode").await;
    assert_eq!(desk.read(".config/opencode/opencode.jsonc"), settings);
}

/// Every host is this machine.
const STAY: &str = "const dns = require('node:dns'); const look = dns.lookup;\n\
                    dns.lookup = (_, ...rest) => look('127.0.0.1', ...rest);\n";

/// Continue's command line, with a model of a vendor.
async fn continue_dev(primary: Primary, vendor: &str, model: &str) {
    let desk = Desk::set(primary).await;
    // It asks a host on the internet for its newest version, without a way to say no.
    desk.write("stay.cjs", STAY);
    let stay = format!("--require {}", desk.path("stay.cjs").display());
    let variables =
        [("CONTINUE_CLI_ENABLE_TELEMETRY", "0"), ("FORCE_NO_TTY", "true"), ("NODE_OPTIONS", stay.as_str())];
    let (url, key) = (desk.url("/v1"), desk.key());
    let settings = format!(
        "name: evenkeel\nversion: 1.0.0\nschema: v1\nmodels:\n  - name: keel\n    provider: {vendor}\n    \
         model: {model}\n    apiBase: {url}\n    apiKey: {key}\n    roles: [chat]\n"
    );
    desk.write("config.yaml", &settings);
    let config = desk.path("config.yaml");
    let config = ["--config", config.to_str().expect("UTF-8")];
    let ran = desk.run("cn", &variables, &[&config[..], &["-p", PROMPT]].concat()).await.ok();
    assert!(ran.stdout.contains(&desk.by()), "{ran:?}");
    let tool = ["--auto", "-p", "Please use Bash"];
    let ran = desk.run("cn", &variables, &[&config[..], &tool].concat()).await.ok();
    assert!(ran.stdout.contains(&desk.by()) && ran.stdout.contains(TIDE), "{ran:?}");
    desk.scene.assert_ledger(3).await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_chats_and_uses_a_tool() {
    continue_dev(Primary::Well, "openai", "gpt-4o").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_chats_after_a_failover() {
    continue_dev(Primary::Down, "openai", "gpt-4o").await;
}

/// It asks for responses where the model's name is one of this vendor's newest.
#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_gets_responses_and_uses_a_tool() {
    continue_dev(Primary::Well, "openai", "gpt-5-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_gets_responses_after_a_failover() {
    continue_dev(Primary::Down, "openai", "gpt-5-mini").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_gets_messages_and_uses_a_tool() {
    continue_dev(Primary::Well, "anthropic", "claude-sonnet-4-5").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_gets_messages_after_a_failover() {
    continue_dev(Primary::Down, "anthropic", "claude-sonnet-4-5").await;
}

#[tokio::test]
#[ignore = "only `cargo xtask test --full` installs the coding tools"]
async fn continue_is_connected_by_its_own_settings_and_put_back() {
    let desk = Desk::set(Primary::Well).await;
    desk.write("stay.cjs", STAY);
    let stay = format!("--require {}", desk.path("stay.cjs").display());
    let variables =
        [("CONTINUE_CLI_ENABLE_TELEMETRY", "0"), ("FORCE_NO_TTY", "true"), ("NODE_OPTIONS", stay.as_str())];
    let settings = "# mine\nname: Mine\nversion: 0.0.1\nschema: v1\n\ncontext:\n  - provider: code\n";
    desk.write(".continue/config.yaml", settings);
    desk.connect("continue").await;
    let config = desk.path(".continue/config.yaml");
    let ask = ["--config", config.to_str().expect("UTF-8"), "-p", PROMPT];
    let ran = desk.run_alone("cn", &variables, &ask).await.ok();
    assert!(ran.stdout.contains(&desk.by()), "{ran:?}");
    desk.scene.assert_ledger(1).await;
    desk.disconnect("continue").await;
    assert_eq!(desk.read(".continue/config.yaml"), settings);
}
