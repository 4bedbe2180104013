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
//! - `checkpoint`: folds the log into the file on a thread of its own, for that syncs to disk.
//! - `prune`: retention, a little at a time.
//! - `ledger`, [`read`]: rows out of SQL; [`Reader`] also serves the command line when no router runs.
//!
//! And before all that, at the start:
//!
//! - `open`: the order of things. `lock`: one process a folder. `files`: modes and connection settings.
//!   `migrate`: from older formats, forwards only, after a copy.
//! - [`error`]: messages that name the fix. `key`: the hash of a local key.
//!
//! The roll-ups and the outbox are tables without code as yet; the ledger holds all that fills them. What each
//! column means, how long it stays and how to back it up is in `docs/data.md`.

mod checkpoint;
pub mod error;
mod files;
mod insert;
mod key;
mod ledger;
mod lock;
mod migrate;
mod open;
mod prune;
mod queue;
pub mod read;
pub mod rows;
pub mod store;
mod writer;

#[cfg(test)]
mod sample;

pub use error::{Health, OpenError, StoreError};
pub use key::hash_key;
pub use read::Reader;
pub use rows::{
    AttemptRow, DETAIL_MAX, EventRow, LedgerRow, Mode, PAGE_MAX, RequestsPage, RequestsQuery, Spent, Tenant,
    Tokens,
};
pub use store::Store;
