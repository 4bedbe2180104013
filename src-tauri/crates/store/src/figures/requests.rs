//! The rows behind the figures: what alerts begin with after a start, and what the error budget was spent on.

use evenkeel_slo::{Cause, tally::Request};
use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use crate::{
    error::StoreError,
    finished::{self, Finished},
    promise::Promise,
    read::Reader,
    rows::Mode,
    span,
};

/// Requests are found by their arrival and asked for by their end. One that took longer than this is missed; none
/// of those in which an alert's window is interested does.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The same for what is read once in a while and must be complete.
const LONGEST_EVER: SignedDuration = SignedDuration::from_hours(24);

/// A counted request of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentRequest {
    /// When its last byte was out.
    pub ended: Timestamp,
    /// What it counts. Whether it was slow is [`Request::latency`] against the promise's target.
    pub request: Request,
}

/// A request that spent error budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRequest {
    /// Its id in the ledger.
    pub id: String,
    /// When it ended.
    pub ended: Timestamp,
    /// Why, as the router saw it.
    pub cause: Cause,
    /// Whose request.
    pub tenant: String,
    /// What for.
    pub feature: Option<String>,
    /// Who was asked last.
    pub provider: Option<String>,
    /// How it ended.
    pub outcome: String,
}

impl Reader {
    /// The counted requests of a promise that ended at or after `since`, oldest first. Meant for the last two hours:
    /// it reads the ledger row by row. Requests that took more than an hour are left out.
    pub fn recent(
        &self,
        promise: &Promise,
        mode: Mode,
        since: Timestamp,
    ) -> Result<Vec<RecentRequest>, StoreError> {
        let sql = format!(
            "SELECT {} FROM requests INDEXED BY requests_mode
             WHERE mode = ?1 AND at_us >= ?2 AND counted != 'no'
             AND (?3 IS NULL OR tenant = ?3) AND (?4 IS NULL OR feature = ?4)",
            finished::COLUMNS
        );
        let from = since.as_microsecond().saturating_sub(micros(LONGEST));
        self.snapshot(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![mode.as_str(), from, promise.tenant, promise.feature])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let finished = Finished::read(row)?;
                let ended = span::from_micros(finished.ended_us);
                if ended >= since {
                    found.push(RecentRequest { ended, request: finished.request });
                }
            }
            found.sort_by_key(|recent| recent.ended);
            Ok(found)
        })
    }

    /// The requests that spent a promise's error budget and ended from `from` up to `to`, oldest first; of more than
    /// `most` the newest. To agree with a [`Window`](super::Window) take its own two ends. As many as the ledger still
    /// has: 90 days of them, where [`Tally::causes`](evenkeel_slo::tally::Tally::causes) goes back three years.
    pub fn bad_requests(
        &self,
        promise: &Promise,
        mode: Mode,
        from: Timestamp,
        to: Timestamp,
        most: u32,
    ) -> Result<Vec<BadRequest>, StoreError> {
        const BAD: &str = "SELECT id, at_us, total_ms, cause, tenant, feature, provider, outcome
            FROM requests INDEXED BY requests_failed
            WHERE failed = 1 AND at_us >= ?2 AND at_us < ?3 AND mode = ?1
              AND (?4 IS NULL OR tenant = ?4) AND (?5 IS NULL OR feature = ?5)
              AND at_us + min(total_ms, 9000000000000) * 1000 >= ?6
              AND at_us + min(total_ms, 9000000000000) * 1000 < ?3
            ORDER BY at_us DESC LIMIT ?7";
        let earliest = from.as_microsecond().saturating_sub(micros(LONGEST_EVER));
        self.snapshot(|connection| {
            let mut statement = connection.prepare_cached(BAD)?;
            let rows = statement.query_map(
                params![
                    mode.as_str(),
                    earliest,
                    to.as_microsecond(),
                    promise.tenant,
                    promise.feature,
                    from.as_microsecond(),
                    most
                ],
                |row| {
                    let cause: Option<String> = row.get("cause")?;
                    let total_ms = u64::try_from(row.get::<_, i64>("total_ms")?).unwrap_or_default();
                    Ok(BadRequest {
                        id: row.get("id")?,
                        ended: span::from_micros(finished::ended_us(row.get("at_us")?, total_ms)),
                        cause: cause.and_then(|cause| cause.parse().ok()).unwrap_or(Cause::Unknown),
                        tenant: row.get("tenant")?,
                        feature: row.get("feature")?,
                        provider: row.get("provider")?,
                        outcome: row.get("outcome")?,
                    })
                },
            )?;
            let mut found = rows.collect::<Result<Vec<_>, _>>()?;
            found.sort_by(|a, b| (a.ended, &a.id).cmp(&(b.ended, &b.id)));
            Ok(found)
        })
    }
}

fn micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
