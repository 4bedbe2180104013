//! Breakers: who is not worth asking at the moment, and when to try again with one real request.
//!
//! One for each provider and model, and one for the provider as a whole, for a revoked key or an empty account
//! is no fault of a model. They are made with the first failure, so a provider that never fails has none.
//!
//! - [`machine`]: one breaker's life, as one `async fn` for each state of its diagram
//! - [`gate`]: its position as the plan sees it, and the permit of the one request that may probe
//! - [`window`]: what a closed breaker remembers of the last minute
//! - [`backoff`]: how long it stays open
//!
//! The plan never waits for a breaker, and a breaker never sends anything by itself: every probe is a client's
//! own request, tried there first, with the other provider behind it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::outcome::{Outcome, Verdict};

mod backoff;
mod gate;
mod machine;
mod window;

#[cfg(test)]
mod tests;

use gate::Gate;
pub(crate) use gate::{Admission, Permit};
pub(crate) use machine::Report as Ended;
use machine::{Machine, Message};

/// Clients name models freely, so the number of breakers that their failures can make is bounded.
const MOST: usize = 512;
/// No breaker stays open longer without being tried.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// Reports that may wait for a breaker that is busy; it never is for long.
const BACKLOG: usize = 256;

/// A breaker's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// Not asked while another provider is left.
    Open,
    /// The next request tries it.
    HalfOpen,
    /// Not asked until its own `retry-after` is over.
    Parked,
}

/// One breaker that isn't closed, as `status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerView {
    /// The model it guards; empty for the provider as a whole.
    pub model: String,
    /// Its position.
    pub state: BreakerState,
    /// What opened it.
    pub reason: Outcome,
    /// When the next request tries it; `None` where that is now.
    pub until: Option<Timestamp>,
}

/// A change of position, for whoever wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerChange {
    /// The provider.
    pub provider: String,
    /// The model; `None` for the provider as a whole.
    pub model: Option<String>,
    /// The new position.
    pub state: BreakerState,
    /// What opened it in the first place.
    pub reason: Outcome,
    /// When the next request tries it.
    pub until: Option<Timestamp>,
}

/// An open breaker as it survives a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The provider.
    pub provider: String,
    /// The model; `None` for the provider as a whole.
    pub model: Option<String>,
    /// What opened it.
    pub reason: Outcome,
    /// When it may be tried again.
    pub until: Timestamp,
}

/// A breaker that this router opened by its own experience, for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The provider.
    pub provider: String,
    /// The model; `None` for the provider as a whole.
    pub model: Option<String>,
    /// What opened it.
    pub reason: Outcome,
    /// When the next request tries it; `None` where that is now.
    pub until: Option<Timestamp>,
}

/// Another router's word that a provider is not worth asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learnt {
    /// The provider.
    pub provider: String,
    /// The model; `None` for the provider as a whole.
    pub model: Option<String>,
    /// What opened it there.
    pub reason: Outcome,
    /// For how long yet.
    pub left: Duration,
}

/// Told every change; must not block.
pub(crate) type Tell = Arc<dyn Fn(BreakerChange) + Send + Sync>;

/// Of one provider: its own breaker under `None`, and those of its models.
type OfProvider = HashMap<Option<String>, Handle>;

#[derive(Clone)]
struct Handle {
    gate: Arc<Gate>,
    messages: mpsc::Sender<Message>,
}

/// All breakers.
pub(crate) struct Breakers {
    all: RwLock<HashMap<String, OfProvider>>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    tell: Tell,
}

impl std::fmt::Debug for Breakers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Breakers").finish_non_exhaustive()
    }
}

impl Breakers {
    pub(crate) fn new(clock: Arc<dyn Clock>, tasks: TaskTracker, tell: Tell) -> Self {
        Self { all: RwLock::default(), clock, tasks, tell }
    }

    /// Opens again what was open when the router stopped; what was due meanwhile is tried with the next request.
    pub(crate) fn remember(&self, remembered: Vec<Remembered>) {
        for Remembered { provider, model, reason, until } in remembered {
            let left = until.duration_since(self.clock.now()).unsigned_abs();
            // A clock that was wrong when it was written down must not keep it open for days.
            let left = if until > self.clock.now() { left.min(LONGEST_REST) } else { Duration::ZERO };
            if let Some(handle) = self.handle(&provider, model.as_deref()) {
                handle.gate.open(reason, self.clock.instant() + left, until);
                let _ = handle.messages.try_send(Message::Resume(reason, left));
            }
        }
    }

    /// Opens a closed one on another router's word. What this router found out itself stands.
    pub(crate) fn learn(&self, learnt: &Learnt) {
        let Learnt { provider, model, reason, left } = learnt;
        let left = (*left).min(LONGEST_REST);
        let wait = SignedDuration::try_from(left).unwrap_or(SignedDuration::ZERO);
        let until = self.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX);
        if let Some(handle) = self.handle(provider, model.as_deref())
            && handle.gate.learn(*reason, self.clock.instant() + left, until)
            && handle.messages.try_send(Message::Learn(*reason, left)).is_err()
        {
            // Too busy to hear of it: nobody would close it again.
            handle.gate.close();
        }
    }

    /// The router whose word it was takes it back.
    pub(crate) fn unlearn(&self, provider: &str, model: Option<&str>) {
        let all = self.all.read();
        let found = all.get(provider).and_then(|own| own.get(&model.map(str::to_owned)));
        if let Some(handle) = found.filter(|handle| handle.gate.is_learnt()) {
            let _ = handle.messages.try_send(Message::Unlearn);
        }
    }

    /// Those that aren't closed and were opened here.
    pub(crate) fn own(&self) -> Vec<Own> {
        let all = self.all.read();
        let now = self.clock.instant();
        let every = all.iter().flat_map(|(provider, own)| own.iter().map(move |entry| (provider, entry)));
        every
            .filter(|(_, (_, handle))| !handle.gate.is_learnt())
            .filter_map(|(provider, (model, handle))| {
                let BreakerView { reason, until, .. } = handle.gate.view("", now)?;
                Some(Own { provider: provider.clone(), model: model.clone(), reason, until })
            })
            .collect()
    }

    /// Asked by the plan, once for each target.
    pub(crate) fn admission(&self, provider: &str, model: &str) -> Admission {
        let all = self.all.read();
        let Some(own) = all.get(provider) else { return Admission::Pass };
        let now = self.clock.instant();
        let ask = |handle: Option<&Handle>| handle.map_or(Admission::Pass, |handle| handle.gate.ask(now));
        let of_model =
            || ask(own.iter().find(|(name, _)| name.as_deref() == Some(model)).map(|(_, handle)| handle));
        match ask(own.get(&None)) {
            Admission::Pass => of_model(),
            // The key may work again; a model that is known not to answer would tell nothing about it, and would
            // be asked for by one request after the other.
            Admission::Probe(permit) => match of_model() {
                Admission::Refused => Admission::Refused,
                Admission::Pass | Admission::Probe(_) => Admission::Probe(permit),
            },
            // While the key itself is in doubt, nothing is to be learnt about a model.
            Admission::Refused => Admission::Refused,
        }
    }

    /// Told the outcome of every attempt. Returns once the breaker has drawn its conclusion, so that the next
    /// plan knows of it.
    pub(crate) async fn report(&self, provider: &str, model: Option<&str>, ended: Ended) {
        let (done, conclusion) = oneshot::channel();
        if self.send(provider, model, ended, Some(done)) {
            // An error says that the breaker is gone with the router.
            let _ = conclusion.await;
        }
    }

    /// As `report`, for those who can't wait: the end of an answer that went well, mostly.
    pub(crate) fn note(&self, provider: &str, model: Option<&str>, ended: Ended) {
        self.send(provider, model, ended, None);
    }

    fn send(
        &self,
        provider: &str,
        model: Option<&str>,
        ended: Ended,
        done: Option<oneshot::Sender<()>>,
    ) -> bool {
        let Ended { outcome, .. } = ended;
        let verdict = outcome.verdict();
        let wide = matches!(outcome, Outcome::Credentials | Outcome::Billing);
        let report = ended;
        if verdict == Verdict::Success {
            // A success is good news for the model and for the key; where there is no breaker it is none.
            let all = self.all.read();
            let Some(own) = all.get(provider) else { return false };
            if let Some(handle) = own.get(&None) {
                let _ = handle.messages.try_send(Message::Report(report, None));
            }
            let model = model.map(str::to_owned);
            let Some(handle) = model.and_then(|model| own.get(&Some(model))) else { return false };
            return handle.messages.try_send(Message::Report(report, done)).is_ok();
        }
        if verdict == Verdict::Nothing {
            return false;
        }
        let model = model.filter(|_| !wide);
        self.handle(provider, model)
            .is_some_and(|handle| handle.messages.try_send(Message::Report(report, done)).is_ok())
    }

    /// The key or the settings of a provider changed: whatever was known of it is no longer true.
    pub(crate) fn reset(&self, provider: &str) {
        if let Some(own) = self.all.write().remove(provider) {
            for (_, handle) in own {
                handle.gate.close();
                let _ = handle.messages.try_send(Message::Reset);
            }
        }
    }

    /// The machine slept or its clock jumped: timers mean nothing, so everything open is tried with the next
    /// request.
    pub(crate) fn reprobe(&self) {
        for handle in self.all.read().values().flat_map(HashMap::values) {
            let _ = handle.messages.try_send(Message::Reprobe);
        }
    }

    /// Those of a provider that aren't closed.
    pub(crate) fn views(&self, provider: &str) -> Vec<BreakerView> {
        let all = self.all.read();
        let now = self.clock.instant();
        let mut views: Vec<BreakerView> = all
            .get(provider)
            .into_iter()
            .flatten()
            .filter_map(|(model, handle)| handle.gate.view(model.as_deref().unwrap_or(""), now))
            .collect();
        views.sort_by(|a, b| a.model.cmp(&b.model));
        views
    }

    /// What is open, for the next start.
    pub(crate) fn to_remember(&self) -> Vec<Remembered> {
        let all = self.all.read();
        let every = all.iter().flat_map(|(provider, own)| own.iter().map(move |entry| (provider, entry)));
        every
            // Another router's word is heard again after the start, if it still holds.
            .filter(|(_, (_, handle))| !handle.gate.is_learnt())
            .filter_map(|(provider, (model, handle))| {
                let (reason, until) = handle.gate.open_until(self.clock.now())?;
                Some(Remembered { provider: provider.clone(), model: model.clone(), reason, until })
            })
            .collect()
    }

    /// A breaker, made if there is none yet; `None` if there are too many.
    fn handle(&self, provider: &str, model: Option<&str>) -> Option<Handle> {
        let model = model.map(str::to_owned);
        if let Some(handle) = self.all.read().get(provider).and_then(|own| own.get(&model)) {
            return Some(handle.clone());
        }
        let mut all = self.all.write();
        if all.values().map(HashMap::len).sum::<usize>() >= MOST {
            tracing::warn!(provider, model, "too many breakers; this model has none");
            return None;
        }
        let own = all.entry(provider.to_owned()).or_default();
        let handle = own.entry(model.clone()).or_insert_with(|| {
            let (messages, inbox) = mpsc::channel(BACKLOG);
            let gate = Arc::new(Gate::default());
            let machine = Machine {
                provider: provider.to_owned(),
                model,
                gate: Arc::clone(&gate),
                inbox,
                clock: Arc::clone(&self.clock),
                tell: Arc::clone(&self.tell),
            };
            self.tasks.spawn(machine.run());
            Handle { gate, messages }
        });
        Some(handle.clone())
    }
}
