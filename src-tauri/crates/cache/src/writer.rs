//! The one thread that writes, and decides what a fault means.
//!
//! Answers are prepared here (put together, packed, sealed) and written in groups. A fault never leaves this
//! thread as an error of somebody's request: a file that is beyond help is begun again; anything else turns writing
//! off for a while that doubles, and the next answer after that finds out whether it is over. Nothing is tried while
//! nobody asks, so a full disk costs an idle laptop no wake-ups.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{
    disk::{self, Disk, Fault},
    draft,
    entry::Draft,
    error::CacheError,
    keep::{self, From, Piece, Totals},
    limits::{Budget, PAGE},
    queue::Op,
    seal::{self, Index},
    shared::Shared,
    stats::Moved,
    trouble::Trouble,
};

/// The longest that writing stays off between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How often expired answers are looked for when nothing else happens.
const EXPIRE_EVERY: Duration = Duration::from_mins(10);

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

    fn prepare(&self, draft: Draft) -> Option<Piece> {
        let prepared = draft::settle(draft).and_then(|(key, stored)| {
            let index = self.shared.sealer.index(&key);
            let sealed = seal::pack(&key, &stored)
                .and_then(|packed| self.shared.sealer.seal(&index, &packed))
                .inspect_err(|error| tracing::debug!(%error, "an answer is not kept"))
                .ok()?;
            let (at_us, cost_micros) = (stored.at.as_microsecond(), stored.cost_micros);
            Some(Piece { index, sealed, at_us, cost_micros })
        });
        if prepared.is_none() {
            self.shared.queue.count_dropped(1);
        }
        prepared
    }

    /// Takes in what the shared tier had, unless the file has it: the most usual case, and one read.
    fn fill(&mut self, piece: &Piece) {
        let off = self.off_until.is_some_and(|until| Instant::now() < until);
        if off || piece.sealed.len() > self.budget().piece {
            return;
        }
        let known = self.on_disk(|disk, _| Ok(keep::given_at(&disk.connection, piece.index.row())?));
        if known.is_ok_and(|known| known.is_none_or(|at| at < piece.at_us))
            && self.keep(std::slice::from_ref(piece), From::Import).is_ok()
        {
            self.recovered();
        }
    }

    /// To the shared tier, whatever becomes of the file.
    fn share(&self, pieces: &[Piece], replace: bool) {
        let Some(remote) = &self.shared.remote else { return };
        let (limits, now) = (self.shared.limits(), self.shared.now());
        for piece in pieces {
            remote.put(piece, &limits, now, replace);
        }
    }

    /// Writes answers in groups that fit into the log's share, or drops and counts them.
    fn write(&mut self, pieces: Vec<Piece>) {
        self.share(&pieces, true);
        let budget = self.budget();
        let (mut pieces, large): (Vec<Piece>, Vec<Piece>) =
            pieces.into_iter().partition(|piece| piece.sealed.len() <= budget.piece);
        self.shared.queue.count_dropped(large.len());
        let from = From::Request { fresh_for: self.shared.limits().fresh_for };
        while !pieces.is_empty() {
            let rest = pieces.split_off(group(&pieces, &budget));
            let off = self.off_until.is_some_and(|until| Instant::now() < until);
            if off || self.keep(&pieces, from).is_err() {
                self.shared.queue.count_dropped(pieces.len());
            } else {
                self.recovered();
            }
            pieces = rest;
        }
    }

    fn keep(&mut self, pieces: &[Piece], from: From) -> Result<u64, Fault> {
        let budget = self.budget();
        let needed = pieces.iter().map(Piece::pages).sum();
        // What was given out lately must not go first.
        self.write_uses_if_room_is_short();
        self.on_disk(|disk, totals| {
            disk.check_log(&budget)?;
            disk.make_room(needed, &budget, totals)?;
            let taken = disk.keep(pieces, from, totals)?;
            disk.fold_log_if_large(&budget)?;
            Ok(taken)
        })
    }

    fn import(&mut self, pieces: &[Piece]) -> Result<Moved, CacheError> {
        let budget = self.budget();
        let mut moved = Moved::default();
        let mut rest = pieces;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(group(rest, &budget));
            let fitting: Vec<Piece> =
                now.iter().filter(|piece| piece.sealed.len() <= budget.piece).cloned().collect();
            self.share(&fitting, false);
            let taken = self.keep(&fitting, From::Import).map_err(|fault| unreachable(&fault))?;
            moved.entries += taken;
            moved.skipped += u64::try_from(now.len()).unwrap_or(0).saturating_sub(taken);
            rest = later;
        }
        self.recovered();
        Ok(moved)
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

    fn drop_bad(&mut self, index: &Index) {
        let shared = Arc::clone(&self.shared);
        let row = index.row();
        let _ = self.on_disk(|disk, totals| {
            // It may have been replaced since by one that opens.
            match keep::sealed(&disk.connection, row)? {
                Some(sealed)
                    if shared.sealer.open(index, &sealed).is_none_or(|it| seal::unpack(&it).is_none()) =>
                {
                    disk.remove(&[row], totals)
                }
                _ => Ok(()),
            }
        });
    }

    /// A reader ran into something.
    fn hear(&mut self, generation: u64, fault: &Fault) {
        if generation != self.shared.generation() {
            return;
        }
        if fault.is_final() {
            self.suffer(fault);
            return;
        }
        // A disk that was away leaves handles behind that never work again.
        self.disconnect();
        let _ = self.reach();
    }

    fn retry(&mut self) {
        if self.disk.is_some() && self.shared.is_readable() {
            return;
        }
        if self.reach().is_ok() && self.on_disk(|disk, _| disk.probe()).is_ok() {
            self.recovered();
        }
    }

    /// Does something with the file, and once more with a new one if this one is beyond help.
    fn on_disk<T>(
        &mut self,
        mut work: impl FnMut(&mut Disk, &mut Totals) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut tried = false;
        loop {
            self.reach()?;
            let Some(disk) = &mut self.disk else { return Err(Fault::Unwritable("it is closed".into())) };
            let mut totals = *self.shared.totals.lock();
            let outcome = work(disk, &mut totals);
            *self.shared.totals.lock() = totals;
            let fault = match outcome {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            self.suffer(&fault);
            if tried || !fault.is_final() {
                return Err(fault);
            }
            tried = true;
        }
    }

    /// Opens the file unless it is open.
    fn reach(&mut self) -> Result<(), Fault> {
        if self.disk.is_some() {
            if self.shared.is_in_place() {
                return Ok(());
            }
            // Deleted by somebody who wants it empty: what is still open here would go on answering, and be lost
            // with the next start.
            tracing::info!("the cache's file was deleted; it begins again");
            self.disconnect();
        }
        match self.open() {
            Ok(()) => Ok(()),
            Err(fault) => {
                self.suffer(&fault);
                if self.disk.is_some() { Ok(()) } else { Err(fault) }
            }
        }
    }

    fn open(&mut self) -> Result<(), Fault> {
        let disk = Disk::open(&self.shared.path, &self.shared.sealer, &self.shared.tuning)?;
        *self.shared.totals.lock() = disk.totals()?;
        self.disk = Some(disk);
        self.shared.readable.store(true, Ordering::Release);
        Ok(())
    }

    fn disconnect(&mut self) {
        self.shared.close_readers();
        self.disk = None;
    }

    /// Another file in its place, empty.
    fn renew(&mut self) -> Result<(), Fault> {
        self.disconnect();
        disk::delete(&self.shared.path)?;
        *self.shared.totals.lock() = Totals::default();
        self.open()
    }

    /// Does what a fault asks for, and tells of it once.
    fn suffer(&mut self, fault: &Fault) {
        if !fault.is_final() {
            self.turn_off(fault);
            return;
        }
        match self.renew() {
            Ok(()) => {
                let trouble = fault.trouble(&self.shared.path);
                tracing::debug!(%trouble, "the cache began again");
                (self.tell)(trouble);
            }
            // As if the disk were at fault, for a new file is no better.
            Err(Fault::Damaged(why)) => self.turn_off(&Fault::Unwritable(why)),
            Err(other) => self.turn_off(&other),
        }
    }

    fn turn_off(&mut self, fault: &Fault) {
        if matches!(fault, Fault::Unwritable(_)) {
            self.disconnect();
        }
        let now = Instant::now();
        self.off_until = Some(now + self.pause);
        self.shared.queue.off_until(self.off_until);
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        let trouble = fault.trouble(&self.shared.path);
        if let Some((_, last)) = self.told.iter_mut().find(|(word, _)| *word == trouble.word()) {
            *last = now;
            return;
        }
        self.told.push((trouble.word(), now));
        tracing::debug!(%trouble, "the cache is not written for now");
        (self.tell)(trouble);
    }

    /// It could be written. An episode is over once that has lasted: on a disk that is almost full, small answers
    /// go in between large ones that don't.
    fn recovered(&mut self) {
        if self.off_until.take().is_some() {
            tracing::info!(dropped = self.shared.queue.dropped(), "the cache can be written again");
            self.shared.queue.off_until(None);
        }
        self.pause = self.shared.tuning.first_pause;
        let calm = self.shared.tuning.calm;
        self.told.retain(|(_, last)| last.elapsed() < calm);
    }

    /// A step of everything that isn't urgent; when to come by for the next one.
    fn care(&mut self) -> Option<Instant> {
        if self.disk.is_none() || self.off_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let now = Instant::now();
        let mut next = None;
        if self.shared.has_uses() {
            if now >= self.used_from {
                self.write_uses();
            } else {
                next = Some(self.used_from);
            }
        }
        let budget = self.budget();
        let expired = self.shared.limits().oldest_kept(self.shared.now());
        let expire = now >= self.look_from;
        let more = self.on_disk(|disk, totals| {
            let more = expire && disk.expire(expired, totals)?;
            Ok(disk.shrink(&budget, totals)? || more)
        });
        if more.is_ok_and(|more| more) {
            return Some(now);
        }
        if expire {
            self.look_from = now + EXPIRE_EVERY;
        }
        if self.shared.totals.lock().entries > 0 {
            next = Some(next.map_or(self.look_from, |at| at.min(self.look_from)));
        }
        next
    }

    fn write_uses_if_room_is_short(&mut self) {
        let near = self.shared.has_uses()
            && self
                .disk
                .as_ref()
                .is_some_and(|_| disk::size(&self.shared.path) > self.shared.limits().max_size / 2);
        if near {
            self.write_uses();
        }
    }

    /// Lost where it fails: the next use counts as well.
    fn write_uses(&mut self) {
        let uses = self.shared.take_uses();
        self.used_from = Instant::now() + self.shared.tuning.used_every;
        if self.disk.is_none() {
            return;
        }
        let budget = self.budget();
        for some in uses.chunks(256) {
            if let Err(fault) = self.on_disk(|disk, _| {
                disk.used(some)?;
                disk.fold_log_if_large(&budget)
            }) {
                tracing::debug!(?fault, "times of use are not written");
                return;
            }
        }
    }

    fn budget(&self) -> Budget {
        Budget::of(self.shared.limits().max_size)
    }
}

/// How many of these go into one transaction: the most that surely fit into half of the log's share, and one at
/// least.
fn group(pieces: &[Piece], budget: &Budget) -> usize {
    let room = budget.log / 2 / PAGE;
    let mut pages = 0;
    let fitting = pieces.iter().take_while(|piece| {
        pages += piece.pages();
        pages <= room
    });
    fitting.count().max(1)
}

fn unreachable(fault: &Fault) -> CacheError {
    let detail = match fault {
        Fault::Damaged(why) => format!("it was damaged and begun again: {why}"),
        Fault::OtherKey => "it was sealed with another key and begun again".into(),
        Fault::Locked => "another program has locked it".into(),
        Fault::Full => "the disk is full".into(),
        Fault::Unwritable(detail) => detail.clone(),
    };
    CacheError::Unreachable { detail }
}

struct AbandonOnDrop(Arc<Shared>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.readable.store(false, Ordering::Release);
        self.0.queue.abandon();
    }
}
