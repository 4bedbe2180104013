//! The cache is open while it is wanted: beside the start and never before it, with what the configuration says, and
//! closed last.
//!
//! One task brings what is open in line with what is wanted, whenever there is a reason to look: the configuration
//! changed, the keychain said something, a key was set or removed. Nobody waits for it. Until it is done the slot is
//! empty, and an empty slot is a miss.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use evenkeel_cache::{Cache, Options, RedisAddress, Trouble};
use evenkeel_config::{Cache as Settings, Config};
use evenkeel_store::{CacheUse, Mode};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};

use super::{
    Slot, is_wanted,
    key::{self, Missing, Place},
    limits,
    redis::Shared,
};
use crate::{app::Running, failure::Failure, notices::Notice};

/// For what was stored last to reach the disk.
const LAST_WRITES: Duration = Duration::from_secs(5);
/// More episodes than there can be at once.
const TOLD: usize = 16;

/// The cache of one running app.
#[derive(Default)]
pub(crate) struct Keeper {
    slot: Slot,
    /// There is a reason to look.
    wanted: Notify,
    state: Mutex<State>,
    /// One change of key or file at a time.
    turn: tokio::sync::Mutex<()>,
    /// What the ledger said of it, when, and how long that took.
    pub(super) counted: Mutex<Option<Counted>>,
}

#[derive(Debug, Default)]
struct State {
    /// Why it is closed, once that was told.
    missing: Option<Missing>,
    last_trouble: Option<(Timestamp, Trouble)>,
    /// What it was opened with.
    shared: Shared,
}

/// Figures out of the ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) mode: Mode,
    pub(super) at: Instant,
    pub(super) took: Duration,
    pub(super) since: Timestamp,
    pub(super) found: CacheUse,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Keeper").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Where the router finds it.
    pub(crate) fn slot(&self) -> Slot {
        Arc::clone(&self.slot)
    }

    /// The open cache.
    pub(crate) fn open(&self) -> Option<Cache> {
        self.slot().load().as_deref().cloned()
    }

    /// There is a reason to look. Waits for nothing.
    pub(crate) fn wake(&self) {
        self.wanted.notify_one();
    }

    /// Why it is closed, where that is not as it should be.
    pub(crate) fn missing(&self) -> Option<Missing> {
        self.state.lock().missing.clone()
    }

    /// Why it isn't shared, where it should be and nobody knows where.
    pub(crate) fn unshared(&self) -> Option<String> {
        self.state.lock().shared.trouble().map(str::to_owned)
    }

    /// What the cache itself last complained of, and when.
    pub(crate) fn last_trouble(&self) -> Option<(Timestamp, Trouble)> {
        self.state.lock().last_trouble.clone()
    }

    /// Writes down what waits and lets go of the file.
    pub(crate) async fn close(&self) {
        let _turn = self.turn.lock().await;
        let Some(cache) = self.slot.swap(None) else { return };
        let cache = Cache::clone(&cache);
        // Answers of requests that are being settled hold it for a moment longer; what they bring then is lost.
        let closed = tokio::task::spawn_blocking(move || cache.shut_down());
        if timeout(LAST_WRITES, closed).await.is_err() {
            tracing::warn!("the cache is still writing; what is left of it is lost");
        }
    }
}

/// Keeps it in line until the app stops. Closing is left to the end of the app, after the last answer.
pub(crate) async fn keep(running: Arc<Running>) {
    let (tell, mut told) = mpsc::channel(TOLD);
    let stopping = running.stopping();
    let work = async {
        loop {
            bring_in_line(&running, &tell).await;
            loop {
                tokio::select! {
                    () = running.cache.wanted.notified() => break,
                    Some(trouble) = told.recv() => running.tell_of_cache(trouble),
                }
            }
        }
    };
    tokio::select! {
        // Nothing is opened any more once the end has begun.
        biased;
        () = stopping.cancelled() => {}
        () = work => {}
    }
}

async fn bring_in_line(running: &Arc<Running>, tell: &mpsc::Sender<Trouble>) {
    let config = Arc::clone(&running.settings().config);
    // Answers of practice are never stored, and nobody is asked to unlock anything for them.
    if !is_wanted(&config.cache) || running.routing().practice {
        running.cache.state.lock().missing = None;
        running.cache.close().await;
        return;
    }
    let shared = Shared::find(&config, &running.keys);
    if let Some(cache) = running.cache.open() {
        if running.cache.state.lock().shared == shared {
            cache.configure(limits(&config.cache));
            return;
        }
        running.cache.close().await;
    }
    let _turn = running.cache.turn.lock().await;
    match open_with_key(running, &config, &shared, tell).await {
        Ok(()) => {
            running.cache.state.lock().missing = None;
            let before = std::mem::replace(&mut running.cache.state.lock().shared, shared.clone());
            if let Shared::Missing(why) = &shared
                && before != shared
            {
                let text = format!("The cache is this machine's alone. {why}");
                tracing::warn!("{text}");
                running.courtesy("The cache isn't shared", text);
            }
        }
        Err(Missing::Unread) => {}
        Err(missing) => {
            let before = running.cache.state.lock().missing.replace(missing.clone());
            if before.as_ref() != Some(&missing) {
                let text = format!(
                    "The cache is closed, so nothing is stored and nothing found. {missing} {}",
                    missing.fix()
                );
                tracing::warn!("{text}");
                running.courtesy("The cache is closed", text);
            }
        }
    }
}

async fn open_with_key(
    running: &Arc<Running>,
    config: &Config,
    shared: &Shared,
    tell: &mpsc::Sender<Trouble>,
) -> Result<(), Missing> {
    let last = Place::stored(running.store()).await;
    let found = key::find(&running.keys, config, running.paths(), last).await?;
    if last != Some(found.place)
        && let Err(failure) = Place::store(Some(found.place), running.store()).await
    {
        return Err(Missing::File(failure.message));
    }
    if found.made && found.place == Place::File {
        let path = running.paths().cache_key();
        let text = format!(
            "There is no keychain here. What the cache stores is sealed with a key in {}, which only you can read.",
            path.display()
        );
        tracing::warn!("{text}");
        running.courtesy("The cache keeps its key in a file", text);
    }
    let tell = tell.clone();
    let cache = open(running.paths().data(), found.key, &config.cache, shared.address(), move |trouble| {
        // Full: it complains faster than anybody can read.
        let _ = tell.try_send(trouble);
    })
    .await
    .map_err(|error| Missing::File(error.to_string()))?;
    running.cache.slot.store(Some(Arc::new(cache)));
    Ok(())
}

/// Opens the cache in a data folder.
pub(super) async fn open(
    folder: &std::path::Path,
    key: evenkeel_cache::SealingKey,
    settings: &Settings,
    redis: Option<RedisAddress>,
    tell: impl Fn(Trouble) + Send + Sync + 'static,
) -> Result<Cache, evenkeel_cache::OpenError> {
    Cache::open(Options {
        folder: folder.to_owned(),
        key,
        limits: limits(settings),
        redis,
        now: Arc::new(Timestamp::now),
        tell: Arc::new(tell),
    })
    .await
}

impl Running {
    fn tell_of_cache(&self, trouble: Trouble) {
        let text = trouble.to_string();
        if matches!(trouble, Trouble::Back { .. }) {
            tracing::info!(trouble = trouble.word(), "{text}");
        } else {
            tracing::warn!(trouble = trouble.word(), "{text}");
        }
        self.courtesy(trouble.headline(), text);
        self.cache.state.lock().last_trouble = Some((Timestamp::now(), trouble));
    }

    /// A silent notice, where notices are wanted.
    fn courtesy(&self, title: &str, text: String) {
        if self.settings().config.alerts.notices {
            self.notices.show(Notice::new(title, text));
        }
    }

    /// Opens the cache anew with another key; `None` while there is none.
    pub(crate) async fn cache_key_changed(&self, place: Option<Place>) -> Result<(), Failure> {
        Place::store(place, self.store()).await?;
        self.cache.close().await;
        self.cache.wake();
        Ok(())
    }
}
