//! The command line, one command after the other: what it prints, and what scripts see in its exit code.

use crate::harness::{Answer, Home, missing_keys};
use reqwest::Method;

/// The lines of `env` for each shell, with `A` for the address and `K` for the key.
const SHELLS: [(&str, &str); 3] = [
    (
        "sh",
        "export OPENAI_BASE_URL='http://A/v1'\nexport OPENAI_API_KEY='K'\n\
         export ANTHROPIC_BASE_URL='http://A'\nexport ANTHROPIC_API_KEY='K'\n",
    ),
    (
        "fish",
        "set -gx OPENAI_BASE_URL 'http://A/v1'\nset -gx OPENAI_API_KEY 'K'\n\
         set -gx ANTHROPIC_BASE_URL 'http://A'\nset -gx ANTHROPIC_API_KEY 'K'\n",
    ),
    (
        "powershell",
        "$env:OPENAI_BASE_URL = 'http://A/v1'\n$env:OPENAI_API_KEY = 'K'\n\
         $env:ANTHROPIC_BASE_URL = 'http://A'\n$env:ANTHROPIC_API_KEY = 'K'\n",
    ),
];

#[tokio::test]
async fn env_prints_what_each_shell_evaluates() {
    let home = Home::new();
    let server = home.serve().await;
    for (shell, lines) in SHELLS {
        let env = home.cli(&["env", "--shell", shell]).await.ok();
        let printed = env.stdout.replace(&server.address.to_string(), "A").replace(&server.key, "K");
        assert_eq!(printed, lines, "{shell}");
        assert_eq!(env.stderr, "");
    }
    let document = home.cli(&["env", "--json"]).await.ok().json();
    assert_eq!(document["OPENAI_BASE_URL"], server.url("/v1"));
    assert_eq!(document["ANTHROPIC_API_KEY"], server.key);
}

const TWO_VENDORS: &str = r#"
[providers.openai]
dialect = "openai"
base_url = "https://api.openai.com/v1"
key = "env:WORK_OPENAI"
[providers.anthropic]
dialect = "anthropic"
base_url = "https://api.anthropic.com"
key = "env:WORK_ANTHROPIC"
"#;

#[tokio::test]
async fn env_past_the_router_names_the_vendors_and_prints_no_secret() {
    let home =
        Home::with_config(TWO_VENDORS).set("WORK_OPENAI", "sk-canary-1").set("WORK_ANTHROPIC", "sk-canary-2");
    let _server = home.serve().await;
    let env = home.cli(&["env", "--bypass", "--shell", "sh"]).await.ok();
    assert!(env.stdout.contains("OPENAI_BASE_URL='https://api.openai.com/v1'\n"), "{env:?}");
    assert!(env.stdout.contains("ANTHROPIC_BASE_URL='https://api.anthropic.com'\n"), "{env:?}");
    assert!(!format!("{env:?}").contains("canary") && !env.stdout.contains("ek-"), "{env:?}");
    // What it prints works in the shell that has the keys.
    let script = format!("{}printf '%s %s' $OPENAI_API_KEY $ANTHROPIC_API_KEY", env.stdout);
    assert_eq!(home.shell(&script).await.ok().stdout, "sk-canary-1 sk-canary-2");
    let by_variable = home.set("BYPASS_ROUTER", "true").cli(&["env", "--shell", "sh"]).await.ok();
    assert_eq!(by_variable.stdout, env.stdout, "BYPASS_ROUTER in the caller's shell acts as --bypass");
}

#[tokio::test]
async fn run_hands_the_environment_to_a_command_and_passes_its_exit_code_on() {
    let home = Home::new();
    let stopped = home.cli(&["run", "--", "true"]).await;
    assert_eq!((stopped.code, stopped.stderr.contains("serve")), (1, true), "{stopped:?}");
    let server = home.serve().await;
    let env = home.cli(&["run", "--", "env"]).await.ok().stdout;
    for line in [
        format!("OPENAI_BASE_URL={}", server.url("/v1")),
        format!("OPENAI_API_KEY={}", server.key),
        format!("ANTHROPIC_BASE_URL={}", server.url("")),
        format!("ANTHROPIC_API_KEY={}", server.key),
    ] {
        assert!(env.lines().any(|found| found == line), "{line}: {env}");
    }
    let ran = home.cli(&["run", "--", "sh", "-c", "echo out; echo err >&2; exit 7"]).await;
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (7, "out\n", "err\n"));
    let absent = home.cli(&["run", "--", "no-such-program"]).await;
    assert_eq!((absent.code, absent.stderr.contains("no-such-program")), (127, true), "{absent:?}");
}

#[tokio::test]
async fn status_tells_scripts_how_it_stands() {
    let home = Home::with_config(TWO_VENDORS).set("WORK_OPENAI", "sk-x");
    let stopped = home.cli(&["status", "--json"]).await;
    assert_eq!((stopped.code, stopped.json()["state"].as_str()), (4, Some("down")), "{stopped:?}");
    assert!(stopped.json()["pid"].is_null(), "{stopped:?}");
    let text = home.cli(&["status"]).await;
    assert_eq!((text.code, text.stdout.contains("not running")), (4, true), "{text:?}");

    let server = home.serve().await;
    let one_key = home.cli(&["status", "--json"]).await;
    assert_eq!((one_key.code, one_key.json()["state"].as_str()), (3, Some("degraded")), "{one_key:?}");
    assert_eq!(one_key.json()["practice"], false);
    let text = home.cli(&["status"]).await.stdout;
    assert!(text.contains("anthropic has no key") && !text.contains("PRACTICE"), "{text}");
    assert!(server.stderr().contains("WORK_ANTHROPIC"), "the log names the fix: {}", server.stderr());
    server.stop().await;

    let home = home.set("WORK_ANTHROPIC", "sk-y");
    let _server = home.serve().await;
    assert_eq!(home.cli(&["status"]).await.code, 0);
}

#[tokio::test]
async fn check_reads_the_file_and_asks_each_provider_for_one_token() {
    let home = Home::new();
    let empty = home.cli(&["check"]).await.ok();
    assert!(empty.stdout.contains("PRACTICE"), "{empty:?}");

    let server = home.serve().await;
    let [a, b] = [0, 1].map(|n| format!("/providers/{n}/listen"));
    let practice = server.admin_get("/api/practice").await;
    let address =
        |place: &str| practice.pointer(place).and_then(|it| it.as_str()).expect("an address").to_owned();
    let provider = |name: &str, dialect: &str, url: String| {
        let models = "models = [\"*\"]\ndefault_model = \"m\"\n";
        format!("[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"{url}\"\nkey = \"none\"\n{models}")
    };
    let one = provider("one", "openai", format!("http://{}/v1", address(&a)));
    let two = provider("two", "anthropic", format!("http://{}", address(&b)));
    let real = Home::with_config(&format!("{one}{two}"));
    let report = real.cli(&["check", "--json"]).await.ok().json();
    assert_eq!(missing_keys(&report, &["ok", "problems", "providers"]), [""; 0], "{report}");
    assert_eq!((report["ok"].as_bool(), report["providers"][1]["ok"].as_bool()), (Some(true), Some(true)));
    assert!(report["providers"][0]["ms"].is_u64(), "{report}");

    home.cli(&["practice", "fault", "practice-b", "revoked"]).await.ok();
    let report = real.cli(&["check", "--json"]).await;
    assert_eq!((report.code, report.json()["providers"][1]["ok"].as_bool()), (1, Some(false)), "{report:?}");
    let text = real.cli(&["check"]).await;
    assert_eq!((text.code, text.stdout.contains("two did not answer")), (1, true), "{text:?}");
    real.cli(&["check", "--offline"]).await.ok();
}

#[tokio::test]
async fn config_shows_what_is_in_force_and_its_schema_and_where_it_lies() {
    let home = Home::with_config("[server]\nmax_body = \"8MiB\"\n");
    let path = home.path("evenkeel.toml").display().to_string();
    assert_eq!(home.cli(&["config", "path"]).await.ok().stdout.trim(), path);
    let _server = home.serve().await;
    assert_eq!(home.cli(&["config", "path"]).await.ok().stdout.trim(), path);
    let shown = home.cli(&["config", "show"]).await.ok().stdout;
    assert!(shown.contains("max_body = \"8MiB\"") && shown.contains("require_key = true"), "{shown}");
    // What is shown is itself a configuration.
    let again = Home::with_config(&shown);
    again.cli(&["check", "--offline"]).await.ok();
    let schema = home.cli(&["config", "schema"]).await.ok().json();
    assert!(schema["properties"]["routes"].is_object(), "{schema}");
}

#[tokio::test]
async fn dashboard_prints_a_link_that_opens_once() {
    let home = Home::new();
    assert_eq!(home.cli(&["dashboard", "--json"]).await.error()["code"], "not_running");
    let server = home.serve().await;
    let link = home.cli(&["dashboard"]).await.ok().stdout.trim().to_owned();
    let path = link.strip_prefix(&server.url("")).expect("this router's").to_owned();
    for status in [303, 403] {
        assert_eq!(Answer::of(server.request(Method::GET, &path)).await.status, status);
    }
    let page = Answer::of(server.request(Method::GET, "/dashboard/")).await;
    assert_eq!((page.status, page.body.contains("<title>Evenkeel</title>")), (200, true), "{page:?}");
}

#[tokio::test]
async fn mistakes_on_the_command_line_exit_with_2_and_show_the_usage() {
    let home = Home::new();
    for arguments in [&["frobnicate"][..], &["status", "--frobnicate"], &["tenant"], &["practice", "fault"]] {
        let ran = home.cli(arguments).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains("Usage"), "{ran:?}");
    }
    let ran = home.cli(&["status", "--frobnicate", "--json"]).await;
    assert_eq!((ran.code, ran.error()["code"].as_str()), (2, Some("usage")));
    let _server = home.serve().await;
    let ran = home.cli(&["requests", "--since", "yesterday"]).await;
    assert_eq!((ran.code, ran.stderr.contains("1h")), (2, true), "{ran:?}");
}

#[tokio::test]
async fn errors_name_the_fix_in_two_lines_or_one_document() {
    let home = Home::new();
    let ran = home.cli(&["practice", "status", "--json"]).await;
    assert_eq!((ran.code, ran.error()["code"].as_str()), (1, Some("not_running")));
    let _server = home.serve().await;
    for (arguments, code) in [
        (&["practice", "fault", "practice-c", "down"][..], "unknown_provider"),
        (&["practice", "fault", "practice-a", "sulk"], "unknown_fault"),
        (&["practice", "fault", "practice-a", "slow", "soon"], "unknown_fault"),
        (&["requests", "01K0000000000000000000NONE"], "unknown_request"),
    ] {
        let json = home.cli(&[arguments, &["--json"]].concat()).await;
        assert_eq!((json.code, json.error()["code"].as_str()), (1, Some(code)), "{json:?}");
        let text = home.cli(arguments).await;
        let lines = text.stderr.lines().count();
        assert_eq!((text.code, text.stdout.as_str()), (1, ""), "{text:?}");
        assert!((1..=2).contains(&lines), "{text:?}");
    }
}

#[tokio::test]
async fn help_version_and_completions_are_there() {
    let home = Home::new();
    let help = home.cli(&["--help"]).await.ok().stdout;
    for command in
        ["serve", "status", "check", "tenant", "env", "run", "requests", "bypass", "practice", "config"]
    {
        assert!(help.contains(command), "{command}: {help}");
    }
    assert_eq!(
        home.cli(&["--version"]).await.ok().stdout,
        format!("evenkeel {}\n", env!("CARGO_PKG_VERSION"))
    );
    let bash = home.cli(&["completions", "bash"]).await.ok().stdout;
    assert!(bash.contains("complete -F") && bash.contains("tenant"), "{bash}");
    let parsed =
        home.shell(&format!("command -v bash >/dev/null || exit 0; bash -n <<'END'\n{bash}\nEND")).await;
    parsed.ok();
    assert_eq!(std::fs::read_dir(home.folder()).expect("a folder").count(), 0, "nothing was made by asking");
}
