//! The travel-mode cache's store: answers given before, sealed, in a SQLite file of their own, and in a Redis in
//! front of it where several routers share them.
//!
//! Not in the ledger's file, on purpose: a torn page here must never touch a figure, and throwing the cache away is
//! always safe. That is also the rule for everything that goes wrong: a look-up that fails is a miss, an answer
//! that can't be kept is dropped and counted, a file that can't be read is begun again. A person is told once
//! ([`Trouble`]), and no request ever fails or waits because of it.
//!
//! In the order in which an answer meets them:
//!
//! - [`entry`]: what comes in ([`Draft`]) and goes out ([`Stored`]); `draft` makes one of the other.
//! - [`cache`]: the handle, [`Cache`]; the only way in. A facade: it knows threads and queues, no SQL.
//! - `queue`: bounded by count and by bytes, between everybody and the writer.
//! - `seal`: from an answer to bytes that tell nothing, and back. Every tier keeps the same bytes, so that answers
//!   can move between them unopened.
//! - `writer`: the one thread that writes; decides what each fault means, and tells it once.
//! - `disk`: the file and its settings; `keep`: rows in and out; `room`: the size cap, expiry and the log.
//! - `remote`: the same answers in a Redis that several routers share.
//! - [`together`]: what routers that share a Redis tell each other there besides answers.
//! - `lookup`: the threads that answer look-ups, from one tier after the other.
//! - `moving`: export and import; `parcel`: the format of that file.
//! - [`secret`], [`limits`], [`trouble`], [`error`], [`stats`]: the values of the public functions.
//!
//! What the columns mean and what is encrypted is in `docs/data.md`.

pub mod cache;
mod disk;
mod draft;
pub mod entry;
pub mod error;
mod keep;
pub mod limits;
mod lookup;
mod moving;
mod parcel;
mod queue;
mod remote;
mod room;
mod seal;
pub mod secret;
mod shared;
pub mod stats;
pub mod together;
pub mod trouble;
mod writer;

#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use entry::{Answered, Draft, Prompt, Stored};
pub use error::{CacheError, OpenError};
pub use limits::{Limits, Options};
pub use remote::{BadRedisAddress, RedisAddress};
pub use secret::{BadSealingKey, Passphrase, SealingKey};
pub use stats::{Moved, Stats};
pub use together::{Board, Heard, Note, Together};
pub use trouble::Trouble;
