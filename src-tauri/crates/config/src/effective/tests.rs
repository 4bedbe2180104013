use super::effective_toml;
use crate::{Config, parse};

#[test]
fn the_defaults_written_out_are_the_documented_ones() {
    insta::assert_snapshot!(effective_toml(&Config::default()), @r#"
    bypass = false

    [server]
    listen = "127.0.0.1:9950"
    require_key = true
    max_body = "32MiB"
    allow_hosts = []
    allow_origins = []

    [guardrails]
    max_cost_per_request = 0.00
    max_input_tokens = 0
    max_output_tokens = 0
    max_cost_per_day = 0.00
    max_cost_per_month = 0.00
    on_unpriced = "allow"
    on_exceed = ["truncate", "cheaper", "cached", "reject"]

    [cache]
    backend = "sqlite"
    redis_url = ""
    serve = "on_failure"
    fresh_for = "1h"
    keep_for = "30d"
    max_size = "512MiB"

    [[slo]]
    name = "Everything"
    tenant = ""
    feature = ""
    success = 99.5
    p95 = "2.5s"
    latency = "first_byte"
    cost = 0.015
    window = "30d"

    [alerts]
    sensitivity = "standard"
    evaluate_every = "15s"
    success_hold = "5m"
    p95_hold = "15m"
    cost_hold = "15m"
    resolve_hold = "5m"
    reopen_within = "15m"
    lookback = "2h"
    notices = true
    repeat_every = "4h"
    quiet_hours = ""
    webhook = ""
    "#);
}

#[test]
fn what_is_written_reads_as_the_same_config() {
    let all = include_str!("../../tests/fixtures/everything.toml");
    for text in ["", "[providers.openai]\n", "[[routes]]\n", all] {
        let config = parse(text).unwrap().config;
        let written = effective_toml(&config);
        let again = parse(&written).unwrap_or_else(|problems| panic!("{problems:#?}\n{written}")).config;
        assert_eq!(again, config, "{written}");
    }
}
