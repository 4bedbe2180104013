//! When Evenkeel ran: what stands beside every percentage as "observed 312 of 720 h".
//!
//! Nobody can count requests while the program is off or the laptop sleeps. So the writer says each minute that it
//! is there; minutes in a row are one span, and a gap in the system's clock ends it. A crash loses the last minute
//! at most, always on the side of having seen less.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::{error::StoreError, queue::Change, store::Store};

#[cfg(test)]
mod tests;

/// How often.
const EVERY: Duration = Duration::from_mins(1);
/// How long after one that another program's lock kept from being written.
const AGAIN: Duration = Duration::from_secs(1);
/// Two beats further apart than this, by the system's clock, had a sleep or a change of the clock between them.
const GAP_US: i64 = 90_000_000;

/// The writer's side.
pub(crate) struct Heartbeat {
    due: Instant,
    span: Option<Span>,
}

#[derive(Clone, Copy)]
struct Span {
    seq: i64,
    to_us: i64,
}

impl Heartbeat {
    /// Begins at once.
    pub(crate) fn new() -> Self {
        Self { due: Instant::now(), span: None }
    }

    /// When the writer should come by even without rows.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Writes a beat if it is time. A failure is no reason for an alarm: what was not written was not observed.
    ///
    /// Never waits for somebody else's lock, as `busy` would have it: rows and their readers are behind it.
    pub(crate) fn beat_if_due(&mut self, connection: &Connection, busy: Duration) {
        if Instant::now() < self.due || connection.busy_timeout(Duration::ZERO).is_err() {
            return;
        }
        self.beat(connection, Timestamp::now());
        if let Err(error) = connection.busy_timeout(busy) {
            tracing::warn!(%error, "the ledger's patience with other programs was not restored");
        }
    }

    /// Says that Evenkeel is there now.
    pub(crate) fn beat(&mut self, connection: &Connection, now: Timestamp) {
        if let Err(error) = self.try_to_beat(connection, now) {
            self.due = Instant::now() + AGAIN;
            tracing::debug!(%error, "this minute's sign of life was not written");
        }
    }

    /// Finds out whether the disk takes anything again, by a beat. Waits for nobody's lock either.
    pub(crate) fn prove(&mut self, connection: &Connection, busy: Duration) -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::ZERO)?;
        let beaten = self.try_to_beat(connection, Timestamp::now());
        connection.busy_timeout(busy)?;
        beaten
    }

    fn try_to_beat(&mut self, connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
        self.due = Instant::now() + EVERY;
        let now_us = now.as_microsecond();
        let seq = match self.span {
            Some(span) if (0..=GAP_US).contains(&(now_us - span.to_us)) => {
                longer(connection, span.seq, now_us)
            }
            _ => begin(connection, now_us),
        }?;
        self.span = Some(Span { seq, to_us: now_us });
        Ok(())
    }
}

impl Store {
    /// Says of other times that Evenkeel was there: for a ledger that is filled with requests of those times.
    pub async fn seen(&self, spans: Vec<(Timestamp, Timestamp)>) -> Result<(), StoreError> {
        let apply = Change::Apply(Box::new(move |connection| {
            let mut insert =
                connection.prepare_cached("INSERT INTO alive (from_us, to_us) VALUES (?1, ?2)")?;
            spans.iter().try_fold(0, |sum, (from, to)| {
                Ok(sum + insert.execute([from.as_microsecond(), to.as_microsecond()])?)
            })
        }));
        self.change(apply).await.map(drop)
    }
}

fn begin(connection: &Connection, now_us: i64) -> rusqlite::Result<i64> {
    connection.prepare_cached("INSERT INTO alive (from_us, to_us) VALUES (?1, ?1)")?.execute([now_us])?;
    Ok(connection.last_insert_rowid())
}

fn longer(connection: &Connection, seq: i64, now_us: i64) -> rusqlite::Result<i64> {
    connection.prepare_cached("UPDATE alive SET to_us = ?2 WHERE seq = ?1")?.execute([seq, now_us])?;
    Ok(seq)
}

/// The spans within a window, in order and without overlap: a clock that was set back has been there twice.
pub(crate) fn spans(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let (from, to) = (from.as_microsecond(), to.as_microsecond());
    let mut statement = connection.prepare_cached(
        "SELECT max(from_us, ?1), min(to_us, ?2) FROM alive WHERE to_us > ?1 AND from_us < ?2 ORDER BY from_us",
    )?;
    let rows = statement.query_map(params![from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for row in rows {
        let (begin, end): (i64, i64) = row?;
        match spans.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => spans.push((begin, end)),
        }
    }
    Ok(spans)
}
