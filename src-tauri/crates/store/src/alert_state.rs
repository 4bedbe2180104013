//! Where each alert stands, kept so that a restart neither forgets a firing one nor pages for it again.
//!
//! What is in the JSON is the alert machine's business.

use jiff::Timestamp;

use crate::{error::StoreError, queue::Change, read::Reader, span, store::Store};

/// One alert's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertState {
    /// Which alert of which promise.
    pub key: String,
    /// The machine's own state.
    pub json: String,
    /// When it was written.
    pub updated: Timestamp,
}

impl Store {
    /// Forgets an alert that is no longer declared; false if there was none.
    pub async fn remove_alert_state(&self, key: &str) -> Result<bool, StoreError> {
        let key = key.to_owned();
        let apply = Change::Apply(Box::new(move |connection| {
            connection.execute("DELETE FROM alert_state WHERE key = ?1", [&key])
        }));
        self.change(apply).await
    }

    /// All alerts' states by key.
    pub async fn alert_states(&self) -> Result<Vec<AlertState>, StoreError> {
        self.read(Reader::alert_states).await
    }
}

impl Reader {
    /// All alerts' states by key.
    pub fn alert_states(&self) -> Result<Vec<AlertState>, StoreError> {
        self.snapshot(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT key, json, updated_us FROM alert_state ORDER BY key")?;
            let rows = statement.query_map([], |row| {
                Ok(AlertState {
                    key: row.get("key")?,
                    json: row.get("json")?,
                    updated: span::from_micros(row.get("updated_us")?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
