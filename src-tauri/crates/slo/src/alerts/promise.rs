//! What was promised, in the integers that verdicts are made of.

use serde::{Deserialize, Serialize};

use crate::tally::Basis;

/// One promise: the three targets and whose requests they are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Its name, which no other promise shares: the alert's scope.
    pub name: String,
    /// Whether the promise is about all requests. Such a one isn't named in a page, for there is nothing to tell
    /// it from.
    pub everything: bool,
    /// Share of requests that succeed, in millionths: 995,000 for 99.5 %.
    pub success_ppm: u32,
    /// The latency that 95 of 100 requests stay within, in milliseconds.
    pub latency_ms: u64,
    /// What that latency is measured to.
    pub basis: Basis,
    /// Average cost of a request, in micro-dollars.
    pub cost_micros: u64,
}

/// All of it, in the unit of [`Promise::success_ppm`].
pub const MILLION: u32 = 1_000_000;

/// The share of requests that may be slow, in millionths: a p95 promise is the same statement.
pub const SLOW_PPM: u32 = 50_000;

impl Promise {
    /// The share of requests that may fail, in millionths.
    pub fn may_fail_ppm(&self) -> u32 {
        MILLION.saturating_sub(self.success_ppm)
    }

    /// A target in percent, as it is configured, in millionths. What isn't a share is cut to one.
    ///
    /// ```
    /// assert_eq!(evenkeel_slo::alerts::Promise::ppm(99.95), 999_500);
    /// ```
    pub fn ppm(percent: f64) -> u32 {
        let millionths = (percent * 10_000.0).round().clamp(0.0, f64::from(MILLION));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a million"
        )]
        let whole = millionths as u32;
        whole
    }
}

impl Default for Promise {
    fn default() -> Self {
        Self {
            name: "Everything".to_owned(),
            everything: true,
            success_ppm: 995_000,
            latency_ms: 2_500,
            basis: Basis::FirstByte,
            cost_micros: 15_000,
        }
    }
}
