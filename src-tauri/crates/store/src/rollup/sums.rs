//! What a batch of rows adds to each minute, before any of it is written.

use std::collections::BTreeMap;

use evenkeel_slo::tally::{Basis, Counts};

use crate::{finished::Finished, promise::Promise, rows::Mode, span::Resolution};

/// Whose counts: a series', or a promise's in one book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Series(i64),
    Promise(i64, Mode),
}

/// By minute and key, in the order in which buckets lie in the file.
#[derive(Default)]
pub(crate) struct Sums {
    minutes: BTreeMap<(i64, Key), Counts>,
}

impl Sums {
    /// Adds a request to a promise, judged by its target.
    pub(crate) fn add(&mut self, row: &Finished, key: Key, promise: &Promise) {
        self.bucket(row, key).add(&row.request, promise.basis, Some(promise.target_ms));
    }

    /// Adds a request to its series: all of a series' latencies are to the first byte, so that they can be added up;
    /// whether it was slow is for the strictest promise to say.
    pub(crate) fn add_to_series(&mut self, row: &Finished, id: i64, strictest: Option<&Promise>) {
        let target = strictest.map(|promise| promise.target_ms);
        let slow = strictest.is_some_and(|promise| row.request.latency(promise.basis).is_slow(target));
        self.bucket(row, Key::Series(id)).add_slow(&row.request, Basis::FirstByte, slow, target);
    }

    fn bucket(&mut self, row: &Finished, key: Key) -> &mut Counts {
        self.minutes.entry((Resolution::Minute.floor(row.ended_s()), key)).or_default()
    }

    /// The same by longer buckets.
    pub(crate) fn by(&self, resolution: Resolution) -> BTreeMap<(i64, Key), Counts> {
        let mut longer: BTreeMap<(i64, Key), Counts> = BTreeMap::new();
        for ((start, key), counts) in &self.minutes {
            longer.entry((resolution.floor(*start), *key)).or_default().merge(counts);
        }
        longer
    }
}
