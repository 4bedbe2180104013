//! Guardrails, in their three scopes: for all requests, for a route, for a tenant.

use super::word;
use crate::raw::{self, At, Choice};
use crate::report::Report;
use crate::{Guardrails, Usd};

/// `[guardrails]`. Here a limit of zero and no limit are the same.
pub(super) fn for_all(at: Option<At<raw::Guardrails>>, report: &mut Report<'_>) -> Guardrails {
    let typed = within(at, report);
    let usual = Guardrails::for_all();
    Guardrails {
        max_cost_per_request: typed.max_cost_per_request.filter(|limit| !limit.is_zero()),
        max_input_tokens: typed.max_input_tokens.filter(|limit| *limit != 0),
        max_output_tokens: typed.max_output_tokens.filter(|limit| *limit != 0),
        max_cost_per_day: typed.max_cost_per_day.filter(|limit| !limit.is_zero()),
        max_cost_per_month: typed.max_cost_per_month.filter(|limit| !limit.is_zero()),
        on_unpriced: typed.on_unpriced.or(usual.on_unpriced),
        on_exceed: typed.on_exceed.or(usual.on_exceed),
    }
}

/// The guardrails of a route or tenant: only what is set there.
pub(super) fn within(at: Option<At<raw::Guardrails>>, report: &mut Report<'_>) -> Guardrails {
    let Some(At { value: raw, .. }) = at else { return Guardrails::default() };
    let day_place = raw.max_cost_per_day.as_ref().map(|at| at.place.clone());
    let per_request = word::usd(raw.max_cost_per_request, report);
    let per_day = word::usd(raw.max_cost_per_day, report);
    let per_month = word::usd(raw.max_cost_per_month, report);
    let limit = |limit: Option<Usd>| limit.filter(|limit| !limit.is_zero());
    if let (Some(place), Some(day), Some(month)) = (day_place, limit(per_day), limit(per_month))
        && day > month
    {
        report.warning(
            &place,
            "max_cost_per_day is more than max_cost_per_month, so it never has an effect.",
            "Lower it, or raise max_cost_per_month.",
        );
    }
    let on_exceed = raw.on_exceed.map(|at| {
        if at.value.is_empty() {
            report.error(
                &at.place,
                "on_exceed needs at least one step.",
                "Write [\"reject\"] to only refuse.",
            );
        }
        let mut steps = Vec::new();
        for At { value: step, place } in at.value {
            if steps.contains(&step) {
                report.error(
                    &place,
                    format!("The step \"{}\" stands here twice.", step.word()),
                    "Remove one.",
                );
            } else {
                steps.push(step);
            }
        }
        steps
    });
    Guardrails {
        max_cost_per_request: per_request,
        max_input_tokens: word::count(raw.max_input_tokens),
        max_output_tokens: word::count(raw.max_output_tokens),
        max_cost_per_day: per_day,
        max_cost_per_month: per_month,
        on_unpriced: raw.on_unpriced.map(|at| at.value),
        on_exceed,
    }
}
