//! What each state has to remember.

use serde::{Deserialize, Serialize};

use super::State;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Inactive,
    Pending {
        /// Watched time spent in breach.
        held_ms: u64,
        /// Whether the last evaluation was a breach, so that the time since then counts.
        counting: bool,
        /// When the condition was first met, by the wall clock.
        since_ms: i64,
    },
    Firing {
        /// The way to "resolved", if it has begun. Another process begins it anew.
        #[serde(skip)]
        clear: Option<Clear>,
        no_traffic_since: Option<i64>,
        /// Nobody watched for a while, and nothing was seen since.
        away: bool,
    },
    Resolved,
}

/// Watched time in health, and what was seen in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clear {
    pub(super) ms: u64,
    /// Healthy requests ever seen when it began.
    pub(super) healthy_before: u64,
    counting: bool,
}

impl Phase {
    pub(super) fn state(&self) -> State {
        match self {
            Phase::Inactive => State::Inactive,
            Phase::Pending { .. } => State::Pending,
            Phase::Firing { .. } => State::Firing,
            Phase::Resolved => State::Resolved,
        }
    }
}

impl Clear {
    /// One more healthy evaluation. Time counts from the first one, as Prometheus has it.
    pub(super) fn go_on(before: Option<Clear>, watched_ms: u64, healthy: u64) -> Clear {
        match before {
            None => Clear { ms: 0, healthy_before: healthy, counting: true },
            Some(clear) => {
                let more = if clear.counting { watched_ms } else { 0 };
                Clear { ms: clear.ms.saturating_add(more), counting: true, ..clear }
            }
        }
    }

    /// An evaluation that knew nothing.
    pub(super) fn stopped(self) -> Clear {
        Clear { counting: false, ..self }
    }
}
