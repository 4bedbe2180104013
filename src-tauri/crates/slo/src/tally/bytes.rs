//! [`Counts`] as bytes: most counters of most minutes are 0 and the rest are small, so only those that aren't are
//! written, each with its number. Beside millions of rows that is the difference between 40 MB and 200.
//!
//! A version, the number of counters that follow, for each its own number and its value, the length of the first
//! histogram, that histogram, and the other one up to the end. Numbers are never used again for something else.

use super::{Counts, Tally, Used};
use crate::{
    Cause,
    histogram::{BadBytes, varint},
};

const VERSION: u8 = 1;

/// Counters before the causes, which are last so that a further cause gets a further number.
const PLAIN: usize = 24;
const ALL: usize = PLAIN + Cause::ALL.len();

impl Counts {
    /// In the form in which roll-ups are stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = numbers(&self.tally);
        let latency = self.latency.to_bytes();
        let mut bytes = Vec::with_capacity(48 + latency.len());
        bytes.push(VERSION);
        let some = || (0_u64..).zip(numbers).filter(|(_, value)| *value != 0);
        varint::put(&mut bytes, some().map(|_| 1).sum());
        for (number, value) in some() {
            varint::put(&mut bytes, number);
            varint::put(&mut bytes, value);
        }
        varint::put(&mut bytes, u64::try_from(latency.len()).unwrap_or(u64::MAX));
        bytes.extend(latency);
        bytes.extend(self.cached_latency.to_bytes());
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) made. Any bytes may be given: what isn't an encoding is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut counts = Self::default();
        counts.merge_bytes(bytes)?;
        Ok(counts)
    }

    /// Adds what is in these bytes; on an error, some of it.
    pub fn merge_bytes(&mut self, bytes: &[u8]) -> Result<(), BadBytes> {
        let Some((&VERSION, mut rest)) = bytes.split_first() else {
            return Err(BadBytes("a version that this Evenkeel doesn't know"));
        };
        let mut values = [0_u64; ALL];
        for _ in 0..varint::take(&mut rest)? {
            let number = usize::try_from(varint::take(&mut rest)?).ok();
            let value = varint::take(&mut rest)?;
            let slot = number.and_then(|number| values.get_mut(number)).ok_or(BadBytes("no such counter"))?;
            *slot = value;
        }
        let length = usize::try_from(varint::take(&mut rest)?).ok();
        let parts = length.and_then(|length| rest.split_at_checked(length));
        let (latency, cached_latency) = parts.ok_or(BadBytes("a histogram is cut short"))?;
        self.tally.merge(&tally(&values));
        self.latency.merge_bytes(latency)?;
        self.cached_latency.merge_bytes(cached_latency)
    }
}

fn numbers(tally: &Tally) -> [u64; ALL] {
    let Tally { tokens, causes, .. } = *tally;
    let plain: [u64; PLAIN] = [
        tally.good,
        tally.bad,
        tally.invalid,
        tally.cancelled,
        tally.policy,
        tally.aside,
        tally.rescued,
        tally.cached,
        tally.latency_n,
        tally.slow,
        tally.cached_latency_n,
        tally.cached_slow,
        tally.not_streamed,
        tally.cost_n,
        varint::fold(tally.cost_micros),
        tally.unpriced,
        tally.cached_cost_n,
        varint::fold(tally.cached_cost_micros),
        varint::fold(tally.saved_micros),
        tokens.input,
        tokens.output,
        tokens.cached,
        tokens.cache_write,
        tokens.reasoning,
    ];
    let mut all = [0; ALL];
    all[..PLAIN].copy_from_slice(&plain);
    all[PLAIN..].copy_from_slice(&causes);
    all
}

fn tally(values: &[u64; ALL]) -> Tally {
    let mut causes = [0; Cause::ALL.len()];
    causes.copy_from_slice(&values[PLAIN..]);
    let [
        good,
        bad,
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
        cost,
        unpriced,
        cached_cost_n,
        cached_cost,
        saved,
        input,
        output,
        read,
        cache_write,
        reasoning,
        ..,
    ] = *values;
    Tally {
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
        cost_micros: varint::unfold(cost),
        unpriced,
        cached_cost_n,
        cached_cost_micros: varint::unfold(cached_cost),
        saved_micros: varint::unfold(saved),
        tokens: Used { input, output, cached: read, cache_write, reasoning },
    }
}
