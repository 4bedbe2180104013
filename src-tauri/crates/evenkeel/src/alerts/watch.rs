//! The task that hands the alerts every request and evaluates them every few seconds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use evenkeel_router::Event;
use jiff::Timestamp;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, sleep_until},
};

use super::watched::Read;
use crate::app::Running;

/// Promises are looked at anew at least this often, for days leave a window also while nobody asks for anything.
const LOOK_ANYWAY: Duration = Duration::from_mins(5);
/// How far back a last sign of life is looked for.
const LIFE: Duration = Duration::from_hours(24);

/// Watches until the app has finished; the last requests of a stop still count.
pub(crate) async fn watch(mut events: broadcast::Receiver<Event>, running: Arc<Running>) {
    let finished = running.finished();
    let mut read = load(&running, last_life(&running).await).await;
    let mut due = Instant::now();
    let (mut looked, mut traffic, mut just_read) = (None, true, true);
    loop {
        let event = tokio::select! {
            biased;
            () = finished.cancelled() => break,
            () = sleep_until(due) => {
                let every = running.settings().config.alerts.evaluate_every;
                due = Instant::now() + every;
                // What came while the ledger was read has arrived by the second evaluation after it.
                if !std::mem::take(&mut just_read) {
                    read.clear();
                }
                if running.alerts.watched.lock().await.wants_reading(&running) {
                    (read, just_read) = (load(&running, Some(Timestamp::now())).await, true);
                }
                evaluate(&running).await;
                if traffic || looked.is_none_or(|at: Instant| at.elapsed() >= LOOK_ANYWAY) {
                    look(&running).await;
                    (looked, traffic) = (Some(Instant::now()), false);
                }
                continue;
            }
            event = events.recv() => event,
        };
        match event {
            Ok(Event::Settled(row)) => {
                traffic = true;
                let mut watched = running.alerts.watched.lock().await;
                watched.record(&row, |name| read.get_mut(name).is_some_and(|read| read.takes(&row)));
            }
            Ok(Event::ConfigReloaded) => {
                let configured = running.alerts.watched.lock().await.configure(&running).await;
                if let Err(error) = configured {
                    tracing::warn!(%error, "the alerts go on with the promises from before");
                }
                due = Instant::now();
                looked = None;
            }
            Ok(_) => {}
            // Requests were missed: the ledger has them.
            Err(RecvError::Lagged(_)) => {
                (read, just_read) = (load(&running, Some(Timestamp::now())).await, true);
            }
            Err(RecvError::Closed) => break,
        }
    }
    let states = running.alerts.watched.lock().await.states();
    if let Err(error) = running.store().put_raised(states, Vec::new()).await {
        tracing::warn!(%error, "where the alerts stand could not be kept");
    }
}

async fn load(running: &Running, alive: Option<Timestamp>) -> BTreeMap<String, Read> {
    let loaded = running.alerts.watched.lock().await.load(running, alive).await;
    loaded.unwrap_or_else(|error| {
        tracing::warn!(%error, "what was measured before can't be read; the alerts begin anew");
        BTreeMap::new()
    })
}

async fn evaluate(running: &Running) {
    let evaluated = running.alerts.watched.lock().await.evaluate(running).await;
    if let Err(error) = evaluated {
        // The next evaluation writes down what this one could not.
        tracing::warn!(%error, "an evaluation of the alerts could not be kept");
    }
}

async fn look(running: &Running) {
    if let Err(failure) = running.look_at_promises().await {
        tracing::warn!("{}", failure.message);
    }
}

/// When the last run is known to have lived.
async fn last_life(running: &Running) -> Option<Timestamp> {
    let before = running.began();
    let from = before.checked_sub(LIFE).ok()?;
    let observed = running.store().observed(from, before).await.ok()?;
    observed.spans.last().map(|(_, until)| *until)
}
