//! The size cap, expiry, and the log: everything that removes.
//!
//! The cap is on what the disk shows: file, log and the log's index. The file never gets a page over its share,
//! because room is made *before* answers are written, from the least recently used; freed pages are used again, so
//! a full cache's file stays as it is. The log is folded into the file at half of its own share. Everything goes
//! by steps of a few hundred rows, so that a much smaller cap doesn't keep answers waiting.

use rusqlite::Connection;

use crate::{
    disk::{Disk, Fault},
    keep::Totals,
    limits::Budget,
};

/// Rows or pages that one step may touch.
const STEP: u64 = 256;

/// The file in pages.
#[derive(Clone, Copy, Debug)]
struct Pages {
    all: u64,
    free: u64,
}

impl Pages {
    fn used(self) -> u64 {
        self.all.saturating_sub(self.free)
    }
}

fn pages(connection: &Connection) -> Result<Pages, Fault> {
    let number = |pragma: &str| -> rusqlite::Result<u64> {
        let count: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    Ok(Pages { all: number("page_count")?, free: number("freelist_count")? })
}

impl Disk {
    /// Makes room for so many pages more. A step at a time until there is enough, or nothing left to remove.
    pub(crate) fn make_room(&mut self, more: u64, budget: &Budget, totals: &mut Totals) -> Result<(), Fault> {
        if pages(&self.connection)?.used() + more <= budget.pages {
            return Ok(());
        }
        while totals.entries > 0 && !self.evict(more + budget.slack, budget, totals)? {}
        Ok(())
    }

    /// One step of eviction, least recently used first. True when so many pages are free for use.
    fn evict(&mut self, more: u64, budget: &Budget, totals: &mut Totals) -> Result<bool, Fault> {
        let over = (pages(&self.connection)?.used() + more).saturating_sub(budget.pages);
        if over == 0 {
            return Ok(true);
        }
        let rows = self.least_used(over)?;
        if rows.is_empty() {
            // Only facts count as entries; without any there is nothing that could go.
            totals.entries = 0;
            return Ok(true);
        }
        self.remove(&rows, totals)?;
        self.fold_log_if_large(budget)?;
        Ok(false)
    }

    fn least_used(&self, pages: u64) -> Result<Vec<i64>, Fault> {
        let mut select =
            self.connection.prepare_cached("SELECT id, bytes FROM facts ORDER BY used_us LIMIT ?1")?;
        let mut found = select.query([STEP.cast_signed()])?;
        let (mut rows, mut freed) = (Vec::new(), 0);
        while let Some(row) = found.next()? {
            rows.push(row.get(0)?);
            let bytes: i64 = row.get(1)?;
            // Full pages only: what an answer has on a page shared with others isn't freed by it alone.
            freed += u64::try_from(bytes).unwrap_or(0) / crate::limits::PAGE;
            if freed >= pages {
                break;
            }
        }
        Ok(rows)
    }

    /// Removes a step of what is older than that. True if there may be more.
    pub(crate) fn expire(&mut self, before_us: i64, totals: &mut Totals) -> Result<bool, Fault> {
        let rows: Vec<i64> = {
            let mut select = self
                .connection
                .prepare_cached("SELECT id FROM facts WHERE at_us < ?1 ORDER BY at_us LIMIT ?2")?;
            let rows = select.query_map([before_us, STEP.cast_signed()], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        self.remove(&rows, totals)?;
        Ok(u64::try_from(rows.len()).is_ok_and(|count| count >= STEP))
    }

    /// One step towards a file within its share, and without much that is free. True if there is more to do.
    pub(crate) fn shrink(&mut self, budget: &Budget, totals: &mut Totals) -> Result<bool, Fault> {
        let now = pages(&self.connection)?;
        if now.used() > budget.pages {
            return Ok(totals.entries > 0 && !self.evict(budget.slack, budget, totals)?);
        }
        let spare = (budget.pages / 8).max(STEP);
        if now.all <= budget.pages && now.free <= spare {
            return self.truncate();
        }
        // A row for each page that moves: all of them have to be asked for.
        let mut statement = self.connection.prepare(&format!("PRAGMA incremental_vacuum({STEP})"))?;
        let mut moved = statement.query([])?;
        while moved.next()?.is_some() {}
        drop(moved);
        drop(statement);
        self.shrunk = true;
        self.fold_log_if_large(budget)?;
        if pages(&self.connection)?.all < now.all { Ok(true) } else { self.truncate() }
    }

    /// The file gets shorter only when the log is folded, and giving pages back hardly fills a log.
    fn truncate(&mut self) -> Result<bool, Fault> {
        if self.shrunk {
            // Somebody who reads at this moment keeps it from happening; then it does with the next answer.
            self.shrunk = !self.fold_log()?;
        }
        Ok(false)
    }

    /// A log that can't be folded for long, because somebody reads the file and never stops, must not grow past
    /// every cap: nothing is written then.
    pub(crate) fn check_log(&self, budget: &Budget) -> Result<(), Fault> {
        if self.log_size() < budget.log || self.fold_log()? { Ok(()) } else { Err(Fault::Locked) }
    }

    /// Folds the log when it has used half of its share, so that the next batch fits into the other half.
    pub(crate) fn fold_log_if_large(&self, budget: &Budget) -> Result<(), Fault> {
        if self.log_size() >= budget.log / 2 {
            self.fold_log()?;
        }
        Ok(())
    }
}
