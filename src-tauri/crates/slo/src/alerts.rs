//! The three alerts: is a promise being broken now, and who has to be told.
//!
//! Read literally, "success below 99.5 % for five minutes" pages somebody with twenty requests an hour several
//! times a day for nothing, and a fixed least number of requests never sees a total outage at that volume. So each
//! rule is a supported statement over a window that reaches back as far as it must; the table of what that buys is
//! in `docs/slo.md`, made by `cargo xtask bench alerts`.
//!
//! In the order in which a request becomes a page:
//!
//! - [`promise`]: what was promised. [`rules`]: how much proof, and every length of time.
//! - [`window`]: the recent requests of one promise, in bounded memory.
//! - [`rule`]: the three conditions, in whole numbers; [`binomial`] is the proof they ask for.
//! - [`tick`]: both clocks, and what counts as a gap between two evaluations.
//! - [`machine`]: inactive, pending, firing, resolved; [`page`]: what it asks to be told.
//! - [`watch`]: all of that for one promise; this is what an app holds, evaluates, saves and restores.
//! - [`post`]: quiet hours, and no more than six pages an hour.
//! - [`words`]: what a page says.
//!
//! Not here: clocks, the database, the network. Whoever calls hands requests over once each, in any order, at the
//! moment they completed, and delivers pages through an outbox under their [`page::Page::key`].

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::UnknownName;

pub mod binomial;
pub mod machine;
pub mod page;
pub mod post;
pub mod promise;
pub mod rule;
pub mod rules;
pub mod tick;
pub mod watch;
pub mod window;
pub mod words;

pub use crate::tally::Basis;
pub use machine::{Acknowledged, Alert, Incident, Moved, State, Step, Why};
pub use page::{About, Page};
pub use post::{Delivery, Post, Quiet};
pub use promise::Promise;
pub use rule::{Measured, Reading, Unknown, Verdict};
pub use rules::{Rules, Sensitivity};
pub use tick::{Moment, Tick};
pub use watch::{Context, Saved, Watch};
pub use window::{Answer, Price, Request, Speed, Window};

#[cfg(test)]
mod tests;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Success below target.
    Success,
    /// More than five of a hundred slower than promised.
    P95,
    /// Average cost of a request over budget.
    Cost,
}

impl Kind {
    /// All of them, the most urgent first.
    pub const ALL: [Kind; 3] = [Kind::Success, Kind::P95, Kind::Cost];

    /// The word in JSON, in keys and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Success => "success",
            Kind::P95 => "p95",
            Kind::Cost => "cost",
        }
    }

    pub(crate) fn index(self) -> usize {
        match self {
            Kind::Success => 0,
            Kind::P95 => 1,
            Kind::Cost => 2,
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Kind, UnknownName> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| UnknownName {
            name: name.to_owned(),
            known: Kind::ALL.map(Kind::as_str).join(", "),
        })
    }
}
