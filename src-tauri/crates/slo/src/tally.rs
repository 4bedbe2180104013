//! What is known of a span of time: exact counters, and two histograms of latency beside them.
//!
//! Everything an SLO's page shows comes out of one [`Counts`], and two of them add up to the one of both spans, in
//! any order. So the same type is filled request by request, kept a minute, an hour or a day, and summed over thirty
//! days. Verdicts are read from [`Tally`], which is exact; the histograms only say where p95 lies, to 1 %.
//!
//! - [`Request`]: what of a request is needed to count it.
//! - [`Tally`]: the counters. [`Counts`]: the counters and the histograms.

mod bytes;
mod counts;
mod request;

#[cfg(test)]
mod tests;

pub use counts::Counts;
pub use request::{Asked, Basis, Cost, Latency, Request, Used};

use crate::Cause;

/// Exact counters of one span of time.
///
/// Everything about money is in micro-dollars. Counters stop at their largest value instead of turning over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Counted as good.
    pub good: u64,
    /// Counted as bad: what was spent of the error budget.
    pub bad: u64,
    /// The bad ones by what the router saw as their cause, in the order of [`Cause::ALL`]. Their sum is `bad`.
    pub causes: [u64; Cause::ALL.len()],

    /// Not counted: wrong by themselves.
    pub invalid: u64,
    /// Not counted: given up by the client before the latency target had passed, or after its first token.
    pub cancelled: u64,
    /// Not counted: refused by a guardrail.
    pub policy: u64,
    /// Not counted: answered, but no model's answer (a count of tokens).
    pub aside: u64,

    /// Good only because another attempt followed a failed one.
    pub rescued: u64,
    /// Good and from Evenkeel's own cache.
    pub cached: u64,

    /// Counted requests that have a latency on this basis.
    pub latency_n: u64,
    /// Of these, the ones strictly over the target in force.
    pub slow: u64,
    /// Of `latency_n`, the ones from the cache.
    pub cached_latency_n: u64,
    /// Of `slow`, the ones from the cache.
    pub cached_slow: u64,
    /// Counted, but left out of the latency because the basis is the first token and they were no streams.
    pub not_streamed: u64,

    /// Requests whose cost is known and part of the average.
    pub cost_n: u64,
    /// What they cost.
    pub cost_micros: i64,
    /// Requests that cost something that nobody knows.
    pub unpriced: u64,
    /// Of `cost_n`, the ones from the cache.
    pub cached_cost_n: u64,
    /// Of `cost_micros`, what those cost.
    pub cached_cost_micros: i64,
    /// What caches saved.
    pub saved_micros: i64,

    /// Tokens.
    pub tokens: Used,
}

impl Tally {
    /// Counted requests: what rates and budgets are shares of.
    pub fn n(&self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    /// Bad requests of one cause, as the router saw it.
    pub fn bad_by(&self, cause: Cause) -> u64 {
        self.causes[place(cause)]
    }

    /// Micro-dollars a request on average, rounded up; `None` where no cost is known.
    pub fn average_cost_micros(&self) -> Option<i64> {
        average(self.cost_micros, self.cost_n)
    }

    /// The same without what the cache served.
    pub fn average_cost_micros_without_cache(&self) -> Option<i64> {
        average(
            self.cost_micros.saturating_sub(self.cached_cost_micros),
            self.cost_n.saturating_sub(self.cached_cost_n),
        )
    }

    /// Adds another span's.
    pub fn merge(&mut self, other: &Tally) {
        // Taken apart, so that a counter that is added above can't be forgotten here.
        let Tally {
            good,
            bad,
            causes,
            invalid,
            cancelled,
            policy,
            aside,
            rescued,
            cached,
            latency_n,
            slow,
            cached_latency_n,
            cached_slow,
            not_streamed,
            cost_n,
            cost_micros,
            unpriced,
            cached_cost_n,
            cached_cost_micros,
            saved_micros,
            tokens,
        } = other;
        let Used { input, output, cached: tokens_cached, cache_write, reasoning } = tokens;
        for (sum, more) in [
            (&mut self.good, good),
            (&mut self.bad, bad),
            (&mut self.invalid, invalid),
            (&mut self.cancelled, cancelled),
            (&mut self.policy, policy),
            (&mut self.aside, aside),
            (&mut self.rescued, rescued),
            (&mut self.cached, cached),
            (&mut self.latency_n, latency_n),
            (&mut self.slow, slow),
            (&mut self.cached_latency_n, cached_latency_n),
            (&mut self.cached_slow, cached_slow),
            (&mut self.not_streamed, not_streamed),
            (&mut self.cost_n, cost_n),
            (&mut self.unpriced, unpriced),
            (&mut self.cached_cost_n, cached_cost_n),
            (&mut self.tokens.input, input),
            (&mut self.tokens.output, output),
            (&mut self.tokens.cached, tokens_cached),
            (&mut self.tokens.cache_write, cache_write),
            (&mut self.tokens.reasoning, reasoning),
        ]
        .into_iter()
        .chain(self.causes.iter_mut().zip(causes))
        {
            *sum = sum.saturating_add(*more);
        }
        for (sum, more) in [
            (&mut self.cost_micros, cost_micros),
            (&mut self.cached_cost_micros, cached_cost_micros),
            (&mut self.saved_micros, saved_micros),
        ] {
            *sum = sum.saturating_add(*more);
        }
    }
}

fn average(sum: i64, n: u64) -> Option<i64> {
    let n = i64::try_from(n).ok().filter(|n| *n > 0)?;
    // Towards the worse side, as all figures of money.
    Some(sum / n + i64::from(sum % n > 0))
}

/// Where a cause stands in [`Tally::causes`].
fn place(cause: Cause) -> usize {
    Cause::ALL.iter().position(|other| *other == cause).unwrap_or(Cause::ALL.len() - 1)
}
