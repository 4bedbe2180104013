//! How much is kept and for how long, and how a size becomes pages.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{remote::RedisAddress, secret::SealingKey, trouble::Trouble};

/// One page of the file in bytes.
pub(crate) const PAGE: u64 = 4_096;

/// The largest answer that is kept, before and after sealing.
pub(crate) const PIECE_MAX: usize = 8 * 1024 * 1024;

/// Under it there would be no room for the file's own pages and its log.
const LEAST: u64 = 1024 * 1024;

/// What the configuration says; may change at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes on disk, the log included. Less than 1 MiB counts as 1 MiB.
    pub max_size: u64,
    /// An older answer is never found, and removed in the background.
    pub keep_for: Duration,
    /// A younger answer would have been served before asking a provider, had that been wanted.
    pub fresh_for: Duration,
}

impl Limits {
    /// Whether an answer of that age may still be given out. A clock that was set back makes it young, not old.
    pub(crate) fn keeps(&self, at: Timestamp, now: Timestamp) -> bool {
        at.as_microsecond() >= self.oldest_kept(now)
    }

    /// Whether it would be served before asking a provider, where that is wanted.
    pub(crate) fn is_fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        at.as_microsecond() >= now.as_microsecond().saturating_sub(micros(self.fresh_for))
    }

    /// In microseconds since 1970: what is before it has expired.
    pub(crate) fn oldest_kept(&self, now: Timestamp) -> i64 {
        now.as_microsecond().saturating_sub(micros(self.keep_for))
    }
}

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// What opening a cache takes.
#[derive(Clone)]
pub struct Options {
    /// The data folder; made if it is missing.
    pub folder: PathBuf,
    /// What answers are sealed with.
    pub key: SealingKey,
    /// How much and how long.
    pub limits: Limits,
    /// A Redis that several routers share, in front of the file.
    pub redis: Option<RedisAddress>,
    /// The clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Who is told what a person should know. Called on a thread of the cache, so it must not block for long.
    pub tell: Arc<dyn Fn(Trouble) + Send + Sync>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("folder", &self.folder)
            .field("redis", &self.redis)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A size on disk, shared out among the file, its log and the log's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Pages that the file may have.
    pub(crate) pages: u64,
    /// Pages left free after making room, so that room isn't made for each answer.
    pub(crate) slack: u64,
    /// Bytes that the log may have. It is folded into the file at half of it.
    pub(crate) log: u64,
    /// The largest sealed answer. A large one goes through the log whole, so it must be small beside the rest.
    pub(crate) piece: usize,
}

impl Budget {
    pub(crate) fn of(max_size: u64) -> Self {
        let max_size = max_size.max(LEAST);
        let log = (max_size / 32).clamp(128 * 1024, 16 * 1024 * 1024);
        // The log's index takes 32 KiB for every 16 MiB of log.
        let pages = (max_size - log - 64 * 1024) / PAGE;
        let piece = usize::try_from(max_size / 64).unwrap_or(PIECE_MAX).min(PIECE_MAX);
        Self { pages, slack: pages / 64, log, piece }
    }
}

/// What tests make quicker or smaller; everybody else takes the default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    /// Drafts that may wait for the writer.
    pub(crate) queue_count: usize,
    /// Their bytes.
    pub(crate) queue_bytes: usize,
    /// How long the writer waits for somebody else's lock.
    pub(crate) busy: Duration,
    /// How long the first fault turns writing off. Each further one doubles it.
    pub(crate) first_pause: Duration,
    /// How long things must go well before the same fault is told again.
    pub(crate) calm: Duration,
    /// How often times of use are written.
    pub(crate) used_every: Duration,
    /// How long a look-up may wait for Redis.
    pub(crate) look_up: Duration,
    /// A disk that is full after so many pages.
    pub(crate) most_pages: Option<u32>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            queue_count: 1_024,
            queue_bytes: 64 * 1024 * 1024,
            busy: Duration::from_secs(1),
            first_pause: Duration::from_secs(1),
            calm: Duration::from_mins(1),
            used_every: Duration::from_secs(5),
            look_up: Duration::from_millis(50),
            most_pages: None,
        }
    }
}
