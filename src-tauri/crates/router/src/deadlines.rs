//! Deadlines, each a type named for what it measures, so that one can't be passed for another.
//!
//! All are absolute: a provider that keeps sending pings or role-only deltas moves none of them.

use std::time::Duration;

use evenkeel_config::Deadlines;
use serde::Serialize;
use tokio::time::Instant;

use crate::clock::millis;

/// From a request's arrival to the last byte of its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Total(Instant);

impl Total {
    pub(crate) fn starting(arrived: Instant, deadlines: &Deadlines) -> Self {
        Self(arrived + deadlines.total)
    }

    pub(crate) fn at(self) -> Instant {
        self.0
    }
}

/// How long one provider may take, over all its tries, until its first meaningful event; connection
/// and headers included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstToken {
    began: Instant,
    budget: Duration,
}

impl FirstToken {
    pub(crate) fn starting(now: Instant, budget: Duration) -> Self {
        Self { began: now, budget }
    }

    pub(crate) fn began(self) -> Instant {
        self.began
    }

    pub(crate) fn at(self) -> Instant {
        self.began + self.budget
    }

    /// A retry that starts with less than half of the budget left would only delay the failover.
    pub(crate) fn leaves_room_for_a_retry(self, at: Instant) -> bool {
        at.saturating_duration_since(self.began) * 2 <= self.budget
    }
}

/// The longest silence between two pieces of an answer that has begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle(Duration);

impl Idle {
    pub(crate) fn new(deadlines: &Deadlines) -> Self {
        Self(deadlines.idle)
    }

    /// When the silence that begins now is too long, if the total allows it to last that long.
    pub(crate) fn from(self, now: Instant, total: Total) -> Instant {
        (now + self.0).min(total.at())
    }
}

#[expect(clippy::struct_field_names, reason = "every figure that is shown carries its unit")]
/// The time-outs of a plan in milliseconds, as `requests ID` shows them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Budgets {
    pub(crate) connect_ms: u64,
    /// While another provider is left.
    pub(crate) first_token_ms: u64,
    /// For the last one.
    pub(crate) last_first_token_ms: u64,
    /// For an answer that comes in one piece, so that its first token can't be watched.
    pub(crate) unwatched_ms: u64,
    pub(crate) idle_ms: u64,
    pub(crate) total_ms: u64,
}

/// Prompts this long push the first token back by a second each; four bytes are about one token.
const BYTES_PER_EXTRA_SECOND: u64 = 40_000;

/// What is known about a request before it is sent and makes its first token late for good reason.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SlowStart {
    /// Thinking or a reasoning effort was asked for, or the answer comes in one piece.
    pub(crate) known: bool,
    /// Size of the request's body in bytes.
    pub(crate) body_len: usize,
}

impl Budgets {
    pub(crate) fn new(deadlines: &Deadlines, slow: SlowStart) -> Self {
        let zero = Instant::now();
        let ms = |duration: Duration| millis(zero, zero + duration);
        let base = if slow.known { deadlines.slow_first_token } else { deadlines.first_token };
        let extra = Duration::from_secs(slow.body_len as u64 / BYTES_PER_EXTRA_SECOND);
        let first_token = base + extra;
        Self {
            connect_ms: ms(deadlines.connect),
            first_token_ms: ms(first_token),
            last_first_token_ms: ms(deadlines.last_first_token.max(first_token)),
            unwatched_ms: ms(deadlines.slow_first_token.max(first_token)),
            idle_ms: ms(deadlines.idle),
            total_ms: ms(deadlines.total),
        }
    }

    /// The budget of a target that is or isn't the last one left, with a model that does or doesn't start late.
    pub(crate) fn first_token(&self, last: bool, slow: bool) -> Duration {
        let usual = if slow { self.unwatched_ms } else { self.first_token_ms };
        Duration::from_millis(if last { self.last_first_token_ms.max(usual) } else { usual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadlines() -> Deadlines {
        Deadlines {
            connect: Duration::from_secs(2),
            first_token: Duration::from_secs(2),
            last_first_token: Duration::from_mins(1),
            slow_first_token: Duration::from_mins(1),
            idle: Duration::from_secs(30),
            total: Duration::from_mins(10),
        }
    }

    #[test]
    fn a_long_prompt_and_thinking_start_late() {
        let plain = Budgets::new(&deadlines(), SlowStart { known: false, body_len: 4_000 });
        let long = Budgets::new(&deadlines(), SlowStart { known: false, body_len: 400_000 });
        let thinking = Budgets::new(&deadlines(), SlowStart { known: true, body_len: 400_000 });
        assert_eq!(plain.first_token(false, false), Duration::from_secs(2));
        assert_eq!(long.first_token(false, false), Duration::from_secs(12));
        assert_eq!(thinking.first_token(false, false), Duration::from_secs(70));
        assert_eq!(
            thinking.first_token(true, false),
            Duration::from_secs(70),
            "the last one never waits less"
        );
    }

    #[test]
    fn a_retry_starts_only_in_the_first_half() {
        let began = Instant::now();
        let budget = FirstToken::starting(began, Duration::from_secs(2));
        assert!(budget.leaves_room_for_a_retry(began + Duration::from_secs(1)));
        assert!(!budget.leaves_room_for_a_retry(began + Duration::from_millis(1001)));
    }
}
