//! Adding finished requests to the roll-ups, in the transaction that writes their rows.
//!
//! That is what makes "never twice, never lost" cheap to believe: there is no moment at which a row is on disk and
//! not counted, or counted and not on disk, wherever the process dies. A batch is summed in memory first, so a
//! commit costs a few buckets more, however many rows it has and however many series there are.
//!
//! - [`sums`]: what a batch adds, by minute.
//! - [`series`]: which series a request belongs to; at most so many.
//! - [`tables`]: the buckets, read, added to and written back.
//! - [`catch_up`]: rows from before there were roll-ups, and promises that came later than their rows.
//!
//! A bucket is only ever added to. So a request whose clock lies behind counts in the minute it names, which nobody
//! rewrites for it; and where that minute is too old to be kept, only in its hour and day.

pub(crate) mod catch_up;
pub(crate) mod series;
pub(crate) mod sums;
pub(crate) mod tables;

#[cfg(test)]
mod tests;

use rusqlite::Connection;

use crate::{
    finished::Finished,
    promise::{self, InForce},
    rows::Mode,
    span,
};

use self::{
    series::SeriesIds,
    sums::{Key, Sums},
};

/// The writer's knowledge of series and promises. Forgotten whenever a transaction failed, for what it knew may have
/// been rolled back; loaded again with the next row.
#[derive(Default)]
pub(crate) struct Counter {
    known: Option<Known>,
}

struct Known {
    series: SeriesIds,
    promises: Vec<InForce>,
}

impl Counter {
    /// To be told whenever a transaction failed or the promises changed.
    pub(crate) fn forget(&mut self) {
        self.known = None;
    }

    /// Adds rows that are being written in this transaction to all that counts them.
    pub(crate) fn count<'a>(
        &mut self,
        transaction: &Connection,
        rows: impl Iterator<Item = &'a Finished>,
    ) -> rusqlite::Result<()> {
        let mut sums = Sums::default();
        let known = self.known(transaction)?;
        let now = span::now();
        for row in rows {
            known.add_to_series(transaction, &mut sums, row, now)?;
            known.add_to_promises(&mut sums, row, |_| true);
        }
        tables::add(transaction, &sums, now)
    }

    /// Adds rows that were written earlier without being counted.
    pub(crate) fn count_late(
        &mut self,
        transaction: &Connection,
        rows: &[(i64, Finished)],
    ) -> rusqlite::Result<()> {
        let mut sums = Sums::default();
        let known = self.known(transaction)?;
        let now = span::now();
        for (seq, row) in rows {
            known.add_to_series(transaction, &mut sums, row, now)?;
            // A promise that came after the row finds it by itself.
            known.add_to_promises(&mut sums, row, |promise| *seq > promise.done_seq);
        }
        tables::add(transaction, &sums, now)
    }

    fn known(&mut self, connection: &Connection) -> rusqlite::Result<&mut Known> {
        let known = match self.known.take() {
            Some(known) => known,
            None => Known { series: SeriesIds::load(connection)?, promises: promise::in_force(connection)? },
        };
        Ok(self.known.insert(known))
    }
}

impl Known {
    fn add_to_series(
        &mut self,
        connection: &Connection,
        sums: &mut Sums,
        row: &Finished,
        now: i64,
    ) -> rusqlite::Result<()> {
        let id = self.series.id(connection, row, now)?;
        // A series has no target of its own: it is judged by the strictest promise that its request falls under.
        let strictest = self
            .promises
            .iter()
            .map(|known| &known.promise)
            .filter(|promise| promise.covers(&row.tenant, row.feature.as_deref()))
            .min_by_key(|promise| promise.target_ms);
        sums.add_to_series(row, id, strictest);
        Ok(())
    }

    fn add_to_promises(&self, sums: &mut Sums, row: &Finished, counts: impl Fn(&InForce) -> bool) {
        if row.mode == Mode::Drill {
            return;
        }
        for known in self.promises.iter().filter(|known| counts(known)) {
            if known.promise.covers(&row.tenant, row.feature.as_deref()) {
                sums.add(row, Key::Promise(known.id, row.mode), &known.promise);
            }
        }
    }
}
