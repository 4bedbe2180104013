//! Whether the request may go to a target, and how: the guardrail's verdict in the loop's own terms.

use crate::Router;
use crate::admit::Admitted;
use crate::bill;
use crate::endpoint::Endpoint;
use crate::failed::Failed;
use crate::guardrail::{Fitted, Scales, Unfit};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::runtime::Runtime;
use crate::target::Target;

/// Why a target isn't asked.
pub(super) enum Unfitted {
    /// It is no exchange at all.
    NoExchange,
    Exceeded(String),
    AskCache,
}

impl Unfitted {
    pub(super) fn failed(self, router: &Router) -> Failed {
        let (outcome, detail) = match self {
            Self::NoExchange => (Outcome::Malformed, "not an exchange".to_owned()),
            Self::Exceeded(message) => (Outcome::OverBudget, message),
            Self::AskCache => (Outcome::OverBudget, "nothing is cached for this request".to_owned()),
        };
        Failed::new(outcome, router.clock.instant(), detail)
    }
}

/// The request as it may go to this target, or why it may not.
pub(super) fn fit(
    router: &Router,
    runtime: &Runtime,
    admitted: &Admitted,
    plan: &Plan,
    (target, paid): (&Target, i64),
    may_recall: bool,
) -> Result<Fitted, Unfitted> {
    let (Some(ask), Endpoint::Exchange(api)) = (&admitted.ask, admitted.entered.endpoint) else {
        return Err(Unfitted::NoExchange);
    };
    let now = router.clock.now();
    let day = bill::day(now);
    let scales = Scales {
        api,
        body: &admitted.body,
        ask,
        limits: &plan.limits,
        known: &runtime.known,
        day: &day,
        learner: &router.learner,
        spend: &router.spend,
        paid,
        now,
        may_recall,
    };
    scales.fit(target).map_err(|unfit| match unfit {
        Unfit::Exceeded(message) => Unfitted::Exceeded(message),
        Unfit::AskCache => Unfitted::AskCache,
    })
}

/// The target with the model that the guardrails left it.
pub(super) fn fitted_target(router: &Router, runtime: &Runtime, target: &Target, fitted: &Fitted) -> Target {
    match &fitted.model {
        Some(model) if Some(model) != target.model.as_ref() => {
            let facts = runtime.known.of(model, &bill::day(router.clock.now()));
            target.clone().with_model(model.clone(), &facts, router.practice)
        }
        _ => target.clone(),
    }
}
