//! On the way: what a tool asked at home it gets without a network too, in whichever dialect it asks.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{FIRST, SECOND, World, alone};
use super::{AT_ONCE, answers, both, last_rows, measured, network, refused, status, until_online};
use crate::harness::{Home, Server, chat, until};

/// The same question four ways: two dialects, streaming and not.
fn four_ways() -> [(&'static str, Value); 4] {
    let asked = chat(false);
    let message = |stream: bool| json!({ "model": asked["model"], "messages": asked["messages"], "max_tokens": 300, "stream": stream });
    let chat = |stream: bool| {
        let mut body = chat(stream);
        body["max_completion_tokens"] = 300.into();
        body
    };
    let (completions, messages) = ("/v1/chat/completions", "/v1/messages");
    [
        (completions, chat(false)),
        (completions, chat(true)),
        (messages, message(false)),
        (messages, message(true)),
    ]
}

async fn entries(server: &Server, at_least: u64) {
    until("kept answers", async || {
        let kept = server.admin_get("/api/cache").await["entries"].as_u64();
        kept.is_some_and(|kept| kept >= at_least).then_some(())
    })
    .await;
}

async fn cache_is_open(server: &Server) {
    until("an open cache", async || {
        (server.admin_get("/api/cache").await["reachable"] == true).then_some(())
    })
    .await;
}

#[test]
fn what_was_asked_at_home_is_answered_on_the_plane() {
    alone("travel::what_was_asked_at_home_is_answered_on_the_plane", async || {
        let world = World::new();
        world.plug_in();
        let (_first, _second) = (world.provider(FIRST, 8080, answers), world.provider(SECOND, 8080, answers));
        let home = Home::with_config(&both());
        let server = home.serve().await;
        cache_is_open(&server).await;
        let (path, body) = &four_ways()[0];
        assert_eq!(server.ask(path, body).await.header("x-evenkeel-cache"), "miss");
        entries(&server, 1).await;

        world.pull_out();
        let mut slowest = Duration::ZERO;
        for round in 0..5 {
            for (path, body) in four_ways() {
                let began = Instant::now();
                let answer = server.ask(path, &body).await;
                let took = began.elapsed();
                let told =
                    (answer.status, answer.header("x-evenkeel-served-by"), answer.header("x-evenkeel-cache"));
                assert_eq!(told, (200, "cache", "hit"), "{path}: {answer:?}");
                assert!(answer.body.contains("aye"), "{path}: {answer:?}");
                assert_eq!(
                    answer.header("content-type").starts_with("text/event-stream"),
                    body["stream"] == true
                );
                if round > 0 {
                    slowest = slowest.max(took);
                }
            }
        }
        measured(&format!("kept answers without a network: the slowest after {slowest:?}"));
        assert!(slowest < AT_ONCE, "{slowest:?}");
        let (code, _) = refused(&server).await;
        assert_eq!(code, "offline", "what nobody asked before has no answer");
        assert_eq!(network(&server).await.0, "offline");

        let rows = last_rows(&server).await;
        let kept: Vec<&Value> = rows.iter().filter(|row| row["served_by"] == "cache").collect();
        assert_eq!(kept.len(), 20);
        for row in kept {
            let told = (&row["counted"], &row["outcome"], &row["cost_usd"]);
            assert_eq!(told, (&"good".into(), &"ok".into(), &json!(0.0)), "{row}");
        }
        world.plug_in();
        until_online(&server).await;
        assert_eq!(server.ask(path, body).await.header("x-evenkeel-served-by"), "primary");
        assert_eq!(status(&server).await["offline"], false);
    });
}

#[test]
fn a_router_that_starts_on_the_plane_remembers_what_it_was_told_at_home() {
    alone("travel::a_router_that_starts_on_the_plane_remembers_what_it_was_told_at_home", async || {
        let world = World::new();
        world.plug_in();
        let (_first, _second) = (world.provider(FIRST, 8080, answers), world.provider(SECOND, 8080, answers));
        let home = Home::with_config(&both());
        let server = home.serve().await;
        cache_is_open(&server).await;
        server.chat(true).await;
        server.stop().await;
        world.pull_out();
        let server = home.serve().await;
        cache_is_open(&server).await;
        let answer = server.chat(false).await;
        assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "cache"), "{answer:?}");
    });
}
