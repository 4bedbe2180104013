//! "Send everything to …" over a restart: kept in the database beside the rollback switch.

use evenkeel_router::UnknownProvider;
use evenkeel_store::{Store, StoreError};

use crate::failure::{Code, Failure};

/// The provider's name; absent while it is automatic.
const SETTING: &str = "force";

/// Whom everything is sent to first, for a router that starts.
pub(super) async fn stored(store: &Store) -> Option<String> {
    store.setting(SETTING).await.ok().flatten()
}

pub(super) async fn store(store: &Store, provider: Option<String>) -> Result<(), StoreError> {
    store.set_setting(SETTING, provider).await
}

/// A choice of somebody who isn't there.
pub(super) fn unknown(unknown: &UnknownProvider) -> Failure {
    Failure::new(Code::UnknownProvider, format!("There is no provider {:?}.", unknown.name))
        .hint(format!("Choose one of: {}.", unknown.known.join(", ")))
}
