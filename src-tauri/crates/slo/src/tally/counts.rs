//! Counters with the histograms that go with them: one roll-up.

use super::{Asked, Basis, Latency, Request, Tally, place, request::Cost};
use crate::{Cause, Counted, histogram::Histogram};

/// More than any request costs or reads. A provider that reports nonsense must not use up a counter that is added
/// to for years.
const MOST: u64 = 1_000_000_000_000;

/// Everything known of one span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The counters.
    pub tally: Tally,
    /// Latencies of what providers answered.
    pub latency: Histogram,
    /// Latencies of what the cache answered, apart, so that there is a p95 with and without.
    pub cached_latency: Histogram,
}

impl Counts {
    /// Counts one request, its latency on `basis` against the target in force; `None` where there is none.
    pub fn add(&mut self, request: &Request, basis: Basis, target_ms: Option<u64>) {
        self.add_slow(request, basis, request.latency(basis).is_slow(target_ms), target_ms);
    }

    /// The same with the verdict handed in, where the histogram's basis isn't the one that was promised.
    pub fn add_slow(&mut self, request: &Request, basis: Basis, slow: bool, target_ms: Option<u64>) {
        self.count(request);
        self.charge(request);
        let latency = request.latency(basis);
        self.tally.not_streamed += u64::from(latency == Latency::NotStreamed);
        let Some(ms) = latency.against(target_ms) else { return };
        let tally = &mut self.tally;
        tally.latency_n += 1;
        tally.slow += u64::from(slow);
        if request.cached {
            tally.cached_latency_n += 1;
            tally.cached_slow += u64::from(slow);
            self.cached_latency.add(ms);
        } else {
            self.latency.add(ms);
        }
    }

    fn count(&mut self, request: &Request) {
        let tally = &mut self.tally;
        match request.counted {
            Counted::Good => {
                tally.good += 1;
                tally.cached += u64::from(request.cached);
                tally.rescued += u64::from(request.asked == Asked::Again && !request.cached);
            }
            Counted::Bad => {
                tally.bad += 1;
                tally.causes[place(request.cause.unwrap_or(Cause::Unknown))] += 1;
            }
            Counted::No => match request.status {
                _ if request.hung_up() => tally.cancelled += 1,
                // Ours alone: a provider's own 402 is our account's fault and counts.
                402 => tally.policy += 1,
                ..400 => tally.aside += 1,
                _ => tally.invalid += 1,
            },
        }
    }

    fn charge(&mut self, request: &Request) {
        let tally = &mut self.tally;
        match request.cost() {
            Cost::Known(micros) => {
                let micros = limited(micros);
                tally.cost_n += 1;
                tally.cost_micros = tally.cost_micros.saturating_add(micros);
                if request.cached {
                    tally.cached_cost_n += 1;
                    tally.cached_cost_micros = tally.cached_cost_micros.saturating_add(micros);
                }
            }
            Cost::Unknown => tally.unpriced += 1,
            Cost::None => {}
        }
        tally.saved_micros = tally.saved_micros.saturating_add(limited(request.saved_micros));
        for (sum, more) in [
            (&mut tally.tokens.input, request.tokens.input),
            (&mut tally.tokens.output, request.tokens.output),
            (&mut tally.tokens.cached, request.tokens.cached),
            (&mut tally.tokens.cache_write, request.tokens.cache_write),
            (&mut tally.tokens.reasoning, request.tokens.reasoning),
        ] {
            *sum = sum.saturating_add(more.min(MOST));
        }
    }

    /// Adds another span's.
    pub fn merge(&mut self, other: &Counts) {
        self.tally.merge(&other.tally);
        self.latency.merge(&other.latency);
        self.cached_latency.merge(&other.cached_latency);
    }

    /// Whether nothing was counted, shown or charged.
    pub fn is_empty(&self) -> bool {
        self.tally == Tally::default()
    }

    /// Milliseconds that 95 % of the latencies are not above, to 1 %; the cache's included. `None` of none.
    pub fn p95_ms(&self) -> Option<u64> {
        if self.cached_latency == Histogram::default() {
            return self.latency.p95();
        }
        let mut all = self.latency.clone();
        all.merge(&self.cached_latency);
        all.p95()
    }

    /// The same without what the cache answered.
    pub fn p95_ms_without_cache(&self) -> Option<u64> {
        self.latency.p95()
    }
}

fn limited(micros: i64) -> i64 {
    let most = MOST.cast_signed();
    micros.clamp(-most, most)
}
