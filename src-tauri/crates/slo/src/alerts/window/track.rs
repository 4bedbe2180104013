//! Counts over time: as fine as the traffic allows, and never more than a fixed number of slots.

use super::Slots;

/// Slots kept at most. At a thousand requests an hour every request has its own.
pub(crate) const SLOTS: usize = 2_048;

/// By how much slots grow coarser, and below how many of them they are fine again.
const COARSER: i64 = 10;
const FEW: usize = SLOTS / 8;

/// What can be summed up.
pub(crate) trait Tally: Copy + Default {
    /// Adds the other's counts.
    fn add(&mut self, other: Self);
    /// How many requests there are to judge by.
    fn n(&self) -> u64;
}

/// Requests that completed within one slot of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<T> {
    first_ms: i64,
    last_ms: i64,
    tally: T,
}

/// Which window is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// Its end, which is not in it.
    pub(crate) now_ms: i64,
    /// How far it reaches at least.
    pub(crate) window_ms: u64,
    /// How far it may reach where it holds fewer than `enough`.
    pub(crate) lookback_ms: u64,
    pub(crate) enough: u64,
}

/// What a window holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub(crate) tally: T,
    /// When the oldest and the newest request in it completed; `None` where there is none.
    pub(crate) oldest_ms: Option<i64>,
    pub(crate) newest_ms: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Track<T> {
    slots: Slots<T>,
    width_ms: i64,
    /// Requests in all slots.
    total: u64,
}

impl<T> Default for Track<T> {
    fn default() -> Self {
        Self { slots: Slots::new(), width_ms: 1, total: 0 }
    }
}

impl<T: Tally> Track<T> {
    /// Adds what completed at `at_ms`; mostly that is the newest, but nothing relies on it.
    pub(crate) fn push(&mut self, at_ms: i64, tally: T) {
        self.total += tally.n();
        let place = self.slots.iter().rposition(|slot| slot.first_ms <= at_ms);
        // Either it belongs to the slot that begins before it or to the one that begins after it.
        let candidates = [place, Some(place.map_or(0, |place| place + 1))];
        for slot in candidates.into_iter().flatten() {
            if let Some(slot) = self.slots.get_mut(slot)
                && slot.first_ms.div_euclid(self.width_ms) == at_ms.div_euclid(self.width_ms)
            {
                slot.first_ms = slot.first_ms.min(at_ms);
                slot.last_ms = slot.last_ms.max(at_ms);
                slot.tally.add(tally);
                return;
            }
        }
        let new = Slot { first_ms: at_ms, last_ms: at_ms, tally };
        self.slots.insert(place.map_or(0, |place| place + 1), new);
        while self.slots.len() > SLOTS {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        self.width_ms = self.width_ms.saturating_mul(COARSER);
        let mut merged: Slots<T> = Slots::with_capacity(self.slots.len());
        for slot in self.slots.drain(..) {
            match merged.back_mut() {
                Some(last)
                    if last.first_ms.div_euclid(self.width_ms) == slot.first_ms.div_euclid(self.width_ms) =>
                {
                    last.last_ms = last.last_ms.max(slot.last_ms);
                    last.tally.add(slot.tally);
                }
                _ => merged.push_back(slot),
            }
        }
        self.slots = merged;
    }

    /// What the window holds. Slots that no later window can reach are dropped on the way.
    pub(crate) fn find(&mut self, reach: Reach) -> Found<T> {
        self.prune(reach);
        let mut found = Found { tally: T::default(), oldest_ms: None, newest_ms: None };
        let window_from = before(reach.now_ms, reach.window_ms);
        let furthest = before(reach.now_ms, reach.lookback_ms);
        // Not yet over at `now`: an answer of this very millisecond, or a clock that was set back.
        for slot in self.slots.iter().rev().skip_while(|slot| slot.last_ms >= reach.now_ms) {
            let stretched = found.tally.n() < reach.enough && slot.first_ms >= furthest;
            if slot.first_ms < window_from && !stretched {
                break;
            }
            found.tally.add(slot.tally);
            found.oldest_ms = Some(slot.first_ms);
            found.newest_ms = found.newest_ms.or(Some(slot.last_ms));
        }
        found
    }

    fn prune(&mut self, reach: Reach) {
        let window_from = before(reach.now_ms, reach.window_ms);
        let furthest = before(reach.now_ms, reach.lookback_ms);
        while let Some(oldest) = self.slots.front() {
            let left = self.total - oldest.tally.n();
            let out_of_reach = oldest.last_ms < furthest || left >= reach.enough;
            // What lies in the future doesn't help to reach `enough` today, so nothing is dropped on its account.
            let newest_is_past = self.slots.back().is_some_and(|newest| newest.last_ms < reach.now_ms);
            if oldest.last_ms >= window_from || !out_of_reach || !newest_is_past {
                break;
            }
            self.total = left;
            self.slots.pop_front();
        }
        if self.slots.len() < FEW {
            self.width_ms = 1;
        }
    }

    #[cfg(test)]
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }
}

fn before(now_ms: i64, by_ms: u64) -> i64 {
    now_ms.saturating_sub(i64::try_from(by_ms).unwrap_or(i64::MAX))
}
