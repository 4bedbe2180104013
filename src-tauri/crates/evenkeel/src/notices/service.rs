//! The notification service of freedesktop's desktops, and what macOS and Windows have in its place.
//!
//! Only freedesktop's reports what was pressed, and it reports that to whoever showed the page last: dunst to that
//! connection alone. So all pages go through one connection, on which one thread listens for as long as it lasts.

use tokio::sync::mpsc::UnboundedSender;

use super::{
    Notice,
    page::{Page, Pressed},
};

const APP_NAME: &str = "Evenkeel";

type Shown = Result<(), String>;

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) use freedesktop::Service;
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) use plain::Service;

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop {
    use std::{
        collections::HashMap,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
    };

    use notify_rust::{Hint, Notification, NotificationHandle, Urgency};
    use parking_lot::Mutex;
    use zbus::{
        MatchRule,
        blocking::{Connection, MessageIterator},
        message::{Message, Type},
        zvariant::Value,
    };

    use super::{APP_NAME, Notice, Page, Pressed, Shown, UnboundedSender};
    use crate::notices::page::{Action, DEFAULT};

    /// As the packages call the desktop entry and the icon.
    const ENTRY: &str = "Evenkeel";
    const ICON: &str = "evenkeel-desktop";

    const SERVICE: &str = "org.freedesktop.Notifications";
    const OBJECT: &str = "/org/freedesktop/Notifications";
    /// Urgencies, <https://specifications.freedesktop.org/notification/latest/urgency-levels.html>.
    const NORMAL: u8 = 1;
    const CRITICAL: u8 = 2;
    /// How long the service shows something: as long as it likes, or until somebody has seen it.
    const AS_USUAL: i32 = -1;
    const FOR_EVER: i32 = 0;

    /// What is on the screen.
    #[derive(Default)]
    pub(in crate::notices) struct Service {
        /// Kept until the next one: some services take a notice away when its sender hangs up.
        last: Option<NotificationHandle>,
        bus: Option<Bus>,
        /// The service's number of each alert's page.
        pages: HashMap<String, u32>,
    }

    impl Service {
        /// Small, silent, and in the place of the one before, so that a bad hour leaves one notice and not
        /// twenty.
        pub(in crate::notices) fn notice(&mut self, notice: &Notice) -> Shown {
            let mut notification = Notification::new();
            notification
                .appname(APP_NAME)
                .summary(&notice.title)
                .body(&escaped(&notice.body))
                .icon(ICON)
                .hint(Hint::DesktopEntry(ENTRY.to_owned()))
                .urgency(Urgency::Low)
                .hint(Hint::SuppressSound(true));
            if let Some(last) = &self.last {
                notification.id(last.id());
            }
            self.last = Some(notification.show().map_err(|error| error.to_string())?);
            Ok(())
        }

        /// Stays until it is seen.
        pub(in crate::notices) fn page(&mut self, page: &Page, pressed: UnboundedSender<Pressed>) -> Shown {
            let bus = match self.bus.take().filter(Bus::is_there) {
                Some(bus) => bus,
                None => Bus::connect(pressed).map_err(|error| error.to_string())?,
            };
            let before = self.pages.get(&page.alert).copied().unwrap_or(0);
            let shown = bus.show(page, before);
            self.bus = Some(bus);
            self.pages.insert(page.alert.clone(), shown.map_err(|error| error.to_string())?);
            Ok(())
        }
    }

    /// A connection, and a thread that listens on it.
    struct Bus {
        connection: Connection,
        /// The pages on the screen, by the service's number. One that took another's place is found here.
        shown: Arc<Mutex<HashMap<u32, Page>>>,
        gone: Arc<AtomicBool>,
    }

    impl Bus {
        fn connect(pressed: UnboundedSender<Pressed>) -> zbus::Result<Self> {
            let connection = Connection::session()?;
            let rule = MatchRule::builder().msg_type(Type::Signal).interface(SERVICE)?.path(OBJECT)?.build();
            let signals = MessageIterator::for_match_rule(rule, &connection, None)?;
            let bus = Self { connection, shown: Arc::default(), gone: Arc::default() };
            let (shown, gone) = (Arc::clone(&bus.shown), Arc::clone(&bus.gone));
            let listen = move || {
                for signal in signals.map_while(Result::ok) {
                    if let Some(press) = heard(&signal, &shown) {
                        // Nobody listens any more only while everything ends.
                        let _ = pressed.send(press);
                    }
                }
                gone.store(true, Ordering::Relaxed);
            };
            thread::Builder::new().name("evenkeel-pages".to_owned()).spawn(listen)?;
            Ok(bus)
        }

        /// Whether the bus has not hung up.
        fn is_there(&self) -> bool {
            !self.gone.load(Ordering::Relaxed)
        }

        /// Whether the service shows buttons. Asked each time, for another service may have taken its place; one that
        /// doesn't may show them as text, or refuse the page.
        fn has_buttons(&self) -> zbus::Result<bool> {
            let answer =
                self.connection.call_method(Some(SERVICE), OBJECT, Some(SERVICE), "GetCapabilities", &())?;
            let capabilities: Vec<String> = answer.body().deserialize()?;
            Ok(capabilities.iter().any(|capability| capability == "actions"))
        }

        /// Shows a page in the place of the one with this number; 0 is none. Its own number.
        fn show(&self, page: &Page, before: u32) -> zbus::Result<u32> {
            let actions = if self.has_buttons()? { buttons(page) } else { Vec::new() };
            let (urgency, time) = if page.urgent { (CRITICAL, FOR_EVER) } else { (NORMAL, AS_USUAL) };
            let hints =
                HashMap::from([("urgency", Value::from(urgency)), ("desktop-entry", Value::from(ENTRY))]);
            let (title, body) = (page.title.as_str(), escaped(&page.body));
            let order = (APP_NAME, before, ICON, title, body.as_str(), actions, hints, time);
            let answer =
                self.connection.call_method(Some(SERVICE), OBJECT, Some(SERVICE), "Notify", &order)?;
            let number = answer.body().deserialize()?;
            self.shown.lock().insert(number, page.clone());
            Ok(number)
        }
    }

    /// The buttons as the service wants them: word and label by turns.
    fn buttons(page: &Page) -> Vec<String> {
        let click = page.actions.iter().find(|action| **action == Action::Open);
        let click = click.map(|action| [DEFAULT.to_owned(), action.label()]);
        let buttons = page.actions.iter().map(|action| [action.id().to_owned(), action.label()]);
        click.into_iter().chain(buttons).flatten().collect()
    }

    /// What a signal of the service says about a page of ours.
    fn heard(signal: &Message, shown: &Mutex<HashMap<u32, Page>>) -> Option<Pressed> {
        let header = signal.header();
        match header.member()?.as_str() {
            "ActionInvoked" => {
                let (number, word): (u32, String) = signal.body().deserialize().ok()?;
                shown.lock().get(&number)?.pressed(&word)
            }
            "NotificationClosed" => {
                let (number, _reason): (u32, u32) = signal.body().deserialize().ok()?;
                shown.lock().remove(&number);
                None
            }
            _ => None,
        }
    }

    /// Services may read a body as markup.
    fn escaped(body: &str) -> String {
        body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod plain {
    use notify_rust::Notification;

    use super::{APP_NAME, Notice, Page, Pressed, Shown, UnboundedSender};

    #[derive(Default)]
    pub(in crate::notices) struct Service;

    impl Service {
        pub(in crate::notices) fn notice(&mut self, notice: &Notice) -> Shown {
            show(&notice.title, &notice.body)
        }

        pub(in crate::notices) fn page(&mut self, page: &Page, _pressed: UnboundedSender<Pressed>) -> Shown {
            show(&page.title, &page.body)
        }
    }

    fn show(title: &str, body: &str) -> Shown {
        Notification::new()
            .appname(APP_NAME)
            .summary(title)
            .body(body)
            .show()
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
