//! What a coming day brings, from the last seven.

use super::Rate;

/// A request in the forecast's unit.
pub(super) const MICRO: u128 = 1_000_000;
/// A rate of failures is counted in billionths.
const BILLION: u128 = 1_000_000_000;
/// How many days make the pace.
const RECENT: usize = 7;
/// Fewer failures than this in those days are no pace.
const FEW: u64 = 3;
/// The one-sided 90 % point of the normal distribution.
const Z: f64 = 1.281_551_565_544_6;

/// What each coming day brings, in micro-requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Requests that count.
    pub n: u128,
    /// Those that are bad.
    pub bad: u128,
}

/// The pace with its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paces {
    /// The 10 % bound.
    pub low: Pace,
    /// The pace itself.
    pub middle: Pace,
    /// The 90 % bound.
    pub high: Pace,
    /// There were too few failures to call it a pace.
    pub too_few: bool,
}

impl Pace {
    /// The pace of the last seven days, of fewer where traffic began later; `None` without traffic in them.
    ///
    /// Its rate is the median of the daily failure rates, so that one bad afternoon is not taken for a habit.
    pub fn of(days: &[Rate]) -> Option<Paces> {
        let recent = days.get(days.len().saturating_sub(RECENT)..)?;
        let recent = recent.get(recent.iter().position(|day| day.n > 0)?..)?;
        let n: u128 = recent.iter().map(|day| u128::from(day.n)).sum();
        let bad = recent.iter().fold(0_u64, |sum, day| sum.saturating_add(day.bad));
        let a_day = n * MICRO / recent.len() as u128;
        let too_few = bad < FEW;
        #[expect(clippy::cast_precision_loss, reason = "an estimate with bounds far wider than that")]
        let (low, middle, high) = if too_few {
            (0.0, bad as f64, upper(bad as f64))
        } else {
            // Not below two: otherwise a third failure on one day would make the outlook brighter.
            let expected = median_rate(recent) as f64 / BILLION as f64 * n as f64;
            (lower(expected), expected, upper(expected.max(2.0)))
        };
        let pace = |failures: f64| Pace { n: a_day, bad: micro(failures, recent.len()).min(a_day) };
        Some(Paces { low: pace(low), middle: pace(middle), high: pace(high), too_few })
    }
}

/// The median of the failure rates of the days with traffic, in billionths.
fn median_rate(days: &[Rate]) -> u128 {
    let with_traffic = days.iter().filter(|day| day.n > 0);
    let mut rates: Vec<u128> =
        with_traffic.map(|day| u128::from(day.bad.min(day.n)) * BILLION / u128::from(day.n)).collect();
    rates.sort_unstable();
    let half = rates.len() / 2;
    match (rates.get(half.wrapping_sub(1)), rates.get(half)) {
        (Some(below), Some(above)) if rates.len().is_multiple_of(2) => u128::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        _ => 0,
    }
}

/// The mean of a Poisson distribution that gives `count` or more with 10 % (Wilson and Hilferty's approximation of
/// the chi-squared quantile, PNAS 17, 1931; within 1 % from three on).
fn lower(count: f64) -> f64 {
    if count <= 0.0 { 0.0 } else { cubed(count, -Z) }
}

/// The mean of a Poisson distribution that gives `count` or fewer with 10 %.
fn upper(count: f64) -> f64 {
    cubed(count + 1.0, Z)
}

fn cubed(shape: f64, z: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    shape * root.max(0.0).powi(3)
}

/// So many failures over so many days as micro-requests a day. A cast from a float saturates, and so may this.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and never negative")]
#[expect(clippy::cast_precision_loss, reason = "seven at most")]
fn micro(failures: f64, days: usize) -> u128 {
    (failures * 1e6 / days.max(1) as f64).clamp(0.0, 1e30) as u128
}

#[cfg(test)]
mod tests;
