//! What tokens cost, in whole micro-dollars.

use evenkeel_config::Usd;
use evenkeel_config::prices::{ModelPrice, Rates};
use evenkeel_dialect::usage::Usage;

/// Tokens are priced by the million.
const MILLION: u128 = 1_000_000;
/// Web searches by the thousand.
const THOUSAND: u128 = 1_000;

/// The price of what was used; `None` if nobody said what that was.
///
/// Each kind of token at its own rate, and the provider's web searches where they are priced, summed up exactly and rounded once, half a micro-dollar up. Reasoning is
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
    let tokens: u128 =
        parts.iter().map(|(tokens, rate)| u128::from(*tokens) * u128::from(rate.micros())).sum();
    let a_thousand = price.web_search.map_or(0, |price| u128::from(price.micros()));
    let sum = tokens + u128::from(usage.searches.unwrap_or(0)) * a_thousand * (MILLION / THOUSAND);
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

/// Whether a prompt may be written to the provider's cache, which costs more than reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    Nothing,
    /// For the shortest time that the vendor sells.
    Short,
    Hour,
}

impl Writes {
    fn rate(self, rates: &Rates) -> Usd {
        match self {
            Self::Nothing => rates.input,
            Self::Short => rates.input.max(rates.cache_write_5m),
            Self::Hour => rates.input.max(rates.cache_write_1h),
        }
    }
}

/// The most that so many tokens can cost: nothing of the prompt comes from a cache, and all of it is written to
/// one if any of it may be.
pub(crate) fn worst(price: &ModelPrice, input: u64, output: u64, writes: Writes) -> i64 {
    let rates = price.at(input);
    let tokens = |count: u64, rate: Usd| u128::from(count) * u128::from(rate.micros());
    let sum = tokens(input, writes.rate(rates)) + tokens(output, rates.output);
    i64::try_from((sum + MILLION / 2) / MILLION).unwrap_or(i64::MAX)
}

/// How many input tokens an amount pays for, at the dearest rate that holds for that many.
pub(crate) fn affordable_input(rates: &Rates, micros: i64, writes: Writes) -> u64 {
    let rate = u128::from(writes.rate(rates).micros());
    match u128::try_from(micros) {
        Ok(_) if rate == 0 => u64::MAX,
        Ok(micros) => u64::try_from(micros * MILLION / rate).unwrap_or(u64::MAX),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests;
