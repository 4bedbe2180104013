//! Moving the write-ahead log into the database file, off the writer's thread.
//!
//! A checkpoint syncs to disk, which takes from 1 ms to a good second depending on the disk. Done by the writer,
//! as SQLite does by default, rows that wait meanwhile would be lost by a `kill -9`, and the promise is that
//! nothing older than 50 ms is. A passive checkpoint from another connection never makes the writer wait.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::Connection;

use crate::files;

/// A checkpoint is asked for after about this many pages of log (4 KiB each).
const PAGES: u64 = 1_000;
/// Pages that even the smallest commit dirties: a leaf of each table and index.
const PAGES_A_COMMIT: u64 = 8;
/// With this many pages that no passive checkpoint got at (64 MiB), the writer does one itself: a bounded file
/// matters more than one late batch.
const TOO_MANY: u64 = 16_384;

/// The writer's side.
pub(crate) struct Checkpoints {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages that the last checkpoint left in the log.
    left: Arc<AtomicU64>,
    since: u64,
}

impl Checkpoints {
    /// Starts the thread.
    pub(crate) fn start(path: &Path) -> std::io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let left = Arc::new(AtomicU64::new(0));
        let (path, shared) = (path.to_owned(), Arc::clone(&left));
        let thread = thread::Builder::new()
            .name("evenkeel-checkpoint".into())
            .spawn(move || run(&path, &woken, &shared))?;
        Ok(Self { wake: Some(wake), thread: Some(thread), left, since: 0 })
    }

    /// To be told of each commit.
    pub(crate) fn after_commit(&mut self, rows: usize, connection: &Connection) {
        self.since += PAGES_A_COMMIT + u64::try_from(rows).unwrap_or(PAGES);
        if self.since < PAGES {
            return;
        }
        self.since = 0;
        if self.left.load(Ordering::Relaxed) > TOO_MANY {
            checkpoint(connection, &self.left);
        }
        if let Some(wake) = &self.wake {
            // Full means that it is already on its way.
            let _ = wake.try_send(());
        }
    }

    /// Ends the thread and empties the log, so that the database is one file again.
    pub(crate) fn last(&mut self, connection: &Connection) {
        self.wake = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread had panicked");
        }
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the log stays beside the database and is read at the next start");
        }
    }
}

fn run(path: &Path, woken: &Receiver<()>, left: &AtomicU64) {
    let mut connection = None;
    while woken.recv().is_ok() {
        if connection.is_none() {
            connection = files::connect_writer(path, Duration::ZERO)
                .inspect_err(|error| tracing::debug!(%error, "no checkpoint this time"))
                .ok();
        }
        if let Some(open) = &connection
            && !checkpoint(open, left)
        {
            connection = None;
        }
    }
}

/// False if the connection is of no more use.
fn checkpoint(connection: &Connection, left: &AtomicU64) -> bool {
    let pages = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    match pages {
        Ok((log, done)) => {
            left.store(u64::try_from(log - done).unwrap_or(0), Ordering::Relaxed);
            true
        }
        Err(error) => {
            tracing::debug!(%error, "no checkpoint this time");
            false
        }
    }
}
