//! The document of `cache stats`: what the cache says of itself, and what the ledger says of it.

use std::time::{Duration, Instant};

use evenkeel_cache::{Cache, Stats};
use evenkeel_config::{Cache as Settings, CacheBackend, CacheServe};
use evenkeel_slo::report::Usd;
use evenkeel_store::{CacheUse, Mode, Store};
use jiff::{SignedDuration, Timestamp};

use super::{is_wanted, keeper::Counted};
use crate::{
    admin::types::{CacheStats, CacheTrouble},
    app::Running,
    failure::Failure,
};

/// As far back as the ledger keeps what went well.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Counting a million rows takes a while; so much of the time may go on it and no more.
const SHARE: u32 = 20;

/// What the ledger says of the cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ledger {
    pub(crate) mode: Mode,
    pub(crate) since: Timestamp,
    pub(crate) found: CacheUse,
}

impl Ledger {
    /// Reads it.
    pub(crate) async fn read(store: &Store, mode: Mode) -> Result<Self, Failure> {
        let since = Timestamp::now() - WINDOW;
        let found = store
            .cache_use(mode, since)
            .await
            .map_err(|error| Failure::internal("count what the cache did", &error))?;
        Ok(Self { mode, since, found })
    }
}

/// Puts both together. `stats` is `None` while the cache is closed.
pub(crate) fn document(settings: &Settings, stats: Option<&Stats>, ledger: &Ledger) -> CacheStats {
    let CacheUse { hits, stale_hits, misses, saved_micros } = ledger.found;
    CacheStats {
        backend: match settings.backend {
            CacheBackend::Sqlite => "sqlite",
            CacheBackend::Redis => "redis",
        }
        .to_owned(),
        serve: match settings.serve {
            CacheServe::OnFailure => "on_failure",
            CacheServe::Always => "always",
            CacheServe::Never => "never",
        }
        .to_owned(),
        // A cache that should be shared and doesn't know with whom has no Redis to reach.
        reachable: stats.is_some_and(|stats| {
            stats.reachable && (settings.backend == CacheBackend::Sqlite || stats.backend == "redis")
        }),
        trouble: None,
        last_trouble: None,
        entries: stats.map(|stats| stats.entries),
        bytes: stats.map(|stats| stats.bytes),
        max_bytes: settings.max_size,
        oldest: stats.and_then(|stats| stats.oldest),
        book: if ledger.mode == Mode::Practice { "practice" } else { "real" }.to_owned(),
        since: ledger.since,
        hits,
        stale_hits,
        misses,
        hit_rate_percent: rate(hits.saturating_add(stale_hits), misses),
        saved_usd: Usd(saved_micros),
        would_have_hit: stats.map(|stats| stats.would_have_hit),
        would_have_saved_usd: stats.map(|stats| Usd(stats.would_have_saved_micros)),
        dropped: stats.map_or(0, |stats| stats.dropped),
    }
}

/// Two decimals, and 100 only where nothing was missed.
#[expect(clippy::cast_precision_loss, reason = "requests are counted in millions")]
fn rate(hits: u64, misses: u64) -> Option<f64> {
    let all = hits.saturating_add(misses);
    (all > 0).then(|| (hits as f64 / all as f64 * 10_000.0).floor() / 100.0)
}

impl Running {
    /// How the cache stands.
    pub(crate) async fn cache_stats(&self) -> Result<CacheStats, Failure> {
        let settings = self.settings();
        let practice = self.routing().practice;
        let ledger = self.cache_ledger(if practice { Mode::Practice } else { Mode::Real }).await?;
        let cache = self.cache.open();
        let stats = match &cache {
            Some(cache) => Some(Cache::stats(cache).await),
            None => None,
        };
        let mut document = document(&settings.config.cache, stats.as_ref(), &ledger);
        let last = self.cache.last_trouble();
        document.last_trouble = last.as_ref().map(|(at, trouble)| CacheTrouble {
            at: *at,
            kind: trouble.word().to_owned(),
            text: trouble.to_string(),
        });
        document.trouble = match (self.cache.missing(), last) {
            _ if document.reachable || !is_wanted(&settings.config.cache) => None,
            (Some(missing), _) => Some(format!("{missing} {}", missing.fix()).trim_end().to_owned()),
            (None, _) if !practice && self.cache.unshared().is_some() => self.cache.unshared(),
            (None, _) if practice => Some("Answers of the practice providers are never stored.".to_owned()),
            (None, Some((_, trouble))) => Some(trouble.to_string()),
            (None, None) => Some("It is being opened.".to_owned()),
        };
        Ok(document)
    }

    async fn cache_ledger(&self, mode: Mode) -> Result<Ledger, Failure> {
        let known = *self.cache.counted.lock();
        if let Some(Counted { mode: of, at, took, since, found }) = known
            && of == mode
            && at.elapsed() < took.saturating_mul(SHARE).min(Duration::from_mins(1))
        {
            return Ok(Ledger { mode, since, found });
        }
        let at = Instant::now();
        let Ledger { mode, since, found } = Ledger::read(self.store(), mode).await?;
        *self.cache.counted.lock() =
            Some(Counted { mode, at: Instant::now(), took: at.elapsed(), since, found });
        Ok(Ledger { mode, since, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(hits: u64, stale_hits: u64, misses: u64) -> Ledger {
        let found = CacheUse { hits, stale_hits, misses, saved_micros: 1_234_567 };
        Ledger { mode: Mode::Real, since: Timestamp::UNIX_EPOCH, found }
    }

    #[test]
    fn before_the_first_look_up_there_is_no_rate_and_a_closed_cache_counts_nothing() {
        let document = document(&Settings::default(), None, &ledger(0, 0, 0));
        assert_eq!(
            (document.hit_rate_percent, document.entries, document.would_have_hit),
            (None, None, None)
        );
        assert!(!document.reachable);
        assert_eq!(document.max_bytes, 512 * 1024 * 1024);
    }

    #[test]
    fn old_answers_are_hits_too_and_nothing_is_rounded_up_to_all() {
        let seen = document(&Settings::default(), None, &ledger(1, 2, 1));
        assert_eq!(seen.hit_rate_percent, Some(75.0));
        assert_eq!(serde_json::to_value(&seen).expect("a document")["saved_usd"].to_string(), "1.234567");
        let nearly = document(&Settings::default(), None, &ledger(999_999, 0, 1));
        assert_eq!(nearly.hit_rate_percent, Some(99.99));
    }
}
