//! The one SQLite file: ledger, tenants, events, settings; one writer thread.
//!
//! A request's path must never wait for a disk, and a figure must never be wrong because a process died. So rows
//! are handed over and forgotten ([`Store::record`]), one thread commits them in groups within 50 ms, and whoever
//! reads flushes first and so sees everything that came before.
//!
//! In the order in which a row meets them:
//!
//! - [`rows`]: the values, no SQL. No field can hold the text of a prompt or an answer.
//! - [`store`]: the handle, [`Store`]; the only way in.
//! - `queue`: bounded, between everybody and the writer. Full means dropped and counted, never blocked.
//! - `writer`: takes, gathers, commits; keeps a batch that the disk refuses and goes on trying.
//! - `insert`: rows and changes as SQL.
//! - `rollup`: the same rows added to minutes, hours and days, in the same transaction; `finished` is what it takes
//!   of a row, [`promise`] whose targets it judges by, [`span`] which buckets there are.
//! - `checkpoint`: folds the log into the file on a thread of its own, for that syncs to disk.
//! - `prune`: retention, a little at a time. `alive`: that Evenkeel is there, once a minute.
//! - `ledger`, [`read`]: rows out of SQL; [`Reader`] also serves the command line when no router runs.
//! - [`figures`]: windows, breakdowns and points out of the roll-ups, and the rows behind them.
//! - [`budget`], [`alert_state`], [`pages`]: small tables, each with its own puts and gets.
//!
//! And before all that, at the start:
//!
//! - `open`: the order of things. `lock`: one process a folder. `files`: modes and connection settings.
//!   `migrate`: from older formats, forwards only, after a copy.
//! - [`error`]: messages that name the fix. `key`: the hash of a local key.
//!
//! The outbox is a table without code as yet. What each column means, how long it stays and how to back it up is in
//! `docs/data.md`.

pub mod alert_state;
mod alive;
pub mod budget;
mod checkpoint;
pub mod error;
pub mod figures;
mod files;
mod finished;
mod insert;
mod key;
mod ledger;
mod lock;
mod migrate;
mod open;
pub mod pages;
pub mod promise;
mod prune;
mod queue;
mod raised;
pub mod read;
mod rollup;
pub mod rows;
pub mod span;
pub mod store;
mod writer;

#[cfg(test)]
mod sample;

pub use alert_state::AlertState;
pub use budget::{BudgetWindow, Reason, WindowKind};
pub use error::{Health, OpenError, StoreError};
pub use figures::{
    BadRequest, By, CacheUse, Observed, Point, RecentRequest, Scope, SeriesUse, Share, Window,
};
pub use key::hash_key;
pub use pages::{Page, PageState};
pub use promise::Promise;
pub use read::Reader;
pub use rows::{
    AttemptRow, DETAIL_MAX, EventRow, LedgerRow, Mode, PAGE_MAX, RequestsPage, RequestsQuery, Spent, Tenant,
    Tokens,
};
pub use span::Resolution;
pub use store::Store;
