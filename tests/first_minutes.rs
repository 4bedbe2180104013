//! From the first start to the first failover, with nothing configured.

use std::time::Instant;

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, CHAT, Home, Server, chat, four_ways, missing_keys, until};

/// A line of the announcement that `serve` prints.
async fn announced(server: &Server, beginning: &str) -> String {
    until(beginning, async || {
        let stdout = server.stdout();
        stdout
            .lines()
            .map(str::trim)
            .find_map(|line| line.strip_prefix(beginning))
            .map(|rest| rest.trim().to_owned())
    })
    .await
}

#[tokio::test]
async fn the_start_prints_addresses_the_shell_line_a_link_and_practice() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(announced(&server, "OpenAI").await, server.url("/v1"));
    assert_eq!(announced(&server, "Anthropic").await, server.url(""));
    let line = announced(&server, "Shell").await;
    assert!(line.starts_with("eval \"$(") && line.ends_with(" env)\""), "{line}");
    assert!(server.stdout().starts_with("PRACTICE"), "{}", server.stdout());
    // The log is another file, written by another thread.
    until("PRACTICE in the log", async || server.stderr().contains("PRACTICE").then_some(())).await;
}

#[tokio::test]
async fn the_printed_link_logs_one_browser_in_and_works_once() {
    let home = Home::new();
    let server = home.serve().await;
    let link = announced(&server, "Dashboard").await;
    let path = link.strip_prefix(&server.url("")).expect("a link to this router").to_owned();
    assert!(path.starts_with("/dashboard/login?once="), "{link}");

    let first = Answer::of(server.request(Method::GET, &path)).await;
    assert!((300..400).contains(&first.status), "{first:?}");
    assert_eq!(first.header("location"), "/dashboard/");
    let cookie = first.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");

    let session = cookie.split(';').next().expect("a cookie");
    let status = Answer::of(server.request(Method::GET, "/api/status").header("cookie", session)).await;
    assert_eq!((status.status, status.json()["practice"].as_bool()), (200, Some(true)));

    let second = Answer::of(server.request(Method::GET, &path)).await;
    assert_eq!(second.header("set-cookie"), "", "the link opened twice: {second:?}");
    assert!(second.status >= 400 && second.body.contains("evenkeel dashboard"), "{second:?}");
}

#[tokio::test]
async fn the_shell_line_points_curl_at_both_dialects() {
    let home = Home::new();
    let server = home.serve().await;
    let line = announced(&server, "Shell").await;
    let printed = home
        .shell(&format!(
            "{line}\nprintf '%s\\n' $OPENAI_BASE_URL $OPENAI_API_KEY $ANTHROPIC_BASE_URL $ANTHROPIC_API_KEY"
        ))
        .await
        .ok();
    let expected = [server.url("/v1"), server.key.clone(), server.url(""), server.key.clone()];
    assert_eq!(printed.stdout.lines().collect::<Vec<_>>(), expected);

    for (path, body) in four_ways() {
        let call = if path == CHAT {
            "\"$OPENAI_BASE_URL/chat/completions\" -H \"authorization: Bearer $OPENAI_API_KEY\""
        } else {
            "\"$ANTHROPIC_BASE_URL/v1/messages\" -H \"x-api-key: $ANTHROPIC_API_KEY\""
        };
        let curl = format!("{line}\ncurl -sSi {call} -H 'content-type: application/json' -d '{body}'");
        let answer = home.shell(&curl).await.ok().stdout;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("x-evenkeel-served-by: primary\r\n"), "{answer}");
        assert!(answer.contains("x-evenkeel-practice: true\r\n"), "{answer}");
        assert!(answer.contains("practice-a"), "{answer}");
        let whole = answer.contains("data: [DONE]") || answer.contains("event: message_stop");
        assert_eq!(whole, body["stream"] == true, "{answer}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_covered_by_the_other_and_comes_back() {
    let home = Home::new();
    let server = home.serve().await;
    let said = home.cli(&["practice", "fault", "practice-a", "down"]).await.ok();
    assert!(said.stdout.contains("practice-a") && said.stdout.contains("down"), "{said:?}");
    for (path, body) in four_ways() {
        let answer = server.ask(path, &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-evenkeel-served-by"), "secondary");
        assert_eq!(answer.header("x-evenkeel-provider"), "practice-b");
        assert_eq!(answer.header("x-evenkeel-attempts"), "3", "one retry in the group");
        assert!(answer.is_written_by("practice-b") && !answer.is_written_by("practice-a"), "{answer:?}");
        assert_eq!(answer.is_whole_stream(), body["stream"] == true, "{answer:?}");
    }
    home.cli(&["practice", "fault", "practice-a", "none"]).await.ok();
    for (path, body) in four_ways() {
        let answer = server.ask(path, &body).await;
        assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "primary"));
        assert_eq!(answer.header("x-evenkeel-attempts"), "1");
    }
}

#[tokio::test]
async fn a_provider_that_hangs_costs_two_seconds_streaming_or_not() {
    let home = Home::new();
    let server = home.serve().await;
    home.cli(&["practice", "fault", "practice-a", "hang"]).await.ok();
    let start = Instant::now();
    let timed = async |path: &'static str, body: Value| {
        let answer = server.ask(path, &body).await;
        (answer, start.elapsed().as_secs_f64())
    };
    let [one, two, three, four] = four_ways();
    let answers = tokio::join!(
        timed(one.0, one.1),
        timed(two.0, two.1),
        timed(three.0, three.1),
        timed(four.0, four.1)
    );
    for (answer, seconds) in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "secondary"));
        assert_eq!(answer.header("x-evenkeel-attempts"), "2", "a time-out is not retried in the group");
        assert!((1.9..4.0).contains(&seconds), "answered after {seconds} s");
    }
    home.cli(&["practice", "fault", "practice-a", "none"]).await.ok();
    assert_eq!(server.chat(true).await.header("x-evenkeel-served-by"), "primary");
}

#[tokio::test]
async fn practice_can_be_asked_for_where_real_providers_are_configured() {
    let home = Home::with_config(
        "[providers.mine]\nbase_url = \"http://127.0.0.1:1/v1\"\ndialect = \"openai\"\nkey = \"none\"\n",
    );
    let server = home.serve_with(&["serve", "--practice", "--listen", "127.0.0.1:0"]).await;
    let answer = server.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-provider")), (200, "practice-a"), "{answer:?}");
    assert_eq!(answer.header("x-evenkeel-practice"), "true");
    assert_eq!(server.admin_get("/api/status").await["practice"], true);
}

const STATUS: [&str; 15] = [
    "version",
    "listen",
    "pid",
    "kind",
    "uptime_s",
    "state",
    "practice",
    "offline",
    "bypass",
    "serving",
    "providers",
    "slos",
    "alerts",
    "frozen",
    "config_error",
];

#[tokio::test]
async fn the_status_says_practice_and_who_serves() {
    let home = Home::new();
    let server = home.serve().await;
    let document = home.cli(&["status", "--json"]).await.ok().json();
    assert_eq!(missing_keys(&document, &STATUS), [""; 0], "{document}");
    assert_eq!(missing_keys(&document["bypass"], &["on", "source", "since"]), [""; 0]);
    let provider = &document["providers"][0];
    assert_eq!(missing_keys(provider, &["name", "role", "dialects", "key", "breakers"]), [""; 0]);
    assert_eq!((provider["role"].as_str(), provider["key"].as_str()), (Some("primary"), Some("none")));
    assert_eq!(document["pid"], server.pid());
    assert_eq!(document["listen"], server.address.to_string());
    assert_eq!((document["state"].as_str(), document["practice"].as_bool()), (Some("healthy"), Some(true)));
    assert_eq!(server.admin_get("/api/status").await["serving"], "practice-a");

    let text = home.cli(&["status"]).await.ok().stdout;
    for word in ["PRACTICE", "practice-a serves", "practice-b", &server.address.to_string()] {
        assert!(text.contains(word), "{word}: {text}");
    }
    home.cli(&["practice", "fault", "practice-a", "refuse"]).await.ok();
    assert_eq!(server.chat(true).await.header("x-evenkeel-provider"), "practice-b");
    assert_eq!(server.admin_get("/api/status").await["serving"], "practice-b");
    let faults = home.cli(&["practice", "status", "--json"]).await.ok().json();
    let shape = ["name", "dialect", "listen", "fault", "value", "requests"];
    assert_eq!(missing_keys(&faults["providers"][0], &shape), [""; 0]);
    assert_eq!(faults["providers"][0]["fault"], "refuse");
}

#[tokio::test]
async fn practice_and_an_id_stand_on_every_answer_good_or_bad() {
    let home = Home::new();
    let server = home.serve().await;
    let wrong_key = server.post_as("ek-wrong", CHAT, &chat(false));
    let mut answers = vec![
        server.chat(false).await,
        server.message(true).await,
        server.ask("/v1/embeddings", &serde_json::json!({ "model": "e", "input": "hi" })).await,
        Answer::of(server.request(Method::GET, "/v1/models").bearer_auth(&server.key)).await,
        Answer::of(server.request(Method::GET, "/v1/nowhere").bearer_auth(&server.key)).await,
        server.ask(CHAT, &serde_json::json!({})).await,
        Answer::of(wrong_key).await,
    ];
    home.cli(&["practice", "fault", "practice-a", "down"]).await.ok();
    home.cli(&["practice", "fault", "practice-b", "garbage"]).await.ok();
    answers.push(server.message(false).await);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 404, 400, 401, 502]);
    for answer in &answers {
        assert_eq!(answer.header("x-evenkeel-practice"), "true", "{answer:?}");
        assert_ne!(answer.header("x-evenkeel-id"), "", "{answer:?}");
    }
}
