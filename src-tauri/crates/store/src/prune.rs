//! Retention: what has had its time leaves, a little at a time.
//!
//! Small batches between commits, so that a day's worth of deletions is never one long transaction that new rows
//! wait behind. Freed pages are used again; the file doesn't shrink.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

mod rollups;
#[cfg(test)]
mod tests;

/// What is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Requests that went well or don't count.
    pub(crate) requests: SignedDuration,
    /// Requests that failed: the evidence.
    pub(crate) failures: SignedDuration,
    /// And of each kind no more than this, newest first.
    pub(crate) most: i64,
    /// Events, newest first.
    pub(crate) events: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            requests: SignedDuration::from_hours(30 * 24),
            failures: SignedDuration::from_hours(90 * 24),
            most: 1_000_000,
            events: 100_000,
        }
    }
}

/// How often.
const EVERY: Duration = Duration::from_hours(1);
/// Rows deleted in one go.
const BATCH: usize = 200;

/// When to prune and how far it has got.
pub(crate) struct Pruner {
    retention: Retention,
    due: Instant,
    /// The limits of the round that is under way.
    round: Option<Round>,
}

/// Fixed at the start of a round, so that it ends.
#[derive(Clone, Copy, Debug)]
struct Round {
    requests_before: i64,
    failures_before: i64,
    events_up_to: i64,
    /// In seconds: what the age of roll-ups is measured from.
    now: i64,
}

impl Pruner {
    /// Due at once: a program that is started each morning for an hour must prune too.
    pub(crate) fn new(retention: Retention) -> Self {
        Self { retention, due: Instant::now(), round: None }
    }

    /// When the writer should come by even without rows.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Deletes at most one batch. A failure is logged and the next round tries again.
    pub(crate) fn step_if_due(&mut self, connection: &mut Connection) {
        if Instant::now() < self.due {
            return;
        }
        match self.step(connection) {
            Ok(true) => {} // more at once, after whatever was queued meanwhile
            Ok(false) => self.end_round(),
            Err(error) => {
                tracing::warn!(%error, "old rows could not be deleted; tried again in an hour");
                self.end_round();
            }
        }
    }

    fn end_round(&mut self) {
        self.round = None;
        self.due = Instant::now() + EVERY;
    }

    /// Whether there is more to delete.
    fn step(&mut self, connection: &mut Connection) -> rusqlite::Result<bool> {
        let round = match self.round {
            Some(round) => round,
            None => *self.round.insert(Round::begin(connection, &self.retention, Timestamp::now())?),
        };
        if !round.has_any(connection)? && !rollups::has_any(connection, round.now)? {
            return Ok(false);
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let deleted = round.delete(&transaction, BATCH)? + rollups::delete(&transaction, round.now, BATCH)?;
        transaction.commit()?;
        Ok(deleted > 0)
    }
}

impl Retention {
    /// Since when (in microseconds since 1970) the ledger still has every request: before it, failures may be all
    /// that is left.
    pub(crate) fn whole_since(&self, connection: &Connection, now: Timestamp) -> rusqlite::Result<i64> {
        // The newest `most` by order of recording: sequence numbers are never reused from the top, so this is a
        // look-up, where counting a million rows would hold up the writer.
        let last: i64 =
            connection.query_row("SELECT coalesce(max(seq), 0) FROM requests", [], |row| row.get(0))?;
        let crowded_out: Option<i64> = connection
            .query_row(
                "SELECT at_us + 1 FROM requests WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1",
                [last.saturating_sub(self.most)],
                |row| row.get(0),
            )
            .optional()?;
        let too_old = (now - self.requests).as_microsecond();
        Ok(too_old.max(crowded_out.unwrap_or(i64::MIN)))
    }
}

impl Round {
    fn begin(connection: &Connection, keep: &Retention, now: Timestamp) -> rusqlite::Result<Self> {
        // Failures are few on any day but a bad one; only then does this walk far.
        let failures_crowded_out: Option<i64> = connection
            .query_row(
                "SELECT at_us FROM requests WHERE failed = 1 ORDER BY at_us DESC LIMIT 1 OFFSET ?1",
                [keep.most.saturating_sub(1)],
                |row| row.get(0),
            )
            .optional()?;
        let last_event: i64 =
            connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
        Ok(Self {
            requests_before: keep.whole_since(connection, now)?,
            failures_before: (now - keep.failures)
                .as_microsecond()
                .max(failures_crowded_out.unwrap_or(i64::MIN)),
            events_up_to: last_event.saturating_sub(keep.events),
            now: now.as_second(),
        })
    }

    /// Asked first, for a delete takes the write lock even where it finds nothing.
    fn has_any(self, connection: &Connection) -> rusqlite::Result<bool> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE failed = 0 AND at_us < ?1)
            OR EXISTS (SELECT 1 FROM requests WHERE failed = 1 AND at_us < ?2)
            OR EXISTS (SELECT 1 FROM events WHERE seq <= ?3)";
        connection.query_row(
            ANY,
            params![self.requests_before, self.failures_before, self.events_up_to],
            |row| row.get(0),
        )
    }

    /// How many rows were deleted; attempts go with their requests.
    fn delete(self, transaction: &Transaction<'_>, most: usize) -> rusqlite::Result<usize> {
        const REQUESTS: &str = "DELETE FROM requests WHERE seq IN
            (SELECT seq FROM requests WHERE failed = ?1 AND at_us < ?2 ORDER BY at_us LIMIT ?3)";
        const EVENTS: &str = "DELETE FROM events WHERE seq IN
            (SELECT seq FROM events WHERE seq <= ?1 ORDER BY seq LIMIT ?2)";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut requests = transaction.prepare_cached(REQUESTS)?;
        Ok(requests.execute(params![0, self.requests_before, most])?
            + requests.execute(params![1, self.failures_before, most])?
            + transaction.prepare_cached(EVENTS)?.execute(params![self.events_up_to, most])?)
    }
}
