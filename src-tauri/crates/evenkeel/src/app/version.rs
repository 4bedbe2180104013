//! Which version ran on this folder last: an update is a change like any other, and stands beside what failed after it.

use std::sync::Arc;

use evenkeel_router::Event;

use super::Running;

const SETTING: &str = "version";

/// Notes a version that wasn't here before.
pub(super) async fn note(running: Arc<Running>) {
    let now = env!("CARGO_PKG_VERSION");
    let store = running.store();
    let Ok(before) = store.setting(SETTING).await else { return };
    if before.as_deref() == Some(now) {
        return;
    }
    if let Some(from) = before {
        running.emit(Event::VersionChanged { from, to: now.to_owned() });
    }
    if let Err(error) = store.set_setting(SETTING, Some(now.to_owned())).await {
        tracing::warn!(%error, "this version could not be noted");
    }
}
