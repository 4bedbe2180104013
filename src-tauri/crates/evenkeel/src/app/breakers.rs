//! Open breakers over a restart: kept in the database, so that a provider that is known to be down isn't
//! found out about again at the cost of three requests.

use std::sync::Arc;

use evenkeel_router::{Event, Remembered};
use evenkeel_store::Store;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::Running;

/// JSON; absent while all are closed. The two books are kept apart, for a practice provider's fault says
/// nothing about the real one.
fn setting(practice: bool) -> &'static str {
    if practice { "breakers_practice" } else { "breakers" }
}

/// Those that were open, for a router that starts. What can't be read is forgotten: it costs three requests.
pub(super) async fn stored(store: &Store, practice: bool) -> Vec<Remembered> {
    let text = store.setting(setting(practice)).await.ok().flatten();
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Writes them down whenever one changes.
pub(super) async fn keep(
    mut events: broadcast::Receiver<Event>,
    finished: CancellationToken,
    running: Arc<Running>,
) {
    loop {
        let event = tokio::select! {
            biased;
            event = events.recv() => event,
            () = finished.cancelled() => return,
        };
        match event {
            // Whatever was missed, the state as it is now is what counts.
            Ok(Event::BreakerChanged(_) | Event::KeyChanged { .. } | Event::ConfigReloaded)
            | Err(RecvError::Lagged(_)) => {
                let routing = running.routing.load_full();
                let open = routing.router.open_breakers();
                let text = (!open.is_empty()).then(|| serde_json::to_string(&open).unwrap_or_default());
                if let Err(error) = running.store.set_setting(setting(routing.practice), text).await {
                    tracing::warn!(%error, "open breakers could not be kept");
                }
            }
            Ok(_) => {}
            Err(RecvError::Closed) => return,
        }
    }
}
