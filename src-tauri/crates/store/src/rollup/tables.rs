//! The buckets on disk: one blob of counts each, read, added to, written back.
//!
//! Added in Rust and not in SQL, because a histogram can't be added there, and because SQLite turns a sum that is too
//! large into a floating-point number where we stop at the largest.

use evenkeel_slo::tally::Counts;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{rows::Mode, span::Resolution};

use super::sums::{Key, Sums};

/// Where series' buckets of this length are.
pub(crate) fn series_table(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Minute => "rollup_minute",
        Resolution::Hour => "rollup_hour",
        Resolution::Day => "rollup_day",
    }
}

/// Where promises' buckets of this length are.
pub(crate) fn promise_table(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Minute => "promise_minute",
        Resolution::Hour => "promise_hour",
        Resolution::Day => "promise_day",
    }
}

/// Adds everything, in all three lengths that are still kept at `now`.
pub(crate) fn add(transaction: &Connection, sums: &Sums, now: i64) -> rusqlite::Result<()> {
    for resolution in Resolution::ALL {
        for ((start, key), counts) in sums.by(resolution) {
            if !resolution.keeps(start, now) {
                continue;
            }
            match key {
                Key::Series(id) => add_to_series(transaction, resolution, start, id, &counts)?,
                Key::Promise(id, mode) => {
                    add_to_promise(transaction, resolution, start, (id, mode), &counts)?;
                }
            }
        }
    }
    Ok(())
}

fn add_to_series(
    connection: &Connection,
    resolution: Resolution,
    start: i64,
    series: i64,
    counts: &Counts,
) -> rusqlite::Result<()> {
    let table = series_table(resolution);
    let old: Option<Vec<u8>> = connection
        .prepare_cached(&format!("SELECT counts FROM {table} WHERE start = ?1 AND series = ?2"))?
        .query_row([start, series], |row| row.get(0))
        .optional()?;
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO {table} (start, series, counts) VALUES (?1, ?2, ?3)"
        ))?
        .execute(params![start, series, sum(old, counts)])?;
    Ok(())
}

fn add_to_promise(
    connection: &Connection,
    resolution: Resolution,
    start: i64,
    (promise, mode): (i64, Mode),
    counts: &Counts,
) -> rusqlite::Result<()> {
    let (table, mode) = (promise_table(resolution), mode.as_str());
    let select = format!("SELECT counts FROM {table} WHERE start = ?1 AND promise = ?2 AND mode = ?3");
    let old: Option<Vec<u8>> = connection
        .prepare_cached(&select)?
        .query_row(params![start, promise, mode], |row| row.get(0))
        .optional()?;
    let replace =
        format!("INSERT OR REPLACE INTO {table} (start, promise, mode, counts) VALUES (?1, ?2, ?3, ?4)");
    connection.prepare_cached(&replace)?.execute(params![start, promise, mode, sum(old, counts)])?;
    Ok(())
}

fn sum(old: Option<Vec<u8>>, new: &Counts) -> Vec<u8> {
    let Some(old) = old else { return new.to_bytes() };
    match Counts::from_bytes(&old) {
        Ok(mut counts) => {
            counts.merge(new);
            counts.to_bytes()
        }
        Err(error) => {
            // A damaged bucket must not keep the ledger from being written; what it held can't be had back.
            tracing::error!(%error, "a damaged roll-up begins anew");
            new.to_bytes()
        }
    }
}
