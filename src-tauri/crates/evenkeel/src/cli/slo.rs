//! `evenkeel slo`: what is promised, what was measured, and what is left.

use evenkeel_slo::report::{SloDocument, render};

use super::{Done, Stop, args::Slo, context::Context, practice::percent};

pub(crate) fn run(context: &Context, slo: &Slo) -> Result<Done, Stop> {
    let mut query = Vec::new();
    for (name, value) in [("tenant", &slo.tenant), ("feature", &slo.feature), ("window", &slo.window)] {
        query.extend(value.as_ref().map(|value| format!("{name}={}", percent(value))));
    }
    let path = if query.is_empty() { "/api/slo".to_owned() } else { format!("/api/slo?{}", query.join("&")) };
    let document: SloDocument = context.needs_router()?.get(&path)?;
    if context.json {
        return Done::json(&document);
    }
    Ok(Done::text(render(&document)))
}
