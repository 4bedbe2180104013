//! The app's windows, as the display and its window manager know them.
//!
//! One connection for the whole test: command-line tools connect anew for each look, and give up where a window
//! goes while they walk through the others.

use std::error::Error;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the app's window is called.
const NAME: &[u8] = b"Evenkeel";

/// A look at a display.
pub(crate) struct Windows {
    connection: RustConnection,
    root: Window,
}

impl Windows {
    pub(crate) fn on(display: &str) -> Result<Windows> {
        let (connection, number) = RustConnection::connect(Some(display))?;
        let root = connection.setup().roots[number].root;
        Ok(Windows { connection, root })
    }

    /// Whether a window manager is at work.
    pub(crate) fn are_managed(&self) -> bool {
        !self.listed("_NET_SUPPORTING_WM_CHECK").is_empty()
    }

    /// Whether the app has a window, seen or hidden.
    pub(crate) fn any(&self) -> bool {
        !self.found().is_empty()
    }

    /// Whether a window of the app can be seen.
    pub(crate) fn any_seen(&self) -> bool {
        self.found().into_iter().any(|window| self.is_seen(window))
    }

    /// The app's window once the window manager has taken it in its care, which is a moment after it is seen.
    pub(crate) fn managed(&self) -> Option<Window> {
        let listed = self.listed("_NET_CLIENT_LIST");
        self.found().into_iter().find(|window| listed.contains(window))
    }

    /// Whether this window gets what is typed.
    pub(crate) fn is_active(&self, window: Window) -> bool {
        self.listed("_NET_ACTIVE_WINDOW").contains(&window)
    }

    /// Asks the window manager for what its close button does (freedesktop.org's window manager hints).
    pub(crate) fn close(&self, window: Window) -> Result<()> {
        let by_the_user = [0, 2, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.atom("_NET_CLOSE_WINDOW")?, by_the_user);
        let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, to, message)?.check()?;
        Ok(())
    }

    /// All of the app's, wherever a window manager put them. One that goes meanwhile is none.
    fn found(&self) -> Vec<Window> {
        let (mut found, mut left) = (Vec::new(), vec![self.root]);
        while let Some(window) = left.pop() {
            if let Ok(tree) = self.ask(|connection| connection.query_tree(window)?.reply()) {
                left.extend(tree.children);
            }
            let name = self.property(window, AtomEnum::WM_NAME.into());
            if name.is_some_and(|name| name == NAME) {
                found.push(window);
            }
        }
        found
    }

    fn is_seen(&self, window: Window) -> bool {
        let answer = self.ask(|connection| connection.get_window_attributes(window)?.reply());
        answer.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }

    /// The windows that a property of the root names.
    fn listed(&self, property: &str) -> Vec<Window> {
        let value = self.atom(property).ok().and_then(|atom| self.property(self.root, atom));
        let value = value.unwrap_or_default();
        value.chunks_exact(4).filter_map(|id| Some(Window::from_ne_bytes(id.try_into().ok()?))).collect()
    }

    fn property(&self, window: Window, property: Atom) -> Option<Vec<u8>> {
        let answer = self.ask(|connection| {
            connection.get_property(false, window, property, AtomEnum::ANY, 0, 1024)?.reply()
        });
        answer.ok().map(|answer| answer.value)
    }

    fn atom(&self, name: &str) -> Result<Atom> {
        Ok(self.ask(|connection| connection.intern_atom(false, name.as_bytes())?.reply())?.atom)
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&RustConnection) -> std::result::Result<T, x11rb::errors::ReplyError>,
    ) -> Result<T> {
        Ok(question(&self.connection)?)
    }
}
