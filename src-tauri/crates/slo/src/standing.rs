//! What is left of a budget in a word, and whether changes are frozen.
//!
//! A freeze is a question, not a wall: changes that could make things worse ask for a reason, which is kept with the
//! budget, and whatever makes things better stays free. A lone founder is the one who decides; the freeze makes sure
//! that it is decided.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::budget::{Budget, Money, forecast::a_tenth_is_left};

#[cfg(test)]
mod tests;

/// Under so many requests in the window a budget is a hint: at 99.5 % it allows one failure or none, and a month
/// would freeze over it.
pub const ADVISORY_UNDER: u64 = 400;
/// The same for stricter targets, which allow less among more.
const ADVISORY_ALLOWANCE: u64 = 2;

/// How much of an allowance is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "Band.ts")]
pub enum Band {
    /// More than half.
    Healthy,
    /// More than a quarter, up to half.
    Watch,
    /// Something, up to a quarter.
    Careful,
    /// Nothing, or less.
    UsedUp,
    /// Too few requests for any of these words: under 400, or an allowance of less than two.
    Advisory,
}

impl Band {
    /// Of the success or the latency budget.
    pub fn of(budget: &Budget) -> Self {
        if is_advisory(budget) {
            return Band::Advisory;
        }
        Self::of_parts(i128::from(budget.left()), i128::from(budget.allowed()))
    }

    /// Of the money budget.
    pub fn of_money(money: &Money) -> Self {
        if money.priced < ADVISORY_UNDER {
            return Band::Advisory;
        }
        Self::of_parts(i128::from(money.left_micros()), i128::from(money.allowed_micros()))
    }

    fn of_parts(left: i128, allowed: i128) -> Self {
        match () {
            () if left <= 0 => Band::UsedUp,
            () if left * 4 <= allowed => Band::Careful,
            () if left * 2 <= allowed => Band::Watch,
            () => Band::Healthy,
        }
    }

    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Band::Healthy => "Healthy",
            Band::Watch => "Watch",
            Band::Careful => "Careful",
            Band::UsedUp => "Used up",
            Band::Advisory => "Advisory",
        }
    }
}

fn is_advisory(budget: &Budget) -> bool {
    budget.n < ADVISORY_UNDER || budget.allowed() < ADVISORY_ALLOWANCE
}

/// What the success budget asks of whoever changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "Policy.ts")]
pub enum Policy {
    /// More than half is left: change what you like.
    Healthy,
    /// Up to half is left.
    Watch,
    /// A quarter or less is left, or the freeze was lifted by hand.
    Careful,
    /// Changes that could make it worse ask for a reason.
    Frozen,
    /// Too few requests to freeze anything.
    Advisory,
}

impl Policy {
    /// From what is left and whether that is frozen.
    pub fn of(budget: &Budget, hold: &Hold) -> Self {
        if hold.is_frozen() {
            return Policy::Frozen;
        }
        match Band::of(budget) {
            Band::Healthy => Policy::Healthy,
            Band::Watch => Policy::Watch,
            Band::Careful | Band::UsedUp => Policy::Careful,
            Band::Advisory => Policy::Advisory,
        }
    }

    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Policy::Healthy => "Healthy",
            Policy::Watch => "Watch",
            Policy::Careful => "Careful",
            Policy::Frozen => "Frozen",
            Policy::Advisory => "Advisory",
        }
    }
}

/// Whether changes are frozen, since when and by whom. The caller keeps it between two looks and over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Hold {
    /// Nothing is frozen.
    #[default]
    Free,
    /// The budget is used up.
    UsedUp {
        /// When that was first seen.
        since: Timestamp,
    },
    /// Somebody froze it: `evenkeel budget freeze`. Only somebody lifts it.
    ByHand {
        /// When.
        since: Timestamp,
        /// Why, in their words.
        reason: Option<String>,
    },
    /// Somebody lifted it while nothing was left: `evenkeel budget thaw`.
    Thawed {
        /// When.
        at: Timestamp,
        /// What was left then: zero or less.
        left: i64,
    },
}

impl Hold {
    /// What it becomes by looking at the budget as it is now. Looking twice changes nothing more.
    ///
    /// It freezes at nothing left and lets go only when a tenth is left again, so that one old failure that leaves
    /// the window doesn't open and shut it all day. Lifted by hand it stays open for the damage that was known
    /// then: another tenth of the allowance (two requests at least) freezes it again.
    #[must_use]
    pub fn next(&self, now: Timestamp, budget: &Budget) -> Self {
        let (left, allowed) = (budget.left(), budget.allowed());
        match *self {
            Hold::ByHand { .. } => self.clone(),
            _ if is_advisory(budget) => Hold::Free,
            Hold::Free if left <= 0 => Hold::UsedUp { since: now },
            Hold::UsedUp { .. } | Hold::Thawed { .. } if a_tenth_is_left(left, allowed) => Hold::Free,
            Hold::Thawed { left: then, .. } if worse_by_a_tenth(then, left, allowed) => {
                Hold::UsedUp { since: now }
            }
            Hold::Free | Hold::UsedUp { .. } | Hold::Thawed { .. } => self.clone(),
        }
    }

    /// Frozen by somebody, whatever is left.
    pub fn by_hand(now: Timestamp, reason: Option<String>) -> Self {
        Hold::ByHand { since: now, reason }
    }

    /// Lifted by somebody, whoever froze it.
    #[must_use]
    pub fn thawed(now: Timestamp, budget: &Budget) -> Self {
        let left = budget.left();
        if left > 0 || is_advisory(budget) { Hold::Free } else { Hold::Thawed { at: now, left } }
    }

    /// Whether changes ask for a reason.
    pub fn is_frozen(&self) -> bool {
        matches!(self, Hold::UsedUp { .. } | Hold::ByHand { .. })
    }

    /// Since when, if it is frozen.
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Hold::UsedUp { since } | Hold::ByHand { since, .. } => Some(*since),
            Hold::Free | Hold::Thawed { .. } => None,
        }
    }
}

fn worse_by_a_tenth(then: i64, left: i64, allowed: u64) -> bool {
    i128::from(then) - i128::from(left) >= i128::from((allowed / 10).max(2))
}

/// What somebody is about to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proposal {
    /// Which provider serves which requests, with time-outs and retries.
    Routes,
    /// Which models answer.
    Models,
    /// What is cached at a provider, and so what prompts look like there.
    PromptCaching,
    /// A provider's key.
    KeyRotation,
    /// Back to settings that were in force before.
    Rollback,
    /// The bypass switch, either way.
    Bypass,
    /// Everything to the provider that works.
    SwitchToHealthy,
    /// Anything else: alerts, prices, exports, appearance.
    Other,
}

/// Whether this change needs a typed reason while the budget is frozen. What repairs is always free.
pub fn asks_reason(hold: &Hold, change: Proposal) -> bool {
    let may_make_it_worse = match change {
        Proposal::Routes | Proposal::Models | Proposal::PromptCaching => true,
        Proposal::KeyRotation
        | Proposal::Rollback
        | Proposal::Bypass
        | Proposal::SwitchToHealthy
        | Proposal::Other => false,
    };
    hold.is_frozen() && may_make_it_worse
}
