//! The threads that answer look-ups.
//!
//! A look-up asks one tier after the other, the shared one first where there is one, and takes the first answer that
//! is fresh, else the newest. What only the shared tier had is given to the file too, so that it is there without a
//! network. Whatever goes wrong is a miss: whoever keeps that tier is told of it and decides what to do, and whoever
//! asked goes on at once.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
};

use evenkeel_dialect::normal::Key;
use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{
    disk::{self, Fault},
    draft,
    entry::{Prompt, Stored},
    keep::{self, Piece},
    queue::Op,
    seal::{self, Index},
    shared::Shared,
    stats::Stats,
};

/// Look-ups that may wait. More than that at once means that the disk hangs, and waiting helps nobody.
const WAITING_MAX: usize = 1_024;

/// What keeps sealed answers, as a look-up sees it. One value a reader thread, so it may hold a connection.
pub(crate) trait Tier: Send {
    /// The sealed bytes at a place; `None` also where it can't be reached. Must not wait for long.
    fn sealed(&mut self, index: &Index) -> Option<Vec<u8>>;
    /// It was given out, so it is worth keeping.
    fn used(&mut self, index: &Index, at: Timestamp);
    /// It can't be opened, so it isn't.
    fn bad(&mut self, index: &Index);
}

/// What a reader thread is asked.
pub(crate) enum Question {
    Find(Key, oneshot::Sender<Option<Stored>>),
    FindFor(Box<Prompt>, oneshot::Sender<(Option<Key>, Option<Stored>)>),
    Stats(oneshot::Sender<Stats>),
}

/// What waits for a reader thread.
#[derive(Default)]
pub(crate) struct Questions {
    inner: Mutex<(VecDeque<Question>, bool)>,
    wake: Condvar,
}

impl Questions {
    /// Puts one in; when it doesn't fit or all is closed, its channel is dropped, which is a miss.
    pub(crate) fn ask(&self, question: Question) {
        let mut inner = self.inner.lock();
        if inner.1 || inner.0.len() >= WAITING_MAX {
            return;
        }
        inner.0.push_back(question);
        drop(inner);
        self.wake.notify_one();
    }

    pub(crate) fn close(&self) {
        let mut inner = self.inner.lock();
        inner.1 = true;
        inner.0.clear();
        drop(inner);
        self.wake.notify_all();
    }

    fn next(&self) -> Option<Question> {
        let mut inner = self.inner.lock();
        loop {
            if inner.1 {
                return None;
            }
            if let Some(question) = inner.0.pop_front() {
                return Some(question);
            }
            self.wake.wait(&mut inner);
        }
    }
}

/// One reader thread, until the questions are closed.
pub(crate) fn run(shared: &Arc<Shared>, questions: &Questions, mut tiers: Vec<Box<dyn Tier>>) {
    while let Some(question) = questions.next() {
        // Nobody listening any more is fine: the request was cancelled.
        match question {
            Question::Find(key, answer) if !answer.is_closed() => {
                let _ = answer.send(find(shared, &mut tiers, &key));
            }
            Question::FindFor(prompt, answer) if !answer.is_closed() => {
                let key = draft::key_of(&prompt);
                let stored = key.and_then(|key| find(shared, &mut tiers, &key));
                let _ = answer.send((key, stored));
            }
            Question::Stats(answer) if !answer.is_closed() => {
                let _ = answer.send(stats(shared));
            }
            _ => {}
        }
    }
}

fn find(shared: &Shared, tiers: &mut [Box<dyn Tier>], key: &Key) -> Option<Stored> {
    let index = shared.sealer.index(key);
    let now = shared.now();
    let limits = shared.limits();
    let last = tiers.len().saturating_sub(1);
    let mut best: Option<Stored> = None;
    let mut shared_with_us = None;
    for (at, tier) in tiers.iter_mut().enumerate() {
        let Some(sealed) = tier.sealed(&index) else { continue };
        let opened = shared.sealer.open(&index, &sealed).and_then(|packed| seal::unpack(&packed));
        match opened {
            Some((whose, stored)) if whose == *key => {
                if !limits.keeps(stored.at, now) || best.as_ref().is_some_and(|best| best.at >= stored.at) {
                    continue;
                }
                let fresh = limits.is_fresh(stored.at, now);
                if at < last {
                    let (at_us, cost_micros) = (stored.at.as_microsecond(), stored.cost_micros);
                    shared_with_us = Some(Piece { index, sealed, at_us, cost_micros });
                } else {
                    shared_with_us = None;
                }
                best = Some(stored);
                if fresh {
                    break;
                }
            }
            _ => tier.bad(&index),
        }
    }
    if best.is_some() {
        // Of both: what Redis gives every day must not be what goes first from the disk.
        for tier in &mut *tiers {
            tier.used(&index, now);
        }
    }
    if let Some(piece) = shared_with_us {
        shared.queue.fill(piece);
    }
    best
}

fn stats(shared: &Shared) -> Stats {
    let oldest = read(shared, 0, keep::oldest).flatten();
    let totals = *shared.totals.lock();
    Stats {
        backend: "sqlite",
        reachable: shared.is_readable(),
        entries: totals.entries,
        bytes: disk::size(&shared.path),
        max_bytes: shared.limits().max_size,
        oldest: oldest.and_then(|at| Timestamp::from_microsecond(at).ok()),
        would_have_hit: totals.would_have_hit,
        would_have_saved_micros: totals.would_have_saved_micros,
        dropped: shared.queue.dropped(),
    }
}

/// The file as a tier.
pub(crate) struct File {
    shared: Arc<Shared>,
    slot: usize,
}

impl File {
    pub(crate) fn new(shared: &Arc<Shared>, slot: usize) -> Self {
        Self { shared: Arc::clone(shared), slot }
    }
}

impl Tier for File {
    fn sealed(&mut self, index: &Index) -> Option<Vec<u8>> {
        read(&self.shared, self.slot, |connection| keep::sealed(connection, index.row())).flatten()
    }

    fn used(&mut self, index: &Index, at: Timestamp) {
        self.shared.used(index.row(), at.as_microsecond());
    }

    fn bad(&mut self, index: &Index) {
        tracing::warn!("an answer in the cache could not be opened and is dropped");
        self.shared.queue.push(Op::Bad(*index));
    }
}

/// Reads with one of the readers' connections. `None` if that isn't possible, and the writer knows why.
pub(crate) fn read<T>(
    shared: &Shared,
    slot: usize,
    read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> Option<T> {
    if !shared.is_readable() {
        shared.queue.retry();
        return None;
    }
    let mut connection = shared.connections[slot].lock();
    // Asked again under the lock, for the file may be on its way out.
    let generation = shared.generation.load(Ordering::Acquire);
    if !shared.is_readable() {
        return None;
    }
    if !shared.is_in_place() {
        drop(connection);
        shared.queue.push(Op::Report(generation, Fault::Unwritable("it was deleted".into())));
        return None;
    }
    let outcome = match connection.take() {
        Some(open) => Ok(open),
        None => disk::connect_reader(&shared.path),
    }
    .and_then(|open| {
        let value = read(&open)?;
        *connection = Some(open);
        Ok(value)
    });
    drop(connection);
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::debug!(%error, "a look-up in the cache failed");
            shared.queue.push(Op::Report(generation, Fault::from(error)));
            None
        }
    }
}
