//! What tokens cost, in whole micro-dollars.

use evenkeel_config::prices::{ModelPrice, Rates};
use evenkeel_dialect::usage::Usage;

/// Tokens are priced by the million.
const MILLION: u128 = 1_000_000;

/// The price of what was used; `None` if nobody said what that was.
///
/// Each kind of token at its own rate, summed up exactly and rounded once, half a micro-dollar up. Reasoning is
/// part of the output and costs as such. The whole prompt, cached or not, decides which of a model's price
/// steps holds.
pub(crate) fn of(price: &ModelPrice, usage: &Usage) -> Option<i64> {
    if usage.input.is_none() && usage.output.is_none() {
        return None;
    }
    let [input, output, cached, written] =
        [usage.input, usage.output, usage.cached, usage.cache_write].map(|count| count.unwrap_or(0));
    let long = usage.cache_write_1h.unwrap_or(0).min(written);
    let rates = price.at(input + cached + written);
    let parts = [
        (input, rates.input),
        (output, rates.output),
        (cached, rates.cached_input),
        (written - long, rates.cache_write_5m),
        (long, rates.cache_write_1h),
    ];
    let sum: u128 = parts.iter().map(|(tokens, rate)| u128::from(*tokens) * u128::from(rate.micros())).sum();
    i64::try_from((sum + MILLION / 2) / MILLION).ok()
}

/// What the provider's cache saved on this answer, against the same tokens at full price; negative where
/// writing to it cost more than reading from it saved.
pub(crate) fn saved_by_provider_cache(price: &ModelPrice, usage: &Usage) -> Option<i64> {
    let [cached, written] = [usage.cached, usage.cache_write].map(|count| count.unwrap_or(0));
    if cached + written == 0 {
        return None;
    }
    let plain = Usage {
        input: Some(usage.input.unwrap_or(0) + cached + written),
        cached: None,
        cache_write: None,
        cache_write_1h: None,
        ..*usage
    };
    Some(of(price, &plain)? - of(price, usage)?)
}

/// The most that so many tokens can cost: nothing of the prompt comes from a cache.
pub(crate) fn worst(price: &ModelPrice, input: u64, output: u64) -> i64 {
    let usage = Usage { input: Some(input), output: Some(output), ..Usage::default() };
    of(price, &usage).unwrap_or(i64::MAX)
}

/// How many input tokens an amount pays for, at the dearest rate that holds for that many.
pub(crate) fn affordable_input(rates: &Rates, micros: i64) -> u64 {
    let rate = u128::from(rates.input.micros());
    match u128::try_from(micros) {
        Ok(_) if rate == 0 => u64::MAX,
        Ok(micros) => u64::try_from(micros * MILLION / rate).unwrap_or(u64::MAX),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests;
