//! The statement first, then what supports it.

use super::{Facts, Judged, budget, dates, measured_to};
use crate::{figure, report::Book};

const NAMES: [&str; 3] = ["success", "speed", "cost"];

/// "All three promises kept."
pub(super) fn verdict(facts: &Facts<'_>) -> String {
    let said = statement(facts);
    match facts.book {
        Book::Real => capital(&said),
        Book::Practice => format!("Practice: {said}"),
    }
}

fn statement(facts: &Facts<'_>) -> String {
    let those = |which: fn(Judged) -> bool| -> Vec<&str> {
        NAMES.iter().zip(facts.judged).filter(|(_, judged)| which(*judged)).map(|(name, _)| *name).collect()
    };
    let missed = those(|judged| judged == Judged::Missed);
    let kept = those(|judged| judged == Judged::Kept);
    let open = those(|judged| judged.met().is_none());
    if missed.len() == NAMES.len() {
        return "all three promises missed.".to_owned();
    }
    if !missed.is_empty() {
        return format!("{} missed.", promises(&missed));
    }
    if kept.len() == NAMES.len() {
        return "all three promises kept.".to_owned();
    }
    match facts.judged_success() {
        Judged::NoData => "no requests yet.".to_owned(),
        Judged::TooFew { needed: Some(_) } => format!("too early to say. {} so far.", facts.requests()),
        Judged::TooFew { needed: None } => "no promise missed so far.".to_owned(),
        _ => format!("{} kept; {} can't be judged yet.", promises(&kept), list(&open)),
    }
}

/// The sentences under the verdict, ending with what they rest on.
pub(super) fn lede(facts: &Facts<'_>) -> String {
    let parts = [success(facts), speed(facts), cost(facts), Some(basis(facts))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn success(facts: &Facts<'_>) -> Option<String> {
    let budget = facts.success;
    let failed = (budget.bad > 0).then(|| format!(" {} failed.", figure::count(budget.bad)));
    match facts.judged_success() {
        Judged::NoData | Judged::Unpriced => None,
        Judged::TooFew { needed: Some(needed) } => Some(format!(
            "About {} are needed to judge {}.{}",
            figure::count(needed),
            budget.target,
            failed.unwrap_or_default()
        )),
        Judged::TooFew { needed: None } => {
            Some(format!("None failed, and no number of requests can prove {}.", budget.target))
        }
        Judged::Kept => Some(budget::left(facts)),
        Judged::Missed if budget.allowed() == 0 => Some(format!(
            "{} answered, target {}: {} failed.",
            figure::percent(budget.good(), budget.n),
            budget.target,
            figure::count(budget.bad),
        )),
        Judged::Missed => Some(format!(
            "{} answered, target {}: {} over the {} allowed.",
            figure::percent(budget.good(), budget.n),
            budget.target,
            figure::counted(budget.left().unsigned_abs(), "failure", "failures"),
            figure::count(budget.allowed()),
        )),
    }
}

fn speed(facts: &Facts<'_>) -> Option<String> {
    let (budget, promise) = (facts.latency, facts.input.promise);
    (facts.judged_latency() == Judged::Missed).then(|| {
        format!(
            "{} of {} answers took longer than {} to the {}, {} may.",
            figure::count(budget.bad),
            figure::count(budget.n),
            figure::latency_target(promise.p95_ms),
            measured_to(promise.basis),
            figure::count(budget.allowed()),
        )
    })
}

fn cost(facts: &Facts<'_>) -> Option<String> {
    let money = facts.money;
    match facts.judged_cost() {
        Judged::Missed => Some(format!(
            "A request costs {} on average, target {}.",
            money.average_micros().map_or_else(|| figure::UNKNOWN.to_owned(), figure::dollars),
            figure::dollars_target(money.target_micros),
        )),
        Judged::Unpriced => Some(format!(
            "The price of {} of {} isn't known.",
            figure::count(money.unpriced),
            figure::counted(money.priced.saturating_add(money.unpriced), "request", "requests"),
        )),
        Judged::NoData | Judged::TooFew { .. } | Judged::Kept => None,
    }
}

/// "8,412 requests in 30 days, observed 312 of 720 h."
pub(super) fn basis(facts: &Facts<'_>) -> String {
    let (window, observed) = (facts.input.window.seconds(), facts.input.observed_seconds);
    let seen = if observed >= 3_600 && window >= 3_600 {
        format!("{} of {} h", figure::count(observed / 3_600), figure::count(window / 3_600))
    } else {
        format!("{} of {}", figure::span(observed), dates::length(window))
    };
    format!("{} in {}, observed {seen}.", facts.requests(), dates::length(window))
}

/// "4.8 % were saved answers; without them p95 is 2.09 s and a request costs $0.0077."
pub(super) fn saved(facts: &Facts<'_>) -> Option<String> {
    let measured = &facts.input.measured;
    if measured.cached == 0 {
        return None;
    }
    let p95 = measured.without_cache.p95_ms.map(|p95| format!("p95 is {}", figure::latency(p95)));
    let average = facts.without_cache.average_micros();
    let average = average.map(|average| format!("a request costs {}", figure::dollars(average)));
    let share = figure::portion(measured.cached, facts.success.n);
    let without: Vec<String> = [p95, average].into_iter().flatten().collect();
    if without.is_empty() {
        return Some(format!("{share} were saved answers."));
    }
    Some(format!("{share} were saved answers; without them {}.", without.join(" and ")))
}

/// "99.71 % answered · 18 failures left"
pub(super) fn tray(facts: &Facts<'_>) -> String {
    let budget = facts.success;
    match facts.judged_success() {
        Judged::NoData => "No requests yet".to_owned(),
        Judged::TooFew { .. } if budget.bad > 0 => {
            format!("{} so far, {} failed", facts.requests(), figure::count(budget.bad))
        }
        Judged::TooFew { .. } => format!("{} so far", facts.requests()),
        _ => {
            let left = match budget.left() {
                over if over < 0 => format!("{} over", figure::count(over.unsigned_abs())),
                left => format!("{} left", figure::counted(left.unsigned_abs(), "failure", "failures")),
            };
            format!("{} answered · {left}", figure::percent(budget.good(), budget.n))
        }
    }
}

/// "Not counted: 14 wrong in themselves, 3 given up in time."
pub(super) fn not_counted(facts: &Facts<'_>) -> Option<String> {
    let not = facts.input.measured.not_counted;
    let kinds = [
        (not.invalid, "wrong in themselves"),
        (not.cancelled, "given up in time"),
        (not.policy, "refused by a guardrail"),
    ];
    let said: Vec<String> = kinds
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, why)| format!("{} {why}", figure::count(*number)))
        .collect();
    (!said.is_empty()).then(|| format!("Not counted: {}.", said.join(", ")))
}

fn promises(names: &[&str]) -> String {
    format!("{} {}", list(names), if names.len() == 1 { "promise" } else { "promises" })
}

fn list(names: &[&str]) -> String {
    names.join(" and ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
