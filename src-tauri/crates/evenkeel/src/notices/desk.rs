//! The one thread that talks to the notification service.
//!
//! Showing a notice is a call to another program, which may be slow, hang or be absent. Nobody waits for it:
//! orders go through a short queue, and what doesn't fit is dropped. Whoever must know what came of an order
//! gets an answer; a page that was not shown is tried again by whoever ordered it.

use std::{
    fmt,
    sync::{
        OnceLock,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tokio::{
    sync::{mpsc::UnboundedSender, oneshot},
    time::timeout,
};

use super::{
    Notice,
    page::{Page, Pressed},
    service::Service,
};
use crate::failure::{Code, Failure};

/// More than anybody would read at once.
const QUEUE: usize = 8;
/// How long a person who asked for a test waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of an order: shown, or why not.
pub(crate) type Shown = Result<(), String>;

enum Order {
    Notice { notice: Notice, answer: Option<oneshot::Sender<Shown>> },
    Page { page: Page, pressed: UnboundedSender<Pressed>, answer: oneshot::Sender<Shown> },
}

/// Takes notices and pages and returns at once. The thread behind it starts with the first one.
#[derive(Default)]
pub struct Desk(OnceLock<Option<SyncSender<Order>>>);

impl fmt::Debug for Desk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// Shows a notice, if it can; what it can't is in the log once.
    pub fn show(&self, notice: Notice) {
        self.order(Order::Notice { notice, answer: None });
    }

    /// Shows a page. The receiver tells what came of it, however long the service takes; an error at once says
    /// that nothing was ordered. What is pressed on it later comes through `pressed`.
    pub(crate) fn page(&self, page: Page, pressed: UnboundedSender<Pressed>) -> oneshot::Receiver<Shown> {
        let (answer, answered) = oneshot::channel();
        // An order that doesn't fit drops the sender, and the receiver says so.
        self.order(Order::Page { page, pressed, answer });
        answered
    }

    /// Shows the test notice and tells whether somebody took it.
    pub async fn test(&self) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Notice { notice: Notice::test(), answer: Some(answer) });
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
    let mut service = Service::default();
    let mut told = false;
    while let Ok(order) = orders.recv() {
        let (shown, answer) = match order {
            Order::Notice { notice, answer } => (service.notice(&notice), answer),
            Order::Page { page, pressed, answer } => (service.page(&page, pressed), Some(answer)),
        };
        if let Err(error) = &shown
            && !told
        {
            tracing::info!(%error, "no notification service takes notices here; they stay in the log");
        }
        told = shown.is_err();
        if let Some(answer) = answer {
            // Whoever asked may have given up.
            let _ = answer.send(shown);
        }
    }
}
