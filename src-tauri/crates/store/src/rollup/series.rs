//! The combinations that are told apart, and how many of them.
//!
//! A feature is a header that any client may fill with anything. Without a bound, one that writes an id into it
//! would grow the disk with every request; so beyond [`MOST`] live ones all further combinations are counted
//! together, and the figures say so.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::{finished::Finished, rows::Mode, span::Resolution};

/// Live combinations of one book that are told apart.
pub(crate) const MOST: usize = 200;
/// A combination lives for so long after its last request.
pub(crate) const LIVES: i64 = 30 * 86_400;
/// The class of what is counted together.
pub(crate) const OTHER: &str = "other";

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Labels {
    mode: Mode,
    tenant: String,
    feature: String,
    provider: String,
    class: &'static str,
}

struct Series {
    id: i64,
    last_day: i64,
}

/// All that the database has.
pub(crate) struct SeriesIds {
    known: HashMap<Labels, Series>,
}

impl SeriesIds {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection
            .prepare_cached("SELECT id, mode, tenant, feature, provider, class, last_day FROM series")?;
        let rows = statement.query_map([], |row| {
            let mode: String = row.get("mode")?;
            let class: String = row.get("class")?;
            let labels = Labels {
                mode: mode.parse().unwrap_or_default(),
                tenant: row.get("tenant")?,
                feature: row.get("feature")?,
                provider: row.get("provider")?,
                class: CLASSES.into_iter().find(|known| **known == *class).unwrap_or(OTHER),
            };
            Ok((labels, Series { id: row.get("id")?, last_day: row.get("last_day")? }))
        })?;
        Ok(Self { known: rows.collect::<Result<_, _>>()? })
    }

    /// The number of a request's series, made if there is room for it.
    pub(crate) fn id(&mut self, connection: &Connection, row: &Finished, now: i64) -> rusqlite::Result<i64> {
        // A request from the future must not keep its series alive for ever.
        let day = Resolution::Day.floor(row.ended_s().min(now));
        let labels = Labels {
            mode: row.mode,
            tenant: row.tenant.clone(),
            feature: row.feature.clone().unwrap_or_default(),
            provider: row.provider.clone().unwrap_or_default(),
            class: row.class,
        };
        let lives = self.known.get(&labels).is_some_and(|series| series.last_day >= day - LIVES);
        if lives || self.live(row.mode, day) < MOST {
            return self.seen(connection, labels, day);
        }
        let [tenant, feature, provider] = [const { String::new() }; 3];
        self.seen(connection, Labels { mode: row.mode, tenant, feature, provider, class: OTHER }, day)
    }

    fn live(&self, mode: Mode, day: i64) -> usize {
        let lives = |(labels, series): &(&Labels, &Series)| {
            labels.mode == mode && labels.class != OTHER && series.last_day >= day - LIVES
        };
        self.known.iter().filter(lives).count()
    }

    fn seen(&mut self, connection: &Connection, labels: Labels, day: i64) -> rusqlite::Result<i64> {
        if let Some(series) = self.known.get_mut(&labels) {
            if series.last_day < day {
                series.last_day = day;
                connection
                    .prepare_cached("UPDATE series SET last_day = ?2 WHERE id = ?1")?
                    .execute([series.id, day])?;
            }
            return Ok(series.id);
        }
        connection
            .prepare_cached(
                "INSERT INTO series (mode, tenant, feature, provider, class, last_day)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                labels.mode.as_str(),
                labels.tenant,
                labels.feature,
                labels.provider,
                labels.class,
                day
            ])?;
        let id = connection.last_insert_rowid();
        if labels.class == OTHER {
            tracing::warn!(
                book = %labels.mode,
                "more than {MOST} combinations of tenant, feature and provider; further ones are counted together"
            );
        }
        self.known.insert(labels, Series { id, last_day: day });
        Ok(id)
    }
}

const CLASSES: [&str; 5] = ["served", "cache", "bypass", "none", OTHER];
