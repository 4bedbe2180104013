//! What an answer costs: the usage that providers report, and the micro-dollars that follow from it.
//!
//! Every amount is worked by hand in the comment above its row. A dollar per million tokens is a micro-dollar per
//! token, so each part is tokens × rate; the sum is rounded once, half up. The rates are those of
//! `assets/prices.toml`.

mod anthropic;
mod hosts;
mod openai;

use evenkeel_config::PriceBook;
use evenkeel_dialect::Dialect;
use serde_json::value::RawValue;

use super::*;

/// The day on which the shipped prices were gathered.
const DAY: &str = "2026-11-23";

/// The model; the usage as it is reported, a stream's reports in their order; micro-dollars.
type Row = (&'static str, &'static [&'static str], Option<i64>);

/// The way of every answer: each report read, later ones over earlier ones, then priced.
fn usage(dialect: Dialect, reports: &[&str]) -> Usage {
    let mut whole = Usage::default();
    for report in reports {
        let raw: &RawValue = serde_json::from_str(report).expect("a row holds JSON");
        whole.update(Usage::read(dialect, raw));
    }
    whole
}

fn cost(book: &PriceBook, day: &str, dialect: Dialect, model: &str, reports: &[&str]) -> Option<i64> {
    of(book.price_on(model, day)?, &usage(dialect, reports))
}

/// Every wrong row at once, for a mistake seldom comes alone.
fn check(dialect: Dialect, rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(model, reports, expected)| {
            let found = cost(PriceBook::shipped(), DAY, dialect, model, reports);
            (found != *expected).then(|| format!("{model} {reports:?}: {found:?} instead of {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `[prices]` of the user's file makes of a usage.
fn own(prices: &str, dialect: Dialect, model: &str, report: &str) -> Option<i64> {
    let parsed = evenkeel_config::parse(prices).expect("a file of prices");
    cost(&PriceBook::with(&parsed.config.prices), DAY, dialect, model, &[report])
}

#[test]
fn a_price_of_ones_own_is_what_a_model_costs() {
    let mine = "[prices.\"my-model\"]\ninput = 0.25\noutput = 2.0\n";
    let thousand = r#"{"prompt_tokens":1000,"completion_tokens":100}"#;
    // 1,000 × 0.25 + 100 × 2 = 250 + 200
    assert_eq!(own(mine, Dialect::OpenAi, "my-model", thousand), Some(450));
    // Half of it from a cache that has no price of its own: 500 × 0.25 + 500 × 0.25 + 100 × 2
    let cached =
        r#"{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":500}}"#;
    assert_eq!(own(mine, Dialect::OpenAi, "my-model", cached), Some(450));
    // With one price of two there is none.
    assert_eq!(own("[prices.\"half\"]\ninput = 1.0\n", Dialect::OpenAi, "half", thousand), None);
}

#[test]
fn what_an_own_price_leaves_out_costs_what_the_vendor_asks() {
    let cached =
        r#"{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":500}}"#;
    // 500 × 1.00 (own) + 500 × 1.25 + 10 × 10 = 500 + 625 + 100
    assert_eq!(own("[prices.\"gpt-4o\"]\ninput = 1.0\n", Dialect::OpenAi, "gpt-4o", cached), Some(1_225));
    // One input price for every length, the vendor's step for the output: 300,000 × 1 + 1,000 × 15
    let long = r#"{"prompt_tokens":300000,"completion_tokens":1000}"#;
    let sol = "[prices.\"gpt-6.2-sol\"]\ninput = 1.0\n";
    assert_eq!(own(sol, Dialect::OpenAi, "gpt-6.2-sol", long), Some(315_000));
    // 200 × 1.00 (own) written for five minutes + 100 × 2 (the vendor's) for an hour
    let written = r#"{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100}}"#;
    let haiku = "[prices.\"claude-haiku-4-5\"]\ncache_write_5m = 1.0\n";
    assert_eq!(own(haiku, Dialect::Anthropic, "claude-haiku-4-5", written), Some(400));
    // A dated name costs what the name without the date was given: 300 × 1.00 + 100 × 2 = the row above.
    assert_eq!(own(haiku, Dialect::Anthropic, "claude-haiku-4-5-20251001", written), Some(400));
}

#[test]
fn an_announced_price_holds_from_its_first_day_on() {
    let on = |day| {
        let report =
            r#"{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":400}}"#;
        cost(PriceBook::shipped(), day, Dialect::OpenAi, "gemini-4-argon", &[report])
    };
    // 600 × 2 + 400 × 0.10 + 100 × 10 = 1,200 + 40 + 1,000
    assert_eq!(on("2026-11-30"), Some(2_240));
    // 600 × 4 + 400 × 0.20 + 100 × 20 = 2,400 + 80 + 2,000
    assert_eq!(on("2026-12-01"), Some(4_480));
}

#[test]
fn a_cache_saves_what_its_tokens_would_have_cost_at_full_price() {
    let saved = |model, report: &str| {
        let price = PriceBook::shipped().price_on(model, DAY).expect("a price");
        saved_by_provider_cache(price, &usage(Dialect::Anthropic, &[report]))
    };
    // Read: 40,000 × (5 − 0.50)
    let read = r#"{"input_tokens":10000,"cache_read_input_tokens":40000,"output_tokens":15000}"#;
    assert_eq!(saved("claude-opus-4-8", read), Some(180_000));
    // Written for five minutes: 1,000 × (3 − 3.75); for an hour: 1,000 × (3 − 6)
    let written = r#"{"input_tokens":5,"output_tokens":5,"cache_creation_input_tokens":1000}"#;
    assert_eq!(saved("claude-sonnet-4-5", written), Some(-750));
    let hour = r#"{"input_tokens":5,"output_tokens":5,"cache_creation_input_tokens":1000,"cache_creation":{"ephemeral_1h_input_tokens":1000}}"#;
    assert_eq!(saved("claude-sonnet-4-5", hour), Some(-3_000));
    // Both: 1,000 × (3 − 0.30) − 750
    let both = r#"{"input_tokens":5,"output_tokens":5,"cache_creation_input_tokens":1000,"cache_read_input_tokens":1000}"#;
    assert_eq!(saved("claude-sonnet-4-5", both), Some(1_950));
    assert_eq!(
        saved("claude-sonnet-4-5", r#"{"input_tokens":5,"output_tokens":5}"#),
        None,
        "no cache, no word of it"
    );
}
