//! Rows that were written before somebody was there to count them: by a version without roll-ups, or before a
//! promise was declared.
//!
//! A piece at a time between batches, each one transaction that counts some rows and says how far it got. Killed
//! anywhere, the next start goes on from there. Nothing is pruned meanwhile, for that would delete what is yet to be
//! counted.
//!
//! Only as far back as the ledger is whole. Failures stay longer than the rest, and a month of which only the
//! failures are left would look like one long outage.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};

use crate::{
    error::StoreError,
    finished::{self, Finished},
    promise,
    prune::Retention,
    rows::Mode,
    span,
};

use super::{
    Counter,
    sums::{Key, Sums},
    tables,
};

/// Rows in one go: some milliseconds.
const BATCH: usize = 500;

/// How long after a disk that refused.
const AGAIN: Duration = Duration::from_mins(1);

/// Whether there may be something to do, and when.
pub(crate) struct CatchUp {
    retention: Retention,
    due: Option<Instant>,
}

impl CatchUp {
    /// Looks once at each start.
    pub(crate) fn new(retention: Retention) -> Self {
        Self { retention, due: Some(Instant::now()) }
    }

    /// To be told when promises were declared.
    pub(crate) fn look_again(&mut self) {
        self.due = Some(Instant::now());
    }

    /// When there may be rows to count; `None` once all are.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Counts one piece, if it is time.
    pub(crate) fn step_if_due(&mut self, connection: &mut Connection, counter: &mut Counter) {
        if self.due.is_none_or(|due| Instant::now() < due) {
            return;
        }
        match self.piece(connection, counter) {
            Ok(true) => {}
            Ok(false) => self.due = None,
            Err(StoreError::Sqlite(error)) if error.sqlite_error_code().is_some() => {
                counter.forget();
                self.due = Some(Instant::now() + AGAIN);
                tracing::warn!(%error, "older requests are not in the roll-ups yet; tried again in a minute");
            }
            Err(error) => {
                // A row that can't be read stays so; waiting for it would keep the ledger from ever being pruned.
                counter.forget();
                self.due = None;
                tracing::error!(%error, "older requests are missing from the roll-ups");
            }
        }
    }

    fn piece(&self, connection: &mut Connection, counter: &mut Counter) -> Result<bool, StoreError> {
        let nothing = "SELECT NOT EXISTS (SELECT 1 FROM requests WHERE rolled = 0)
                       AND NOT EXISTS (SELECT 1 FROM promise_gaps)";
        // Asked first, for only writing takes the write lock.
        if connection.query_row(nothing, [], |row| row.get(0))? {
            return Ok(false);
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let whole_since = self.retention.whole_since(&transaction, Timestamp::now())?;
        if !unrolled(&transaction, counter, whole_since)? {
            gap(&transaction, whole_since)?;
        }
        transaction.commit()?;
        Ok(true)
    }
}

type Rows = Vec<(i64, Finished)>;

/// The rows that count, and the numbers of all that were looked at.
fn read(
    connection: &Connection,
    condition: &str,
    values: &[i64],
    whole_since: i64,
) -> Result<(Rows, Vec<i64>), StoreError> {
    let sql = format!("SELECT {} FROM requests {condition} ORDER BY seq LIMIT {BATCH}", finished::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let (mut rows, mut seen) = (Vec::new(), Vec::new());
    while let Some(row) = found.next()? {
        let seq = row.get("seq")?;
        seen.push(seq);
        if row.get::<_, i64>("at_us")? >= whole_since {
            rows.push((seq, Finished::read(row)?));
        }
    }
    Ok((rows, seen))
}

/// Rows that no series has. False if there were none.
fn unrolled(
    transaction: &Transaction<'_>,
    counter: &mut Counter,
    whole_since: i64,
) -> Result<bool, StoreError> {
    let (rows, seen) = read(transaction, "INDEXED BY requests_unrolled WHERE rolled = 0", &[], whole_since)?;
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else { return Ok(false) };
    counter.count_late(transaction, &rows)?;
    transaction
        .prepare_cached("UPDATE requests SET rolled = 1 WHERE rolled = 0 AND seq BETWEEN ?1 AND ?2")?
        .execute([first, last])?;
    Ok(true)
}

/// Rows that one promise has yet to count.
fn gap(transaction: &Transaction<'_>, whole_since: i64) -> Result<(), StoreError> {
    let next: Option<(i64, i64, i64)> = transaction
        .prepare_cached("SELECT promise, after_seq, upto_seq FROM promise_gaps LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((id, after, upto)) = next else { return Ok(()) };
    let (rows, seen) = read(transaction, "WHERE seq > ?1 AND seq <= ?2", &[after, upto], whole_since)?;
    if let Some(known) = promise::by_id(transaction, id)? {
        let mut sums = Sums::default();
        for (_, row) in &rows {
            if row.mode != Mode::Drill && known.promise.covers(&row.tenant, row.feature.as_deref()) {
                sums.add(row, Key::Promise(id, row.mode), &known.promise);
            }
        }
        tables::add(transaction, &sums, span::now())?;
    }
    match seen.last() {
        Some(last) if seen.len() == BATCH => transaction.execute(
            "UPDATE promise_gaps SET after_seq = ?3 WHERE promise = ?1 AND upto_seq = ?2",
            params![id, upto, last],
        )?,
        _ => transaction
            .execute("DELETE FROM promise_gaps WHERE promise = ?1 AND upto_seq = ?2", [id, upto])?,
    };
    Ok(())
}
