//! Stage 3: what a request may cost. The limits come with the cost engine; until then every plan passes
//! and says so, in the place where the verdict will stand.

use serde::Serialize;

use crate::plan::Plan;

/// What the guardrails made of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// No limit applies.
    #[default]
    Unlimited,
}

/// Checks the plan against its limits.
pub(crate) fn check(plan: Plan) -> Plan {
    Plan { guardrail: Verdict::Unlimited, ..plan }
}
