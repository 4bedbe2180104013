//! Roll-ups that have had their time: one bucket's start at a time, for each is as many rows as there are series.

use rusqlite::{Connection, params};

use crate::{
    rollup::tables::{promise_table, series_table},
    span::Resolution,
};

/// Each table of roll-ups with the start before which it is pruned.
fn limits(now: i64) -> impl Iterator<Item = (&'static str, i64)> {
    Resolution::ALL.into_iter().flat_map(move |resolution| {
        let before = now.saturating_sub(resolution.kept()).saturating_sub(resolution.seconds() - 1);
        [(series_table(resolution), before), (promise_table(resolution), before)]
    })
}

/// Spans of life stay as long as the days they stand beside. Series stay for good: they are few, and years of
/// roll-ups name them.
fn oldest(now: i64) -> i64 {
    now.saturating_sub(Resolution::Day.kept()).saturating_sub(Resolution::Day.seconds())
}

/// Asked first, for a delete takes the write lock even where it finds nothing.
pub(super) fn has_any(connection: &Connection, now: i64) -> rusqlite::Result<bool> {
    for (table, before) in limits(now) {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE start < ?1)");
        if connection.prepare_cached(&sql)?.query_row([before], |row| row.get(0))? {
            return Ok(true);
        }
    }
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM alive WHERE to_us < ?1 * 1000000)")?
        .query_row([oldest(now)], |row| row.get(0))
}

/// How many rows were deleted.
pub(super) fn delete(connection: &Connection, now: i64, most: usize) -> rusqlite::Result<usize> {
    let mut deleted = 0;
    for (table, before) in limits(now) {
        let sql =
            format!("DELETE FROM {table} WHERE start = (SELECT min(start) FROM {table} WHERE start < ?1)");
        let mut oldest_bucket = connection.prepare_cached(&sql)?;
        let enough = deleted + most / 4;
        while deleted < enough {
            match oldest_bucket.execute([before])? {
                0 => break,
                rows => deleted += rows,
            }
        }
    }
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    deleted += connection
        .prepare_cached(
            "DELETE FROM alive WHERE seq IN
             (SELECT seq FROM alive WHERE to_us < ?1 * 1000000 ORDER BY to_us LIMIT ?2)",
        )?
        .execute(params![oldest(now), most])?;
    Ok(deleted)
}
