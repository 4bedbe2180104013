//! The dashboard in a real Chromium, with axe-core looking over its shoulder. The steps are in
//! `clients/dashboard.mjs`; here is the router behind them. `offline` is the service worker for web apps.

mod offline;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::clients::node;
use crate::harness::{Home, Server, finish};

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

/// The tests whose pictures are the documentation's.
const DOCUMENTED: [&str; 2] = ["screens", "configured"];

/// Says where pictures go, if they are wanted.
fn screenshots(command: &mut Command, test: &str) {
    if std::env::var_os("EVENKEEL_TEST_SCREENSHOTS").is_some() {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/screenshots");
        command
            .env("SCREENSHOTS", if DOCUMENTED.contains(&test) { docs } else { target.join("screenshots") });
    }
}

/// The settings of a tool that was started once.
const TOOL: &str = ".claude/settings.json";

async fn in_chromium(test: &str) {
    in_chromium_with(test, &Home::new(), None).await;
}

/// The steps against this home; `provider` is an address that a provider may be added at.
async fn in_chromium_with(test: &str, home: &Home, provider: Option<&str>) {
    let server = home.serve().await;
    in_chromium_at(test, home, &server, provider).await;
}

async fn in_chromium_at(test: &str, home: &Home, server: &Server, provider: Option<&str>) {
    let mut command = node("dashboard.mjs");
    let link = home.cli(&["dashboard"]).await.ok().stdout;
    home.clean(&mut command)
        .arg(test)
        .env("BASE", server.url(""))
        .env("LOGIN", link.trim())
        .env("KEY", &server.key)
        .env("CONFIG", home.path("evenkeel.toml"))
        .env("PROVIDER", provider.unwrap_or_default())
        .env("TOOL", home.terminal().join(TOOL))
        .env("CHROMIUM", chromium());
    screenshots(&mut command, test);
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

/// A month of made-up requests.
async fn demo_in_chromium(test: &str) {
    let home = Home::new();
    let server = home.serve_with(&["serve", "--practice", "--demo-data", "--listen", "127.0.0.1:0"]).await;
    in_chromium_at(test, &home, &server, None).await;
}

#[tokio::test]
async fn a_month_of_demo_data_is_drawn_told_and_tabulated() {
    demo_in_chromium("demo").await;
}

#[tokio::test]
async fn every_screen_fits_and_is_accessible_in_both_themes_as_the_window_opens_and_at_200_percent() {
    demo_in_chromium("screens").await;
}

#[tokio::test]
async fn it_is_accessible_dark_and_light_wide_and_narrow() {
    in_chromium("looks").await;
}

/// Two providers that answer: those of a router in practice, for as long as this is held.
struct Answering {
    one: String,
    two: String,
    // In this order: the router ends before its folder goes.
    _server: Server,
    _home: Home,
}

impl Answering {
    async fn start() -> Self {
        let home = Home::new();
        let server = home.serve_with(&["serve", "--listen", "127.0.0.1:0", "--practice"]).await;
        let providers = server.admin_get("/api/practice").await;
        let address = |index: usize| {
            format!("http://{}", providers["providers"][index]["listen"].as_str().expect("an address"))
        };
        Self { one: address(0), two: address(1), _server: server, _home: home }
    }
}

/// A tool that was started once, with settings of its own.
fn a_tool(home: &Home) {
    let tool = home.terminal().join(TOOL);
    fs::create_dir_all(tool.parent().expect("a folder")).expect("made");
    let settings = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"sk-ant-api03-mine-alone\"\n  }\n}\n";
    fs::write(&tool, settings).expect("written");
}

#[tokio::test]
async fn the_screens_of_two_configured_providers_fit_and_are_accessible_at_any_size() {
    let Answering { one, two, .. } = &Answering::start().await;
    let home = Home::with_config(&format!(
        "[providers.openai]\nbase_url = \"{one}/v1\"\n\n[providers.anthropic]\nbase_url = \"{two}\"\n\n[[routes]]\n"
    ))
    .set("OPENAI_API_KEY", "sk-proj-canary-0123456789-4f2a")
    .set("ANTHROPIC_API_KEY", "sk-ant-canary-0123456789-c91e");
    a_tool(&home);
    in_chromium_with("configured", &home, None).await;
}

#[tokio::test]
async fn names_as_long_as_they_may_be_leave_every_screen_in_its_window() {
    let Answering { one, two, .. } = &Answering::start().await;
    let name = |letter: &str| {
        format!(
            "{letter}-{}",
            "provider-that-somebody-named-at-great-length-".repeat(2)[..62].trim_end_matches('-')
        )
    };
    let (first, second) = (name("a"), name("b"));
    let home = Home::with_config(&format!(
        "[providers.{first}]\ndialect = \"openai\"\nkey = \"none\"\nbase_url = \"{one}/v1\"\n\n\
         [providers.{second}]\ndialect = \"anthropic\"\nkey = \"none\"\nbase_url = \"{two}\"\n\n\
         [[routes]]\nprimary = {{ provider = \"{first}\" }}\nsecondary = {{ provider = \"{second}\" }}\n\n\
         [[slo]]\nname = \"Everything\"\n\n[[slo]]\nname = \"{first}\"\nfeature = \"{second}\"\n"
    ));
    a_tool(&home);
    in_chromium_with("long-names", &home, None).await;
}

/// A file with comments, and both providers at the addresses of a router in practice.
async fn edited_in_chromium(test: &str) {
    let Answering { one, two, .. } = &Answering::start().await;
    let home = Home::with_config(&format!(
        "# mine, keep it\n[providers.openai]          # the first one\nkey = \"none\"\nbase_url = \"{one}/v1\"\n\n\
         # steps in\n[providers.anthropic]\nkey = \"none\"\nbase_url = \"{two}\"\n\n\
         [[routes]]\nfirst_token_timeout = '2s'  # measured in March\n"
    ));
    a_tool(&home);
    in_chromium_with(test, &home, Some(&format!("{one}/v1"))).await;
}

#[tokio::test]
async fn a_tool_is_connected_by_keyboard_with_its_change_shown_first_and_what_others_changed_is_left() {
    edited_in_chromium("tools").await;
}

#[tokio::test]
async fn a_provider_is_renamed_and_removed_and_so_are_a_pair_and_a_promise() {
    edited_in_chromium("removing").await;
}

#[tokio::test]
async fn a_test_request_of_the_first_steps_has_its_row_under_requests() {
    edited_in_chromium("test-request").await;
}

#[tokio::test]
async fn screens_whose_content_comes_later_look_right_at_any_size() {
    edited_in_chromium("frame-looks").await;
}

#[tokio::test]
async fn a_provider_is_added_with_its_key_tested_and_asked_first_and_the_file_keeps_its_comments() {
    edited_in_chromium("providers").await;
}

#[tokio::test]
async fn a_number_in_a_sentence_is_changed_by_keyboard_and_a_bad_one_is_told_at_its_field() {
    edited_in_chromium("sentences").await;
}

#[tokio::test]
async fn every_field_says_what_is_wrong_with_it_and_nothing_is_written() {
    edited_in_chromium("bad-input").await;
}

#[tokio::test]
async fn a_file_changed_by_another_hand_is_shown_and_a_frozen_budget_asks_why() {
    edited_in_chromium("meanwhile").await;
}

#[tokio::test]
async fn settings_that_are_changed_look_right_at_any_size() {
    edited_in_chromium("edited-looks").await;
}

#[tokio::test]
async fn the_first_steps_take_a_dozen_clicks_and_write_the_file() {
    in_chromium("first-steps").await;
}
