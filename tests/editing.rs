//! Settings changed through the API, as the dashboard does it: the file keeps everything else, the change is in
//! force when the answer comes, and what can't be written is refused by its key.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Home, Server};

const FILE: &str = r#"# mine, keep it
[providers.openai]          # first
key = "none"
base_url = "http://127.0.0.1:9/v1"

# the second one
[providers.anthropic]
key = "none"
base_url = "http://127.0.0.1:9"

[[routes]]
first_token_timeout = '2s'  # measured
"#;

async fn edit(server: &Server, body: &Value) -> Answer {
    Answer::of(server.admin(Method::PATCH, "/api/config").body(body.to_string())).await
}

async fn change(server: &Server, changes: Value) -> Answer {
    let version = server.admin_get("/api/config").await["version"].clone();
    edit(server, &json!({ "version": version, "changes": changes })).await
}

fn set(path: &str, value: &Value) -> Value {
    json!([{ "op": "set", "path": path, "value": value }])
}

#[tokio::test]
async fn a_time_out_is_written_where_it_stands_and_in_force_when_the_answer_comes() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    let answer = change(&server, set("routes[0].first_token_timeout", &json!("4s"))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let view = answer.json();
    assert_eq!(view["settings"]["routes"][0]["first_token_timeout"], "4s");
    assert_eq!(view["written"]["routes"][0]["first_token_timeout"], "4s");
    assert_eq!(home.read("evenkeel.toml"), FILE.replace("'2s'", "\"4s\""));

    let swapped = change(&server, json!([{ "op": "swap", "route": 0 }])).await;
    assert_eq!(swapped.status, 200, "{swapped:?}");
    let status = server.admin_get("/api/status").await;
    let first = status["providers"].as_array().expect("a list").iter().find(|one| one["role"] == "primary");
    assert_eq!(first.expect("a first one")["name"], "anthropic", "{status}");
    for comment in ["# mine, keep it", "# first", "# the second one", "# measured"] {
        assert!(home.read("evenkeel.toml").contains(comment), "{comment}");
    }
}

#[tokio::test]
async fn a_practice_router_without_a_file_gets_one_and_real_providers_with_it() {
    let home = Home::new();
    let server = home.serve().await;
    let view = server.admin_get("/api/config").await;
    assert_eq!((&view["exists"], &view["version"]), (&json!(false), &json!("none")));
    assert!(
        view["presets"].as_array().is_some_and(|presets| presets.iter().any(|one| one["name"] == "groq"))
    );
    let values = json!({ "base_url": "http://127.0.0.1:9/v1", "dialect": "openai", "key": "none" });
    let answer = change(&server, json!([{ "op": "add_provider", "name": "mine", "values": values }])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(server.admin_get("/api/status").await["practice"], false, "in force at once");
    assert_eq!(
        home.read("evenkeel.toml"),
        "[providers.mine]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\nkey = \"none\"\n"
    );
    assert_eq!(home.mode("evenkeel.toml"), 0o600);
}

#[tokio::test]
async fn every_bad_value_is_refused_by_its_key_with_the_fix_and_nothing_is_written() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    let bad = [
        ("routes[0].first_token_timeout", json!("soon"), "routes[0].first_token_timeout"),
        ("routes[0].first_token_timeout", json!(""), "routes[0].first_token_timeout"),
        ("routes[0].total_timeout", json!("25h"), "routes[0].total_timeout"),
        ("routes[0].retries", json!(9), "routes[0].retries"),
        ("routes[0].retries", json!(-1), "routes[0].retries"),
        ("routes[0].strategy", json!("random"), "routes[0].strategy"),
        ("routes[0].secondary", json!({ "provider": "nobody" }), "routes[0].secondary.provider"),
        ("routes[0].pin", json!("third"), "routes[0].pin"),
        ("providers.openai.base_url", json!("not an address"), "providers.openai.base_url"),
        ("providers.openai.dialect", json!("french"), "providers.openai.dialect"),
        ("providers.openai.key", json!("sk-canary-0123456789"), "providers.openai.key"),
        ("providers.openai.colour", json!("red"), "providers.openai.colour"),
        ("guardrails.max_cost_per_request", json!(-1), "guardrails.max_cost_per_request"),
        ("guardrails.on_exceed", json!(["panic"]), "guardrails.on_exceed[0]"),
        ("cache.max_size", json!("big"), "cache.max_size"),
        ("cache.serve", json!("sometimes"), "cache.serve"),
        ("alerts.quiet_hours", json!("late"), "alerts.quiet_hours"),
        ("alerts.webhook", json!("nowhere"), "alerts.webhook"),
        ("alerts.sensitivity", json!("loud"), "alerts.sensitivity"),
        ("slo[0].success", json!(120), "slo[0].success"),
        ("slo[0].p95", json!("fast"), "slo[0].p95"),
        ("slo[0].window", json!("never"), "slo[0].window"),
    ];
    for (path, value, key) in bad {
        let answer = change(&server, set(path, &value)).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (422, Some("setting_invalid")),
            "{path} {value} {answer:?}"
        );
        let problems = answer.json()["problems"].as_array().expect("a list").clone();
        let problem = problems.iter().find(|one| one["key"] == key);
        let problem = problem.unwrap_or_else(|| panic!("{path} {value}: {problems:?}"));
        assert!(problem["message"] != "" && problem["fix"] != "", "{problem}");
        assert!(!answer.body.contains("canary"), "{answer:?}");
    }
    assert_eq!(home.read("evenkeel.toml"), FILE);
    let nonsense = edit(&server, &json!({ "changes": [{ "op": "dance" }] })).await;
    assert_eq!((nonsense.status, nonsense.code().as_str()), (400, "invalid_request"));
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_wrong_and_writes_nothing() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    let good = json!({ "dry_run": true, "changes": set("routes[0].retries", &json!(2)) });
    assert_eq!(edit(&server, &good).await.status, 200);
    let bad = json!({ "dry_run": true, "changes": set("routes[0].retries", &json!(20)) });
    assert_eq!(edit(&server, &bad).await.status, 422);
    assert_eq!(home.read("evenkeel.toml"), FILE);
}

#[tokio::test]
async fn a_file_that_was_changed_meanwhile_is_left_alone_and_both_are_shown() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    let version = server.admin_get("/api/config").await["version"].clone();
    home.replace("evenkeel.toml", &FILE.replace("# measured", "# by hand"));
    let body = json!({ "version": version, "changes": set("routes[0].retries", &json!(2)) });
    let answer = edit(&server, &body).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "config_changed"));
    let meanwhile = &answer.json()["meanwhile"];
    assert_eq!(meanwhile["was"], json!(["first_token_timeout = '2s'  # measured"]), "{meanwhile}");
    assert_eq!(meanwhile["is"], json!(["first_token_timeout = '2s'  # by hand"]));
    assert!(
        home.read("evenkeel.toml").contains("# by hand") && !home.read("evenkeel.toml").contains("retries")
    );
    // With the version that is there now it is made.
    let body = json!({ "version": meanwhile["version"], "changes": set("routes[0].retries", &json!(2)) });
    assert_eq!(edit(&server, &body).await.status, 200);
}

#[tokio::test]
async fn a_link_and_permissions_stay_and_a_read_only_file_is_respected() {
    let home = Home::new();
    home.write("real.toml", FILE);
    std::fs::set_permissions(home.path("real.toml"), Permissions::from_mode(0o640)).expect("set");
    symlink(home.path("real.toml"), home.path("evenkeel.toml")).expect("linked");
    let server = home.serve().await;
    assert_eq!(change(&server, set("routes[0].retries", &json!(2))).await.status, 200);
    assert!(std::fs::symlink_metadata(home.path("evenkeel.toml")).expect("there").is_symlink());
    assert!(home.read("real.toml").contains("retries = 2"));
    assert_eq!(home.mode("real.toml"), 0o640);

    std::fs::set_permissions(home.path("real.toml"), Permissions::from_mode(0o440)).expect("set");
    let answer = change(&server, set("routes[0].retries", &json!(3))).await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "config_unwritable"), "{answer:?}");
    assert!(answer.json()["hint"].as_str().is_some_and(|hint| hint.contains("writable")), "{answer:?}");
    assert!(home.read("real.toml").contains("retries = 2"));
    assert_eq!(
        server.admin_get("/api/config").await["settings"]["routes"][0]["retries"],
        2,
        "and not in force"
    );
}

#[tokio::test]
async fn a_frozen_budget_asks_for_a_reason_and_keeps_the_one_that_comes_with_the_change() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    home.cli(&["budget", "freeze", "--reason", "the fair is on"]).await.ok();
    let free = change(&server, set("alerts.notices", &json!(false))).await;
    assert_eq!(free.status, 200, "alerts are no part of a freeze: {free:?}");
    let changes = set("routes[0].retries", &json!(2));
    let asked = change(&server, changes.clone()).await;
    assert_eq!((asked.status, asked.code().as_str()), (409, "budget_frozen"), "{asked:?}");
    assert!(!home.read("evenkeel.toml").contains("retries"), "nothing is written before the answer");
    let empty = edit(&server, &json!({ "reason": " ", "changes": changes.clone() })).await;
    assert_eq!(empty.code(), "budget_frozen");
    let reason = "the outage needs another try";
    let answer = edit(&server, &json!({ "reason": reason, "changes": changes })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["settings"]["routes"][0]["retries"], 2);
    server.stop().await;
    let book = rusqlite::Connection::open(home.path("evenkeel.db")).expect("opened");
    let kept: String =
        book.query_row("SELECT reason FROM reasons", [], |row| row.get(0)).expect("one reason");
    assert_eq!(kept, reason);
}

#[tokio::test]
async fn a_file_with_a_mistake_is_not_made_worse() {
    let home = Home::with_config(FILE);
    let server = home.serve().await;
    home.write("evenkeel.toml", &FILE.replace("[[routes]]", "[[routes]]\nretires = 2"));
    let answer = edit(&server, &json!({ "changes": set("alerts.notices", &json!(false)) })).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "config_invalid"), "{answer:?}");
    assert!(answer.json()["problems"][0]["message"].as_str().is_some_and(|text| text.contains("retires")));
    // Taking the mistake itself out is a change like any other.
    let mended = edit(&server, &json!({ "changes": [{ "op": "unset", "path": "routes[0].retires" }] })).await;
    assert_eq!(mended.status, 200, "{mended:?}");
    assert_eq!(home.read("evenkeel.toml"), FILE);
}
