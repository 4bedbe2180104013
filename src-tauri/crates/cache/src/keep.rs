//! Rows in and out, each function one transaction.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::{
    disk::{Disk, Fault},
    limits::{PAGE, micros},
    seal::Index,
};

/// A sealed answer on its way to a tier.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) index: Index,
    pub(crate) sealed: Vec<u8>,
    /// When it was given, in microseconds since 1970. It stands beside the sealed bytes so that expiry needs no key.
    pub(crate) at_us: i64,
    /// What it cost, if that is known. Not written: only for the sum of what would have been saved.
    pub(crate) cost_micros: Option<i64>,
}

impl Piece {
    /// Pages that writing it touches at most, in the log as in the file: its own, and those of the tables that
    /// point to it.
    pub(crate) fn pages(&self) -> u64 {
        u64::try_from(self.sealed.len()).unwrap_or(u64::MAX) / PAGE + 8
    }
}

/// Where pieces come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    /// A request, just now. An answer in its place that was this fresh would have done as well.
    Request { fresh_for: Duration },
    /// Another cache: what is here and not older stays.
    Import,
}

/// What is told in `stats` without asking the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) entries: u64,
    pub(crate) would_have_hit: u64,
    pub(crate) would_have_saved_micros: i64,
}

impl Disk {
    pub(crate) fn totals(&self) -> Result<Totals, Fault> {
        let number = |name: &str| -> rusqlite::Result<i64> {
            let select = "SELECT value FROM state WHERE name = ?1";
            Ok(self.connection.query_row(select, [name], |row| row.get(0)).optional()?.unwrap_or(0))
        };
        let entries: i64 = self.connection.query_row("SELECT count(*) FROM facts", [], |row| row.get(0))?;
        Ok(Totals {
            entries: u64::try_from(entries).unwrap_or(0),
            would_have_hit: u64::try_from(number("would_have_hit")?).unwrap_or(0),
            would_have_saved_micros: number("would_have_saved_micros")?,
        })
    }

    /// Writes pieces and says how many it took. The newer of two answers stays, whichever comes first.
    pub(crate) fn keep(&mut self, pieces: &[Piece], from: From, totals: &mut Totals) -> Result<u64, Fault> {
        let mut after = *totals;
        let mut taken = 0;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut known = transaction.prepare_cached("SELECT at_us FROM facts WHERE id = ?1")?;
            let mut answer =
                transaction.prepare_cached("REPLACE INTO answers (id, place, sealed) VALUES (?1, ?2, ?3)")?;
            let mut facts = transaction
                .prepare_cached("REPLACE INTO facts (id, at_us, used_us, bytes) VALUES (?1, ?2, ?2, ?3)")?;
            for piece in pieces {
                let row = piece.index.row();
                let before: Option<i64> = known.query_row([row], |row| row.get(0)).optional()?;
                match (before, from) {
                    (Some(before), From::Import) if before >= piece.at_us => continue,
                    (Some(before), From::Request { .. }) if before > piece.at_us => continue,
                    (Some(before), From::Request { fresh_for }) => {
                        if piece.at_us.saturating_sub(before) <= micros(fresh_for) {
                            after.would_have_hit += 1;
                            let cost = piece.cost_micros.unwrap_or(0);
                            after.would_have_saved_micros =
                                after.would_have_saved_micros.saturating_add(cost);
                        }
                    }
                    (Some(_), From::Import) => {}
                    (None, _) => after.entries += 1,
                }
                answer.execute(params![row, piece.index.bytes(), piece.sealed])?;
                let bytes = i64::try_from(piece.sealed.len()).unwrap_or(i64::MAX);
                facts.execute(params![row, piece.at_us, bytes])?;
                taken += 1;
            }
        }
        if after.would_have_hit != totals.would_have_hit {
            let mut state = transaction.prepare_cached("REPLACE INTO state (name, value) VALUES (?1, ?2)")?;
            state.execute(params!["would_have_hit", after.would_have_hit.cast_signed()])?;
            state.execute(params!["would_have_saved_micros", after.would_have_saved_micros])?;
        }
        transaction.commit()?;
        *totals = after;
        Ok(taken)
    }

    /// Removes rows and says how many there were.
    pub(crate) fn remove(&mut self, rows: &[i64], totals: &mut Totals) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut removed = 0;
        {
            let mut answer = transaction.prepare_cached("DELETE FROM answers WHERE id = ?1")?;
            let mut facts = transaction.prepare_cached("DELETE FROM facts WHERE id = ?1")?;
            for row in rows {
                answer.execute([row])?;
                removed += facts.execute([row])?;
            }
        }
        transaction.commit()?;
        totals.entries = totals.entries.saturating_sub(u64::try_from(removed).unwrap_or(0));
        Ok(())
    }

    /// Writes when answers were last given out. Those gone meanwhile are no matter.
    pub(crate) fn used(&mut self, uses: &[(i64, i64)]) -> Result<(), Fault> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut update =
                transaction.prepare_cached("UPDATE facts SET used_us = ?2 WHERE id = ?1 AND used_us < ?2")?;
            for (row, at) in uses {
                update.execute([row, at])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Whether it can be written at present.
    pub(crate) fn probe(&mut self) -> Result<(), Fault> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(transaction.commit()?)
    }
}

/// The sealed bytes in a row: the one indexed read that a look-up is.
pub(crate) fn sealed(connection: &Connection, row: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT sealed FROM answers WHERE id = ?1")?
        .query_row([row], |row| row.get(0))
        .optional()
}

/// When the answer in a row was given.
pub(crate) fn given_at(connection: &Connection, row: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT at_us FROM facts WHERE id = ?1")?
        .query_row([row], |row| row.get(0))
        .optional()
}

/// When the oldest answer was given.
pub(crate) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT min(at_us) FROM facts")?.query_row([], |row| row.get(0))
}

/// The row behind another one in the order of their numbers, with its place: for going through all of them without
/// a long transaction, which would keep the log from being folded.
pub(crate) fn row_after(connection: &Connection, row: Option<i64>) -> rusqlite::Result<Option<Row>> {
    let mut select = connection.prepare_cached(match row {
        Some(_) => "SELECT id, place, sealed FROM answers WHERE id > ?1 ORDER BY id LIMIT 1",
        None => "SELECT id, place, sealed FROM answers WHERE id >= ?1 ORDER BY id LIMIT 1",
    })?;
    let found = select.query_row([row.unwrap_or(i64::MIN)], |row| {
        Ok(Row { id: row.get(0)?, place: row.get(1)?, sealed: row.get(2)? })
    });
    found.optional()
}

/// A row as it stands in the file.
pub(crate) struct Row {
    pub(crate) id: i64,
    /// An index, unless the file was tampered with.
    pub(crate) place: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}
