//! The error budget: how much may go wrong before a promise is broken, what of it is spent, and why.
//!
//! A promise of 99.5 % allows 5 of 1,000 requests to fail. That allowance is counted, not weighed: whole requests
//! and micro-dollars, so that "still kept" and "just missed" never hang on the last bit of a float.
//!
//! - [`share`]: a target as an exact integer, and the allowance it leaves.
//! - [`money`]: the same for a promise of cost, in micro-dollars.
//! - [`interval`]: how far a rate from few requests can be trusted.
//! - [`burn`]: how fast the allowance goes, and the tray's colour for it.
//! - [`ledger`]: every failed request with its reason.
//! - [`timeline`]: what was changed, and what failed in the hour after it.
//! - [`forecast`]: when the allowance is gone, or back.
//!
//! Not here: what a full or empty budget means for changes ([`crate::standing`]).

pub mod burn;
pub mod forecast;
pub mod interval;
pub mod ledger;
pub mod money;
pub mod share;
pub mod timeline;

#[cfg(test)]
mod tests;

pub use burn::{BurnColour, Rate};
pub use forecast::{Forecast, Outlook};
pub use ledger::{BadRequest, Declared, Entry, Ledger, WindowKind};
pub use money::Money;
pub use share::Share;
pub use timeline::{Annotation, Change, ChangeKind};

/// The allowance of a promise about a share of requests: that they are answered, or that they are fast.
///
/// Latency has one too: "p95 within 2.5 s" is the same statement as "at most 5 % take longer than 2.5 s", so its
/// target is [`Share::P95`] and its bad requests are the slow ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The share of requests that shall be good.
    pub target: Share,
    /// Requests in the window that count.
    pub n: u64,
    /// Those of them that were bad: what is spent.
    pub bad: u64,
}

impl Budget {
    /// Bad requests that the target allows among so many: ⌊n × (1 − target)⌋.
    pub fn allowed(&self) -> u64 {
        self.target.allows(self.n)
    }

    /// What is left of the allowance. Below zero it says by how much it is overdrawn; it is never cut off at zero,
    /// for a budget that is seven over and one that is just used up call for different evenings.
    pub fn left(&self) -> i64 {
        let left = i128::from(self.allowed()) - i128::from(self.bad);
        i64::try_from(left).unwrap_or(if left < 0 { i64::MIN } else { i64::MAX })
    }

    /// Whether the measured rate meets the target; `None` without any request. Exactly on target is met.
    pub fn met(&self) -> Option<bool> {
        (self.n > 0).then(|| self.target.met_by(self.bad, self.n))
    }

    /// Requests that were good.
    pub fn good(&self) -> u64 {
        self.n.saturating_sub(self.bad)
    }
}
