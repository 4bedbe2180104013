//! The breakers that the plan asks before it lists a target.
//!
//! In this release every breaker is closed: the plan asks, and every attempt's end is reported.

use std::time::Duration;

use evenkeel_dialect::Dialect;
use serde::Serialize;

use crate::outcome::Outcome;
use crate::plan::Target;

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

    /// Told the outcome of every attempt: failures as they happen, successes and breaks when the answer ends.
    #[expect(clippy::unused_self, reason = "as above: the report is made, nothing is counted yet")]
    pub(crate) fn report(&self, target: &Target, outcome: Outcome, retry_after: Option<Duration>) {
        let (provider, model) = (target.provider(), target.model.as_deref());
        tracing::trace!(provider, model, verdict = ?outcome.verdict(), ?retry_after, "breaker");
    }
}
