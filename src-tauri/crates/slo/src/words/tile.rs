//! One promise at a glance: the figure, its target, what is left, and a word of state.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Facts, Judged};
use crate::{
    budget::{Budget, Share, interval},
    figure,
    standing::Band,
};

/// One of the three promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "Tile.ts")]
pub struct Tile {
    /// "Kept", "Missed", "Too few", "Unknown" or "None yet".
    pub state: String,
    /// The figure, or an en dash where too little is known for one.
    pub value: String,
    /// "target 99.5 %"
    pub target: String,
    /// "18 of 42 failures left"
    pub left: String,
    /// "Healthy", "Watch", "Careful", "Used up", "Frozen" or "Advisory".
    pub standing: String,
    /// What the figure rests on, where it is less than one would think.
    pub note: Option<String>,
}

pub(super) fn success(facts: &Facts<'_>) -> Tile {
    let (budget, judged) = (facts.success, facts.judged_success());
    let counted = || format!("{} of {} answered", figure::count(budget.good()), figure::count(budget.n));
    let interval = (budget.n < interval::SHOWN_UNDER).then(|| between(&budget)).flatten();
    let note = match (judged, interval) {
        (Judged::TooFew { .. }, Some(interval)) => Some(format!("{}, {interval}", counted())),
        (Judged::TooFew { .. }, None) => Some(counted()),
        (_, interval) => interval,
    };
    Tile {
        state: state(judged),
        value: shown(judged, || figure::percent(budget.good(), budget.n)),
        target: format!("target {}", budget.target),
        left: left(&budget, "failed", "failure", "failures"),
        standing: facts.policy.word().to_owned(),
        note,
    }
}

pub(super) fn latency(facts: &Facts<'_>) -> Tile {
    let (budget, judged) = (facts.latency, facts.judged_latency());
    let p95 = facts.input.measured.p95_ms(facts.input.promise);
    let note = match judged {
        Judged::TooFew { needed } => Some(few(budget.n, needed)),
        _ => None,
    };
    Tile {
        state: state(judged),
        value: shown(judged, || p95.map_or_else(|| figure::UNKNOWN.to_owned(), figure::latency)),
        target: format!("target {}", figure::latency_target(facts.input.promise.p95_ms)),
        left: left(&budget, "slow", "slow", "slow"),
        standing: Band::of(&budget).word().to_owned(),
        note,
    }
}

pub(super) fn cost(facts: &Facts<'_>) -> Tile {
    let (money, judged) = (facts.money, facts.judged_cost());
    let unpriced = (money.unpriced > 0).then(|| format!("{} unpriced", figure::count(money.unpriced)));
    let few = match judged {
        Judged::TooFew { needed } => Some(few(money.priced, needed)),
        _ => None,
    };
    let note: Vec<String> = [few, unpriced].into_iter().flatten().collect();
    let average = || money.average_micros().map_or_else(|| figure::UNKNOWN.to_owned(), figure::dollars);
    let allowed = figure::dollars_left(money.allowed_micros());
    let left = match money.left_micros() {
        _ if money.priced == 0 => figure::UNKNOWN.to_owned(),
        over if over < 0 => format!("{} over {allowed}", figure::dollars(over.saturating_neg())),
        left => format!("{} of {allowed} left", figure::dollars_left(left)),
    };
    Tile {
        state: state(judged),
        value: shown(judged, average),
        target: format!("target {}", figure::dollars_target(money.target_micros)),
        left,
        standing: Band::of_money(&money).word().to_owned(),
        note: (!note.is_empty()).then(|| note.join(", ")),
    }
}

fn state(judged: Judged) -> String {
    let word = match judged {
        Judged::NoData => "None yet",
        Judged::TooFew { .. } => "Too few",
        Judged::Unpriced => "Unknown",
        Judged::Kept => "Kept",
        Judged::Missed => "Missed",
    };
    word.to_owned()
}

/// A figure only where something can be said by it.
fn shown(judged: Judged, figure: impl FnOnce() -> String) -> String {
    if judged.met().is_some() { figure() } else { figure::UNKNOWN.to_owned() }
}

fn left(budget: &Budget, bad: &str, one: &str, many: &str) -> String {
    let allowed = budget.allowed();
    if allowed == 0 {
        let yet = if budget.target == Share::ALL { "" } else { " yet" };
        let bad = (budget.bad > 0).then(|| format!("{} {bad}, ", figure::count(budget.bad)));
        return format!("{}none allowed{yet}", bad.unwrap_or_default());
    }
    let what = if allowed == 1 { one } else { many };
    match budget.left() {
        over if over < 0 => {
            format!("{} over the {} allowed", figure::count(over.unsigned_abs()), figure::count(allowed))
        }
        left => format!("{} of {} {what} left", figure::count(left.unsigned_abs()), figure::count(allowed)),
    }
}

fn few(n: u64, needed: Option<u64>) -> String {
    match needed {
        Some(needed) => format!("{} of about {} needed", figure::count(n), figure::count(needed)),
        None => figure::counted(n, "request", "requests"),
    }
}

/// Where the true rate lies. An end that is 0 or 100 % is left out: it says only that too little was seen.
fn between(budget: &Budget) -> Option<String> {
    let interval = interval::wilson(budget.good(), budget.n)?;
    let percent = |ppm: u32| figure::percent(u64::from(ppm), 1_000_000);
    Some(match (budget.good(), budget.bad) {
        (_, 0) => format!("likely {} or more", percent(interval.low_ppm)),
        (0, _) => format!("likely {} at most", percent(interval.high_ppm)),
        _ => format!("likely {} to {}", percent(interval.low_ppm), percent(interval.high_ppm)),
    })
}
