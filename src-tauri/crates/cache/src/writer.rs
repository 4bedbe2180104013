//! The one thread that writes, and decides what a fault means.
//!
//! Answers are prepared here (put together, packed, sealed) and written in groups. A fault never leaves this
//! thread as an error of somebody's request: a file that is beyond help is begun again; anything else turns writing
//! off for a while that doubles, and the next answer after that finds out whether it is over. Nothing is tried while
//! nobody asks, so a full disk costs an idle laptop no wake-ups.
//!
//! - `answers`: from a draft to rows in the file
//! - `faults`: the file opened, lost and begun again; who is told
//! - `care`: everything that isn't urgent

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{disk::Disk, error::CacheError, limits::Budget, queue::Op, shared::Shared, trouble::Trouble};
use faults::unreachable;

mod answers;
mod care;
mod faults;

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tell: Arc<dyn Fn(Trouble) + Send + Sync>,
    disk: Option<Disk>,
    off_until: Option<Instant>,
    pause: Duration,
    /// What was told, by its word, and when it was last the case.
    told: Vec<(&'static str, Instant)>,
    used_from: Instant,
    look_from: Instant,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, tell: Arc<dyn Fn(Trouble) + Send + Sync>) -> Self {
        let pause = shared.tuning.first_pause;
        let now = Instant::now();
        Self {
            shared,
            tell,
            disk: None,
            off_until: None,
            pause,
            told: Vec::new(),
            used_from: now,
            look_from: now,
        }
    }

    /// Runs until the queue is closed and empty. Says when the file has been opened, or can't be for now.
    pub(crate) fn run(mut self, opened: oneshot::Sender<()>) {
        // Whatever ends this thread, nobody may wait for its answers.
        let _abandon = AbandonOnDrop(Arc::clone(&self.shared));
        // Its outcome has been told, if it needs telling.
        let _ = self.reach();
        let _ = opened.send(());
        let mut next = self.care();
        loop {
            let batch = self.shared.queue.take(next);
            if batch.is_empty() && self.shared.queue.is_closed() {
                break;
            }
            self.work(batch);
            next = self.care();
        }
        self.write_uses();
        self.shared.close_readers();
        if let Some(disk) = &self.disk
            && let Err(fault) = disk.fold_log()
        {
            tracing::debug!(?fault, "the cache's log stays beside it and is read at the next start");
        }
    }

    fn work(&mut self, batch: Vec<Op>) {
        let mut pieces = Vec::new();
        for op in batch {
            if let Op::Put(draft) = op {
                pieces.extend(self.prepare(*draft));
                continue;
            }
            // One order for all: what came before a command is written before it.
            self.write(std::mem::take(&mut pieces));
            match op {
                Op::Flush(answer) => {
                    let _ = answer.send(());
                }
                Op::Clear(answer) => {
                    let _ = answer.send(self.clear());
                }
                Op::Import(pieces, answer) => {
                    let _ = answer.send(self.import(&pieces));
                }
                Op::Bad(index) => self.drop_bad(&index),
                Op::Report(generation, fault) => self.hear(generation, &fault),
                Op::Retry => self.retry(),
                Op::Look => self.look_from = Instant::now(),
                Op::Fill(piece) => self.fill(&piece),
                Op::Put(_) => {}
            }
        }
        self.write(pieces);
    }

    /// A new file is the quickest way to give all the space back.
    fn clear(&mut self) -> Result<u64, CacheError> {
        let _ = self.reach();
        let entries = self.shared.totals.lock().entries;
        self.renew().map_err(|fault| {
            self.suffer(&fault);
            unreachable(&fault)
        })?;
        self.shared.take_uses();
        self.recovered();
        Ok(entries)
    }

    fn budget(&self) -> Budget {
        Budget::of(self.shared.limits().max_size)
    }
}

struct AbandonOnDrop(Arc<Shared>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.readable.store(false, Ordering::Release);
        self.0.queue.abandon();
    }
}
