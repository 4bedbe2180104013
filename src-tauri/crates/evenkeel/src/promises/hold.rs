//! The freeze over a restart: one for each promise and book, kept in the database.

use evenkeel_config::Slo;
use evenkeel_slo::standing::Hold;
use evenkeel_store::{Store, StoreError};

use super::book;

fn setting(slo: &Slo, practice: bool) -> String {
    format!("hold/{}/{}", book(practice).0, slo.name)
}

/// How it was left. What can't be read is free: the next look at the budget freezes it again if it must be.
pub(crate) async fn stored(store: &Store, slo: &Slo, practice: bool) -> Hold {
    let text = store.setting(&setting(slo, practice)).await.ok().flatten();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Keeps it.
pub(crate) async fn store(store: &Store, slo: &Slo, practice: bool, hold: &Hold) -> Result<(), StoreError> {
    let text = (*hold != Hold::Free).then(|| serde_json::to_string(hold).unwrap_or_default());
    store.set_setting(&setting(slo, practice), text).await
}
