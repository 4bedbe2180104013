//! What one evaluation of the alerts leaves behind: their new states and the pages that go with them.

use rusqlite::params;

use crate::{alert_state::AlertState, error::StoreError, pages, pages::Page, queue::Change, store::Store};

impl Store {
    /// Writes states and queues pages in one transaction, all or nothing: a crash between the two would page twice
    /// or never. A page whose key was ever queued is that page and is left as it is; the states are written all the
    /// same.
    pub async fn put_raised(&self, states: Vec<AlertState>, pages: Vec<Page>) -> Result<(), StoreError> {
        let apply = Change::Apply(Box::new(move |connection| {
            let mut state = connection.prepare_cached(
                "INSERT INTO alert_state (key, json, updated_us) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET json = excluded.json, updated_us = excluded.updated_us",
            )?;
            for new in &states {
                state.execute(params![new.key, new.json, new.updated.as_microsecond()])?;
            }
            pages.iter().try_fold(states.len(), |sum, page| Ok(sum + pages::put(connection, page)?))
        }));
        self.change(apply).await.map(drop)
    }
}
