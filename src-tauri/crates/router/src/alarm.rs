//! One timer for all the waits of an answer.
//!
//! A time-out of tokio's own is entered with the runtime's clock whenever it has to wait at all, and one that is due
//! before all others wakes the thread that waits for the network: a system call, and another core at work. The
//! pieces of an answer are waited for dozens of times, nearly always for microseconds. So here the timer is set
//! once; where the deadline has moved on by the time it rings, it is set anew.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::time::{Instant, Sleep, sleep_until};

/// Waits for one thing after the other.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

/// It did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedOut;

impl Alarm {
    /// What comes, if it comes before `until`; the next wait may end earlier or later than this one.
    pub(crate) async fn wait<T>(
        &mut self,
        until: Instant,
        what: impl Future<Output = T>,
    ) -> Result<T, TimedOut> {
        let mut what = pin!(what);
        poll_fn(|context| {
            if let Poll::Ready(came) = what.as_mut().poll(context) {
                return Poll::Ready(Ok(came));
            }
            let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if timer.deadline() > until {
                timer.as_mut().reset(until);
            }
            while timer.as_mut().poll(context).is_ready() {
                if timer.deadline() >= until {
                    return Poll::Ready(Err(TimedOut));
                }
                timer.as_mut().reset(until);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn each_wait_ends_at_its_own_deadline_whichever_came_before() {
        let (mut alarm, start) = (Alarm::default(), Instant::now());
        for (until, passed) in [(5, 5), (9, 9), (20, 20), (20, 20), (7, 20)] {
            let waited = alarm.wait(start + SECOND * until, pending::<()>()).await;
            assert_eq!((waited, start.elapsed().as_secs()), (Err(TimedOut), passed), "until {until} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_deadline_is_kept_though_the_timer_was_set_for_a_later_one() {
        let (mut alarm, start) = (Alarm::default(), Instant::now());
        assert_eq!(alarm.wait(start + SECOND * 60, sleep(SECOND)).await, Ok(()));
        assert_eq!(alarm.wait(start + SECOND * 3, pending::<()>()).await, Err(TimedOut));
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_moves_on_with_every_piece_never_cuts_an_answer_off() {
        let mut alarm = Alarm::default();
        for _ in 0..100 {
            let until = Instant::now() + SECOND * 30;
            assert_eq!(alarm.wait(until, sleep(SECOND * 29)).await, Ok(()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_there_already_is_taken_however_late_it_is() {
        let late = Instant::now();
        sleep(SECOND).await;
        assert_eq!(Alarm::default().wait(late, ready(1)).await, Ok(1));
    }
}
