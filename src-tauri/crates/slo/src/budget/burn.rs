//! How fast the allowance goes. Burn 1 spends exactly all of it in the window; burn 14.4 spends 2 % of a 30-day
//! budget in an hour, burn 6 spends 5 % of it in six.
//!
//! It colours the tray and is no alert: only the three alerts page.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Share;

/// Requests of some span of time, as the two whole numbers that a failure rate is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Those that count.
    pub n: u64,
    /// Those of them that were bad.
    pub bad: u64,
}

impl Rate {
    /// The burn rate in hundredths, rounded up: the failure rate divided by the allowed one. `None` without a
    /// request, and for a target of 100 %, which allows nothing to divide by.
    pub fn burn_hundredths(&self, target: Share) -> Option<u64> {
        let allowed = u128::from(self.n) * u128::from(target.rest_ppm());
        (allowed > 0).then(|| {
            let burn = (u128::from(self.bad) * 100_000_000).div_ceil(allowed);
            u64::try_from(burn).unwrap_or(u64::MAX)
        })
    }

    /// Whether the burn rate has reached so many tenths, compared without dividing.
    fn burns(&self, tenths: u32, target: Share) -> bool {
        let spent = u128::from(self.bad) * 10_000_000;
        let limit = u128::from(self.n) * u128::from(target.rest_ppm()) * u128::from(tenths);
        self.bad >= EVIDENCE && spent >= limit
    }
}

/// At twenty requests an hour one failure is burn 10 for an hour. That is no news; three are.
const EVIDENCE: u64 = 3;
const AMBER_TENTHS: u32 = 60;
const RED_TENTHS: u32 = 144;

/// What the burn rate makes of the tray's icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "BurnColour.ts")]
pub enum BurnColour {
    /// Nothing to show.
    Calm,
    /// Burn 6 or more over the last 6 h.
    Amber,
    /// Burn 14.4 or more over the last hour.
    Red,
}

impl BurnColour {
    /// From the last hour and the last six, each with at least three bad requests to speak of.
    pub fn of(hour: Rate, six_hours: Rate, target: Share) -> Self {
        if hour.burns(RED_TENTHS, target) {
            BurnColour::Red
        } else if six_hours.burns(AMBER_TENTHS, target) {
            BurnColour::Amber
        } else {
            BurnColour::Calm
        }
    }
}
