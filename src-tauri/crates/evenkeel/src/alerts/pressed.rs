//! What somebody does about a page on the desktop. A press is for the incident that its page was about: one that is
//! over by then changes nothing.

use std::sync::Arc;

use evenkeel_router::Event;

use crate::{
    app::Running,
    notices::page::{Action, Pressed},
    run_file::Kind,
};

/// Listens until the app stops.
pub(crate) async fn listen(running: Arc<Running>) {
    let Some(mut inbox) = running.alerts.pressed.lock().take() else { return };
    let stopping = running.stopping();
    loop {
        let pressed = tokio::select! {
            () = stopping.cancelled() => return,
            pressed = inbox.recv() => pressed,
        };
        let Some(pressed) = pressed else { return };
        running.pressed(pressed).await;
    }
}

impl Running {
    async fn pressed(&self, pressed: Pressed) {
        let Pressed { alert, incident, action } = pressed;
        let incident = incident.parse().ok();
        let done = match action {
            Action::Open => self.open_dashboard(),
            Action::Acknowledge => self.acknowledge(&alert, incident).await.map(drop),
            Action::UseOnly(provider) => {
                let open = match incident {
                    Some(incident) => self.alerts.watched.lock().await.is_open(&alert, incident),
                    None => false,
                };
                if open {
                    self.set_force(Some(provider)).await
                } else {
                    tracing::info!(alert, "that incident is over; nothing was switched");
                    Ok(())
                }
            }
        };
        if let Err(failure) = done {
            tracing::warn!("{}", failure.message);
        }
    }

    /// In the app's own window, or headless in the browser.
    fn open_dashboard(&self) -> Result<(), crate::failure::Failure> {
        if self.run_file().kind == Kind::Desktop {
            self.emit(Event::DashboardWanted);
            return Ok(());
        }
        let link = self.dashboard_link()?;
        if let Err(error) = open::that_detached(link) {
            tracing::info!(%error, "no browser could be opened");
        }
        Ok(())
    }
}
