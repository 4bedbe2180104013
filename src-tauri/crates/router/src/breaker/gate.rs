//! A breaker's position as the plan sees it, and the permit to probe.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{BreakerState, BreakerView};
use crate::outcome::Outcome;

/// Whether a target may be asked.
#[derive(Debug)]
pub(crate) enum Admission {
    /// As usual.
    Pass,
    /// This request tries it, and before the others.
    Probe(Permit),
    /// Only if nothing else is left.
    Refused,
}

/// The right to be the one request that tries a provider again. Given back on drop, so that a client that
/// hangs up before there is an outcome leaves the next one the chance.
#[derive(Debug)]
pub(crate) struct Permit(Arc<Mutex<Position>>);

impl Drop for Permit {
    fn drop(&mut self) {
        if let Position::HalfOpen { taken, .. } = &mut *self.0.lock() {
            *taken = false;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Position {
    Closed,
    Open { reason: Outcome, until: Instant, until_wall: Timestamp },
    HalfOpen { reason: Outcome, taken: bool },
}

/// Written by the machine, read by every plan. The lock is held for a few instructions.
#[derive(Debug)]
pub(super) struct Gate {
    position: Arc<Mutex<Position>>,
    /// Open on another router's word alone. Such a word is not passed on, or two routers would keep each other's
    /// breakers open for ever. Changed only under the position's lock.
    learnt: AtomicBool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { position: Arc::new(Mutex::new(Position::Closed)), learnt: AtomicBool::new(false) }
    }
}

impl Gate {
    pub(super) fn ask(&self, now: Instant) -> Admission {
        let mut position = self.position.lock();
        // The machine's timer may be a moment late; the time itself is not.
        if let Position::Open { reason, until, .. } = *position
            && now >= until
        {
            *position = Position::HalfOpen { reason, taken: false };
        }
        match &mut *position {
            Position::Closed => Admission::Pass,
            Position::Open { .. } | Position::HalfOpen { taken: true, .. } => Admission::Refused,
            Position::HalfOpen { taken, .. } => {
                *taken = true;
                Admission::Probe(Permit(Arc::clone(&self.position)))
            }
        }
    }

    pub(super) fn close(&self) {
        let mut position = self.position.lock();
        *position = Position::Closed;
        self.learnt.store(false, Ordering::Release);
    }

    /// Opens it on another router's word, if it is closed.
    pub(super) fn learn(&self, reason: Outcome, until: Instant, until_wall: Timestamp) -> bool {
        let mut position = self.position.lock();
        let closed = matches!(*position, Position::Closed);
        if closed {
            *position = Position::Open { reason, until, until_wall };
            self.learnt.store(true, Ordering::Release);
        }
        closed
    }

    pub(super) fn is_learnt(&self) -> bool {
        self.learnt.load(Ordering::Acquire)
    }

    /// From now on it is open by this router's own experience.
    pub(super) fn found_out(&self) {
        let _position = self.position.lock();
        self.learnt.store(false, Ordering::Release);
    }

    pub(super) fn open(&self, reason: Outcome, until: Instant, until_wall: Timestamp) {
        *self.position.lock() = Position::Open { reason, until, until_wall };
    }

    pub(super) fn half_open(&self, reason: Outcome) {
        let mut position = self.position.lock();
        // A plan that was quicker than the timer holds the permit already.
        if !matches!(*position, Position::HalfOpen { .. }) {
            *position = Position::HalfOpen { reason, taken: false };
        }
    }

    pub(super) fn view(&self, model: &str, now: Instant) -> Option<BreakerView> {
        let (state, reason, until) = match *self.position.lock() {
            Position::Closed => return None,
            Position::Open { reason, until, until_wall } if now < until => {
                (shown(reason), reason, Some(until_wall))
            }
            Position::Open { reason, .. } | Position::HalfOpen { reason, .. } => {
                (BreakerState::HalfOpen, reason, None)
            }
        };
        Some(BreakerView { model: model.to_owned(), state, reason, until })
    }

    /// What is to be remembered over a restart.
    pub(super) fn open_until(&self, now: Timestamp) -> Option<(Outcome, Timestamp)> {
        match *self.position.lock() {
            Position::Closed => None,
            Position::Open { reason, until_wall, .. } => Some((reason, until_wall)),
            Position::HalfOpen { reason, .. } => Some((reason, now)),
        }
    }
}

/// An open breaker by its other name where the host itself said for how long.
pub(super) fn shown(reason: Outcome) -> BreakerState {
    if reason == Outcome::RateLimited { BreakerState::Parked } else { BreakerState::Open }
}
