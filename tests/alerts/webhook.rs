//! Somebody's own service that pages are posted to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;

use crate::harness::raw::{Raw, plain};

pub(super) struct Webhook {
    raw: Raw,
    status: Arc<AtomicU16>,
}

impl Webhook {
    pub(super) async fn start() -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let answer = Arc::clone(&status);
        let raw = Raw::answering(move |_| plain(answer.load(Ordering::Relaxed), "text/plain", "")).await;
        Self { raw, status }
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
