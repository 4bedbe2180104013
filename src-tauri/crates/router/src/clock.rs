//! Time is handed in, never taken: a test pauses it, and a laptop's wall clock jumps while its
//! monotonic one sleeps, so every place says which of the two it means.

use jiff::Timestamp;
use tokio::time::Instant;

/// The two clocks a request is measured by.
pub trait Clock: Send + Sync + 'static {
    /// Wall-clock time, for the ledger and for people.
    fn now(&self) -> Timestamp;

    /// Monotonic time, for deadlines and durations.
    fn instant(&self) -> Instant;
}

/// The machine's own clocks; the monotonic one is tokio's, so that a paused runtime pauses it too.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// Whole milliseconds from one instant to another; zero if they stand the other way round.
pub(crate) fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
