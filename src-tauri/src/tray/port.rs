//! "Port 9950 taken. Choose…": what can be done about it, and doing it once somebody has chosen. The app never moves by
//! itself, for tools point at the port that it had.

use std::sync::Mutex;
use std::sync::PoisonError;

use tauri::{AppHandle, Manager};

use super::question::{self, Question};
use super::quit::named;
use crate::backend::Port;
use crate::window;

/// Whether the app is to start again once it has ended.
#[derive(Default)]
pub(crate) struct Restart(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    port: Option<Port>,
    again: bool,
}

impl Restart {
    /// For an app whose port another program may have.
    pub(crate) fn after(port: Option<Port>) -> Restart {
        Restart(Mutex::new(Asked { port, again: false }))
    }

    /// Whether somebody chose another port.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lock().again
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether another program has our port.
pub(super) fn is_taken(app: &AppHandle) -> bool {
    app.try_state::<Restart>().is_some_and(|restart| restart.lock().port.is_some())
}

/// Offers the next free one. On the main thread.
pub(super) fn choose(app: &AppHandle) {
    let Some(port) = app.state::<Restart>().lock().port.clone() else { return };
    question::ask(app, &offered(&port), move |app| take(app, &port));
}

/// A file of a few lines, written once, by an app that has nothing else to do.
fn take(app: &AppHandle, port: &Port) {
    if let Err(error) = port.take_the_free_one() {
        tracing::error!("{} {}", error.message, error.hint.unwrap_or_default());
        window::show(app, None);
        return;
    }
    app.state::<Restart>().lock().again = true;
    app.exit(0);
}

fn offered(port: &Port) -> Question {
    let (taken, free) = (port.offer.taken.port(), port.offer.free.port());
    let by = port.offer.holder.as_deref().unwrap_or("another program");
    let tools = match port.tools.len() {
        0 => String::new(),
        1 => format!("\n\n{} points at {taken} and has to be connected again.", named(&port.tools)),
        _ => format!("\n\n{} point at {taken} and have to be connected again.", named(&port.tools)),
    };
    Question {
        title: "Evenkeel’s port",
        text: format!("Port {taken} is taken by {by}."),
        more: format!(
            "End that program and start Evenkeel again, or let Evenkeel use port {free} from now on. That is written into \
             evenkeel.toml.{tools}"
        ),
        yes: format!("Use {free}"),
        no: "Leave it",
    }
}
