//! What became of the requests since our own network went away.
//!
//! Counted here and not read from the ledger, because the tray asks every second and the state itself is no older than
//! this process either.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use evenkeel_router::{Event, NetworkChange};
use evenkeel_slo::Cause;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::{Running, subscribers};

/// The requests of one absence.
#[derive(Debug, Default)]
pub(crate) struct Away {
    saved: AtomicU64,
    failed: AtomicU64,
}

impl Away {
    /// How many got a saved answer, and how many none.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.saved.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    fn take(&self, event: &Event) {
        match event {
            Event::NetworkChanged(NetworkChange::Offline { .. }) => {
                self.saved.store(0, Ordering::Relaxed);
                self.failed.store(0, Ordering::Relaxed);
            }
            Event::Settled(row) if row.measured().cached => {
                self.saved.fetch_add(1, Ordering::Relaxed);
            }
            Event::Settled(row) if row.cause == Some(Cause::OwnNetwork) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

/// Counts until the app has finished.
pub(super) async fn count(
    events: broadcast::Receiver<Event>,
    finished: CancellationToken,
    running: Arc<Running>,
) {
    subscribers::each(events, finished, "away", |event| running.away.take(event)).await;
}
