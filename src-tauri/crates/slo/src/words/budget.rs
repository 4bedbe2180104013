//! What is left, until when, and what that asks of whoever changes something.

use jiff::civil::Date;

use super::{Facts, dates, one_line};
use crate::{
    budget::{Forecast, Rate, Share},
    figure,
    standing::{ADVISORY_UNDER, Hold, Policy},
};

/// "You can still afford 18 failed requests."
pub(super) fn left(facts: &Facts<'_>) -> String {
    let budget = facts.success;
    let (left, allowed) = (budget.left(), figure::count(budget.allowed()));
    let many = left.unsigned_abs();
    match (left, budget.allowed()) {
        (1.., _) => {
            format!("You can still afford {}.", figure::counted(many, "failed request", "failed requests"))
        }
        (0, 0) => format!("Too early to say. {} so far.", facts.requests()),
        (0, 1) => "The one failure you could afford is spent.".to_owned(),
        (0, _) => format!("All {allowed} failures you could afford are spent."),
        (_, 0) if budget.target == Share::ALL => {
            format!("{} failed; a target of {} allows none.", figure::count(budget.bad), budget.target)
        }
        (_, 0) => format!("{} failed; so few requests allow none.", figure::count(budget.bad)),
        (..0, _) => format!("{} more failed than the {allowed} you could afford.", figure::count(many)),
    }
}

/// "At this pace gone 28 Nov – 6 Dec."
pub(super) fn forecast(facts: &Facts<'_>) -> String {
    let day = |day: Date| dates::day(day, facts.input.now);
    match facts.outlook.forecast {
        Forecast::TooLittle if facts.success.target == Share::ALL => {
            format!("A target of {} has no allowance to forecast.", Share::ALL)
        }
        Forecast::TooLittle => {
            let days = facts.input.days;
            let week = days.get(days.len().saturating_sub(7)..).unwrap_or_default();
            let sum = |of: fn(&Rate) -> u64| week.iter().fold(0_u64, |sum, day| sum.saturating_add(of(day)));
            let requests = figure::counted(sum(|day| day.n), "request", "requests");
            let bad = figure::count(sum(|day| day.bad));
            format!("Too little data for a forecast: {requests} in {}, {bad} failed.", last(week.len()))
        }
        Forecast::NotWithin => "At this pace not gone within 30 days.".to_owned(),
        Forecast::Gone { from, to: Some(to) } if from == to => format!("At this pace gone on {}.", day(from)),
        Forecast::Gone { from, to: Some(to) } => format!("At this pace gone {} – {}.", day(from), day(to)),
        Forecast::Gone { from, to: None } => {
            format!("At this pace gone on {} at the earliest, if at all.", day(from))
        }
        Forecast::UsedUp { recovers: Some(recovers) } => {
            format!("Gone. Something is left again about {} if nothing else fails.", day(recovers))
        }
        Forecast::UsedUp { recovers: None } => "Gone, with no day in sight on which it is back.".to_owned(),
    }
}

fn last(days: usize) -> String {
    match days {
        0 | 1 => "the last day".to_owned(),
        days => format!("the last {days} days"),
    }
}

/// "Frozen to about 28 Nov. Rollback is free."
pub(super) fn policy(facts: &Facts<'_>) -> Option<String> {
    let now = facts.input.now;
    match (&facts.hold, facts.policy) {
        (Hold::UsedUp { .. }, _) => Some(match facts.outlook.thaws {
            Some(thaws) => format!("Frozen to about {}. Rollback is free.", dates::day(thaws, now)),
            None => "Frozen until a tenth of the allowance is left again. Rollback is free.".to_owned(),
        }),
        (Hold::ByHand { since, reason }, _) => {
            let why = reason.as_deref().map(one_line).filter(|reason| !reason.is_empty());
            let why = why.map(|reason| format!(": {}", reason.trim_end_matches('.'))).unwrap_or_default();
            Some(format!("Frozen by hand since {}{why}. Rollback is free.", dates::moment(*since, now)))
        }
        (Hold::Thawed { at, .. }, _) => {
            Some(format!("Thawed by hand on {}; nothing was left then.", dates::moment(*at, now)))
        }
        (Hold::Free, Policy::Advisory) if facts.success.n > 0 && facts.success.n < ADVISORY_UNDER => {
            Some(format!("Under {ADVISORY_UNDER} requests nothing freezes by itself."))
        }
        (Hold::Free, Policy::Advisory) if facts.success.n > 0 => {
            Some("With an allowance of less than two failures nothing freezes by itself.".to_owned())
        }
        (Hold::Free, _) => None,
    }
}
