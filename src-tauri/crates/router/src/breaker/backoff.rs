//! How long a breaker stays open.

use std::time::Duration;

use crate::outcome::Outcome;

/// The first wait, whatever the reason.
const FIRST: Duration = Duration::from_secs(15);
/// A host that doesn't say how long it limits the rate.
const UNNAMED_PARK: Duration = Duration::from_secs(15);
/// However long a host asks to be left alone.
const LONGEST_PARK: Duration = Duration::from_mins(5);

/// Doubles from probe to probe, up to a bound that depends on the reason.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: FIRST }
    }

    /// The wait after opening for this reason.
    pub(super) fn wait(&mut self, reason: Outcome, retry_after: Option<Duration>) -> Duration {
        if reason == Outcome::RateLimited {
            // Its own word counts, and says nothing about the wait after another kind of failure.
            return retry_after.unwrap_or(UNNAMED_PARK).min(LONGEST_PARK);
        }
        let longest = match reason {
            // Somebody may be putting a new key in right now.
            Outcome::Credentials => Duration::from_mins(1),
            Outcome::Billing | Outcome::Unserved => Duration::from_mins(5),
            _ => Duration::from_mins(2),
        };
        let wait = self.next.min(longest);
        self.next = (wait * 2).min(longest);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(reason: Outcome, count: usize) -> Vec<u64> {
        let mut backoff = Backoff::new();
        (0..count).map(|_| backoff.wait(reason, None).as_secs()).collect()
    }

    #[test]
    fn the_wait_doubles_to_its_bound() {
        assert_eq!(row(Outcome::ServerError, 6), [15, 30, 60, 120, 120, 120]);
        assert_eq!(row(Outcome::Credentials, 4), [15, 30, 60, 60]);
        assert_eq!(row(Outcome::Billing, 7), [15, 30, 60, 120, 240, 300, 300]);
    }

    #[test]
    fn a_rate_limit_lasts_as_long_as_the_host_says_up_to_five_minutes() {
        let mut backoff = Backoff::new();
        assert_eq!(backoff.wait(Outcome::RateLimited, Some(Duration::from_secs(7))).as_secs(), 7);
        assert_eq!(backoff.wait(Outcome::RateLimited, Some(Duration::from_hours(1))).as_secs(), 300);
        assert_eq!(backoff.wait(Outcome::RateLimited, None).as_secs(), 15);
    }
}
