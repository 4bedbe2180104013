//! `evenkeel budget`: what a person says about the error budget.

use super::{
    Done, Stop,
    args::{Budget, Spending},
    context::Context,
    words,
};
use crate::admin::types::{DeclareWindow, DeclaredWindow, Freeze, Frozen};
use jiff::{Timestamp, tz::TimeZone};

pub(crate) fn run(context: &Context, budget: &Budget) -> Result<Done, Stop> {
    let router = context.needs_router()?;
    match budget {
        Budget::Spend { reason, kind, lasts } => {
            let kind = match kind {
                Spending::Deploy => "deploy",
                Spending::Experiment => "experiment",
            };
            let wanted =
                DeclareWindow { kind: kind.to_owned(), reason: reason.clone(), lasts: Some(lasts.clone()) };
            let window: DeclaredWindow = router.post("/api/budget/spend", &wanted)?;
            if context.json {
                return Done::json(&window);
            }
            let until = words::moment(window.to, Timestamp::now(), &TimeZone::system());
            Ok(Done::text(format!("Failures until {until} are put down to this {}.", window.kind)))
        }
        Budget::Freeze { reason } => {
            let frozen: Frozen = router.post("/api/budget/freeze", &Freeze { reason: reason.clone() })?;
            told(context, frozen, "Changes of routes, models and prompt caching ask for a reason now.")
        }
        Budget::Thaw => {
            let frozen: Frozen = router.post("/api/budget/thaw", &())?;
            told(context, frozen, "Changes are free again.")
        }
    }
}

fn told(context: &Context, frozen: Frozen, text: &str) -> Result<Done, Stop> {
    if context.json { Done::json(&frozen) } else { Ok(Done::text(text)) }
}
