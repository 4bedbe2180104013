//! What somebody does about a page on the desktop. A press is for the incident that its page was about: one that is
//! over by then changes nothing.

use std::{env, ffi::OsStr, io, sync::Arc};

use evenkeel_router::Event;
use tokio::task::spawn_blocking;

use crate::{
    app::Running,
    failure::Failure,
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
            Action::Open => self.open_dashboard().await,
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

    /// In the app's own window, or headless in the browser; where alerts are, whatever was shown last.
    async fn open_dashboard(&self) -> Result<(), Failure> {
        if self.run_file().kind == Kind::Desktop {
            self.emit(Event::DashboardWanted);
            return Ok(());
        }
        let link = format!("{}#/overview", self.dashboard_link()?);
        // Whether the program behind it came up is watched for a moment.
        let opened = spawn_blocking(move || open::that_detached(link)).await;
        if let Err(error) = opened.map_err(io::Error::other).flatten() {
            tracing::info!(%error, "no browser could be opened");
        }
        Ok(())
    }

    /// Whether [`Running::open_dashboard`] would lead anywhere: a service started by the system may share a message bus
    /// with somebody's desktop and still have no screen to open a browser on.
    pub(super) async fn can_open_dashboard(&self) -> bool {
        self.run_file().kind == Kind::Desktop || spawn_blocking(has_browser).await.unwrap_or(false)
    }
}

fn has_browser() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let screen = cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY");
    screen && open::commands("").iter().any(|launcher| is_installed(launcher.get_program()))
}

fn is_installed(program: &OsStr) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // Joined to an absolute path, a folder of the search path gives way to it.
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
