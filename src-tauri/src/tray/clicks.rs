//! What the rows of the tray's menu do. Nothing here waits: the menu is drawn by the thread that runs this.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, Zoned};
use tauri::{AppHandle, Manager};

use super::rows::{Action, Pause};
use super::{Tray, port, quit};
use crate::backend::Backend;
use crate::window;

/// Where what was copied lives: on X11 the text is ours to hand out for as long as somebody may paste it.
#[derive(Default)]
pub(crate) struct Clipboard(Mutex<Option<arboard::Clipboard>>);

/// Does what a row says. On the main thread.
pub(super) fn act(app: &AppHandle, action: Action) {
    match action {
        Action::Fix if port::is_taken(app) => port::choose(app),
        Action::Fix => window::show(app, app.state::<Tray>().place()),
        Action::Open => window::show(app, None),
        Action::Settings => window::show(app, Some("settings")),
        Action::Drill => window::show(app, Some("drill")),
        Action::Quit => quit::quit(app),
        Action::CopyOpenAi => copy(app, |backend| Some(backend.base_urls().0)),
        Action::CopyAnthropic => copy(app, |backend| Some(backend.base_urls().1)),
        Action::CopyExports => copy(app, Backend::exports),
        Action::Send(provider) => {
            ask(app, |backend| async move { backend.set_force(provider).await });
        }
        Action::Pause(pause) => {
            ask(
                app,
                move |backend| async move { backend.pause_alerts(Some(end(pause, &Zoned::now()))).await },
            );
        }
        Action::Resume => ask(app, |backend| async move { backend.pause_alerts(None).await }),
        Action::Bypass => {
            let on = !app.state::<Tray>().bypass();
            ask(app, move |backend| async move { backend.set_bypass(on).await });
        }
    }
}

/// When a pause that begins now is over.
fn end(pause: Pause, now: &Zoned) -> Timestamp {
    let minutes = match pause {
        Pause::HalfAnHour => 30,
        Pause::Hour => 60,
        Pause::Tomorrow => {
            let morning = now.date().tomorrow().map(|day| day.at(8, 0, 0, 0));
            let morning = morning.and_then(|morning| morning.to_zoned(now.time_zone().clone()));
            // It fails only at the end of the calendar.
            return morning.map_or(now.timestamp(), |morning| morning.timestamp());
        }
    };
    now.timestamp() + SignedDuration::from_mins(minutes)
}

/// Asks the router for something, and has the menu show what came of it: its check marks move by themselves,
/// also where the router refuses.
fn ask<F: Future<Output = ()> + Send + 'static>(app: &AppHandle, request: impl FnOnce(Arc<Backend>) -> F) {
    let Some(backend) = backend(app) else { return };
    let app = app.clone();
    let request = request(backend);
    tauri::async_runtime::spawn(async move {
        request.await;
        let tray = app.state::<Tray>();
        tray.distrust_checks();
        tray.clicked.notify_one();
    });
}

fn copy(app: &AppHandle, text: impl FnOnce(&Backend) -> Option<String>) {
    let Some(backend) = backend(app) else { return };
    let Some(text) = text(&backend) else {
        backend.notice("Nothing was copied", "There is no local key. Restart Evenkeel to have one made.");
        return;
    };
    let app = app.clone();
    // A display server may hang.
    tauri::async_runtime::spawn_blocking(move || {
        let clipboard = app.state::<Clipboard>();
        let mut clipboard = clipboard.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = put(&mut clipboard, &text) {
            tracing::warn!(%error, "nothing was copied");
            // What was to be copied may hold the local key, and notices are seen by whoever looks on.
            backend
                .notice("Nothing was copied", "There is no clipboard here. `evenkeel env` prints the same.");
        }
    });
}

fn put(clipboard: &mut Option<arboard::Clipboard>, text: &str) -> Result<(), arboard::Error> {
    let open = match clipboard.take() {
        Some(open) => open,
        None => arboard::Clipboard::new()?,
    };
    clipboard.insert(open).set_text(text)
}

fn backend(app: &AppHandle) -> Option<Arc<Backend>> {
    app.state::<Option<Arc<Backend>>>().inner().clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_when_its_row_says() {
        let ends = |pause, now: &str| end(pause, &now.parse().unwrap()).to_string();
        let evening = "2026-11-20T23:40:00+01:00[Europe/Berlin]";
        assert_eq!(ends(Pause::HalfAnHour, evening), "2026-11-20T23:10:00Z");
        assert_eq!(ends(Pause::Hour, evening), "2026-11-20T23:40:00Z");
        assert_eq!(ends(Pause::Tomorrow, evening), "2026-11-21T07:00:00Z");
        // Summer time begins in that night: eight is eight on the wall.
        let before = "2026-03-28T20:00:00+01:00[Europe/Berlin]";
        assert_eq!(ends(Pause::Tomorrow, before), "2026-03-29T06:00:00Z");
    }
}
