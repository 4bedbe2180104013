//! The promises in force: whose requests each counts, and against which target.
//!
//! A request is judged when it is written, by the targets of that moment, and never again: a target that is raised
//! today must not turn yesterday's slow requests into fast ones. Only a promise that is seen for the first time (or
//! comes back) looks at what the ledger still has, for otherwise its first month would be empty.

use evenkeel_slo::tally::Basis;
use rusqlite::{Connection, params};

/// One declared SLO, as far as counting goes.
///
/// Its name, tenant, feature and basis say which promise it is; another target is the same promise from then on. The
/// basis is one of them because a histogram of first bytes and last bytes together would say nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Promise {
    /// As declared.
    pub name: String,
    /// Only this tenant's requests; `None`: all.
    pub tenant: Option<String>,
    /// Only this feature's requests; `None`: all.
    pub feature: Option<String>,
    /// What the latency is measured to.
    pub basis: Basis,
    /// The latency that is promised; slower than this is slow.
    pub target_ms: u64,
}

impl Promise {
    /// Whether a request of this tenant and feature falls under it.
    pub fn covers(&self, tenant: &str, feature: Option<&str>) -> bool {
        self.tenant.as_deref().is_none_or(|wanted| wanted == tenant)
            && (self.feature.is_none() || self.feature.as_deref() == feature)
    }
}

/// A promise with its number in the database.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) id: i64,
    pub(crate) promise: Promise,
    /// Rows up to this one are somebody else's to count: they are, or they stand in a gap.
    pub(crate) done_seq: i64,
}

const SAME: &str = "name = ?1 AND tenant IS ?2 AND feature IS ?3 AND basis = ?4";

/// Its number, if it was ever in force.
pub(crate) fn id(connection: &Connection, promise: &Promise) -> rusqlite::Result<Option<i64>> {
    let mut find = connection.prepare_cached(&format!("SELECT id FROM promises WHERE {SAME}"))?;
    let mut rows =
        find.query(params![promise.name, promise.tenant, promise.feature, promise.basis.as_str()])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// All that are in force.
pub(crate) fn in_force(connection: &Connection) -> rusqlite::Result<Vec<InForce>> {
    let all = promises(connection, "in_force = 1")?;
    Ok(all.into_iter().map(|(known, _)| known).collect())
}

/// One by its number.
pub(crate) fn by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<InForce>> {
    let mut all = promises(connection, &format!("id = {id}"))?;
    Ok(all.pop().map(|(known, _)| known))
}

fn promises(connection: &Connection, condition: &str) -> rusqlite::Result<Vec<(InForce, bool)>> {
    let sql = format!(
        "SELECT id, name, tenant, feature, basis, target_ms, done_seq, in_force FROM promises
         WHERE {condition} ORDER BY id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| {
        let basis: String = row.get("basis")?;
        let promise = Promise {
            name: row.get("name")?,
            tenant: row.get("tenant")?,
            feature: row.get("feature")?,
            // The table takes no other words.
            basis: basis.parse().unwrap_or_default(),
            target_ms: u64::try_from(row.get::<_, i64>("target_ms")?).unwrap_or_default(),
        };
        Ok((InForce { id: row.get("id")?, promise, done_seq: row.get("done_seq")? }, row.get("in_force")?))
    })?;
    rows.collect()
}

/// Makes exactly these the promises in force, from the next row on. False if they were so already.
pub(crate) fn set(connection: &Connection, wanted: &[Promise]) -> rusqlite::Result<bool> {
    let last: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM requests", [], |row| row.get(0))?;
    let mut changed = false;
    for (known, in_force) in promises(connection, "true")? {
        let wants = |promise: &&Promise| {
            Promise { target_ms: known.promise.target_ms, ..(*promise).clone() } == known.promise
        };
        match wanted.iter().find(wants) {
            Some(promise) => {
                if !in_force {
                    add_gap(connection, known.id, known.done_seq, last)?;
                }
                let target = i64::try_from(promise.target_ms).unwrap_or(i64::MAX);
                let done = if in_force { known.done_seq } else { last };
                changed |= connection.execute(
                    "UPDATE promises SET target_ms = ?2, in_force = 1, done_seq = ?3
                     WHERE id = ?1 AND (target_ms != ?2 OR in_force = 0)",
                    params![known.id, target, done],
                )? > 0;
            }
            None if in_force => {
                changed = true;
                connection.execute(
                    "UPDATE promises SET in_force = 0, done_seq = ?2 WHERE id = ?1",
                    params![known.id, last],
                )?;
            }
            None => {}
        }
    }
    for promise in wanted {
        if id(connection, promise)?.is_some() {
            continue;
        }
        changed = true;
        connection.execute(
            "INSERT INTO promises (name, tenant, feature, basis, target_ms, in_force, done_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)",
            params![
                promise.name,
                promise.tenant,
                promise.feature,
                promise.basis.as_str(),
                i64::try_from(promise.target_ms).unwrap_or(i64::MAX),
                last
            ],
        )?;
        add_gap(connection, connection.last_insert_rowid(), 0, last)?;
    }
    Ok(changed)
}

fn add_gap(connection: &Connection, promise: i64, after: i64, upto: i64) -> rusqlite::Result<()> {
    if after < upto {
        connection.execute(
            "INSERT INTO promise_gaps (promise, after_seq, upto_seq) VALUES (?1, ?2, ?3)",
            params![promise, after, upto],
        )?;
    }
    Ok(())
}
