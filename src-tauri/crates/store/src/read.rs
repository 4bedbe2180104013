//! Reading: connections of their own that can't write, one for each reader at a time.
//!
//! Everything here blocks. [`Store`](crate::Store) calls it on a blocking thread after a flush; the command line
//! calls it directly when no router runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};

use crate::{
    error::{OpenError, StoreError},
    files, ledger,
    migrate::{self, MIGRATIONS},
    rows::{EventRow, LedgerRow, Mode, PAGE_MAX, RequestsPage, RequestsQuery, Spent, Tenant},
};

/// Connections kept open between reads.
const IDLE_MOST: usize = 2;

/// Reads a ledger, whether a router writes to it or not. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Reader {
    /// Opens the ledger in `folder` without lock and without changing it.
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(files::DATABASE_FILE);
        if !path.is_file() {
            return Err(OpenError::NoLedger { folder: folder.to_owned() });
        }
        files::check_magic(&path)?;
        let connection = files::connect_reader(&path).map_err(|error| files::explain(&path, error))?;
        let known = migrate::newest(MIGRATIONS);
        match migrate::check(&connection, &path, MIGRATIONS)? {
            0 => return Err(OpenError::NoLedger { folder: folder.to_owned() }),
            found if found < known => return Err(OpenError::Older { path, found, known }),
            _ => {}
        }
        Ok(Self { pool: Arc::new(Pool { path, idle: Mutex::new(vec![connection]) }) })
    }

    /// A page of requests, newest first (by arrival, then by order of recording), without their plans.
    ///
    /// Going on from `next` neither repeats nor skips a request that was there when the first page was read,
    /// whatever is recorded meanwhile.
    pub fn requests(&self, query: &RequestsQuery) -> Result<RequestsPage, StoreError> {
        self.pool.with(|connection| ledger::page(connection, query))
    }

    /// One request with its attempts and its plan.
    pub fn request(&self, id: &str) -> Result<Option<LedgerRow>, StoreError> {
        self.pool.with(|connection| ledger::one(connection, id))
    }

    /// The newest events, newest first; `limit` is brought into 1 to [`PAGE_MAX`].
    pub fn events(&self, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        const EVENTS: &str =
            "SELECT at_us, kind, text, data FROM events ORDER BY at_us DESC, seq DESC LIMIT ?1";
        self.pool.with(|connection| {
            let mut statement = connection.prepare_cached(EVENTS)?;
            let rows = statement.query_and_then([limit.clamp(1, PAGE_MAX)], |row| {
                Ok(EventRow {
                    at: time(row.get("at_us")?)?,
                    kind: row.get("kind")?,
                    text: row.get("text")?,
                    data: row.get("data")?,
                })
            })?;
            rows.collect()
        })
    }

    /// What was spent since `since` (which counts), by tenant and route, in micro-dollars.
    pub fn spent(&self, mode: Mode, since: Timestamp) -> Result<Vec<Spent>, StoreError> {
        const SPENT: &str = "SELECT tenant, route, SUM(cost_micros) AS micros FROM requests \
                             WHERE at_us >= ?1 AND mode = ?2 AND cost_micros IS NOT NULL GROUP BY tenant, route";
        self.pool.with(|connection| {
            let mut statement = connection.prepare_cached(SPENT)?;
            let rows = statement.query_and_then((since.as_microsecond(), mode.as_str()), |row| {
                Ok(Spent { tenant: row.get("tenant")?, route: row.get("route")?, micros: row.get("micros")? })
            })?;
            rows.collect()
        })
    }

    /// All tenants by name.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        const TENANTS: &str =
            "SELECT name, features, key_hash, created_at_us, last_used_at_us FROM tenants ORDER BY name";
        self.pool.with(|connection| {
            let mut statement = connection.prepare_cached(TENANTS)?;
            let rows = statement.query_and_then([], tenant)?;
            rows.collect()
        })
    }

    /// A setting's value.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.pool.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// Reads everything in one state of the database, whatever is written meanwhile.
    pub(crate) fn snapshot<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.pool.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            read(&transaction)
        })
    }

    /// Closes the idle connections, so that the writer's can be the last one and tidy up the log.
    pub(crate) fn close(&self) {
        self.pool.idle.lock().clear();
    }
}

impl Pool {
    /// A connection that met an error isn't kept: the file may have been away.
    fn with<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => files::connect_reader(&self.path)?,
        };
        let value = read(&mut connection)?;
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_MOST {
            idle.push(connection);
        }
        Ok(value)
    }
}

fn tenant(row: &Row<'_>) -> Result<Tenant, StoreError> {
    let name: String = row.get("name")?;
    let features: String = row.get("features")?;
    let features = serde_json::from_str(&features)
        .map_err(|error| StoreError::Damaged { detail: format!("features of tenant {name}: {error}") })?;
    let last_used: Option<i64> = row.get("last_used_at_us")?;
    Ok(Tenant {
        name,
        features,
        key_hash: row.get("key_hash")?,
        created_at: time(row.get("created_at_us")?)?,
        last_used_at: last_used.map(time).transpose()?,
    })
}

/// Microseconds since 1970 as a time.
pub(crate) fn time(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|error| StoreError::Damaged { detail: format!("time {microseconds}: {error}") })
}
