//! Both clocks, and what counts as a gap between two evaluations.
//!
//! The wall clock says which requests are recent but may be set; the other one only runs forward but stands still
//! while a laptop sleeps, and begins anew with every process. Two evaluations are compared on both: where they
//! disagree, or too much time is gone, nobody watched in between, and no alert may count that time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alerts::rules::millis;

#[cfg(test)]
mod tests;

/// Now, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since 1970 by the wall clock.
    pub wall_ms: i64,
    /// Milliseconds of a clock that only runs forward, since any beginning that this process keeps to.
    pub mono_ms: u64,
}

/// How many evaluations may be missed before the time between counts as unwatched.
const TICKS: u32 = 3;

/// With evaluations far below a second apart, an ordinary pause of the system isn't a gap yet.
const LEAST_GAP_MS: u64 = 3_000;

/// By how much the clocks may drift apart between two evaluations before one of them was set, or stood still.
const DRIFT_MS: u64 = 5_000;

/// What lies between the last evaluation and this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Now.
    pub now: Moment,
    /// Time that was watched, in milliseconds; 0 across a gap.
    pub watched_ms: u64,
    /// Time that went by, watched or not, in milliseconds. A clock that was set back takes nothing away.
    pub passed_ms: u64,
    /// Whether nobody watched in between: sleep, a clock that was set, missed evaluations, another process.
    pub gap: bool,
}

/// Remembers the last evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    last: Option<Moment>,
    /// Not written down: read back by another process, the forward clock of the last one means nothing.
    #[serde(skip)]
    same_run: bool,
    /// When that process is known to have watched, if that is later than what it saved.
    #[serde(skip)]
    alive_ms: Option<i64>,
}

impl Pulse {
    /// One that another process left behind; `alive_ms` is when that process is known to have watched last, if
    /// somebody knows better than what was saved.
    #[must_use]
    pub fn inherited(self, alive_ms: Option<i64>) -> Pulse {
        Pulse { same_run: false, alive_ms, ..self }
    }

    /// When the last evaluation was.
    pub fn last(&self) -> Option<Moment> {
        self.last
    }

    /// The next evaluation; the first one ever has no gap before it.
    pub fn beat(&mut self, now: Moment, every: Duration) -> Tick {
        let tick = self.look(now, every);
        *self = Pulse { last: Some(now), same_run: true, alive_ms: None };
        tick
    }

    /// What [`Pulse::beat`] would say, with nothing remembered.
    pub fn look(&self, now: Moment, every: Duration) -> Tick {
        let Some(last) = self.last else { return Tick { now, watched_ms: 0, passed_ms: 0, gap: false } };
        let by_wall = now.wall_ms.saturating_sub(last.wall_ms);
        let by_wall_ms = u64::try_from(by_wall).unwrap_or(0);
        let limit = millis(every.saturating_mul(TICKS)).max(LEAST_GAP_MS);
        if !self.same_run {
            let watched_until = last.wall_ms.max(self.alive_ms.unwrap_or(i64::MIN));
            let away = now.wall_ms.saturating_sub(watched_until);
            let away_ms = u64::try_from(away).unwrap_or(u64::MAX);
            let gap = away_ms > limit;
            return Tick { now, watched_ms: if gap { 0 } else { away_ms }, passed_ms: by_wall_ms, gap };
        }
        let by_mono_ms = now.mono_ms.saturating_sub(last.mono_ms);
        let drift = by_wall.abs_diff(i64::try_from(by_mono_ms).unwrap_or(i64::MAX));
        let gap = by_mono_ms > limit || drift > DRIFT_MS.min(limit);
        let watched_ms = if gap { 0 } else { by_mono_ms };
        Tick { now, watched_ms, passed_ms: by_mono_ms.max(by_wall_ms), gap }
    }
}
