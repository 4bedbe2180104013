//! A share of requests as an exact integer, for 99.5 has no exact float and 199 of 200 must be exactly on target.

use std::fmt;

const WHOLE: u32 = 1_000_000;

/// A share of requests in parts per million: 99.5 % is 995,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// All of them.
    pub const ALL: Share = Share(WHOLE);
    /// What "p95" promises: 95 of 100 are within the latency target.
    pub const P95: Share = Share(950_000);

    /// From parts per million; `None` above a million.
    pub fn from_ppm(ppm: u32) -> Option<Self> {
        (ppm <= WHOLE).then_some(Self(ppm))
    }

    /// From a percentage as people write it, to the nearest part per million; `None` unless it is from 0 to 100.
    ///
    /// Only 100 itself is everything: 99.99999 stays just below, since a promise of all requests allows no failure
    /// at all and must not come about by rounding.
    ///
    /// ```
    /// use evenkeel_slo::budget::Share;
    /// assert_eq!(Share::from_percent(99.5).map(Share::ppm), Some(995_000));
    /// assert_eq!(Share::from_percent(99.99999).map(Share::ppm), Some(999_999));
    /// ```
    pub fn from_percent(percent: f64) -> Option<Self> {
        if !(0.0..=100.0).contains(&percent) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1,000,000 by the check above"
        )]
        let ppm = (percent * 10_000.0).round() as u32;
        Some(if percent < 100.0 { Self(ppm.min(WHOLE - 1)) } else { Self(WHOLE) })
    }

    /// In parts per million.
    pub fn ppm(self) -> u32 {
        self.0
    }

    /// As a percentage, for JSON.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// What the share leaves for the others, in parts per million.
    pub fn rest_ppm(self) -> u32 {
        WHOLE - self.0
    }

    /// How many of `n` may be bad: ⌊n × (1 − share)⌋.
    pub fn allows(self, n: u64) -> u64 {
        let allowed = u128::from(n) * u128::from(self.rest_ppm()) / u128::from(WHOLE);
        u64::try_from(allowed).unwrap_or(n)
    }

    /// Whether `bad` of `n` still leave this share good; exactly on it they do.
    pub fn met_by(self, bad: u64, n: u64) -> bool {
        u128::from(bad) * u128::from(WHOLE) <= u128::from(n) * u128::from(self.rest_ppm())
    }

    /// How many requests are needed to judge this target at all: with none of them bad, the upper 95 % bound of the
    /// failure rate is 3/n, which has to be within what the target allows. 600 for 99.5 %, 60 for a p95. `None` for
    /// 100 %, which no number of requests can prove.
    pub fn needed(self) -> Option<u64> {
        let rest = u64::from(self.rest_ppm());
        (rest > 0).then(|| (3 * u64::from(WHOLE)).div_ceil(rest))
    }
}

impl fmt::Display for Share {
    /// As a target is written: `99.5 %`, with no more decimals than it has.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let decimals = format!("{rest:04}");
        match decimals.trim_end_matches('0') {
            "" => write!(out, "{whole} %"),
            decimals => write!(out, "{whole}.{decimals} %"),
        }
    }
}
