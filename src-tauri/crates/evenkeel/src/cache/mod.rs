//! The travel-mode cache as this program keeps it: found a key, opened, told about, looked after.
//!
//! What is stored and how is the room `evenkeel-cache`'s business; when an answer is taken from it is the router's.
//! Here is what lies between a file on this machine and a person: the key that seals it, when it is open, what is
//! said when it can't be, and the figures.
//!
//! - [`key`]: the sealing key, from the environment, the keychain or a private file, and never made twice
//! - `keeper`: open while it is wanted, beside everything else; the slot that the router looks into
//! - `figures`: the document of `cache stats`
//! - `redis`: where the Redis is that several routers share
//! - `together`: breakers and spend counters, which those routers share as well
//! - [`moving`]: passphrases, and what a failed export or import says
//! - [`rest`]: the same for the command line while no router runs

mod figures;
mod keeper;
pub(crate) mod key;
pub(crate) mod moving;
mod redis;
pub(crate) mod rest;
mod together;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use evenkeel_cache::Limits;
use evenkeel_config::{Cache as Settings, CacheServe};

pub(crate) use figures::Ledger;
pub(crate) use keeper::{Keeper, keep};
pub(crate) use redis::accept_address;
pub(crate) use together::share;

/// Where the open cache is found; empty while there is none, and then every look-up misses.
pub(crate) type Slot = Arc<ArcSwapOption<evenkeel_cache::Cache>>;

/// Whether anything is to be read or written at all.
pub(crate) fn is_wanted(settings: &Settings) -> bool {
    settings.serve != CacheServe::Never
}

fn limits(settings: &Settings) -> Limits {
    Limits { max_size: settings.max_size, keep_for: settings.keep_for, fresh_for: settings.fresh_for }
}
