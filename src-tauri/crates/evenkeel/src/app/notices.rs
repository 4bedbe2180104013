//! The subscriber that turns a switch of provider, and a network that is away, into a notice on the desktop.

use std::sync::Arc;

use evenkeel_router::Event;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::Running;
use crate::notices::{
    Notice,
    absence::Absence,
    episodes::{Episodes, Switch},
};

/// Listens until the app stops; a notice that comes while everything ends would help nobody.
pub(super) async fn tell(
    mut events: broadcast::Receiver<Event>,
    stopping: CancellationToken,
    running: Arc<Running>,
) {
    let (mut episodes, mut absence) = (Episodes::default(), Absence::default());
    loop {
        let ends = episodes.ends();
        let calm = async {
            match ends {
                Some(ends) => sleep_until(ends).await,
                None => std::future::pending().await,
            }
        };
        let notice = tokio::select! {
            () = stopping.cancelled() => return,
            () = calm => episodes.calm(),
            event = events.recv() => match event {
                Ok(Event::Switched { from, to, reason }) => {
                    episodes.switched(Switch { from, to, reason, at: Instant::now() })
                }
                Ok(Event::NetworkChanged(change)) => absence.changed(&change, Instant::now()),
                // Only these count, and one that was missed is told by the next.
                Ok(_) | Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            },
        };
        if let Some(notice) = notice
            && running.settings().config.alerts.notices
            && running.alerts.paused_until().is_none()
        {
            running.notices.show(marked(notice, running.routing().practice));
        }
    }
}

/// Nobody may take a rehearsal for the real thing.
fn marked(notice: Notice, practice: bool) -> Notice {
    if practice { Notice::new(format!("PRACTICE: {}", notice.title), notice.body) } else { notice }
}
