//! The same figures by tenant, feature or provider, out of the series.

use std::collections::{BTreeMap, HashMap};

use evenkeel_slo::{histogram::BadBytes, tally::Counts};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    error::StoreError,
    read::Reader,
    rollup::{
        series::{LIVES, MOST, OTHER},
        tables::series_table,
    },
    rows::Mode,
    span::{self, Cover, Resolution},
};

use super::{Point, damaged, second_after};

/// What to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whose requests.
    Tenant,
    /// What they were for.
    Feature,
    /// Who answered, or was tried last.
    Provider,
}

/// What one tenant, feature or provider had of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its name; empty where none was named, and for [`other`](Self::other).
    pub name: String,
    /// Whether these are the requests of all combinations beyond the ones that are told apart.
    pub other: bool,
    /// What was counted. Latencies are to the first byte; slow is what the strictest promise in force called so.
    pub counts: Counts,
}

/// Which series to read. What is `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The book.
    pub mode: Mode,
    /// Only this tenant's.
    pub tenant: Option<String>,
    /// Only this feature's; empty for those that named none.
    pub feature: Option<String>,
    /// Only this provider's; empty for those that none was asked for.
    pub provider: Option<String>,
}

/// How many combinations of tenant, feature, provider and class there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeriesUse {
    /// With a request in the last 30 days.
    pub live: u32,
    /// As many are told apart.
    pub most: u32,
    /// When the last request came that was one too many, to the UTC day, within the last 30 days. While this is
    /// there, breakdowns have a share called "other", and a person should be told to look at the `feature` header.
    pub overflowed: Option<Timestamp>,
}

impl Reader {
    /// Who had how much from `from` up to `to`, largest first. Rounded to whole hours, or to UTC days where it is more
    /// than 100 days ago; exact to the minute is [`promise_window`](Self::promise_window).
    pub fn breakdown(
        &self,
        mode: Mode,
        by: By,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Share>, StoreError> {
        let hour = Resolution::Hour;
        let now = span::now();
        let cover = Cover::of(hour.floor(from.as_second()), hour.ceil(second_after(to)), now);
        self.snapshot(|connection| {
            let mut groups: BTreeMap<(bool, String), usize> = BTreeMap::new();
            let mut counts: Vec<Counts> = Vec::new();
            let scope = Scope { mode, ..Scope::default() };
            let mut places: HashMap<i64, usize> = HashMap::new();
            for series in series(connection, &scope)? {
                let name = match by {
                    By::Tenant => series.tenant,
                    By::Feature => series.feature,
                    By::Provider => series.provider,
                };
                let place = *groups.entry((series.class == OTHER, name)).or_insert(counts.len());
                if place == counts.len() {
                    counts.push(Counts::default());
                }
                places.insert(series.id, place);
            }
            for piece in &cover.pieces {
                each(connection, piece.resolution, (piece.from, piece.to), &places, |_, place, more| {
                    counts[place].merge_bytes(more)
                })?;
            }
            let mut shares: Vec<Share> = groups
                .into_iter()
                .map(|((other, name), place)| Share {
                    name,
                    other,
                    counts: std::mem::take(&mut counts[place]),
                })
                .filter(|share| !share.counts.is_empty())
                .collect();
            shares.sort_by_key(|share| (share.other, std::cmp::Reverse(share.counts.tally.n())));
            Ok(shares)
        })
    }

    /// What some series counted in each bucket of this length that begins at or after `from` (rounded down to one)
    /// and before `to`, oldest first.
    pub fn points(
        &self,
        scope: &Scope,
        resolution: Resolution,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, StoreError> {
        let range = (resolution.floor(from.as_second()), second_after(to));
        self.snapshot(|connection| {
            let places: HashMap<i64, usize> =
                series(connection, scope)?.into_iter().map(|series| (series.id, 0)).collect();
            let mut points: Vec<Point> = Vec::new();
            each(connection, resolution, range, &places, |start, _, bytes| {
                let start = span::timestamp(start);
                match points.last_mut() {
                    Some(point) if point.start == start => point.counts.merge_bytes(bytes)?,
                    _ => points.push(Point { start, counts: Counts::from_bytes(bytes)? }),
                }
                Ok(())
            })?;
            Ok(points)
        })
    }

    /// Whether there are more combinations in one book than are told apart.
    pub fn series_use(&self, mode: Mode) -> Result<SeriesUse, StoreError> {
        let since = Resolution::Day.floor(span::now()) - LIVES;
        self.snapshot(|connection| {
            let live = connection.query_row(
                "SELECT count(*) FROM series WHERE mode = ?1 AND class != ?2 AND last_day >= ?3",
                params![mode.as_str(), OTHER, since],
                |row| row.get(0),
            )?;
            let overflowed: Option<i64> = connection
                .query_row(
                    "SELECT last_day FROM series WHERE mode = ?1 AND class = ?2 AND last_day >= ?3",
                    params![mode.as_str(), OTHER, since],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(SeriesUse {
                live,
                most: u32::try_from(MOST).unwrap_or(u32::MAX),
                overflowed: overflowed.map(span::timestamp),
            })
        })
    }
}

struct Series {
    id: i64,
    tenant: String,
    feature: String,
    provider: String,
    class: String,
}

fn series(connection: &Connection, scope: &Scope) -> Result<Vec<Series>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, tenant, feature, provider, class FROM series
         WHERE mode = ?1 AND (?2 IS NULL OR tenant = ?2) AND (?3 IS NULL OR feature = ?3)
           AND (?4 IS NULL OR provider = ?4)",
    )?;
    let rows = statement.query_map(
        params![scope.mode.as_str(), scope.tenant, scope.feature, scope.provider],
        |row| {
            Ok(Series {
                id: row.get("id")?,
                tenant: row.get("tenant")?,
                feature: row.get("feature")?,
                provider: row.get("provider")?,
                class: row.get("class")?,
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn each(
    connection: &Connection,
    resolution: Resolution,
    (from, to): (i64, i64),
    places: &HashMap<i64, usize>,
    mut take: impl FnMut(i64, usize, &[u8]) -> Result<(), BadBytes>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT start, series, counts FROM {} WHERE start >= ?1 AND start < ?2",
        series_table(resolution)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([from, to])?;
    while let Some(row) = rows.next()? {
        if let Some(&place) = places.get(&row.get(1)?) {
            take(row.get(0)?, place, row.get_ref(2)?.as_blob().unwrap_or_default()).map_err(damaged)?;
        }
    }
    Ok(())
}
