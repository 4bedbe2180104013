//! The cache while no router runs, for the command line: opened on the spot, with the folder's lock held.

use std::sync::Arc;

use evenkeel_cache::Cache;
use evenkeel_config::{Config, RedisUrl};
use evenkeel_store::{Mode, Store};
use parking_lot::Mutex;

use super::{
    Ledger, figures, is_wanted, keeper,
    key::{self, Place},
    redis::Shared,
};
use crate::{
    admin::types::CacheStats,
    failure::{Code, Failure},
    keys::{KeyRing, provider},
    paths::Paths,
};

/// Does something with the cache and closes it again. What it complained of meanwhile comes beside the result.
pub(crate) async fn with<T>(
    store: &Store,
    config: &Config,
    paths: &Paths,
    work: impl AsyncFnOnce(&Cache) -> Result<T, Failure>,
) -> Result<(T, Vec<String>), Failure> {
    if !is_wanted(&config.cache) {
        return Err(off());
    }
    let ring = KeyRing::default();
    ring.read_one(key::NAME).await;
    if config.cache.redis_url == Some(RedisUrl::Keychain) {
        ring.read_one(provider::REDIS).await;
    }
    let shared = Shared::find(config, &ring);
    let last = Place::stored(store).await;
    let found = key::find(&ring, config, paths, last).await.map_err(|missing| missing.failure())?;
    Place::store(Some(found.place), store).await?;
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    said.lock().extend(shared.trouble().map(str::to_owned));
    let tell = {
        let said = Arc::clone(&said);
        move |trouble: evenkeel_cache::Trouble| said.lock().push(trouble.to_string())
    };
    let cache = keeper::open(paths.data(), found.key, &config.cache, shared.address(), tell)
        .await
        .map_err(|error| Failure::internal("open the cache", &error))?;
    let done = work(&cache).await;
    let closed = tokio::task::spawn_blocking(move || cache.shut_down()).await;
    closed.map_err(|error| Failure::internal("close the cache", &error))?;
    let said = std::mem::take(&mut *said.lock());
    done.map(|done| (done, said))
}

/// How it stands. A cache that was never opened is not opened for this.
pub(crate) async fn stats(
    store: &Store,
    config: &Config,
    paths: &Paths,
) -> Result<(CacheStats, Vec<String>), Failure> {
    let ledger = Ledger::read(store, Mode::Real).await?;
    if !is_wanted(&config.cache) || Place::stored(store).await.is_none() {
        let mut document = figures::document(&config.cache, None, &ledger);
        if is_wanted(&config.cache) {
            document.trouble = Some("It was never opened; that is done when the router runs.".to_owned());
        }
        return Ok((document, Vec::new()));
    }
    with(store, config, paths, async |cache| {
        Ok(figures::document(&config.cache, Some(&cache.stats().await), &ledger))
    })
    .await
}

/// There is nothing to do anything with.
pub(crate) fn off() -> Failure {
    Failure::new(Code::CacheClosed, "The cache is off: evenkeel.toml says serve = \"never\".")
        .hint("Write serve = \"on_failure\" or \"always\" under [cache].")
}
