//! What counts, budgets, alerts: counts in, verdicts out.
//!
//! Pure on purpose: no clock, no disk, no network. Whoever calls hands in what it measured, so that the tray,
//! the dashboard, the command line and the documents can't disagree about a number.
//!
//! - [`counting`]: does a request count, and as what. Here because the router (which writes the ledger row),
//!   the store (which keeps it) and every figure printed later must use one and the same table.
//! - [`tally`]: exact counters of a span of time; what roll-ups hold and verdicts are read from.
//! - [`histogram`]: how latencies are spread, to 1 %, mergeable in any order.
//! - [`budget`]: what may fail, what did and why, how fast, and until when it lasts.
//! - [`standing`]: how much is left in a word, and whether changes are frozen.
//! - [`report`]: all of it as the document that `evenkeel slo --json` prints.
//! - [`alerts`]: is a promise being broken now, and who has to be told.
//! - [`words`]: the sentences about it, the same on every screen.
//! - [`figure`]: how rates, latencies, money and counts are written.
//!
//! Not here: reading the ledger (`evenkeel-store`) and deciding how a request ended (`evenkeel-router`).

pub mod alerts;
pub mod budget;
pub mod counting;
pub mod figure;
pub mod histogram;
pub mod report;
pub mod standing;
pub mod tally;
pub mod words;

pub use counting::{Cause, Counted, Ending, UnknownName, counts};
