//! Between everybody and the writer thread: one bounded queue.
//!
//! A lock and a condition variable rather than a channel of a library, because three things are asked at once
//! that no channel gives together: rows are bounded and never wait; commands have a caller waiting for an answer
//! and so must not be turned away by a queue full of rows; and both stay in one order, for a flush promises
//! everything before it. The lock is held for a push or a move of pointers, never for I/O.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{
    error::StoreError,
    promise::Promise,
    rows::{EventRow, LedgerRow, Tenant},
};

#[cfg(test)]
mod tests;

/// Something for the writer to do.
pub(crate) enum Op {
    /// Shared with whoever is told of the request: a row is twenty small texts, and they need not be copied.
    Row(Arc<LedgerRow>),
    Event(EventRow),
    Command(Command),
    /// For tests that need the writer's own connection. Run at once, also while the disk refuses writes.
    #[cfg(test)]
    Inspect(Box<dyn FnOnce(&rusqlite::Connection) + Send>),
}

/// A change whose caller waits. It is answered after its commit, or with an error and then never carried out.
pub(crate) struct Command {
    pub(crate) change: Change,
    pub(crate) answer: oneshot::Sender<Result<bool, StoreError>>,
}

/// What to change. Each answers whether there was something to change.
pub(crate) enum Change {
    /// Nothing: the answer alone matters, for it comes after the commit.
    Flush,
    AddTenant(Tenant),
    RemoveTenant(String),
    SetTenantKey(String, [u8; 32]),
    SetSetting(String, Option<String>),
    SetPromises(Vec<Promise>),
    /// What a table of its own file does: the queue needn't know each of them. Answers how many rows it changed.
    Apply(Apply),
}

/// A change that only its own file knows. `Fn`, for a commit that failed may be tried again.
pub(crate) type Apply = Box<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<usize> + Send>;

/// When each tenant was last seen, newest only.
pub(crate) type Used = HashMap<String, Timestamp>;

/// How the writer waits for work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long the first row of a batch waits for company.
    pub(crate) gather: Duration,
    /// How many go into one transaction. Bounds how long a commit takes.
    pub(crate) most: usize,
}

pub(crate) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    capacity: usize,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Inner {
    ops: VecDeque<Op>,
    /// Of `ops`, those that count against the capacity.
    rows: usize,
    /// Of `ops`, those that somebody waits for.
    urgent: usize,
    used: Used,
    /// When the oldest of `ops` came, or the last batch left some behind.
    oldest: Option<Instant>,
    /// How many pushes make it worth to wake a writer that is gathering.
    wake_at: usize,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner::default()),
            wake: Condvar::new(),
            capacity,
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts a row or event in; false (and counted) when full or closed. Never waits.
    pub(crate) fn push(&self, op: Op) -> bool {
        let mut inner = self.inner.lock();
        if inner.closed || inner.rows >= self.capacity {
            drop(inner);
            self.count_dropped(1);
            return false;
        }
        inner.rows += 1;
        inner.ops.push_back(op);
        if inner.oldest.is_none() {
            inner.oldest = Some(Instant::now());
        }
        // A gathering writer sleeps on until its time is up or the batch is full; waking it for each row would
        // cost every request a system call.
        let wake = inner.ops.len() == 1 || inner.ops.len() == inner.wake_at;
        drop(inner);
        if wake {
            self.wake.notify_one();
        }
        true
    }

    /// Puts a command in, whatever the number of rows. False when closed: its answer is then dropped.
    pub(crate) fn push_urgent(&self, op: Op) -> bool {
        let mut inner = self.inner.lock();
        if inner.closed {
            return false;
        }
        inner.urgent += 1;
        inner.ops.push_back(op);
        drop(inner);
        self.wake.notify_one();
        true
    }

    /// Remembers that a tenant was seen. Wakes the writer only for the first of a round.
    pub(crate) fn used(&self, tenant: &str, at: Timestamp) {
        let mut inner = self.inner.lock();
        if inner.closed {
            return;
        }
        let first = inner.used.is_empty();
        match inner.used.get_mut(tenant) {
            Some(newest) => *newest = at.max(*newest),
            None => {
                inner.used.insert(tenant.to_owned(), at);
            }
        }
        drop(inner);
        if first {
            self.wake.notify_one();
        }
    }

    /// What [`used`](Self::used) remembers and the writer hasn't taken.
    pub(crate) fn used_now(&self) -> Used {
        self.inner.lock().used.clone()
    }

    /// All that [`used`](Self::used) remembers.
    pub(crate) fn take_used(&self) -> Used {
        mem::take(&mut self.inner.lock().used)
    }

    /// Gives back what could not be written.
    pub(crate) fn put_back_used(&self, used: Used) {
        let mut inner = self.inner.lock();
        for (tenant, at) in used {
            let newest = inner.used.entry(tenant).or_insert(at);
            *newest = at.max(*newest);
        }
    }

    /// The next batch; empty when there is none until `until`, or when closed and done.
    ///
    /// `used_from` is when tenants seen may be written again: it wakes the writer only if there are any.
    pub(crate) fn take(&self, pace: Pace, until: Instant, used_from: Instant) -> Vec<Op> {
        let mut inner = self.inner.lock();
        while inner.ops.is_empty() && !inner.closed {
            let deadline = if inner.used.is_empty() { until } else { until.min(used_from) };
            if Instant::now() >= deadline {
                return Vec::new();
            }
            self.wake.wait_until(&mut inner, deadline);
        }
        // From the oldest's arrival, so that what came during the last commit doesn't wait a second time.
        let gathered = inner.oldest.unwrap_or_else(Instant::now) + pace.gather;
        inner.wake_at = pace.most;
        while inner.urgent == 0 && inner.ops.len() < pace.most && !inner.closed {
            if self.wake.wait_until(&mut inner, gathered).timed_out() {
                break;
            }
        }
        inner.wake_at = 0;
        let count = inner.ops.len().min(pace.most);
        let batch: Vec<Op> = inner.ops.drain(..count).collect();
        let urgent = batch.iter().filter(|op| is_urgent(op)).count();
        inner.urgent -= urgent;
        inner.rows -= batch.len() - urgent;
        inner.oldest = (!inner.ops.is_empty()).then(Instant::now);
        batch
    }

    /// Waits for `pause` or until closed, and hands out what must not wait that long. While the disk refuses
    /// writes, callers with a command are told so instead of hanging.
    pub(crate) fn pause(&self, pause: Duration, mut urgent: impl FnMut(Op)) {
        let deadline = Instant::now() + pause;
        loop {
            let mut inner = self.inner.lock();
            while inner.urgent == 0 && !inner.closed {
                if self.wake.wait_until(&mut inner, deadline).timed_out() {
                    return;
                }
            }
            if inner.urgent == 0 {
                return;
            }
            let ops = mem::take(&mut inner.ops);
            let (now, later): (Vec<Op>, VecDeque<Op>) = split(ops);
            inner.ops = later;
            inner.urgent = 0;
            drop(inner);
            now.into_iter().for_each(&mut urgent);
        }
    }

    /// Takes nothing more in. What is in stays for the writer.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
        self.wake.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    /// Throws away what is left and counts it; answers are dropped, so that nobody waits for ever.
    pub(crate) fn abandon(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        let ops = mem::take(&mut inner.ops);
        let rows = mem::take(&mut inner.rows);
        inner.urgent = 0;
        drop(inner);
        drop(ops);
        self.count_dropped(rows);
    }

    pub(crate) fn count_dropped(&self, rows: usize) {
        self.dropped.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Rows and events lost since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

fn is_urgent(op: &Op) -> bool {
    !matches!(op, Op::Row(_) | Op::Event(_))
}

fn split(ops: VecDeque<Op>) -> (Vec<Op>, VecDeque<Op>) {
    let (mut urgent, mut later) = (Vec::new(), VecDeque::with_capacity(ops.len()));
    for op in ops {
        if is_urgent(&op) {
            urgent.push(op);
        } else {
            later.push_back(op);
        }
    }
    (urgent, later)
}
