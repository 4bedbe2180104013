//! The travel-mode cache: how full it is, what it did, and what moves in and out of it.

use evenkeel_slo::report::Usd;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole of `cache stats --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "CacheStats.ts")]
pub struct CacheStats {
    /// Where answers are kept: `sqlite`.
    pub backend: String,
    /// When a kept answer is given.
    #[ts(type = "\"on_failure\" | \"always\" | \"never\"")]
    pub serve: String,
    /// Whether answers can be found and stored now.
    pub reachable: bool,
    /// Why not, or where nothing is stored though it should be; with the next step.
    pub trouble: Option<String>,
    /// What the cache itself last complained of since the start.
    pub last_trouble: Option<CacheTrouble>,
    /// Stored answers; `null` where they can't be counted.
    pub entries: Option<u64>,
    /// Bytes of its files on the disk.
    pub bytes: Option<u64>,
    /// As many as it may have: `max_size`.
    pub max_bytes: u64,
    /// When the oldest stored answer was given.
    #[ts(type = "string | null")]
    pub oldest: Option<Timestamp>,
    /// `real` or `practice`: whose requests the figures below are about.
    #[ts(type = "\"real\" | \"practice\"")]
    pub book: String,
    /// Requests that came from here on are counted below: 30 days, or as far back as the ledger goes.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// Requests that a fresh answer was given to.
    pub hits: u64,
    /// Requests that an older one was given to.
    pub stale_hits: u64,
    /// Requests for which nothing was there.
    pub misses: u64,
    /// Hits of either kind among all look-ups; `null` before the first.
    pub hit_rate_percent: Option<f64>,
    /// What the given answers had cost.
    pub saved_usd: Usd,
    /// Since the cache was last cleared: requests that a provider answered though a fresh answer was there, for
    /// `serve` is `on_failure`.
    pub would_have_hit: Option<u64>,
    /// What those had cost.
    pub would_have_saved_usd: Option<Usd>,
    /// Answers that could not be stored since the start.
    pub dropped: u64,
}

/// What the cache complained of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CacheTrouble.ts")]
pub struct CacheTrouble {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// `rebuilt`, `other_key`, `locked`, `full` or `not_writable`.
    pub kind: String,
    /// What, in a sentence.
    pub text: String,
}

/// The answer to `DELETE /api/cache`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CacheCleared.ts")]
pub struct CacheCleared {
    /// As many answers are gone.
    pub removed: u64,
}

/// The body of `POST /api/cache/export` and `POST /api/cache/import`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "MoveCache.ts")]
pub struct MoveCache {
    /// The file, from the root of the disk.
    pub file: String,
    /// What the file is sealed with.
    #[ts(type = "string")]
    pub passphrase: crate::keys::form::Carried,
}

/// What an export wrote, or an import took in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CacheMoved.ts")]
pub struct CacheMoved {
    /// The file.
    pub file: String,
    /// Answers that went over.
    pub entries: u64,
    /// Answers that were left out: too old, too large, or there is a newer one.
    pub skipped: u64,
}
