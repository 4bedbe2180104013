//! The sentences about a promise, made once for tray, notification, dashboard, command line and kit, so that they
//! can't disagree.
//!
//! Every sentence says what a founder could say aloud: how many failures are left, not what percentage of a budget.
//! Window and number of requests stand beside every figure, nothing is rounded up, and with too few requests the
//! sentence says so instead of a rate.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    budget::{Budget, Money, Outlook},
    figure,
    report::{Basis, Book, Input},
    standing::{Hold, Policy, Proposal},
};

mod budget;
pub(crate) mod dates;
mod tile;
mod verdict;

#[cfg(test)]
mod tests;

pub use tile::Tile;

/// Whether a promise is kept, as far as anyone can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// No request at all.
    NoData,
    /// Fewer requests than are needed.
    TooFew {
        /// How many are; `None`: no number is enough.
        needed: Option<u64>,
    },
    /// Too many prices are unknown.
    Unpriced,
    /// Kept.
    Kept,
    /// Missed.
    Missed,
}

impl Judged {
    /// By the success or the latency budget. A target of 100 % is missed by the first failure, and never proven.
    pub fn of(budget: &Budget) -> Self {
        let needed = budget.target.needed();
        match budget.met() {
            None => Judged::NoData,
            Some(false) if needed.is_none() => Judged::Missed,
            Some(_) if needed.is_none_or(|needed| budget.n < needed) => Judged::TooFew { needed },
            Some(true) => Judged::Kept,
            Some(false) => Judged::Missed,
        }
    }

    /// By the money budget.
    pub fn of_money(money: &Money) -> Self {
        match money.met() {
            _ if money.too_many_unpriced() => Judged::Unpriced,
            None => Judged::NoData,
            Some(_) if money.priced < Money::NEEDED => Judged::TooFew { needed: Some(Money::NEEDED) },
            Some(true) => Judged::Kept,
            Some(false) => Judged::Missed,
        }
    }

    /// Kept or missed; `None` where nobody can say.
    pub fn met(self) -> Option<bool> {
        match self {
            Judged::Kept => Some(true),
            Judged::Missed => Some(false),
            Judged::NoData | Judged::TooFew { .. } | Judged::Unpriced => None,
        }
    }
}

/// What there is to say about one promise: the input, and everything judged from it.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What was measured.
    pub input: &'a Input<'a>,
    /// Whose requests.
    pub book: Book,
    /// Success, latency, cost.
    pub judged: [Judged; 3],
    /// The budget of failures.
    pub success: Budget,
    /// The budget of slow answers.
    pub latency: Budget,
    /// The budget of money.
    pub money: Money,
    /// The same without saved answers.
    pub without_cache: Money,
    /// What the budget asks.
    pub policy: Policy,
    /// Whether changes are frozen.
    pub hold: Hold,
    /// What comes.
    pub outlook: Outlook,
}

impl Facts<'_> {
    /// Whether requests are answered.
    pub fn judged_success(&self) -> Judged {
        self.judged[0]
    }

    /// Whether they are fast.
    pub fn judged_latency(&self) -> Judged {
        self.judged[1]
    }

    /// Whether they cost no more.
    pub fn judged_cost(&self) -> Judged {
        self.judged[2]
    }

    /// All three in one: a miss is a miss, whatever else can't be judged.
    pub fn met(&self) -> Option<bool> {
        let met = self.judged.map(Judged::met);
        if met.contains(&Some(false)) {
            return Some(false);
        }
        met.iter().all(|met| *met == Some(true)).then_some(true)
    }

    /// `8,412 requests`, or of which kind they are in practice.
    fn requests(&self) -> String {
        match self.book {
            Book::Real => figure::counted(self.success.n, "request", "requests"),
            Book::Practice => figure::counted(self.success.n, "practice request", "practice requests"),
        }
    }
}

/// Every sentence about one promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "Words.ts")]
pub struct Words {
    /// The statement that a screen opens with: "All three promises kept."
    pub verdict: String,
    /// What supports it, with window and number of requests.
    pub lede: String,
    /// The figures without saved answers; `null` where there were none.
    pub saved: Option<String>,
    /// How many requests, in which time, and how much of it the router saw.
    pub basis: String,
    /// The row under the verdict in the tray's menu.
    pub tray: String,
    /// What is left of the failures.
    pub budget: String,
    /// Until when.
    pub forecast: String,
    /// What the budget asks of whoever changes something; `null` while that is nothing.
    pub policy: Option<String>,
    /// What was not counted; `null` where that is nothing.
    pub not_counted: Option<String>,
    /// That requests are answered.
    pub success: Tile,
    /// That answers start in time.
    pub latency: Tile,
    /// That they cost no more.
    pub cost: Tile,
}

impl Words {
    /// Verdict, support and, if changes are frozen, that: what is said where there is room for one paragraph.
    pub(crate) fn sentence(&self, hold: &Hold) -> String {
        let frozen = self.policy.as_deref().filter(|_| hold.is_frozen());
        let parts = [Some(self.verdict.as_str()), Some(self.lede.as_str()), frozen];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Puts the facts into words.
pub fn of(facts: &Facts<'_>) -> Words {
    Words {
        verdict: verdict::verdict(facts),
        lede: verdict::lede(facts),
        saved: verdict::saved(facts),
        basis: verdict::basis(facts),
        tray: verdict::tray(facts),
        budget: budget::left(facts),
        forecast: budget::forecast(facts),
        policy: budget::policy(facts),
        not_counted: verdict::not_counted(facts),
        success: tile::success(facts),
        latency: tile::latency(facts),
        cost: tile::cost(facts),
    }
}

/// What is said to somebody who wants to change this while the budget is frozen; `None` if it asks for nothing.
pub fn asks_for_a_reason(hold: &Hold, proposal: Proposal) -> Option<String> {
    if !crate::standing::asks_reason(hold, proposal) {
        return None;
    }
    let what = match proposal {
        Proposal::Models => "models",
        Proposal::PromptCaching => "prompt caching",
        _ => "routes",
    };
    let why = match hold {
        Hold::ByHand { .. } => "Changes are frozen by hand",
        _ => "The failures you could afford are used up",
    };
    Some(format!(
        "{why}, so a change to {what} asks for a reason. It is kept with the budget. Rolling back, rotating a key, \
         the bypass and switching to the provider that works need none."
    ))
}

/// What a latency is measured to, as it stands beside a figure.
pub(crate) fn measured_to(basis: Basis) -> &'static str {
    match basis {
        Basis::FirstByte => "first byte",
        Basis::FirstToken => "first token",
        Basis::Complete => "last byte",
    }
}

/// Somebody's own words on one line: a line break or an escape sequence in a reason must not end up in a terminal.
pub(crate) fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
