//! Somebody's own service that pages are posted to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::harness::raw::{Raw, Step, plain};

pub(super) struct Webhook {
    raw: Raw,
    status: Arc<AtomicU16>,
}

impl Webhook {
    pub(super) async fn start() -> Self {
        Self::answering_after(Duration::ZERO).await
    }

    /// One that takes a post in at once and says so this much later.
    pub(super) async fn answering_after(time: Duration) -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let answer = Arc::clone(&status);
        let script = move |_: &_| {
            [vec![Step::Pause(time)], plain(answer.load(Ordering::Relaxed), "text/plain", "")].concat()
        };
        Self { raw: Raw::answering(script).await, status }
    }

    /// The line of `[alerts]` that names it.
    pub(super) fn line(&self) -> String {
        format!("webhook = \"{}/hook\"", self.raw.base_url())
    }

    /// What it answers from now on.
    pub(super) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Everything that was posted to it, refused or not.
    pub(super) fn posts(&self) -> Vec<Value> {
        let seen = self.raw.seen();
        seen.iter().map(|seen| serde_json::from_slice(&seen.body).expect("JSON")).collect()
    }

    /// The headers of the newest.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.raw.seen().last()?.header(name).map(str::to_owned)
    }

    /// The pages that say that something is broken, the first time.
    pub(super) fn pages(&self) -> Vec<Value> {
        self.of("firing")
    }

    pub(super) fn of(&self, event: &str) -> Vec<Value> {
        self.posts().into_iter().filter(|post| post["event"] == event).collect()
    }
}
