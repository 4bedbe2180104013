//! How much proof an alert needs, and every length of time in it: `[alerts]` of the configuration.
//!
//! All of them are values, so that tests and demonstrations can shorten them.

use std::time::Duration;

use crate::alerts::Kind;

/// How much proof an alert needs before it is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sensitivity {
    /// Chance alone would do this at most once in a hundred times.
    #[default]
    Standard,
    /// At most once in a thousand times.
    Quiet,
    /// The plain wording of the rules: the last minutes only, however few requests they held.
    Literal,
}

impl Sensitivity {
    /// The chance below which a finding is believed; `None` where no proof is asked for.
    pub fn alpha(self) -> Option<f64> {
        match self {
            Sensitivity::Standard => Some(0.01),
            Sensitivity::Quiet => Some(0.001),
            Sensitivity::Literal => None,
        }
    }

    /// By how many standard errors an average cost must be over budget.
    ///
    /// Costs of single requests lean far to the right, which makes a mean of twenty that is over by so much rarer
    /// than the normal distribution says: drawn from a log-normal one with sigma 0.8, 1.7 % and 0.1 % of them are.
    pub fn standard_errors(self) -> Option<f64> {
        match self {
            Sensitivity::Standard => Some(1.644_854),
            Sensitivity::Quiet => Some(2.326_348),
            Sensitivity::Literal => None,
        }
    }
}

/// The rules of all three alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How much proof an alert needs.
    pub sensitivity: Sensitivity,
    /// Time between two evaluations.
    pub every: Duration,
    /// How long success must stay below target, and how far its window reaches before it is stretched.
    pub success_hold: Duration,
    /// The same for latency.
    pub p95_hold: Duration,
    /// The same for cost.
    pub cost_hold: Duration,
    /// How long all must be well before an alert is resolved.
    pub resolve_hold: Duration,
    /// How many healthy requests must have come in that time.
    pub resolve_requests: u64,
    /// A breach within this time after that is the same incident.
    pub reopen_within: Duration,
    /// How far back to reach for enough requests to judge by.
    pub lookback: Duration,
    /// Time until an alert that nobody acknowledged is told again; zero: never.
    pub repeat_every: Duration,
    /// When the newest request is older than this, nothing is known.
    pub stale_after: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sensitivity: Sensitivity::Standard,
            every: Duration::from_secs(15),
            success_hold: Duration::from_mins(5),
            p95_hold: Duration::from_mins(15),
            cost_hold: Duration::from_mins(15),
            resolve_hold: Duration::from_mins(5),
            resolve_requests: 5,
            reopen_within: Duration::from_mins(15),
            lookback: Duration::from_hours(2),
            repeat_every: Duration::from_hours(4),
            stale_after: Duration::from_mins(30),
        }
    }
}

impl Rules {
    /// How long a condition must hold, in milliseconds.
    pub fn hold_ms(&self, kind: Kind) -> u64 {
        millis(match kind {
            Kind::Success => self.success_hold,
            Kind::P95 => self.p95_hold,
            Kind::Cost => self.cost_hold,
        })
    }

    /// How far the window reaches before it is stretched, in milliseconds: as far as the condition must hold.
    pub fn window_ms(&self, kind: Kind) -> u64 {
        self.hold_ms(kind).max(1)
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
