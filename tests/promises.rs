//! What was promised beside what was measured: the figures as the command line, the admin API and `status` print them.
//!
//! - [`truth`]: every figure against a book that somebody else keeps
//! - [`budget`]: the error budget, its freeze and what the freeze holds back

mod budget;
mod truth;

use serde_json::Value;

use crate::harness::{Answer, CHAT, Home, Server, chat, message, missing_keys, scripted};

const DOCUMENT: [&str; 3] = ["generated_at", "book", "slos"];
const SLO: [&str; 17] = [
    "name",
    "tenant",
    "feature",
    "window",
    "coverage",
    "n",
    "success",
    "latency",
    "cost",
    "rescued",
    "cached",
    "without_cache",
    "not_counted",
    "spend",
    "forecast",
    "sentence",
    "met",
];
const SUCCESS: [&str; 11] = [
    "target_percent",
    "good",
    "bad",
    "rate_percent",
    "low_percent",
    "high_percent",
    "allowed",
    "left",
    "burn_1h",
    "burn_6h",
    "policy",
];
const LATENCY: [&str; 7] = ["basis", "target_ms", "n", "slow", "p95_ms", "allowed", "left"];
const COST: [&str; 5] = ["target_usd", "total_usd", "average_usd", "unpriced", "left_usd"];

/// `slo --json` with these arguments.
async fn slo(home: &Home, arguments: &[&str]) -> Value {
    let document = home.cli(&[&["slo", "--json"], arguments].concat()).await.ok().json();
    assert_eq!(missing_keys(&document, &DOCUMENT), [""; 0], "{document}");
    document
}

/// The promise of that name in a document.
fn named<'a>(document: &'a Value, name: &str) -> &'a Value {
    let slos = document["slos"].as_array().expect("promises");
    slos.iter().find(|slo| slo["name"] == name).unwrap_or_else(|| panic!("no {name} in {document}"))
}

/// The only promise there is by default.
async fn everything(home: &Home) -> Value {
    named(&slo(home, &[]).await, "Everything").clone()
}

/// Good, bad, all that count.
fn counts(slo: &Value) -> [u64; 3] {
    [&slo["success"]["good"], &slo["success"]["bad"], &slo["n"]].map(|it| it.as_u64().expect("a count"))
}

async fn fault(home: &Home, provider: &str, fault: &str) {
    home.cli(&["practice", "fault", provider, fault]).await.ok();
}

#[tokio::test]
async fn without_a_request_there_is_no_rate_and_every_field_of_the_document_is_there() {
    let home = Home::new();
    let server = home.serve().await;
    let document = slo(&home, &[]).await;
    assert_eq!(document["book"], "practice");
    let slo = named(&document, "Everything");
    for (part, fields) in [
        (slo, &SLO[..]),
        (&slo["success"], &SUCCESS),
        (&slo["latency"], &LATENCY),
        (&slo["cost"], &COST),
        (&slo["window"], &["from", "to"]),
        (&slo["coverage"], &["observed_h", "window_h"]),
        (&slo["without_cache"], &["p95_ms", "average_usd"]),
        (&slo["not_counted"], &["invalid", "cancelled", "policy"]),
    ] {
        assert_eq!(missing_keys(part, fields), [""; 0], "{part}");
    }
    for nothing in [
        &slo["success"]["rate_percent"],
        &slo["success"]["burn_1h"],
        &slo["latency"]["p95_ms"],
        &slo["cost"]["average_usd"],
        &slo["without_cache"]["p95_ms"],
        &slo["forecast"],
        &slo["met"],
    ] {
        assert!(nothing.is_null(), "{slo}");
    }
    assert_eq!((counts(slo), slo["success"]["policy"].as_str()), ([0; 3], Some("advisory")));
    assert_eq!(
        (&slo["success"]["target_percent"], &slo["latency"]["target_ms"]),
        (&99.5.into(), &2500.into())
    );
    assert_eq!(slo["cost"]["target_usd"], 0.015);
    // It begins with the hour in which the thirtieth day began.
    let hours = slo["coverage"]["window_h"].as_f64().expect("hours");
    assert!((720.0..721.0).contains(&hours), "{slo}");

    for words in [home.cli(&["slo"]).await.ok().stdout, home.cli(&["status"]).await.ok().stdout] {
        assert!(words.contains('–') && words.contains("PRACTICE"), "{words}");
        assert!(
            !words.contains("100 %") && !words.contains("100.00 %") && !words.contains(" 0 %"),
            "{words}"
        );
        assert!(!words.contains(" 0.00 %"), "{words}");
    }
    assert_eq!(server.admin_get("/api/slo").await["slos"][0]["success"], slo["success"]);
    let bad = home.cli(&["slo", "--window", "soon", "--json"]).await;
    assert_eq!((bad.code, bad.error()["code"].as_str()), (2, Some("usage")));
    server.stop().await;
    let ran = home.cli(&["slo", "--json"]).await;
    assert_eq!((ran.code, ran.error()["code"].as_str()), (1, Some("not_running")));
}

#[tokio::test]
async fn the_figures_have_the_last_answer_at_once_and_keep_it_over_a_stop_and_a_kill() {
    let home = Home::new();
    let server = home.serve().await;
    let add = home.cli(&["tenant", "add", "acme", "--feature", "support-bot", "--json"]).await.ok();
    let key = add.json()["key"].as_str().expect("a key").to_owned();
    let (mut good, mut bad, mut rescued) = (0, 0, 0);
    let faults = [("none", "none"), ("down", "none"), ("none", "none"), ("down", "down")];
    for (number, (a, b)) in faults.into_iter().cycle().take(12).enumerate() {
        fault(&home, "practice-a", a).await;
        fault(&home, "practice-b", b).await;
        let body = if number % 2 == 0 { chat(number % 3 == 0) } else { message(number % 3 == 0) };
        let path = if number % 2 == 0 { CHAT } else { crate::harness::MESSAGES };
        let answer =
            Answer::of(server.post_as(if number < 4 { &key } else { &server.key }, path, &body)).await;
        if answer.status == 200 {
            good += 1;
            rescued += u64::from(answer.header("x-evenkeel-attempts") != "1");
        } else {
            bad += 1;
        }
        let document = server.admin_get("/api/slo").await;
        assert_eq!(counts(named(&document, "Everything")), [good, bad, good + bad], "after {answer:?}");
    }
    assert_eq!((good, bad), (9, 3));
    assert!(rescued > 0);

    let before = everything(&home).await;
    assert_eq!((&before["rescued"], &before["success"]["left"]), (&rescued.into(), &(-3).into()));
    let spent: Vec<_> = before["spend"].as_array().expect("causes").clone();
    assert_eq!(spent, [serde_json::json!({ "cause": "provider_outage", "bad": 3 })]);
    assert_eq!(before["success"]["rate_percent"], 75.0);
    assert!(before["success"]["low_percent"].as_f64() < Some(75.0), "{before}");
    assert_eq!(before["met"], Value::Null, "twelve requests prove nothing at 99.5 %");

    // Whose they are: a promise's own scope, and one that nobody has declared.
    let of_acme = slo(&home, &["--tenant", "acme"]).await;
    assert_eq!(counts(&of_acme["slos"][0]), [3, 1, 4], "{of_acme}");
    assert_eq!(
        (&of_acme["slos"][0]["tenant"], &of_acme["slos"][0]["feature"]),
        (&"acme".into(), &Value::Null)
    );
    let of_the_bot = slo(&home, &["--tenant", "acme", "--feature", "support-bot"]).await;
    assert_eq!(counts(&of_the_bot["slos"][0]), [3, 1, 4], "{of_the_bot}");
    let nobody = slo(&home, &["--tenant", "local", "--feature", "support-bot"]).await;
    assert_eq!(counts(&nobody["slos"][0]), [0; 3], "{nobody}");
    for window in ["1h", "24h", "90d"] {
        assert_eq!(counts(&slo(&home, &["--window", window]).await["slos"][0]), [9, 3, 12], "{window}");
    }

    // `status` says the same, in a document and in words.
    let status = home.cli(&["status", "--json"]).await.json();
    let line = &status["slos"][0];
    assert_eq!(line["success_percent"], before["success"]["rate_percent"]);
    assert_eq!(line["budget_left"], before["success"]["left"]);
    assert_eq!(
        (&line["p95_ms"], &line["average_usd"]),
        (&before["latency"]["p95_ms"], &before["cost"]["average_usd"])
    );
    assert_eq!((&line["met"], &status["frozen"]), (&Value::Null, &false.into()));
    let said =
        before["sentence"].as_str().expect("a sentence").split_inclusive(". ").next().expect("a verdict");
    for command in ["status", "slo"] {
        let words = home.cli(&[command]).await.stdout;
        for word in [said.trim_end(), "3 failed, none allowed yet", "PRACTICE"] {
            assert!(words.contains(word), "{word}: {words}");
        }
    }
    let words = home.cli(&["slo"]).await.ok().stdout;
    assert!(words.contains("9 of 12 answered") && words.contains("3 provider outage"), "{words}");

    server.stop().await;
    let server = home.serve().await;
    let same = |after: &Value| {
        for field in ["n", "success", "cost", "rescued", "spend"] {
            let (mut was, mut is) = (before[field].clone(), after[field].clone());
            for changing in ["burn_1h", "burn_6h"] {
                was.as_object_mut().and_then(|it| it.remove(changing));
                is.as_object_mut().and_then(|it| it.remove(changing));
            }
            assert_eq!(was, is, "{field}");
        }
        assert_eq!(after["latency"], before["latency"]);
    };
    same(&everything(&home).await);
    server.kill();
    let _server = home.serve().await;
    same(&everything(&home).await);
}

#[tokio::test]
async fn practice_and_real_requests_are_never_in_one_sum() {
    let (first, second) = (scripted::start(true).await, scripted::start(false).await);
    let home = Home::new();
    let server = home.serve().await;
    for _ in 0..3 {
        assert_eq!(server.chat(false).await.status, 200);
    }
    fault(&home, "practice-a", "down").await;
    fault(&home, "practice-b", "down").await;
    assert_ne!(server.chat(true).await.status, 200);
    assert_eq!(counts(&everything(&home).await), [3, 1, 4]);

    // Real providers from the next request on, without a restart.
    home.replace("evenkeel.toml", &scripted::pair(&first, &second));
    crate::harness::until("the real book", async || (slo(&home, &[]).await["book"] == "real").then_some(()))
        .await;
    assert_eq!(counts(&everything(&home).await), [0; 3]);
    assert_eq!(server.admin_get("/api/status").await["slos"][0]["success_percent"], Value::Null);
    assert_eq!(server.chat(false).await.status, 200);
    assert_eq!(counts(&everything(&home).await), [1, 0, 1]);
    server.stop().await;

    let server = home.serve_with(&["serve", "--practice", "--listen", "127.0.0.1:0"]).await;
    assert_eq!(counts(&everything(&home).await), [3, 1, 4]);
    assert_eq!(slo(&home, &[]).await["book"], "practice");
    assert!(home.cli(&["slo"]).await.ok().stdout.contains("PRACTICE"));
    server.stop().await;
    let _server: Server = home.serve().await;
    assert_eq!(counts(&everything(&home).await), [1, 0, 1]);
    assert!(!home.cli(&["slo"]).await.ok().stdout.contains("PRACTICE"));
}
