//! What a provider is apart from its port: what it speaks, the fault in force, counters, and what it remembers.
//!
//! Of prompts it remembers hashes, for the prompt cache. Only a provider that serves `/v1/responses` keeps
//! conversations, because clients of that API count on it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    Dialect, Fault, Pace, ProviderOptions, Rules,
    cache::{Input, PromptCache, Segment},
    openai::Stored,
    random,
    thinking::Signer,
};

/// One provider, shared by its connections.
#[derive(Debug)]
pub(crate) struct Provider {
    options: ProviderOptions,
    pace: Pace,
    signer: Signer,
    /// A watch, because a hanging request has to wake up when its fault is changed.
    fault: watch::Sender<Fault>,
    requests: AtomicU64,
    flaky_seed: u64,
    /// How many draws `flaky` has made since it was set.
    draws: AtomicU64,
    /// Differs from start to start, so that ids in a ledger that outlives the program stay unique.
    id_seed: u64,
    ids: AtomicU64,
    cache: Mutex<PromptCache>,
    stored: Mutex<Stored>,
}

impl Provider {
    pub(crate) fn new(options: ProviderOptions, seed: u64, pace: Pace) -> Arc<Self> {
        let own = random::hash(options.name.as_bytes());
        Arc::new(Self {
            pace,
            signer: Signer::new(&options.name),
            fault: watch::Sender::new(Fault::None),
            requests: AtomicU64::new(0),
            flaky_seed: seed ^ own,
            draws: AtomicU64::new(0),
            id_seed: own ^ start_stamp(),
            ids: AtomicU64::new(0),
            cache: Mutex::default(),
            stored: Mutex::default(),
            options,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.options.name
    }

    pub(crate) fn dialects(&self) -> &[Dialect] {
        &self.options.dialects
    }

    pub(crate) fn speaks(&self, dialect: Dialect) -> bool {
        self.options.dialects.contains(&dialect)
    }

    pub(crate) const fn serves_responses(&self) -> bool {
        self.options.responses
    }

    /// Whether the vendor's finer rules hold.
    pub(crate) fn is_strict(&self) -> bool {
        self.options.rules == Rules::Vendor
    }

    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    pub(crate) const fn signer(&self) -> Signer {
        self.signer
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

    /// The input of a request to a vendor that caches by itself.
    pub(crate) fn cached(&self, model: &str, segments: &[Segment]) -> Input {
        self.cache.lock().automatic(model, segments, Instant::now())
    }

    /// The input of a request to a vendor that caches what is marked.
    /// No prefix of fewer tokens than `shortest` is cached.
    pub(crate) fn cached_by_marks(&self, model: &str, segments: &[Segment], shortest: u64) -> Input {
        self.cache.lock().marked(model, segments, shortest, Instant::now())
    }

    /// The responses that clients may come back to.
    pub(crate) const fn stored(&self) -> &Mutex<Stored> {
        &self.stored
    }
}

/// Nanoseconds since 1970, or any number where the clock stands before that.
fn start_stamp() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
