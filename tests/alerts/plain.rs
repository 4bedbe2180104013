//! A notification service that shows text and no buttons, as small desktops have one. It says so when it is asked,
//! which dunst can't be made to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::zvariant::OwnedValue;

/// What it was asked to show: title, and words and labels of buttons by turns.
type Shown = Arc<Mutex<Vec<(String, Vec<String>)>>>;

pub(super) struct Plain {
    shown: Shown,
    _connection: Connection,
}

struct Service(Shown);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::unused_self, reason = "the protocol's method")]
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "persistence".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the protocol's method")]
    fn notify(
        &self,
        app_name: &str,
        replaces: u32,
        icon: &str,
        title: String,
        body: &str,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        time: i32,
    ) -> u32 {
        // It shows no pictures, and nothing for longer than it likes.
        let _ = (app_name, replaces, icon, body, hints, time);
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push((title, actions));
        u32::try_from(shown.len()).expect("a few")
    }
}

impl Plain {
    /// Takes its place on this bus.
    pub(super) fn on(bus: &str) -> Self {
        let shown = Shown::default();
        let connection = Builder::address(bus)
            .and_then(|builder| {
                builder.serve_at("/org/freedesktop/Notifications", Service(Arc::clone(&shown)))
            })
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(Builder::build)
            .expect("the bus is there, and nobody else in this place");
        Self { shown, _connection: connection }
    }

    /// The buttons of what it showed with this title, if it was shown.
    pub(super) fn buttons(&self, title: &str) -> Option<Vec<String>> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().find(|(shown, _)| shown.starts_with(title)).map(|(_, buttons)| buttons.clone())
    }
}
