//! What the cache did for people, by its column in the ledger.
//!
//! Read from the rows and not from the roll-ups, which count what the cache answered but not what it was asked in
//! vain, nor which answers were old. Its savings are told apart from those of the providers' own prompt caches, which
//! stand in the same column of rows that a provider answered.

use jiff::Timestamp;
use rusqlite::params;

use crate::{error::StoreError, read::Reader, rows::Mode};

/// What became of look-ups in a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// Answered by a fresh answer.
    pub hits: u64,
    /// Answered by one that was older than fresh.
    pub stale_hits: u64,
    /// Nothing was there to answer with.
    pub misses: u64,
    /// What the answers had cost when a provider gave them, in micro-dollars.
    pub saved_micros: i64,
}

const USE: &str = "SELECT cache, count(*), coalesce(sum(saved_micros), 0)
    FROM requests INDEXED BY requests_mode
    WHERE mode = ?1 AND at_us >= ?2 AND cache IN ('hit', 'stale', 'miss') GROUP BY cache";

impl Reader {
    /// What the cache did for requests of one book that came at or after `since`, as far back as the ledger goes.
    /// Reads every row of that time: once in a while, not at every look.
    pub fn cache_use(&self, mode: Mode, since: Timestamp) -> Result<CacheUse, StoreError> {
        self.snapshot(|connection| {
            let mut found = CacheUse::default();
            let mut statement = connection.prepare_cached(USE)?;
            let mut rows = statement.query(params![mode.as_str(), since.as_microsecond()])?;
            while let Some(row) = rows.next()? {
                let word: String = row.get(0)?;
                let count = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
                match word.as_str() {
                    "miss" => found.misses = count,
                    hit => {
                        let of = if hit == "stale" { &mut found.stale_hits } else { &mut found.hits };
                        *of = count;
                        found.saved_micros = found.saved_micros.saturating_add(row.get(2)?);
                    }
                }
            }
            Ok(found)
        })
    }
}
