//! Answers on their way to the file: put together, packed, sealed, and written in groups.

use std::{sync::Arc, time::Instant};

use super::{Writer, faults::unreachable};
use crate::disk::Fault;
use crate::{
    draft,
    entry::Draft,
    error::CacheError,
    keep::{self, From, Piece},
    limits::{Budget, PAGE},
    seal::{self, Index},
    stats::Moved,
};

impl Writer {
    pub(super) fn prepare(&self, draft: Draft) -> Option<Piece> {
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
    pub(super) fn fill(&mut self, piece: &Piece) {
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
    pub(super) fn write(&mut self, pieces: Vec<Piece>) {
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

    pub(super) fn import(&mut self, pieces: &[Piece]) -> Result<Moved, CacheError> {
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

    pub(super) fn drop_bad(&mut self, index: &Index) {
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
