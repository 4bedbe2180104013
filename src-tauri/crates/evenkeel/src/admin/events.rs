//! `GET /api/events`: what happens, as it happens.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::types::LiveEvent;
use crate::app::Running;

/// A comment that often keeps proxies and browsers from giving up.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) async fn stream(
    State(running): State<Arc<Running>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watching = Watching { live: running.live.subscribe(), stopping: running.stopping() };
    let greeting = stream::iter([Ok(Event::default().comment("watching"))]);
    let events = stream::unfold(watching, |mut watching| async move {
        let event = watching.next().await?;
        Some((Ok(event), watching))
    });
    // The greeting sends the headers at once, so that the browser knows that it is connected.
    Sse::new(stream::StreamExt::chain(greeting, events)).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

struct Watching {
    live: Receiver<Arc<LiveEvent>>,
    stopping: CancellationToken,
}

impl Watching {
    async fn next(&mut self) -> Option<Event> {
        let event = tokio::select! {
            biased;
            event = self.live.recv() => event,
            () = self.stopping.cancelled() => return None,
        };
        let event = match event {
            Ok(event) => event,
            Err(RecvError::Lagged(missed)) => Arc::new(lagged(missed)),
            Err(RecvError::Closed) => return None,
        };
        let data = serde_json::to_string(event.as_ref()).ok()?;
        Some(Event::default().id(event.id.to_string()).data(data))
    }
}

/// Tells a browser that was too slow to fetch everything anew.
fn lagged(missed: u64) -> LiveEvent {
    LiveEvent {
        id: 0,
        at: Timestamp::now(),
        kind: "lagged".to_owned(),
        sentence: format!("{missed} events were missed."),
        data: serde_json::json!({ "missed": missed }),
    }
}
