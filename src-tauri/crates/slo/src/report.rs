//! The `slo` document: every promise measured, judged, accounted for and put into words.
//!
//! [`build`] takes plain values, for where they come from (roll-ups, rows, the clock) is the caller's business, and
//! gives one [`SloReport`]; [`SloDocument`] holds one for each promise. `evenkeel slo --json` prints the document as
//! it is, `evenkeel slo` prints [`render`] of it, and the dashboard shows its words. Nobody computes a second time.

mod build;
mod document;
mod input;
mod render;
mod usd;

#[cfg(test)]
pub(crate) mod tests;

pub use build::build;
pub use document::{
    Book, CauseSpend, ChangeNote, CostReport, Coverage, EntryReport, ForecastReport, FrozenReport,
    LatencyReport, OlderEntries, SavedExcluded, SloDocument, SloReport, SloSummary, SuccessReport,
    WindowReport,
};
pub use input::{Input, Measured, NotCounted, Promise, Window, WithoutCache};
pub use render::render;
pub use usd::Usd;

pub use crate::tally::Basis;
