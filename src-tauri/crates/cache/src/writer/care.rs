//! Everything that isn't urgent, step by step between two batches: expiry, a smaller cap, times of use.

use std::time::{Duration, Instant};

use super::Writer;
use crate::disk;

/// How often expired answers are looked for when nothing else happens.
const EXPIRE_EVERY: Duration = Duration::from_mins(10);

impl Writer {
    /// A step of everything that isn't urgent; when to come by for the next one.
    pub(super) fn care(&mut self) -> Option<Instant> {
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

    pub(super) fn write_uses_if_room_is_short(&mut self) {
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
    pub(super) fn write_uses(&mut self) {
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
}
