//! Figures out of the roll-ups: windows, breakdowns and points, and the rows that stand behind them.
//!
//! Everything here reads one state of the database. Counters are exact and histograms are for show; what a window
//! was rounded to is always said, so that no figure claims another time than it was counted over.

mod breakdown;
mod cached;
mod requests;

#[cfg(test)]
mod tests;

use std::time::Duration;

use evenkeel_slo::{histogram::BadBytes, tally::Counts};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::{
    alive,
    error::StoreError,
    promise::{self, Promise},
    read::Reader,
    rollup::tables::promise_table,
    rows::Mode,
    span::{self, Cover, Resolution},
};

pub use breakdown::{By, Scope, SeriesUse, Share};
pub use cached::CacheUse;
pub use requests::{BadRequest, RecentRequest};

/// What was counted in a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From here on: what was asked for, rounded down to the minute; to the hour where that is more than 8 days ago,
    /// and to the UTC day where it is more than 100.
    pub from: Timestamp,
    /// Up to here, rounded up in the same way, or what was asked for if that is now or later.
    pub to: Timestamp,
    /// What was counted.
    pub counts: Counts,
}

/// One bucket of a chart or a forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where the bucket begins.
    pub start: Timestamp,
    /// What was counted in it. Buckets in which nothing happened are left out.
    pub counts: Counts,
}

/// How much of a time Evenkeel was there to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// In order, without overlap, cut to what was asked for.
    pub spans: Vec<(Timestamp, Timestamp)>,
    /// All of them together.
    pub total: Duration,
}

impl Reader {
    /// What one promise counted from `from` up to (not with) `to`, in one book; nothing for [`Mode::Drill`] or a
    /// promise that never was in force. Of `promise` only what says which one it is is looked at, not its target.
    pub fn promise_window(
        &self,
        promise: &Promise,
        mode: Mode,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Window, StoreError> {
        let cover = Cover::of(from.as_second(), second_after(to), span::now());
        let mut counts = Counts::default();
        self.snapshot(|connection| {
            let Some(id) = promise::id(connection, promise)? else { return Ok(()) };
            for piece in &cover.pieces {
                each(connection, piece.resolution, (id, mode), (piece.from, piece.to), |_, more| {
                    counts.merge_bytes(more)
                })?;
            }
            Ok(())
        })?;
        Ok(window(&cover, to, counts))
    }

    /// What one promise counted in each bucket of this length that begins at or after `from` (rounded down to one)
    /// and before `to`, oldest first.
    pub fn promise_points(
        &self,
        promise: &Promise,
        mode: Mode,
        resolution: Resolution,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        let range = (resolution.floor(from.as_second()), second_after(to));
        let mut points = Vec::new();
        self.snapshot(|connection| {
            let Some(id) = promise::id(connection, promise)? else { return Ok(()) };
            each(connection, resolution, (id, mode), range, |start, bytes| {
                let counts = Counts::from_bytes(bytes)?;
                points.push(Point { start: span::timestamp(start), counts });
                Ok(())
            })
        })?;
        Ok(points)
    }

    /// How much of a time Evenkeel was there to see, to the minute and never too much.
    pub fn observed(&self, from: Timestamp, to: Timestamp) -> Result<Observed, StoreError> {
        self.snapshot(|connection| {
            let spans = alive::spans(connection, from, to)?;
            let micros: i64 = spans.iter().map(|(from, to)| to - from).sum();
            Ok(Observed {
                spans: spans
                    .into_iter()
                    .map(|(from, to)| (span::from_micros(from), span::from_micros(to)))
                    .collect(),
                total: Duration::from_micros(u64::try_from(micros).unwrap_or_default()),
            })
        })
    }

    /// Whether older requests are still being added to the roll-ups, after a new version or a new promise: until
    /// then figures are too small.
    pub fn is_catching_up(&self) -> Result<bool, StoreError> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM requests WHERE rolled = 0)
                           OR EXISTS (SELECT 1 FROM promise_gaps)";
        self.snapshot(|connection| Ok(connection.query_row(ANY, [], |row| row.get(0))?))
    }
}

/// The end of a window in whole seconds, so that a window up to 10:00:00.5 holds the half second.
fn second_after(to: Timestamp) -> i64 {
    let second = to.as_second();
    if span::timestamp(second) < to { second.saturating_add(1) } else { second }
}

fn window(cover: &Cover, asked: Timestamp, counts: Counts) -> Window {
    let to = span::timestamp(cover.to);
    // Half seconds are only rounded away to find buckets.
    let to = if to.duration_since(asked) < jiff::SignedDuration::from_secs(1) { asked.min(to) } else { to };
    Window { from: span::timestamp(cover.from), to, counts }
}

fn each(
    connection: &Connection,
    resolution: Resolution,
    (promise, mode): (i64, Mode),
    (from, to): (i64, i64),
    mut take: impl FnMut(i64, &[u8]) -> Result<(), BadBytes>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT start, counts FROM {} WHERE start >= ?1 AND start < ?2 AND promise = ?3 AND mode = ?4",
        promise_table(resolution)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![from, to, promise, mode.as_str()])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default()).map_err(damaged)?;
    }
    Ok(())
}

/// A damaged bucket is an error: a figure without it would be wrong and look right.
fn damaged(error: BadBytes) -> StoreError {
    StoreError::Damaged { detail: format!("roll-up: {error}") }
}
