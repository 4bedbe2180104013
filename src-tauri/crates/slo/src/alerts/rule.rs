//! The three conditions: is the promise being broken now, and can that be shown.
//!
//! Whole numbers throughout, so that 199 of 200 is exactly 99.5 % and no breach; only the likelihood of chance,
//! which decides nothing by itself, is a fraction.

use serde::{Deserialize, Serialize};

use crate::alerts::binomial::tail;
use crate::alerts::promise::{MILLION, SLOW_PPM};
use crate::alerts::rules::millis;
use crate::alerts::window::{Hits, Money, Reach, Window};
use crate::alerts::{Kind, Promise, Rules, Sensitivity};

#[cfg(test)]
mod tests;

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Too few requests within reach.
    TooFew,
    /// The newest request is too old.
    NoTraffic,
    /// Too many of them have no price.
    Unpriced,
    /// This machine has no network.
    Offline,
    /// The figures could not be had.
    Blind,
}

/// What one look says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The promise is being broken, and it isn't chance.
    Breach,
    /// Nothing shows that it is.
    Healthy,
    /// Not enough is known for either.
    Unknown(Unknown),
}

/// The numbers that a verdict was made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Requests in the window; of the cost, those with a price.
    pub n: u64,
    /// Those that failed, or were slow; 0 for the cost.
    pub hits: u64,
    /// What they cost together, in micro-dollars; 0 but for the cost.
    pub micros: u64,
    /// Requests without a price, beside `n`; 0 but for the cost.
    pub unpriced: u64,
    /// How far the window reached, in milliseconds: as far as the rule says, or further to find enough.
    pub window_ms: u64,
    /// When the newest request completed, in milliseconds since 1970.
    pub newest_ms: Option<i64>,
}

/// A verdict with its numbers, as the machine takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the look says.
    pub verdict: Verdict,
    /// What it was made from.
    pub measured: Measured,
    /// Healthy requests seen since the process began.
    pub healthy: u64,
}

impl Reading {
    /// The same numbers when nothing may be concluded from them.
    #[must_use]
    pub fn but(self, unknown: Unknown) -> Reading {
        Reading { verdict: Verdict::Unknown(unknown), ..self }
    }
}

/// A window reaches back until it holds so many.
const ENOUGH: u64 = 20;

/// With fewer there is no verdict.
const LEAST: u64 = 5;

/// With fewer failures there is no breach.
const LEAST_HITS: u64 = 3;

/// What one alert's window shows at `now_ms`.
pub fn read(kind: Kind, window: &mut Window, promise: &Promise, rules: &Rules, now_ms: i64) -> Reading {
    let literal = rules.sensitivity == Sensitivity::Literal;
    let window_ms = rules.window_ms(kind);
    let reach = Reach {
        now_ms,
        window_ms,
        lookback_ms: if literal { window_ms } else { millis(rules.lookback) },
        enough: ENOUGH,
    };
    let (verdict, mut measured, oldest_ms) = match kind {
        Kind::Success => {
            let found = window.success(reach);
            let verdict = share(found.tally, promise.may_fail_ppm(), rules.sensitivity);
            (verdict, of_hits(found.tally, found.newest_ms), found.oldest_ms)
        }
        Kind::P95 => {
            let found = window.latency(reach);
            (
                share(found.tally, SLOW_PPM, rules.sensitivity),
                of_hits(found.tally, found.newest_ms),
                found.oldest_ms,
            )
        }
        Kind::Cost => {
            let found = window.cost(reach);
            let verdict = average(found.tally, promise.cost_micros, rules.sensitivity);
            (verdict, of_money(found.tally, found.newest_ms), found.oldest_ms)
        }
    };
    let reached_ms = oldest_ms.map_or(0, |oldest| u64::try_from(now_ms.saturating_sub(oldest)).unwrap_or(0));
    measured.window_ms = reached_ms.max(window_ms);
    let age_ms = measured.newest_ms.map(|newest| now_ms.saturating_sub(newest));
    let stale = age_ms.is_none_or(|age| u64::try_from(age).unwrap_or(0) > millis(rules.stale_after));
    let verdict = if stale { Verdict::Unknown(Unknown::NoTraffic) } else { verdict };
    Reading { verdict, measured, healthy: window.healthy(kind) }
}

fn of_hits(Hits { n, hits }: Hits, newest_ms: Option<i64>) -> Measured {
    Measured { n, hits, newest_ms, ..Measured::default() }
}

fn of_money(money: Money, newest_ms: Option<i64>) -> Measured {
    Measured {
        n: money.priced,
        micros: money.micros,
        unpriced: money.unpriced,
        newest_ms,
        ..Measured::default()
    }
}

/// More than `allowed_ppm` millionths hit, and chance alone hardly ever does that.
fn share(Hits { n, hits }: Hits, allowed_ppm: u32, sensitivity: Sensitivity) -> Verdict {
    let (least, least_hits) = if sensitivity == Sensitivity::Literal { (1, 1) } else { (LEAST, LEAST_HITS) };
    if n < least {
        return Verdict::Unknown(Unknown::TooFew);
    }
    let over = u128::from(hits) * u128::from(MILLION) > u128::from(n) * u128::from(allowed_ppm);
    let supported = || {
        let chance = f64::from(allowed_ppm) / f64::from(MILLION);
        sensitivity.alpha().is_none_or(|alpha| tail(hits, n, chance) < alpha)
    };
    if hits >= least_hits && over && supported() { Verdict::Breach } else { Verdict::Healthy }
}

/// The mean is over budget, further than chance takes it, and stays near it without the dearest request: one huge
/// call must not page, a step must.
fn average(money: Money, budget_micros: u64, sensitivity: Sensitivity) -> Verdict {
    let [priced, unpriced, sum, dearest] =
        [money.priced, money.unpriced, money.micros, money.dearest].map(u128::from);
    let budget = u128::from(budget_micros);
    let literal = sensitivity == Sensitivity::Literal;
    if priced + unpriced < if literal { 1 } else { u128::from(LEAST) } {
        return Verdict::Unknown(Unknown::TooFew);
    }
    if unpriced * 10 > priced + unpriced {
        return Verdict::Unknown(Unknown::Unpriced);
    }
    if sum <= priced * budget {
        return Verdict::Healthy;
    }
    if literal {
        return Verdict::Breach;
    }
    if money.priced < ENOUGH {
        // Over budget but too few to say so; "healthy" would resolve an alert on next to nothing.
        return Verdict::Unknown(Unknown::TooFew);
    }
    // This is the rule's own wording. The proof below asks for more, for one request among many never moves an
    // average by more than a standard error; but the wording holds whatever is asked for.
    let near_without_dearest = (sum - dearest) * 10 > (priced - 1).saturating_mul(budget * 9);
    if near_without_dearest && supported(money, budget_micros, sensitivity) {
        Verdict::Breach
    } else {
        Verdict::Healthy
    }
}

/// Whether the mean lies further over budget than chance alone would take it: by so many standard errors.
///
/// Costs of single requests lie far apart. With twenty of them, the average of a service that keeps to 80 % of its
/// budget is over it every day; `cargo xtask bench alerts` counted 61 pages a month without this.
fn supported(money: Money, budget_micros: u64, sensitivity: Sensitivity) -> bool {
    let Some(errors) = sensitivity.standard_errors() else { return true };
    let [n, sum, budget] = [money.priced, money.micros, budget_micros].map(float);
    let over = sum - n * budget;
    #[expect(clippy::cast_precision_loss, reason = "the digits lost are far below a standard error")]
    let variance = ((money.squares as f64 - sum * sum / n) / (n - 1.0)).max(0.0);
    over > errors * (variance * n).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "the digits lost are far below a standard error")]
fn float(number: u64) -> f64 {
    number as f64
}
