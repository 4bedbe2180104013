//! Attempts that wait for their first token, by provider.
//!
//! When a provider falls silent, everything under way there runs into its time-out at about the same moment, and
//! a breaker that waits for the third of them lets whoever comes back first run into the next one. So a time-out
//! also counts the others that have been silent for more than half as long: they will end the same way.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// When each of them began.
#[derive(Debug, Default)]
pub(crate) struct Silent(Arc<Mutex<Vec<Instant>>>);

/// One of them; no longer silent once dropped.
#[derive(Debug)]
pub(crate) struct Waits {
    all: Arc<Mutex<Vec<Instant>>>,
    began: Instant,
}

impl Silent {
    pub(crate) fn waits(&self, began: Instant) -> Waits {
        self.0.lock().push(began);
        Waits { all: Arc::clone(&self.0), began }
    }
}

impl Waits {
    /// How many others have waited for at least half of what this one did.
    pub(crate) fn alike(&self, now: Instant) -> u32 {
        let half: Duration = now.saturating_duration_since(self.began) / 2;
        let all = self.all.lock();
        let long = all.iter().filter(|began| now.saturating_duration_since(**began) >= half).count();
        u32::try_from(long.saturating_sub(1)).unwrap_or(u32::MAX)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(place) = all.iter().position(|began| *began == self.began) {
            all.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_count_from_half_the_wait_on_and_until_they_are_answered() {
        let silent = Silent::default();
        let began = Instant::now();
        let first = silent.waits(began);
        let second = silent.waits(began + Duration::from_millis(900));
        let third = silent.waits(began + Duration::from_millis(1_100));
        let now = began + Duration::from_secs(2);
        assert_eq!(first.alike(now), 1);
        drop(second);
        assert_eq!(first.alike(now), 0);
        drop(third);
    }
}
