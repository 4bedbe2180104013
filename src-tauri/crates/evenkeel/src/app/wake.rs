//! Sleep and clock jumps. A laptop that wakes finds its providers' connections dead without knowing it, and
//! the first request after lunch would hang on one.
//!
//! The wall clock goes on while a machine sleeps and the monotonic one mostly doesn't, so the two are
//! compared now and then. Where the monotonic one sleeps less (Windows), the look itself comes late.

use std::{sync::Arc, time::Duration};

use evenkeel_router::{Clock, Event};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::Running;

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(30);
/// What a clock that is being set right in small steps may differ.
const TOLERATED: SignedDuration = SignedDuration::from_secs(5);
/// A look that comes later than this has slept, however busy the machine is.
const LATE: Duration = Duration::from_mins(1);

/// Looks until the app stops.
pub(super) async fn watch(running: Arc<Running>, clock: Arc<dyn Clock>) {
    let stopping = running.stopping();
    let woken = |gap: SignedDuration| {
        running.routing().router.reconnect();
        running.emit(Event::ClockJumped { seconds: gap.as_secs() });
    };
    let looking = look(clock.as_ref(), || sleep(LOOK), woken);
    tokio::select! {
        () = stopping.cancelled() => {}
        () = looking => {}
    }
}

/// Looks for ever, with a pause before each look, and tells how far the clocks have come apart since the last one.
async fn look<F: Future<Output = ()>>(
    clock: &dyn Clock,
    pause: impl Fn() -> F,
    mut woken: impl FnMut(SignedDuration),
) {
    let mut before = Look::at(clock);
    loop {
        pause().await;
        let now = Look::at(clock);
        if let Some(gap) = now.gap_since(&before) {
            woken(gap);
        }
        before = now;
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
struct Look {
    wall: Timestamp,
    monotonic: Instant,
}

impl Look {
    fn at(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.instant() }
    }

    /// How far the clocks have come apart, negative if the wall clock was set back; for a look that is late
    /// without that, how late it is.
    fn gap_since(&self, before: &Self) -> Option<SignedDuration> {
        let passed = self.monotonic.saturating_duration_since(before.monotonic);
        let apart = self.wall.duration_since(before.wall) - SignedDuration::try_from(passed).ok()?;
        if apart.abs() > TOLERATED {
            return Some(apart);
        }
        let late = passed.checked_sub(LOOK).filter(|_| passed > LATE)?;
        SignedDuration::try_from(late).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        future::pending,
        pin::pin,
        sync::atomic::{AtomicU32, Ordering},
        task::{Context, Waker},
    };

    use parking_lot::Mutex;

    use super::*;

    fn gap(start: Look, wall_s: i64, monotonic_s: u64) -> Option<i64> {
        let now = Look {
            wall: start.wall + SignedDuration::from_secs(wall_s),
            monotonic: start.monotonic + Duration::from_secs(monotonic_s),
        };
        now.gap_since(&start).map(|gap| gap.as_secs())
    }

    #[test]
    fn sleep_and_set_clocks_are_seen_and_drift_is_not() {
        let start = Look { wall: Timestamp::now(), monotonic: Instant::now() };
        for (what, wall_s, monotonic_s, expected) in [
            ("an ordinary look", 30, 30, None),
            ("a busy machine", 45, 45, None),
            ("a clock set right by a little", 34, 30, None),
            ("an hour's sleep", 3_630, 30, Some(3_600)),
            ("a clock set back", -570, 30, Some(-600)),
            ("sleep where the monotonic clock goes on", 3_630, 3_630, Some(3_600)),
        ] {
            assert_eq!(gap(start, wall_s, monotonic_s), expected, "{what}");
        }
    }

    /// Both clocks, as far ahead of their start as somebody has set them.
    struct Settable {
        start: Look,
        ahead: Mutex<(SignedDuration, Duration)>,
    }

    impl Clock for Settable {
        fn now(&self) -> Timestamp {
            self.start.wall + self.ahead.lock().0
        }

        fn instant(&self) -> Instant {
            self.start.monotonic + self.ahead.lock().1
        }
    }

    #[test]
    fn each_jump_is_told_once() {
        let start = Look { wall: Timestamp::now(), monotonic: Instant::now() };
        let clock = Settable { start, ahead: Mutex::default() };
        // By how much the wall clock is wrong after each pause; the other one never is.
        let jumps = Mutex::new(VecDeque::from([0, 28_800, 0, 0, -600, 0]));
        let looks = AtomicU32::new(0);
        let pause = async || {
            let next = jumps.lock().pop_front();
            let Some(jump) = next else { return pending().await };
            let mut ahead = clock.ahead.lock();
            ahead.0 += SignedDuration::from_secs(30 + jump);
            ahead.1 += LOOK;
            looks.fetch_add(1, Ordering::Relaxed);
        };
        let mut told = Vec::new();
        {
            let looking = pin!(look(&clock, pause, |gap| {
                told.push((looks.load(Ordering::Relaxed), gap.as_secs()));
            }));
            assert!(looking.poll(&mut Context::from_waker(Waker::noop())).is_pending(), "it stopped looking");
        }
        assert_eq!(told, [(2, 28_800), (5, -600)]);
    }
}
