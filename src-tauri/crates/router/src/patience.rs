//! How long an attempt is waited for: the first-token budget while somebody else can take over, and the long one
//! where nobody can.
//!
//! Whether the next provider can take the request (its dialect has words for it, the guardrails let it) costs as
//! much as building its question, so it is found out only when the budget is over.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;

use tokio::time::Instant;

use crate::alarm::{Alarm, TimedOut};

pub(crate) struct Patience<'a> {
    until: Instant,
    /// Not before `until`.
    at_last: Instant,
    takes_over: &'a (dyn Fn() -> bool + Send + Sync),
    /// The answer, once it was asked for.
    alone: OnceLock<bool>,
}

impl<'a> Patience<'a> {
    pub(crate) fn new(
        until: Instant,
        at_last: Instant,
        takes_over: &'a (dyn Fn() -> bool + Send + Sync),
    ) -> Self {
        Self { until, at_last: at_last.max(until), takes_over, alone: OnceLock::new() }
    }

    /// The moment at which somebody else may be asked instead.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// The latest moment, whoever is left.
    pub(crate) fn at_last(&self) -> Instant {
        self.at_last
    }

    pub(crate) async fn within<F: Future>(
        &self,
        alarm: &mut Alarm,
        future: F,
    ) -> Result<F::Output, TimedOut> {
        let mut future = pin!(future);
        match alarm.wait(self.until, &mut future).await {
            Err(_) if self.at_last > self.until && *self.alone.get_or_init(|| !(self.takes_over)()) => {
                alarm.wait(self.at_last, future).await
            }
            ended => ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn answered_after(seconds: u64, takes_over: bool) -> bool {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let others = move || takes_over;
        let patience = Patience::new(after(2), after(60), &others);
        patience.within(&mut Alarm::default(), tokio::time::sleep(Duration::from_secs(seconds))).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_the_only_one_left_is_waited_for() {
        assert!(answered_after(1, true).await);
        assert!(!answered_after(3, true).await);
        assert!(answered_after(3, false).await);
        assert!(!answered_after(61, false).await);
    }
}
