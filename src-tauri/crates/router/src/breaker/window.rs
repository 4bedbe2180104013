//! What a closed breaker remembers: failures in a row, and the share of failures within the last minute.

use std::time::Duration;

use tokio::time::Instant;

/// This many in a row open it.
const IN_A_ROW: u32 = 3;
/// The share of failures that opens it, once there are enough attempts to speak of a share.
const ENOUGH: u32 = 10;
const SECONDS: usize = 60;

/// Attempts by the second.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    attempts: u32,
    failures: u32,
}

/// A sliding minute.
#[derive(Debug)]
pub(super) struct Window {
    began: Instant,
    /// The second that was written last, counted from the beginning.
    last: u64,
    buckets: [Bucket; SECONDS],
    in_a_row: u32,
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, last: 0, buckets: [Bucket::default(); SECONDS], in_a_row: 0 }
    }

    pub(super) fn success(&mut self, now: Instant) {
        self.in_a_row = 0;
        self.bucket(now).attempts += 1;
    }

    /// Takes a failure into account; true if it is one too many. `alike`: how many more are as good as certain.
    pub(super) fn failure(&mut self, now: Instant, alike: u32) -> bool {
        self.in_a_row += 1;
        let bucket = self.bucket(now);
        bucket.attempts += 1;
        bucket.failures += 1;
        let (attempts, failures) = self.buckets.iter().fold((0, 0), |(attempts, failures), bucket| {
            (attempts + bucket.attempts, failures + bucket.failures)
        });
        self.in_a_row + alike >= IN_A_ROW || (attempts >= ENOUGH && failures * 2 >= attempts)
    }

    fn bucket(&mut self, now: Instant) -> &mut Bucket {
        let second = now.saturating_duration_since(self.began).as_secs();
        let passed = second.saturating_sub(self.last).min(SECONDS as u64);
        for step in 1..=passed {
            self.buckets[place(self.last + step)] = Bucket::default();
        }
        // After a long silence the loop above has cleared everything, wherever it stopped.
        self.last = self.last.max(second);
        &mut self.buckets[place(self.last)]
    }
}

fn place(second: u64) -> usize {
    usize::try_from(second % Duration::from_mins(1).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(began: Instant, seconds: u64) -> Instant {
        began + Duration::from_secs(seconds)
    }

    #[test]
    fn the_third_failure_in_a_row_opens() {
        let began = Instant::now();
        let mut window = Window::new(began);
        assert!(!window.failure(began, 0));
        assert!(!window.failure(began, 0));
        assert!(window.failure(began, 0));
    }

    #[test]
    fn a_success_between_starts_the_count_anew() {
        let began = Instant::now();
        let mut window = Window::new(began);
        for _ in 0..3 {
            assert!(!window.failure(began, 0));
            window.success(began);
            assert!(!window.failure(began, 0));
            window.success(began);
            window.success(began);
        }
    }

    #[test]
    fn half_of_ten_opens_and_half_of_nine_does_not() {
        let began = Instant::now();
        let mut window = Window::new(began);
        for _ in 0..4 {
            assert!(!window.failure(began, 0));
            window.success(began);
        }
        assert!(!window.failure(began, 0), "the ninth");
        window.success(began);
        assert!(window.failure(began, 0), "six of eleven");
    }

    #[test]
    fn others_that_have_waited_as_long_count_before_their_time() {
        let began = Instant::now();
        let mut window = Window::new(began);
        assert!(!window.failure(began, 1));
        let mut window = Window::new(began);
        assert!(window.failure(began, 7));
    }

    #[test]
    fn what_is_older_than_a_minute_is_forgotten() {
        let began = Instant::now();
        let mut window = Window::new(began);
        for second in 0..5 {
            assert!(!window.failure(at(began, second), 0));
            window.success(at(began, second));
        }
        assert!(!window.failure(at(began, 70), 0), "one of one");
        window.success(at(began, 70));
        assert!(!window.failure(at(began, 500), 0), "after a long silence as well");
    }
}
