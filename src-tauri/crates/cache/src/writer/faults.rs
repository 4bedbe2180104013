//! What a fault means: a file that is beyond help is begun again, anything else turns writing off for a while.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::Writer;
use crate::{
    disk::{self, Disk, Fault},
    error::CacheError,
    keep::Totals,
};

/// The longest that writing stays off between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

impl Writer {
    /// A reader ran into something.
    pub(super) fn hear(&mut self, generation: u64, fault: &Fault) {
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

    pub(super) fn retry(&mut self) {
        if self.disk.is_some() && self.shared.is_readable() {
            return;
        }
        if self.reach().is_ok() && self.on_disk(|disk, _| disk.probe()).is_ok() {
            self.recovered();
        }
    }

    /// Does something with the file, and once more with a new one if this one is beyond help.
    pub(super) fn on_disk<T>(
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
    pub(super) fn reach(&mut self) -> Result<(), Fault> {
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
    pub(super) fn renew(&mut self) -> Result<(), Fault> {
        self.disconnect();
        disk::delete(&self.shared.path)?;
        *self.shared.totals.lock() = Totals::default();
        self.open()
    }

    /// Does what a fault asks for, and tells of it once.
    pub(super) fn suffer(&mut self, fault: &Fault) {
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
    pub(super) fn recovered(&mut self) {
        if self.off_until.take().is_some() {
            tracing::info!(dropped = self.shared.queue.dropped(), "the cache can be written again");
            self.shared.queue.off_until(None);
        }
        self.pause = self.shared.tuning.first_pause;
        let calm = self.shared.tuning.calm;
        self.told.retain(|(_, last)| last.elapsed() < calm);
    }
}

pub(super) fn unreachable(fault: &Fault) -> CacheError {
    let detail = match fault {
        Fault::Damaged(why) => format!("it was damaged and begun again: {why}"),
        Fault::OtherKey => "it was sealed with another key and begun again".into(),
        Fault::Locked => "another program has locked it".into(),
        Fault::Full => "the disk is full".into(),
        Fault::Unwritable(detail) => detail.clone(),
    };
    CacheError::Unreachable { detail }
}
