//! The shipped prices, and the user's own over them.

mod laws;

use super::*;

fn price(model: &str) -> &'static ModelPrice {
    PriceBook::shipped().price(model).unwrap_or_else(|| panic!("{model} has no price"))
}

fn dollars(usd: Usd) -> String {
    usd.to_string()
}

/// A price of the user's, in micro-dollars.
fn own(model: &str, input: Option<u64>, output: Option<u64>) -> Price {
    let usd = |micros: Option<u64>| micros.map(Usd::from_micros);
    Price { model: model.to_owned(), input: usd(input), output: usd(output), ..Price::default() }
}

#[test]
fn a_model_costs_what_its_vendor_says() {
    let Rates { input, output, cached_input, cache_write_5m, cache_write_1h } =
        price("claude-opus-5-5").rates;
    let shown = [input, output, cached_input, cache_write_5m, cache_write_1h].map(dollars);
    assert_eq!(shown, ["4.00", "20.00", "0.20", "5.00", "8.00"]);
    assert_eq!(price("gpt-6-luna").rates.cached_input, Usd::from_micros(10_000));
}

#[test]
fn a_price_says_where_it_is_from() {
    let Origin::Shipped { vendor, source, date } = &price("gemini-4-argon").origin else { panic!() };
    assert_eq!((vendor.as_str(), date.len()), ("gemini", 10));
    assert_eq!(source, "https://ai.google.dev/gemini-api/docs/pricing");
}

#[test]
fn a_dated_a_prefixed_and_a_hosted_name_cost_what_the_model_does() {
    for (name, model) in [
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"),
        ("anthropic/claude-opus-5.5", "claude-opus-5-5"),
        ("models/gemini-flash-latest", "gemini-3.8-flash"),
        ("gpt-chat-latest", "chat-latest"),
    ] {
        assert_eq!(price(name), price(model), "{name}");
    }
}

#[test]
fn a_host_with_prices_of_its_own_has_those() {
    assert_eq!(dollars(price("deepseek/deepseek-v4.1-flash").rates.input), "0.21");
    assert_eq!(dollars(price("deepseek-v4-flash").rates.input), "0.30");
}

#[test]
fn a_model_that_nobody_knows_has_no_price_and_is_not_free() {
    for name in ["my-own-model", "", "gpt-7", "z-ai/glm-5.3:free", "llama3.1:8b"] {
        assert_eq!(PriceBook::shipped().price(name), None, "{name}");
    }
}

#[test]
fn a_long_request_costs_more_from_the_first_token_over_the_limit() {
    let input = |model: &str, tokens| dollars(price(model).at(tokens).input);
    assert_eq!(
        (input("claude-haiku-5-5", 100_000), input("claude-haiku-5-5", 100_001)),
        ("0.10".into(), "0.50".into())
    );
    assert_eq!((input("grok-4.7", 199_999), input("grok-4.7", 200_000)), ("2.00".into(), "4.00".into()));
    assert_eq!(input("claude-opus-5-5", 900_000), "4.00");
}

#[test]
fn where_a_vendor_sells_no_cache_its_tokens_cost_what_others_do() {
    let Rates { input, cached_input, cache_write_5m, cache_write_1h, .. } = price("gpt-5.5-pro").rates;
    assert_eq!([cached_input, cache_write_5m, cache_write_1h], [input; 3]);
    let luna = price("gpt-6-luna").rates;
    assert_eq!(luna.cache_write_1h, luna.cache_write_5m);
}

#[test]
fn a_price_that_is_announced_holds_from_its_day_on() {
    let on = |day: &str| dollars(PriceBook::shipped().price_on("gemini-4-argon", day).unwrap().rates.output);
    assert_eq!(
        [on("2026-11-23"), on("2026-11-30"), on("2026-12-01"), on("2031-01-01")],
        ["10.00", "10.00", "20.00", "20.00"]
    );
    assert_eq!(dollars(price("gemini-4-argon").rates.output), "10.00");
    let still = PriceBook::shipped().price_on("claude-opus-5-5", "2031-01-01");
    assert_eq!(still, Some(price("claude-opus-5-5")));
}

#[test]
fn the_users_price_wins_and_leaves_the_rest_as_shipped() {
    let book = PriceBook::with(&[own("claude-haiku-5-5", Some(70_000), None)]);
    let mine = book.price("claude-haiku-5-5").unwrap();
    assert_eq!(mine.origin, Origin::Config);
    assert_eq!(dollars(mine.rates.input), "0.07");
    assert_eq!(mine.rates.output, price("claude-haiku-5-5").rates.output);
    assert_eq!(dollars(mine.at(500_000).input), "0.07", "one price is meant for every length");
    assert_eq!(dollars(mine.at(500_000).output), "2.50");
    assert_eq!(book.price("claude-haiku-5-5-20261007"), Some(mine), "dated names follow");
    assert_eq!(book.price("claude-opus-5-5"), Some(price("claude-opus-5-5")));
    assert_eq!(dollars(price("claude-haiku-5-5").rates.input), "0.10", "the shipped book stays as it is");
}

#[test]
fn the_users_price_holds_on_every_day() {
    let book = PriceBook::with(&[own("gemini-4-argon", Some(1_000_000), None)]);
    let later = book.price_on("gemini-4-argon", "2027-05-01").unwrap();
    assert_eq!(later.origin, Origin::Config);
    assert_eq!((dollars(later.rates.input), dollars(later.rates.output)), ("1.00".into(), "20.00".into()));
}

#[test]
fn a_model_of_ones_own_needs_both_prices() {
    let book = PriceBook::with(&[own("mine", Some(250_000), Some(2_000_000)), own("half", Some(1), None)]);
    let mine = book.price("mine").unwrap();
    assert_eq!((mine.model.as_str(), mine.rates.cached_input), ("mine", Usd::from_micros(250_000)));
    assert_eq!(book.price("half"), None);
}
