//! The one thread that talks to the notification service.
//!
//! Showing a notice is a call to another program, which may be slow, hang or be absent. Nobody waits for it:
//! orders go through a short queue, and what doesn't fit is dropped.

use std::{
    sync::{
        OnceLock,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use notify_rust::{Notification, NotificationHandle};
use tokio::{sync::oneshot, time::timeout};

use super::Notice;
use crate::failure::{Code, Failure};

/// More than anybody would read at once.
const QUEUE: usize = 8;
/// How long a person who asked for a test waits.
const PATIENCE: Duration = Duration::from_secs(5);
const APP_NAME: &str = "Evenkeel";
/// As the packages call the desktop entry and the icon; only freedesktop's services ask for them.
#[cfg(all(unix, not(target_os = "macos")))]
const ENTRY: &str = "Evenkeel";
#[cfg(all(unix, not(target_os = "macos")))]
const ICON: &str = "evenkeel-desktop";

struct Order {
    notice: Notice,
    /// For whoever wants to know what came of it.
    answer: Option<oneshot::Sender<Result<(), String>>>,
}

/// Takes notices and returns at once. The thread behind it starts with the first one.
#[derive(Default)]
pub struct Desk(OnceLock<Option<SyncSender<Order>>>);

impl Desk {
    /// Shows a notice, if it can; what it can't is in the log once.
    pub fn show(&self, notice: Notice) {
        self.order(Order { notice, answer: None });
    }

    /// Shows the test notice and tells whether somebody took it.
    pub async fn test(&self) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        self.order(Order { notice: Notice::test(), answer: Some(answer) });
        match timeout(PATIENCE, answered).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(nobody(&error)),
            Ok(Err(_)) | Err(_) => Err(nobody("no answer within 5 s")),
        }
    }

    fn order(&self, order: Order) {
        if let Some(queue) = self.0.get_or_init(start) {
            // Full: the service hangs, and what it would show is old by the time it wakes.
            let _ = queue.try_send(order);
        }
    }
}

fn nobody(error: &str) -> Failure {
    tracing::info!(error, "the test notice was not shown");
    Failure::new(Code::NoticeFailed, "No notification service takes notices here.")
        .hint("A desktop brings one; on a bare one install it, such as dunst. The dashboard shows the same.")
}

fn start() -> Option<SyncSender<Order>> {
    let (queue, orders) = sync_channel(QUEUE);
    let thread = thread::Builder::new().name("evenkeel-notices".to_owned()).spawn(move || work(&orders));
    match thread {
        Ok(_) => Some(queue),
        Err(error) => {
            tracing::warn!(%error, "notices can't be shown");
            None
        }
    }
}

fn work(orders: &Receiver<Order>) {
    // Kept until the next one: some services take a notice away when its sender hangs up.
    let mut last: Option<NotificationHandle> = None;
    let mut told = false;
    while let Ok(Order { notice, answer }) = orders.recv() {
        let shown = show(&notice, last.as_ref());
        if let Err(error) = &shown
            && !told
        {
            tracing::info!(%error, "no notification service takes notices here; they stay in the log");
        }
        told = shown.is_err();
        let result = shown.map(|handle| last = Some(handle)).map_err(|error| error.to_string());
        if let Some(answer) = answer {
            // Whoever asked may have given up.
            let _ = answer.send(result);
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn show(
    notice: &Notice,
    last: Option<&NotificationHandle>,
) -> notify_rust::error::Result<NotificationHandle> {
    use notify_rust::{Hint, Urgency};
    let mut notification = Notification::new();
    notification
        .appname(APP_NAME)
        .summary(&notice.title)
        .body(&notice.body)
        .icon(ICON)
        .urgency(Urgency::Low)
        .hint(Hint::DesktopEntry(ENTRY.to_owned()))
        .hint(Hint::SuppressSound(true));
    if let Some(last) = last {
        // In the place of the one before, so that a bad hour leaves one notice and not twenty.
        notification.id(last.id());
    }
    notification.show()
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn show(
    notice: &Notice,
    _last: Option<&NotificationHandle>,
) -> notify_rust::error::Result<NotificationHandle> {
    Notification::new().appname(APP_NAME).summary(&notice.title).body(&notice.body).show()
}
