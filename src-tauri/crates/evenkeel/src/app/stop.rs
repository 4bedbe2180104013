//! The order in which an app ends: clients first, then what they left to write down, then the folder.

use std::{sync::Arc, time::Duration};

use evenkeel_router::{Event, Router};
use tokio::time::{Instant, interval, timeout, timeout_at};

use super::Running;

/// For answers in flight; the interface promises ten seconds at most.
const DRAIN: Duration = Duration::from_secs(10);
/// For connections and tasks that have nothing left to do but end.
const REST: Duration = Duration::from_secs(1);
/// For bytes that are written and not yet sent.
const LAST_BYTES: Duration = Duration::from_millis(250);
/// How often to look whether the last request has ended.
const LOOK: Duration = Duration::from_millis(10);

pub(super) async fn stop(running: &Arc<Running>) {
    let deadline = Instant::now() + DRAIN;
    let routers = routers(running);
    running.emit(Event::Stopping);
    for router in &routers {
        router.set_draining();
    }
    // Live streams never end by themselves and would count as in flight.
    running.signals.stopping.cancel();
    let drained = timeout_at(deadline, idle(&routers)).await.is_ok();
    running.signals.closing.cancel();
    if drained {
        let _ = timeout(REST, running.connections.ended()).await;
    } else {
        let left: usize = routers.iter().map(|router| router.snapshot().in_flight).sum();
        tracing::warn!(left, "requests were still in flight after 10 s and are cut short");
        // They end with words, not with a dropped connection: streams with their dialect's error event.
        for router in &routers {
            router.cut_short();
        }
        let _ = timeout(REST, idle(&routers)).await;
        let _ = timeout(LAST_BYTES, running.connections.ended()).await;
    }
    running.signals.cut.cancel();
    let _ = timeout(REST, running.connections.ended()).await;
    for router in &routers {
        router.tasks().close();
        let _ = timeout(REST, router.tasks().wait()).await;
    }
    if let Some(practice) = running.practice.clone() {
        let _ = timeout(REST, practice.stop()).await;
    }
    // After the last answer, and before the folder is let go.
    running.cache.close().await;
    running.signals.finished.cancel();
    let _ = timeout(REST, running.tasks.ended()).await;

    // Before the folder is let go: what comes next in it writes its own.
    running.run.remove(&running.paths.run_file());
    let store = running.store.clone();
    match tokio::task::spawn_blocking(move || store.shut_down()).await {
        Ok(Ok(())) => tracing::info!("Stopped."),
        Ok(Err(error)) => tracing::error!(%error, "the database could not be closed in order"),
        Err(error) => tracing::error!(%error, "the database could not be closed"),
    }
}

fn routers(running: &Running) -> Vec<Arc<Router>> {
    let mut routers = running.retired.lock().clone();
    routers.push(Arc::clone(&running.routing().router));
    routers
}

async fn idle(routers: &[Arc<Router>]) {
    let mut look = interval(LOOK);
    while routers.iter().any(|router| router.snapshot().in_flight > 0) {
        look.tick().await;
    }
}
