//! The tier that several routers share: the same sealed bytes in a Redis or Valkey, in front of the file.
//!
//! Redis is somebody else's machine and may be slow, full or gone at any time, so everything here is arranged around
//! one promise: no request waits for it longer than one look-up may take, and what it doesn't answer the file does.
//!
//! - One thread of its own connects, writes and looks whether the server is there (`work`). A thread with blocking
//!   connections as for the file, and not a task: connecting means names, certificates and passwords, and none of
//!   that may ever hold up the one thread on which requests run.
//! - Each look-up thread has a connection of its own that the thread above gave it, with a tight time-out. Where
//!   there is none the look-up goes on to the file at once: that is the breaker, and only the thread above closes it.
//! - Writes wait in a queue that is bounded by count and by bytes. While the server is away or refuses, they are
//!   turned away at its door; the file has them.

mod address;
pub(crate) mod link;
mod work;

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use tokio::sync::{oneshot, watch};

pub use address::{BadRedisAddress, RedisAddress};
pub(crate) use work::run;

use self::link::{Away, Link};
use crate::{
    error::CacheError,
    keep::Piece,
    limits::{Limits, Tuning},
    lookup::Tier,
    seal::{Index, Sealer},
    shared::READERS,
};

/// What every key of the cache begins with, in the form of today.
const PREFIX: &str = "evenkeel:cache:v1:";
/// How long somebody who asks how it stands waits for the first try to connect.
const FIRST_TRY: Duration = Duration::from_secs(3);

/// Something for the thread to do.
enum Job {
    Put {
        index: Index,
        sealed: Vec<u8>,
        keep_ms: u64,
        replace: bool,
    },
    Remove(Index),
    /// Answered when everything before it was written or given up.
    Flush(oneshot::Sender<()>),
    Clear(oneshot::Sender<Result<u64, CacheError>>),
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Put { sealed, .. } => sealed.len(),
            _ => 0,
        }
    }
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    bytes: usize,
    /// A look-up ran into something: what it was.
    failed: Option<Away>,
    /// No writes before they are tried again.
    refuses: bool,
    closed: bool,
}

/// What the thread, the look-ups and the handle share.
pub(crate) struct Remote {
    address: RedisAddress,
    prefix: String,
    tuning: Tuning,
    near: AtomicBool,
    /// Whether the first try to connect is over.
    tried: watch::Sender<bool>,
    links: [Mutex<Option<Link>>; READERS],
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

impl Remote {
    pub(crate) fn new(address: RedisAddress, sealer: &Sealer, tuning: Tuning) -> Self {
        Self {
            address,
            prefix: prefix(sealer),
            tuning,
            near: AtomicBool::new(false),
            tried: watch::Sender::new(false),
            links: Default::default(),
            waiting: Mutex::default(),
            wake: Condvar::new(),
        }
    }

    pub(crate) fn address(&self) -> &RedisAddress {
        &self.address
    }

    pub(crate) fn is_near(&self) -> bool {
        self.near.load(Ordering::Acquire)
    }

    /// Whether it can be reached, once that has been tried.
    pub(crate) async fn is_near_by_now(&self) -> bool {
        let mut tried = self.tried.subscribe();
        // Out of time: it is not near, and that is the answer.
        let _ = tokio::time::timeout(FIRST_TRY, tried.wait_for(|tried| *tried)).await;
        self.is_near()
    }

    /// Takes an answer in, for as long as it has left. Never waits; while the server is away or refuses nothing is
    /// taken.
    pub(crate) fn put(&self, piece: &Piece, limits: &Limits, now: Timestamp, replace: bool) {
        let left = piece.at_us.saturating_sub(limits.oldest_kept(now)) / 1_000;
        let Ok(keep_ms) = u64::try_from(left) else { return };
        if keep_ms == 0 || !self.is_near() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let full = waiting.jobs.len() >= self.tuning.queue_count
            || waiting.bytes.saturating_add(piece.sealed.len()) > self.tuning.queue_bytes;
        if waiting.refuses || waiting.closed || full {
            return;
        }
        let job = Job::Put { index: piece.index, sealed: piece.sealed.clone(), keep_ms, replace };
        waiting.bytes += job.bytes();
        waiting.jobs.push_back(job);
        drop(waiting);
        self.wake.notify_one();
    }

    /// Returns when everything put before was written or given up.
    pub(crate) async fn flush(&self) {
        let (answer, answered) = oneshot::channel();
        self.push(Job::Flush(answer));
        let _ = answered.await;
    }

    /// Removes what was sealed with this key, and says how much that was.
    pub(crate) async fn clear(&self) -> Result<u64, CacheError> {
        let (answer, answered) = oneshot::channel();
        self.push(Job::Clear(answer));
        answered.await.unwrap_or(Err(CacheError::Closed))
    }

    pub(crate) fn close(&self) {
        self.waiting.lock().closed = true;
        self.wake.notify_all();
    }

    fn push(&self, job: Job) {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return;
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.wake.notify_one();
    }

    fn take_jobs(&self) -> VecDeque<Job> {
        let mut waiting = self.waiting.lock();
        waiting.bytes = 0;
        mem::take(&mut waiting.jobs)
    }

    fn key(&self, index: &Index) -> String {
        let mut key = String::with_capacity(self.prefix.len() + 64);
        key.push_str(&self.prefix);
        push_hex(&mut key, index.bytes());
        key
    }
}

/// The sealing key's own mark is part of it, so that `clear` finds what this key sealed and nothing else.
fn prefix(sealer: &Sealer) -> String {
    let mut prefix = PREFIX.to_owned();
    push_hex(&mut prefix, &sealer.check()[..8]);
    prefix.push(':');
    prefix
}

pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
}

/// It as a tier of one look-up thread.
pub(crate) struct Near {
    remote: Arc<Remote>,
    slot: usize,
}

impl Near {
    pub(crate) fn new(remote: &Arc<Remote>, slot: usize) -> Self {
        Self { remote: Arc::clone(remote), slot }
    }
}

impl Tier for Near {
    fn sealed(&mut self, index: &Index) -> Option<Vec<u8>> {
        if !self.remote.is_near() {
            return None;
        }
        let mut slot = self.remote.links[self.slot].lock();
        match slot.as_mut()?.get(&self.remote.key(index)) {
            Ok(found) => found,
            Err(away) => {
                // Its answer may still come, and would be taken for the next one's.
                *slot = None;
                drop(slot);
                tracing::debug!(detail = %away.0, "a look-up in Redis failed");
                self.remote.near.store(false, Ordering::Release);
                self.remote.waiting.lock().failed = Some(away);
                self.remote.wake.notify_one();
                None
            }
        }
    }

    /// Redis orders by use itself, if its policy says so.
    fn used(&mut self, _index: &Index, _at: Timestamp) {}

    fn bad(&mut self, index: &Index) {
        tracing::warn!("an answer in Redis could not be opened and is dropped");
        self.remote.push(Job::Remove(*index));
    }
}
