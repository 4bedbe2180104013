//! What a request used and cost so far, the try under way included.

use evenkeel_dialect::usage::Usage;
use evenkeel_store::Tokens;

use super::Settlement;
use crate::spoken::Spoken;

impl Settlement {
    /// What the answer used so far; the last word counts.
    pub(crate) fn usage(&mut self, usage: &Usage) {
        self.row.tokens = tokens(usage);
        self.bill.usage = *usage;
        if let Some(live) = &mut self.live {
            live.tokens = tokens(usage);
        }
    }

    /// Where the text of the answer under way is counted.
    pub(crate) fn hears(&mut self, spoken: &Spoken) {
        self.bill.spoken = spoken.clone();
    }

    /// A body that came whole and without a word about its usage.
    pub(crate) fn heard(&mut self, body: &[u8]) {
        self.bill.spoken = Spoken::default();
        self.bill.spoken.read(body);
    }

    /// What the answer itself used, tries that were given up left out.
    pub(crate) fn used(&self) -> Usage {
        self.bill.usage
    }

    /// What the answer itself cost, in micro-dollars.
    pub(crate) fn answer_cost(&self) -> Option<i64> {
        self.live_cost(true).0
    }

    /// What the request cost so far, in micro-dollars; `None` while that is unknown.
    pub(crate) fn cost(&self) -> Option<i64> {
        let live = if self.live.is_some() { self.live_cost(true).0? } else { 0 };
        Some(self.paid() + live).filter(|_| !self.bill.unknown)
    }

    /// What the tries that were given up cost, as far as that is known.
    pub(crate) fn paid(&self) -> i64 {
        self.row.attempts.iter().filter_map(|attempt| attempt.cost_micros).sum()
    }

    /// What the answer on its way to the client cost so far, and whether that is an estimate.
    pub(super) fn live_cost(&self, whole: bool) -> (Option<i64>, bool) {
        let model = self.live.as_ref().and_then(|live| live.model.as_deref());
        let (used, estimated) = self.bill.used(model, &self.bill.usage, self.bill.spoken.bytes(), whole);
        (self.bill.cost(model, &used), estimated)
    }
}

pub(super) fn tokens(usage: &Usage) -> Tokens {
    let Usage { input, output, cached, cache_write, cache_write_1h: _, reasoning, searches: _ } = *usage;
    Tokens { input, output, cached, cache_write, reasoning }
}
