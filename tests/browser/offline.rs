//! The service worker for web apps in a real Chromium: the demo app of the recipe as its user meets it, with a router
//! behind it, and the worker alone against a server that does on purpose what networks do by accident. The steps are
//! in `clients/offline_demo.mjs` and `clients/offline_worker.mjs`.

use std::path::Path;

use http::{Method, StatusCode};

use super::chromium;
use crate::clients::node;
use crate::harness::{Home, finish};

/// The page that the recipe builds.
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/recipes/offline-web-app");

async fn in_chromium(script: &str, test: &str) {
    let home = Home::new();
    let server = home.serve().await;
    let mut command = node(script);
    home.clean(&mut command)
        .arg(test)
        .env("BASE", server.url(""))
        .env("KEY", &server.key)
        .env("ROUTER", server.pid().to_string())
        .env("DEMO", Path::new(DEMO).canonicalize().expect("the demo is there"))
        .env("CHROMIUM", chromium());
    super::screenshots(&mut command, "offline");
    let ran = finish(command).await;
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.trim(), format!("done: {test}"));
}

#[tokio::test]
async fn anybody_gets_the_worker_from_the_router_but_no_foreign_page_does() {
    let home = Home::new();
    let server = home.serve().await;
    let ask = |method| server.request(method, "/offline/evenkeel-sw.js");
    let file = ask(Method::GET).send().await.expect("an answer");
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(file.headers()["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(file.headers()["cache-control"], "no-cache");
    let tag = file.headers()["etag"].clone();
    let text = file.text().await.expect("a script");
    assert!(text.starts_with("/*! evenkeel-sw.js "), "built by `cargo xtask ui`: {text:.60}");

    let head = ask(Method::HEAD).send().await.expect("an answer");
    assert_eq!(head.headers()["content-length"].to_str().expect("digits"), text.len().to_string());
    let known = ask(Method::GET).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let foreign =
        ask(Method::GET).header("origin", "https://elsewhere.example").send().await.expect("an answer");
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    server.stop().await;
}

#[tokio::test]
async fn the_demo_answers_without_a_network_what_was_asked_before_and_nothing_else() {
    in_chromium("offline_demo.mjs", "use").await;
}

#[tokio::test]
async fn the_demo_is_accessible_dark_and_light_wide_and_narrow_and_comes_back_online() {
    in_chromium("offline_demo.mjs", "looks").await;
}

#[tokio::test]
async fn good_answers_are_kept_and_no_others() {
    in_chromium("offline_worker.mjs", "keeps").await;
}

#[tokio::test]
async fn a_stream_passes_piece_by_piece_and_is_replayed_unless_it_broke_or_was_left() {
    in_chromium("offline_worker.mjs", "streams").await;
}

#[tokio::test]
async fn what_does_not_fit_makes_room_or_is_not_kept_and_the_page_has_its_answer() {
    in_chromium("offline_worker.mjs", "room").await;
}

#[tokio::test]
async fn two_logins_and_two_prompt_versions_never_meet() {
    in_chromium("offline_worker.mjs", "apart").await;
}

#[tokio::test]
async fn it_loads_into_classic_and_module_workers_and_serves_other_origins() {
    in_chromium("offline_worker.mjs", "forms").await;
}
