//! What a provider is apart from its port: a name, the fault in force, and counters. No prompt is kept here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use tokio::sync::watch;

use crate::{Fault, Pace, random};

/// One provider, shared by its connections.
#[derive(Debug)]
pub(crate) struct Provider {
    name: String,
    pace: Pace,
    /// A watch, because a hanging request has to wake up when its fault is changed.
    fault: watch::Sender<Fault>,
    requests: AtomicU64,
    flaky_seed: u64,
    /// How many draws `flaky` has made since it was set.
    draws: AtomicU64,
    /// Differs from start to start, so that ids in a ledger that outlives the program stay unique.
    id_seed: u64,
    ids: AtomicU64,
}

impl Provider {
    pub(crate) fn new(name: String, seed: u64, pace: Pace) -> Arc<Self> {
        let own = random::hash(name.as_bytes());
        Arc::new(Self {
            pace,
            fault: watch::Sender::new(Fault::None),
            requests: AtomicU64::new(0),
            flaky_seed: seed ^ own,
            draws: AtomicU64::new(0),
            id_seed: own ^ start_stamp(),
            ids: AtomicU64::new(0),
            name,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    pub(crate) fn fault(&self) -> Fault {
        *self.fault.borrow()
    }

    /// The fault and every change of it.
    pub(crate) fn watch_fault(&self) -> watch::Receiver<Fault> {
        self.fault.subscribe()
    }

    pub(crate) fn set_fault(&self, fault: Fault) {
        self.draws.store(0, Ordering::Relaxed);
        self.fault.send_replace(fault);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether this request is one of those that fail with this probability.
    pub(crate) fn draws_failure(&self, probability: f64) -> bool {
        let index = self.draws.fetch_add(1, Ordering::Relaxed);
        random::fraction(self.flaky_seed, index) < probability
    }

    /// A new id such as `req_3f…`: the prefix and 24 hexadecimal digits.
    pub(crate) fn new_id(&self, prefix: &str) -> String {
        let index = self.ids.fetch_add(1, Ordering::Relaxed);
        let high = random::draw(self.id_seed, index);
        format!("{prefix}{high:016x}{:08x}", index & 0xffff_ffff)
    }
}

/// Nanoseconds since 1970, or any number where the clock stands before that.
fn start_stamp() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
