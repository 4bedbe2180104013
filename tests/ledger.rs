//! The ledger as its readers see it: the command line in four forms, and the admin API.

use serde_json::Value;

use crate::harness::{Answer, Home, MESSAGES, message, missing_keys};

const ROW: [&str; 26] = [
    "id",
    "at",
    "mode",
    "tenant",
    "feature",
    "route",
    "dialect",
    "endpoint",
    "stream",
    "prompt_version",
    "model_asked",
    "model",
    "provider",
    "served_by",
    "status",
    "outcome",
    "counted",
    "cause",
    "first_token_ms",
    "total_ms",
    "tokens",
    "cost_usd",
    "saved_usd",
    "cache",
    "degraded",
    "attempts",
];
const ATTEMPT: [&str; 9] = [
    "n",
    "provider",
    "model",
    "outcome",
    "status",
    "first_token_ms",
    "total_ms",
    "cost_usd",
    "provider_request_id",
];
/// The document of one request, with all that was tried.
async fn detail(home: &Home, id: &str) -> Value {
    home.cli(&["requests", id, "--json"]).await.ok().json()
}

#[tokio::test]
async fn the_ledger_shows_every_request_with_attempts_tags_tokens_and_milliseconds() {
    let home = Home::new();
    let server = home.serve().await;
    let add = home.cli(&["tenant", "add", "acme", "--feature", "support-bot", "--json"]).await.ok();
    let key = add.json()["key"].as_str().expect("a key").to_owned();
    let plain = server.chat(false).await;
    let tagged =
        Answer::of(server.post_as(&key, MESSAGES, &message(true)).header("x-evenkeel-prompt-version", "v7"))
            .await;
    home.cli(&["practice", "fault", "practice-a", "down"]).await.ok();
    let rescued = server.chat(true).await;
    home.cli(&["practice", "fault", "practice-b", "down"]).await.ok();
    let failed = server.chat(false).await;
    assert_eq!((failed.status, failed.code().as_str()), (502, "providers_failed"));
    let ids = [&plain, &tagged, &rescued, &failed].map(|answer| answer.header("x-evenkeel-id").to_owned());

    let listed = |page: &Value| -> Vec<String> {
        let rows = page["requests"].as_array().expect("rows");
        rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(listed(&home.cli(&["requests", "--json"]).await.ok().json()), newest_first);
    assert_eq!(listed(&server.admin_get("/api/requests").await), newest_first);
    let since = home.cli(&["requests", "--json", "--since", "1h"]).await.ok();
    assert_eq!(listed(&since.json()), newest_first);
    assert_eq!(listed(&home.cli(&["requests", "--json", "--failed"]).await.ok().json()), [ids[3].clone()]);
    let of_acme = home.cli(&["requests", "--json", "--tenant", "acme"]).await.ok();
    assert_eq!(listed(&of_acme.json()), [ids[1].clone()]);

    let text = home.cli(&["requests"]).await.ok().stdout;
    assert!(text.starts_with("PRACTICE") && ids.iter().all(|id| text.contains(id)), "{text}");
    let csv = home.cli(&["requests", "--csv"]).await.ok().stdout;
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(csv.starts_with("id,at,mode,tenant,") && ids.iter().all(|id| csv.contains(id)), "{csv}");

    let row = detail(&home, &ids[1]).await;
    assert_eq!(missing_keys(&row, &ROW), [""; 0], "{row}");
    assert_eq!((row["tenant"].as_str(), row["feature"].as_str()), (Some("acme"), Some("support-bot")));
    assert_eq!((row["prompt_version"].as_str(), row["mode"].as_str()), (Some("v7"), Some("practice")));
    assert_eq!((row["dialect"].as_str(), row["stream"].as_bool()), (Some("anthropic"), Some(true)));
    assert!(row["tokens"]["input"].as_u64() > Some(0) && row["tokens"]["output"].as_u64() > Some(0), "{row}");
    assert!(row["total_ms"].is_u64() && row["first_token_ms"].is_u64(), "{row}");
    assert!(row["cost_usd"].as_f64() > Some(0.0), "{row}");
    assert!(row["plan"].to_string().contains("practice-b"), "the plan names who stood by: {row}");

    let row = detail(&home, &ids[2]).await;
    let attempts = row["attempts"].as_array().expect("attempts");
    let tried: Vec<_> = attempts.iter().map(|it| (it["provider"].as_str(), it["outcome"].as_str())).collect();
    let down = (Some("practice-a"), Some("server_error"));
    assert_eq!(tried, [down, down, (Some("practice-b"), Some("ok"))]);
    assert_eq!(missing_keys(&attempts[0], &ATTEMPT), [""; 0]);
    assert_eq!((attempts[0]["n"].as_u64(), attempts[0]["status"].as_u64()), (Some(1), Some(503)));
    assert!(attempts.iter().all(|attempt| attempt["total_ms"].is_u64()), "{row}");
    assert_eq!((row["served_by"].as_str(), row["counted"].as_str()), (Some("secondary"), Some("good")));

    let text = home.cli(&["requests", &ids[2]]).await.ok().stdout;
    for word in ["PRACTICE", "practice-a", "practice-b", "503", " ms", "2 failed tries"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let row = detail(&home, &ids[3]).await;
    assert_eq!((row["counted"].as_str(), row["status"].as_u64()), (Some("bad"), Some(502)));
}
