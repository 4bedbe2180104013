//! The dashboard in a real Chromium, with axe-core looking over its shoulder. The steps are in
//! `clients/dashboard.mjs`; here is the router behind them. `offline` is the service worker for web apps.

mod offline;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::clients::node;
use crate::harness::{Home, finish};

/// Where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";

fn chromium() -> OsString {
    let chromium = std::env::var_os("EVENKEEL_TEST_CHROMIUM").unwrap_or_else(|| CHROMIUM.into());
    assert!(
        Path::new(&chromium).exists(),
        "there is no Chromium: run `cargo xtask test`, which installs one"
    );
    chromium
}

/// Says where pictures go, if they are wanted.
fn screenshots(command: &mut Command) {
    if std::env::var_os("EVENKEEL_TEST_SCREENSHOTS").is_some() {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        command.env("SCREENSHOTS", target.join("screenshots"));
    }
}

async fn in_chromium(test: &str) {
    let mut command = node("dashboard.mjs");
    let home = Home::new();
    let server = home.serve().await;
    let link = home.cli(&["dashboard"]).await.ok().stdout;
    home.clean(&mut command)
        .arg(test)
        .env("BASE", server.url(""))
        .env("LOGIN", link.trim())
        .env("KEY", &server.key)
        .env("CHROMIUM", chromium());
    screenshots(&mut command);
    let ran = finish(command).await;
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.trim(), format!("done: {test}"));
}

#[tokio::test]
async fn without_a_session_the_page_says_how_to_get_one() {
    in_chromium("signed-out").await;
}

#[tokio::test]
async fn a_fault_set_by_a_button_switches_the_provider_and_the_page_shows_it() {
    in_chromium("tour").await;
}

#[tokio::test]
async fn each_filter_counts_and_lists_the_same_requests() {
    in_chromium("filters").await;
}

#[tokio::test]
async fn it_is_accessible_dark_and_light_wide_and_narrow() {
    in_chromium("looks").await;
}
