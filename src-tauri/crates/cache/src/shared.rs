//! What the writer, the readers and the handle share.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::{
    keep::Totals,
    limits::{Limits, Tuning},
    queue::{Op, Queue},
    remote::Remote,
    seal::Sealer,
};

/// Look-ups that run at once. One slow answer must not keep the next one waiting; more than two never pay on a
/// laptop.
pub(crate) const READERS: usize = 2;

/// Times of use that may wait for the writer. Beyond it a use is forgotten: it only orders what goes first.
const USES_MAX: usize = 8_192;

pub(crate) struct Shared {
    /// The file.
    pub(crate) path: PathBuf,
    pub(crate) sealer: Sealer,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub(crate) tuning: Tuning,
    pub(crate) queue: Queue,
    /// The tier in front of the file.
    pub(crate) remote: Option<Arc<Remote>>,
    /// As of the last commit.
    pub(crate) totals: Mutex<Totals>,
    /// The readers' connections, each locked while it reads. They are here so that the writer can close them:
    /// a file that somebody has open can't be thrown away on every system.
    pub(crate) connections: [Mutex<Option<Connection>>; READERS],
    /// Whether there is a file to be read.
    pub(crate) readable: AtomicBool,
    /// Counts files: what a reader says of one must not be held against the next.
    pub(crate) generation: AtomicU64,
    uses: Mutex<HashMap<i64, i64>>,
}

impl Shared {
    pub(crate) fn new(
        path: PathBuf,
        sealer: Sealer,
        limits: Limits,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        tuning: Tuning,
        remote: Option<Arc<Remote>>,
    ) -> Self {
        Self {
            path,
            sealer,
            limits: Mutex::new(limits),
            now,
            tuning,
            queue: Queue::new(&tuning),
            remote,
            totals: Mutex::default(),
            connections: Default::default(),
            readable: AtomicBool::new(false),
            generation: AtomicU64::new(0),
            uses: Mutex::default(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        *self.limits.lock()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(crate) fn is_readable(&self) -> bool {
        self.readable.load(Ordering::Acquire)
    }

    /// Whether the file is where it was opened. A program goes on with a file that was deleted under it.
    pub(crate) fn is_in_place(&self) -> bool {
        self.path.exists()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Ends reading, and waits for those who do. Whoever opens next, opens another file.
    pub(crate) fn close_readers(&self) {
        self.readable.store(false, Ordering::Release);
        self.generation.fetch_add(1, Ordering::AcqRel);
        for connection in &self.connections {
            connection.lock().take();
        }
    }

    /// Remembers that an answer was given out.
    pub(crate) fn used(&self, row: i64, at_us: i64) {
        let mut uses = self.uses.lock();
        let first = uses.is_empty();
        if uses.len() < USES_MAX || uses.contains_key(&row) {
            uses.insert(row, at_us);
        }
        drop(uses);
        if first {
            // So that the writer sets its alarm.
            self.queue.push(Op::Look);
        }
    }

    pub(crate) fn has_uses(&self) -> bool {
        !self.uses.lock().is_empty()
    }

    pub(crate) fn take_uses(&self) -> Vec<(i64, i64)> {
        self.uses.lock().drain().collect()
    }
}
