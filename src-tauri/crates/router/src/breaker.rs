//! The breakers that the plan asks before it lists a target.
//!
//! In this release every breaker is closed: the plan asks and the failover reports, so that opening
//! one later changes this file and no other.

use evenkeel_dialect::Dialect;
use serde::Serialize;

use crate::outcome::Outcome;

/// A breaker's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests pass.
    Closed,
}

/// One breaker as `status` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct BreakerView {
    /// The model it guards.
    pub model: String,
    /// Its position.
    pub state: BreakerState,
}

/// Whether a target may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Pass,
}

/// All breakers, by provider and model.
#[derive(Debug, Default)]
pub(crate) struct Breakers;

impl Breakers {
    /// Asked by the plan, once for each target.
    #[expect(clippy::unused_self, reason = "the plan asks an instance; only its answer is fixed for now")]
    pub(crate) fn admission(&self, _provider: &str, _dialect: Dialect, _model: &str) -> Admission {
        Admission::Pass
    }

    /// Told by the failover after every attempt.
    #[expect(clippy::unused_self, reason = "as above: the report is made, nothing is counted yet")]
    pub(crate) fn report(&self, provider: &str, model: &str, outcome: Outcome) {
        tracing::trace!(provider, model, verdict = ?outcome.verdict(), "breaker");
    }
}
