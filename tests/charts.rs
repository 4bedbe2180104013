//! Charts over the admin API, from an empty folder and from a month of demo data.

use reqwest::Method;

use crate::harness::{Answer, Home};

const DEMO: [&str; 5] = ["serve", "--practice", "--demo-data", "--listen", "127.0.0.1:0"];
const NAMES: [&str; 6] = ["budget", "success", "p95", "cost", "causes", "providers"];

#[tokio::test]
async fn an_empty_folder_has_charts_that_say_so() {
    let home = Home::new();
    let server = home.serve().await;
    for name in NAMES {
        let answer = Answer::of(server.admin(Method::GET, &format!("/api/charts/{name}.svg"))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), "image/svg+xml; charset=utf-8");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(
            answer.body.starts_with("<svg ") && answer.body.contains("not measured yet"),
            "{}",
            answer.body
        );
        let table = server.admin_get(&format!("/api/charts/{name}.json")).await;
        assert_eq!(table["empty"], true, "{table}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_can_not_be_drawn_is_refused_with_what_can() {
    let home = Home::new();
    let server = home.serve().await;
    for (path, status, said) in [
        ("weather.svg", 404, "budget, success, p95, cost, causes, providers"),
        ("budget", 404, "/api/charts/budget.svg"),
        ("budget.png", 404, "budget, success"),
        ("budget.svg?window=1y", 400, "30d, 24h or 1h"),
        ("budget.svg?window=31d", 400, "from 1 h to 30 days"),
        ("budget.svg?window=10m", 400, "from 1 h to 30 days"),
        ("budget.svg?width=20", 400, "320 to 1200, or spark"),
        ("budget.svg?slo=nobody", 400, "is no promise"),
        ("budget.svg?colour=red", 400, "colour"),
    ] {
        let answer = Answer::of(server.admin(Method::GET, &format!("/api/charts/{path}"))).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
    }
    let stranger = Answer::of(server.request(Method::GET, "/api/charts/budget.svg")).await;
    assert_eq!(stranger.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_month_of_demo_data_is_kept_under_three_promises_and_drawn_small() {
    let home = Home::new();
    let server = home.serve_with(&DEMO).await;
    let slo = &server.admin_get("/api/slo").await["slos"][0];
    assert!(slo["n"].as_u64().is_some_and(|n| n > 7_000), "{slo}");
    assert_eq!(slo["met"], true, "{}", slo["sentence"]);
    let observed = slo["coverage"]["observed_h"].as_f64().expect("hours");
    assert!((600.0..700.0).contains(&observed), "{observed}");

    for name in NAMES {
        for query in ["", "?window=7d", "?window=24h", "?window=1h", "?width=1200", "?width=spark"] {
            let path = format!("/api/charts/{name}.svg{query}");
            let answer = Answer::of(server.admin(Method::GET, &path)).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            assert!(answer.body.len() < 40_000, "{path}: {} bytes", answer.body.len());
        }
    }
    let budget = server.admin_get("/api/charts/budget.json").await;
    let kinds: Vec<_> =
        budget["marks"].as_array().expect("marks").iter().filter_map(|mark| mark["kind"].as_str()).collect();
    assert_eq!(kinds, ["alert", "deploy", "drill"], "the outage's alert, the deploy, the drill");
    let failed: u64 = budget["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row[2].as_str()?.parse::<u64>().ok())
        .sum();
    assert_eq!(Some(failed), slo["success"]["bad"].as_u64(), "the table accounts for every failure");

    let one = server.admin_get("/api/charts/success.json?tenant=demo-globex&feature=search&window=7d").await;
    assert_eq!(one["empty"], false, "{one}");
    let status = server.admin_get("/api/status").await;
    assert_eq!(status["practice"], true);
    server.stop().await;
}

#[tokio::test]
async fn demo_data_keeps_away_from_requests_that_somebody_sent() {
    let home = Home::new();
    let server = home.serve().await;
    assert_eq!(server.chat(false).await.status, 200);
    server.stop().await;
    let refused = home.cli(&DEMO).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("requests of its own") && refused.stderr.contains("--home DIR"),
        "{refused:?}"
    );

    let unasked = Home::new().cli(&["serve", "--demo-data"]).await;
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert!(unasked.stderr.contains("--practice"), "{unasked:?}");
}
