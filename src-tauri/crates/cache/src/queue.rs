//! Between everybody and the writer thread: one bounded queue, in one order.
//!
//! Drafts are bounded by count and by bytes and never wait; commands have a caller who does, and are let in
//! whatever the drafts do. While writing is off, drafts are turned away at the door: a disk that is full for a day
//! must not cost memory too. The lock is held for a push or a move of pointers, never for I/O.

use std::{
    collections::VecDeque,
    mem,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{
    disk::Fault, entry::Draft, error::CacheError, keep::Piece, limits::Tuning, seal::Index, stats::Moved,
};

/// Something for the writer to do.
pub(crate) enum Op {
    Put(Box<Draft>),
    /// What the shared tier had and the file should have too.
    Fill(Box<Piece>),
    /// Answered when everything before it is on disk or given up.
    Flush(oneshot::Sender<()>),
    Clear(oneshot::Sender<Result<u64, CacheError>>),
    /// Imported answers, one transaction.
    Import(Vec<Piece>, oneshot::Sender<Result<Moved, CacheError>>),
    /// An answer that a reader couldn't open.
    Bad(Index),
    /// What a reader ran into, in which generation of the file.
    Report(u64, Fault),
    /// The file couldn't be reached; somebody asks for it.
    Retry,
    /// Limits changed, or there are uses to be written.
    Look,
}

/// How many are taken at once: bounds memory for prepared answers.
const BATCH: usize = 256;

#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    count_max: usize,
    bytes_max: usize,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Inner {
    ops: VecDeque<Op>,
    drafts: usize,
    bytes: usize,
    off_until: Option<Instant>,
    retrying: bool,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(tuning: &Tuning) -> Self {
        Self { count_max: tuning.queue_count, bytes_max: tuning.queue_bytes, ..Self::default() }
    }

    /// Puts a draft in, or drops and counts it. Never waits.
    pub(crate) fn put(&self, draft: Draft) {
        let size = weight(&draft);
        let mut inner = self.inner.lock();
        let off = inner.off_until.is_some_and(|until| Instant::now() < until);
        let full = inner.drafts >= self.count_max || inner.bytes.saturating_add(size) > self.bytes_max;
        if inner.closed || off || full {
            drop(inner);
            self.count_dropped(1);
            return;
        }
        inner.drafts += 1;
        inner.bytes += size;
        inner.ops.push_back(Op::Put(Box::new(draft)));
        drop(inner);
        self.wake.notify_one();
    }

    /// Puts in what the shared tier had, where there is room; it can be had from there again.
    pub(crate) fn fill(&self, piece: Piece) {
        let size = piece.sealed.len();
        let mut inner = self.inner.lock();
        let off = inner.off_until.is_some_and(|until| Instant::now() < until);
        let full = inner.drafts >= self.count_max || inner.bytes.saturating_add(size) > self.bytes_max;
        if inner.closed || off || full {
            return;
        }
        inner.drafts += 1;
        inner.bytes += size;
        inner.ops.push_back(Op::Fill(Box::new(piece)));
        drop(inner);
        self.wake.notify_one();
    }

    /// Puts anything else in. False when closed: a caller's channel is then dropped with it.
    pub(crate) fn push(&self, op: Op) -> bool {
        let mut inner = self.inner.lock();
        if inner.closed {
            return false;
        }
        inner.ops.push_back(op);
        drop(inner);
        self.wake.notify_one();
        true
    }

    /// Asks the writer to reach for the file again, once, and not before its pause is over.
    pub(crate) fn retry(&self) {
        let mut inner = self.inner.lock();
        let off = inner.off_until.is_some_and(|until| Instant::now() < until);
        if inner.closed || inner.retrying || off {
            return;
        }
        inner.retrying = true;
        inner.ops.push_back(Op::Retry);
        drop(inner);
        self.wake.notify_one();
    }

    /// What waits, in its order; empty at `until`, or when closed and done.
    pub(crate) fn take(&self, until: Option<Instant>) -> Vec<Op> {
        let mut inner = self.inner.lock();
        while inner.ops.is_empty() && !inner.closed {
            match until {
                None => self.wake.wait(&mut inner),
                Some(until) => {
                    if self.wake.wait_until(&mut inner, until).timed_out() {
                        break;
                    }
                }
            }
        }
        let count = inner.ops.len().min(BATCH);
        let batch: Vec<Op> = inner.ops.drain(..count).collect();
        for op in &batch {
            match op {
                Op::Put(draft) => {
                    inner.drafts -= 1;
                    inner.bytes -= weight(draft);
                }
                Op::Fill(piece) => {
                    inner.drafts -= 1;
                    inner.bytes -= piece.sealed.len();
                }
                Op::Retry => inner.retrying = false,
                _ => {}
            }
        }
        batch
    }

    /// Drafts are turned away until then; `None` lets them in again.
    pub(crate) fn off_until(&self, until: Option<Instant>) {
        self.inner.lock().off_until = until;
    }

    /// Takes nothing more in. What is in stays for the writer.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.wake.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    /// Throws away what is left, so that nobody waits for ever.
    pub(crate) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let ops = mem::take(&mut inner.ops);
        let drafts = mem::take(&mut inner.drafts);
        inner.bytes = 0;
        drop(inner);
        drop(ops);
        self.count_dropped(drafts);
    }

    pub(crate) fn count_dropped(&self, drafts: usize) {
        self.dropped.fetch_add(u64::try_from(drafts).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Drafts lost since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Bytes that a draft keeps alive while it waits.
fn weight(draft: &Draft) -> usize {
    draft.prompt.body.len() + draft.answer.size() + size_of::<Draft>()
}
