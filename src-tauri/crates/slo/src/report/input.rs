//! What a report is made of: plain values, measured and read by the caller.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Cause,
    budget::{BadRequest, Budget, Change, Declared, Money, Rate, Share},
    standing::Hold,
    tally::Basis,
};

/// What is promised: `[[slo]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Its name.
    pub name: String,
    /// Only this tenant's requests; `None`: all.
    pub tenant: Option<String>,
    /// Only this feature's; `None`: all.
    pub feature: Option<String>,
    /// The share of requests that are answered.
    pub success: Share,
    /// What 95 of 100 answers stay within, in milliseconds.
    pub p95_ms: u64,
    /// What that is measured to.
    pub basis: Basis,
    /// The average cost of a request, in micro-dollars.
    pub cost_micros: i64,
}

/// The span of time that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Window {
    /// Whether this moment is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> u64 {
        u64::try_from(self.to.duration_since(self.from).as_secs()).unwrap_or(0)
    }
}

/// The exact counters of the window. Requests are good, bad or not counted, so there is no `n` to disagree with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Answered.
    pub good: u64,
    /// Spent error budget.
    pub bad: u64,
    /// Those of them by what their own rows say, in the order of [`Cause::ALL`].
    pub causes: [u64; Cause::ALL.len()],
    /// Requests whose latency counts.
    pub latency_n: u64,
    /// Those of them over the target in force; exactly on it is not.
    pub slow: u64,
    /// The 95th percentile from the histogram, for show; no verdict hangs on it.
    pub p95_ms: Option<u64>,
    /// Requests whose cost is known, failed attempts included: what the average is of.
    pub priced: u64,
    /// What they cost together, in micro-dollars.
    pub cost_micros: i64,
    /// Requests that cost something that nobody knows; in none of the money.
    pub unpriced: u64,
    /// Good only because a retry or the other provider stepped in.
    pub rescued: u64,
    /// Answered from the cache.
    pub cached: u64,
    /// The same figures without those.
    pub without_cache: WithoutCache,
    /// What is in none of the rates.
    pub not_counted: NotCounted,
}

/// What stands beside the headline so that saved answers can't flatter it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithoutCache {
    /// The 95th percentile of answers that a provider gave.
    pub p95_ms: Option<u64>,
    /// Requests of known cost that were not answered from the cache.
    pub priced: u64,
    /// What those cost together, in micro-dollars.
    pub cost_micros: i64,
}

/// Requests on neither side of the rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "NotCounted.ts")]
pub struct NotCounted {
    /// Wrong in themselves: 400, 404, 413, 422.
    pub invalid: u64,
    /// Given up by the client in time.
    pub cancelled: u64,
    /// Refused by a guardrail.
    pub policy: u64,
}

impl Measured {
    /// Requests that count.
    pub fn n(&self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    /// The 95th percentile, held to what the exact counters know: the histogram is good to 1 %, and "2.49 s, missed"
    /// beside a target of 2.5 s would be its error and not the requests'. `None` without a request.
    pub fn p95_ms(&self, promise: &Promise) -> Option<u64> {
        let over = promise.p95_ms.saturating_add(1);
        let p95 = self.p95_ms.filter(|_| self.latency_n > 0)?;
        Some(if self.latency().met()? { p95.min(promise.p95_ms) } else { p95.max(over) })
    }

    /// The budget of failures.
    pub fn success(&self, promise: &Promise) -> Budget {
        Budget { target: promise.success, n: self.n(), bad: self.bad }
    }

    /// The budget of slow answers.
    pub fn latency(&self) -> Budget {
        Budget { target: Share::P95, n: self.latency_n, bad: self.slow }
    }

    /// The budget of money.
    pub fn money(&self, promise: &Promise) -> Money {
        Money {
            target_micros: promise.cost_micros,
            priced: self.priced,
            unpriced: self.unpriced,
            spent_micros: self.cost_micros,
        }
    }
}

/// Everything about one promise.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What is promised.
    pub promise: &'a Promise,
    /// The window looked at.
    pub window: Window,
    /// The moment of looking; as a rule the window's end.
    pub now: Timestamp,
    /// Seconds of the window in which the router was running.
    pub observed_seconds: u64,
    /// The counters of the window.
    pub measured: Measured,
    /// The last hour.
    pub last_hour: Rate,
    /// The last six hours.
    pub last_six_hours: Rate,
    /// The window's days in UTC, oldest first, the last one today so far.
    pub days: &'a [Rate],
    /// The bad requests that are still kept, in any order; those outside the window are left out.
    pub bad_requests: &'a [BadRequest],
    /// Declared deploys and experiments, and drills, in any order.
    pub declared: &'a [Declared],
    /// Changes in the window, in any order.
    pub changes: &'a [Change],
    /// What was kept of the last look.
    pub hold: &'a Hold,
}
