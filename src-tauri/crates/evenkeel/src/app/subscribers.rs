//! Those who want to know: the log, the database, and whoever watches live. All of equal rank; none
//! can hold up a request, and one that is too slow loses the oldest events and says so.

use std::sync::Arc;

use evenkeel_router::{BreakerChange, BreakerState, Event, NetworkChange, Outcome};
use evenkeel_store::{EventRow, LedgerRow, Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::Running;
use crate::admin::types::{LiveEvent, RequestRow};

/// Live events that a slow browser may lag behind.
const BACKLOG: usize = 256;

/// The live stream's sending side: each event is put into words once, for all who watch.
#[derive(Debug, Clone)]
pub(crate) struct Live(broadcast::Sender<Arc<LiveEvent>>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Live {
    /// Watches from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.0.subscribe()
    }
}

/// Hands every event to `take` until the app is finished and nothing is left.
pub(super) async fn each(
    mut events: broadcast::Receiver<Event>,
    finished: CancellationToken,
    who: &'static str,
    mut take: impl FnMut(&Event) + Send,
) {
    loop {
        let event = tokio::select! {
            biased;
            event = events.recv() => event,
            () = finished.cancelled() => return,
        };
        match event {
            Ok(event) => take(&event),
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, who, "events were missed"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// One line in the log for each event.
pub(super) async fn log(events: broadcast::Receiver<Event>, finished: CancellationToken) {
    each(events, finished, "log", |event| match event {
        Event::Settled(row) => log_request(row),
        Event::ConfigRejected { .. }
        | Event::BypassChanged { on: true, .. }
        | Event::KeychainTrouble { .. }
        | Event::NetworkChanged(NetworkChange::Offline { .. } | NetworkChange::Unreachable { .. })
        | Event::CrashFound
        | Event::AlertChanged { firing: true, .. }
        | Event::FreezeChanged { frozen: true, .. }
        | Event::BreakerChanged(BreakerChange { state: BreakerState::Open | BreakerState::Parked, .. })
        | Event::Switched { reason: Some(_), .. } => {
            tracing::warn!("{}", event.sentence());
        }
        _ => tracing::info!("{}", event.sentence()),
    })
    .await;
}

/// What a support person needs to find a request; never what was asked or answered.
fn log_request(row: &LedgerRow) {
    tracing::info!(
        id = row.id,
        mode = row.mode.as_str(),
        tenant = row.tenant,
        endpoint = row.endpoint,
        model = row.model.as_deref().or(row.model_asked.as_deref()),
        provider = row.provider.as_deref(),
        served_by = row.served_by.as_deref(),
        status = row.status,
        outcome = row.outcome,
        attempts = row.attempts.len(),
        first_token_ms = row.first_token_ms,
        total_ms = row.total_ms,
        "request"
    );
}

/// Everything but requests, which the router writes down itself.
pub(super) async fn keep(events: broadcast::Receiver<Event>, finished: CancellationToken, store: Store) {
    each(events, finished, "store", |event| {
        if matches!(event, Event::Settled(_) | Event::DashboardWanted) {
            return;
        }
        // A full queue is counted by the store itself.
        let _ = store.note(EventRow {
            at: Timestamp::now(),
            kind: event.kind().to_owned(),
            text: event.sentence(),
            data: Some(data(event).to_string()),
        });
    })
    .await;
}

/// Which providers refuse their key, by what became of the requests.
pub(super) async fn judge(
    events: broadcast::Receiver<Event>,
    finished: CancellationToken,
    running: Arc<Running>,
) {
    each(events, finished, "keys", |event| {
        let Event::Settled(row) = event else { return };
        for attempt in &row.attempts {
            if attempt.outcome == Outcome::Ok.as_str() {
                running.keys.judge(&attempt.provider, true);
            } else if attempt.outcome == Outcome::Credentials.as_str() {
                running.keys.judge(&attempt.provider, false);
            }
        }
    })
    .await;
}

/// The live stream.
pub(super) async fn show(events: broadcast::Receiver<Event>, finished: CancellationToken, live: Live) {
    let mut id = 0;
    each(events, finished, "live stream", |event| {
        id += 1;
        if live.0.receiver_count() == 0 {
            return;
        }
        let _ = live.0.send(Arc::new(LiveEvent {
            id,
            at: Timestamp::now(),
            kind: event.kind().to_owned(),
            sentence: event.sentence(),
            data: data(event),
        }));
    })
    .await;
}

/// What the sentence is made of.
fn data(event: &Event) -> Value {
    match event {
        Event::Started { listen, practice } => json!({ "listen": listen, "practice": practice }),
        Event::Stopping | Event::ConfigReloaded | Event::CrashFound | Event::DashboardWanted => Value::Null,
        Event::ClockJumped { seconds } => json!({ "seconds": seconds }),
        Event::ConfigRejected { error } => json!({ "error": error }),
        Event::BypassChanged { on, source } => json!({ "on": on, "source": source }),
        Event::ForceChanged { to } => json!({ "to": to }),
        Event::Switched { from, to, reason } => json!({ "from": from, "to": to, "reason": reason }),
        Event::BreakerChanged(change) => json!({
            "provider": change.provider,
            "model": change.model,
            "state": change.state,
            "reason": change.reason,
            "until": change.until,
        }),
        Event::KeyChanged { provider, source } => json!({ "provider": provider, "source": source }),
        Event::KeychainTrouble { trouble, .. } => json!({ "trouble": trouble }),
        Event::NetworkChanged(change) => match change {
            NetworkChange::Offline { witness } => json!({ "reason": witness.as_str() }),
            NetworkChange::Unreachable { providers } => json!({ "providers": providers }),
            NetworkChange::Back { offline, seconds } => json!({ "offline": offline, "seconds": seconds }),
        },
        Event::FaultSet { provider, fault } => json!({ "provider": provider, "fault": fault }),
        Event::AlertChanged { kind, slo, firing, .. } => {
            json!({ "kind": kind, "slo": slo, "firing": firing })
        }
        Event::AlertsPaused { until } => json!({ "until": until }),
        Event::FreezeChanged { slo, frozen } => json!({ "slo": slo, "frozen": frozen }),
        Event::BudgetDeclared { kind, reason, until } => {
            json!({ "kind": kind, "reason": reason, "until": until })
        }
        Event::VersionChanged { from, to } => json!({ "from": from, "to": to }),
        Event::Settled(row) => serde_json::to_string(&RequestRow::from(row.as_ref()))
            .and_then(|text| serde_json::from_str(&text))
            .unwrap_or_default(),
    }
}
