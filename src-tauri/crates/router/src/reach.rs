//! Whether the providers can be reached at all, and whether it is our own network that is away.
//!
//! ```text
//!              nobody of a route can be reached         a second witness says that it is us
//!   reachable ───────────────────────────────▶ unreachable ───────────────────────────────▶ offline
//!     ▲  ▲                                        │     ▲    twice in a row without one        │ │
//!     │  │         one of them answers            │     └──────────────────────────────────────┘ │
//!     │  └────────────────────────────────────────┘                                              │
//!     └──────────────────────────────────────────────────────────────────────────────────────────┘
//!                                     one of them answers
//! ```
//!
//! A provider that is down and a laptop in a tunnel look the same from here, and so does an outage of the network
//! that both providers stand behind. So what failed requests say is only a suspicion. It starts a look: every
//! provider of the route is tried by itself, on a connection of its own, and the system is asked whether it has a
//! route to anywhere. What breakers would count waits until the look is over, and is dropped if it was our network.
//!
//! While one of the two states lasts, requests are answered at once and nobody is asked; looks go on in the
//! background until somebody answers. A provider on this machine takes no part: it can be down, but no network
//! lies between.
//!
//! - [`machine`]: the diagram above, pure
//! - [`probe`]: one provider tried, without key and without a question
//! - [`routes`]: the system's word on routes
//! - [`watch`]: the task that looks, and goes on looking

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use evenkeel_slo::Cause;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch as channel};
use tokio::time::{Instant, timeout_at};

use crate::Router;
use crate::alarm::{Alarm, TimedOut};
use crate::breaker::Ended;
use crate::failed::Failed;
use crate::outcome::Outcome;
use crate::patience::Patience;
use crate::plan::Plan;
use crate::refusal::{Code, Refusal};
use crate::target::Target;
use crate::upstream::Upstream;

pub(crate) mod machine;
mod probe;
mod routes;
mod watch;

pub(crate) use machine::Place;
pub use machine::Witness;
use machine::{Machine, Standing};
pub(crate) use probe::{CONNECT, is_html};
use routes::Routes;

/// A provider that says nothing for this long on a new connection may not be there at all. Together with one look
/// it stays below the two and a half seconds in which the first request is told.
const DOUBT: Duration = Duration::from_millis(300);
/// Reports that wait for a look; more than that many concurrent requests tell breakers nothing new.
const MOST_HELD: usize = 1024;

/// How the network stands, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Nothing else is known.
    Online,
    /// No provider of a route can be reached, and nothing says that it is our own network.
    Unreachable {
        /// Since when.
        since: Timestamp,
        /// Who can't.
        providers: Vec<String>,
    },
    /// Our own network is away.
    Offline {
        /// Since when.
        since: Timestamp,
        /// What says so.
        witness: Witness,
    },
}

/// What is known, and what waits to be known.
pub(crate) struct Reach {
    standing: channel::Sender<Standing>,
    /// Whether a look is under way whose outcome requests wait for.
    looking: channel::Sender<bool>,
    desk: Mutex<Desk>,
    /// Something about the network changed.
    nudged: Notify,
}

/// What the task and those who suspect share.
#[derive(Default)]
struct Desk {
    machine: Machine,
    /// The task runs.
    watching: bool,
    /// Whom the next look is about, beside those that are away already.
    suspected: BTreeSet<String>,
    /// What breakers will be told, should it not have been our network.
    held: Vec<Held>,
}

struct Held {
    provider: String,
    model: Option<String>,
    ended: Ended,
}

/// Why there is no answer.
pub(crate) enum Silence {
    TimedOut,
    /// It became known meanwhile that nobody can be reached.
    Away,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            standing: channel::Sender::new(Standing::default()),
            looking: channel::Sender::new(false),
            desk: Mutex::default(),
            nudged: Notify::new(),
        }
    }
}

impl Reach {
    /// The answer to a request for which nobody can be reached, before anybody is asked.
    pub(crate) fn refusal(&self, plan: &Plan) -> Option<Refusal> {
        let standing = self.standing.borrow();
        let (away, code, why) = match &*standing {
            Standing::Reachable => return None,
            Standing::Unreachable(away) => {
                let who: Vec<&str> = away.providers.iter().map(String::as_str).collect();
                (away, Code::Unreachable, format!("No provider can be reached ({})", who.join(", ")))
            }
            Standing::Offline(away, witness) => {
                (away, Code::Offline, format!("There is no network: {}", witness.phrase()))
            }
        };
        covers(away, plan).then(|| {
            Refusal::new(code, format!("{why}, and there is no saved answer to this request.")).retry_after(1)
        })
    }

    /// How the network stands.
    pub(crate) fn network(&self) -> Network {
        match &*self.standing.borrow() {
            Standing::Reachable => Network::Online,
            Standing::Unreachable(away) => Network::Unreachable {
                since: away.since,
                providers: away.providers.iter().cloned().collect(),
            },
            Standing::Offline(away, witness) => Network::Offline { since: away.since, witness: *witness },
        }
    }

    /// The machine woke, or its network changed: looks at once, if there is anything to look for.
    pub(crate) fn nudge(&self) {
        self.nudged.notify_one();
    }

    /// Waits for the look that is under way, if there is one.
    pub(crate) async fn verdict(&self, until: Instant) {
        let mut looking = self.looking.subscribe();
        // An error says that it took longer than the request may, or that the router is gone.
        let _ = timeout_at(until, looking.wait_for(|looking| !looking)).await;
    }

    /// Keeps a report back while it isn't known whose fault it was; whether it was taken.
    fn holds(&self, target: &Target, ended: Ended) -> bool {
        let mut desk = self.desk.lock();
        if *self.looking.borrow() {
            if desk.held.len() < MOST_HELD {
                let (provider, model) = (target.provider().to_owned(), target.model.clone());
                desk.held.push(Held { provider, model, ended });
            }
            return true;
        }
        matches!(&*self.standing.borrow(), Standing::Offline(away, _) if away.providers.contains(target.provider()))
    }
}

fn covers(away: &machine::Away, plan: &Plan) -> bool {
    !plan.targets.is_empty() && plan.targets.iter().all(|target| away.providers.contains(target.provider()))
}

fn is_away(standing: &Standing, plan: &Plan) -> bool {
    standing.away().is_some_and(|away| covers(away, plan))
}

impl Router {
    /// Tells the breaker how an attempt failed, once it is known that it wasn't our own network.
    pub(crate) async fn report(
        self: &Arc<Self>,
        plan: &Plan,
        target: &Target,
        failed: &Failed,
        ended: Ended,
    ) {
        if failed.is_doubtful() && self.suspect(plan) && self.reach.holds(target, ended) {
            return;
        }
        self.breakers.report(target.provider(), target.model.as_deref(), ended).await;
    }

    /// As `report`, for the end of a stream, which waits for nobody.
    pub(crate) fn note(self: &Arc<Self>, plan: &Plan, target: &Target, outcome: Outcome, began: Instant) {
        let ended = Ended::new(outcome, began);
        // A connection that the network took away ends like one that the provider dropped.
        if outcome == Outcome::BrokenStream && self.suspect(plan) && self.reach.holds(target, ended) {
            return;
        }
        self.breakers.note(target.provider(), target.model.as_deref(), ended);
    }

    /// What a failed request is down to: an outage that is our own network's is none of the provider's. What broke
    /// while there is no route broke for want of it, though nobody had the time to look.
    pub(crate) fn cause(&self, cause: Cause, provider: Option<&str>) -> Cause {
        let (Cause::ProviderOutage, Some(provider)) = (cause, provider) else { return cause };
        let known = match &*self.reach.standing.borrow() {
            Standing::Reachable => None,
            Standing::Unreachable(away) => away.providers.contains(provider).then_some(false),
            Standing::Offline(away, _) => away.providers.contains(provider).then_some(true),
        };
        let far = || {
            let runtime = self.runtime.load();
            runtime.upstreams.get(provider).is_some_and(|upstream| upstream.place == Place::Far)
        };
        let ours = known.unwrap_or_else(|| !self.practice && far() && Routes::now().are_gone());
        if ours { Cause::OwnNetwork } else { cause }
    }

    /// Waits for the first sign of a provider, for as long as it may be there at all.
    pub(crate) async fn hear<F: Future>(
        self: &Arc<Self>,
        plan: &Plan,
        upstream: &Upstream,
        (alarm, patience): (&mut Alarm, &Patience<'_>),
        future: F,
    ) -> Result<F::Output, Silence> {
        let mut future = pin!(future);
        if self.practice || upstream.place == Place::Loopback {
            return patience.within(alarm, future).await.map_err(|TimedOut| Silence::TimedOut);
        }
        // While somebody looks already, what comes of it is waited for from the beginning.
        let doubt = if *self.reach.looking.borrow() { Duration::ZERO } else { DOUBT };
        let doubt = (self.clock.instant() + doubt).min(patience.until());
        if let Ok(came) = alarm.wait(doubt, future.as_mut()).await {
            upstream.heard(self.clock.instant());
            return Ok(came);
        }
        // On a connection that stands, a model may well think for longer before it says anything.
        if !upstream.was_heard(self.clock.instant()) || Routes::now().are_gone() {
            self.suspect(plan);
        }
        let mut standing = self.reach.standing.subscribe();
        tokio::select! {
            biased;
            came = patience.within(alarm, future) => {
                let came = came.map_err(|TimedOut| Silence::TimedOut)?;
                upstream.heard(self.clock.instant());
                Ok(came)
            }
            _ = standing.wait_for(|standing| is_away(standing, plan)) => Err(Silence::Away),
        }
    }

    /// Something says that the providers of this plan's route may be out of reach: looks, unless somebody does.
    /// Whether that can be at all.
    pub(crate) fn suspect(self: &Arc<Self>, plan: &Plan) -> bool {
        let Some(group) = self.group(plan) else { return false };
        let mut desk = self.reach.desk.lock();
        let known =
            self.reach.standing.borrow().away().is_some_and(|away| away.providers.is_superset(&group));
        if known || *self.reach.looking.borrow() {
            return true;
        }
        desk.suspected = group;
        self.reach.looking.send_replace(true);
        if std::mem::replace(&mut desk.watching, true) {
            self.reach.nudge();
        } else {
            self.tasks.spawn(watch::run(Arc::clone(self)));
        }
        true
    }

    /// The providers of the plan's route; `None` where one of them needs no network.
    fn group(&self, plan: &Plan) -> Option<BTreeSet<String>> {
        if self.practice {
            return None;
        }
        let runtime = self.runtime.load();
        let route = runtime.config.routes.iter().find(|route| route.name == plan.route)?;
        let mut group = BTreeSet::new();
        for target in route.targets() {
            let upstream = runtime.upstreams.get(&target.provider)?;
            if upstream.place == Place::Loopback {
                return None;
            }
            group.insert(target.provider.clone());
        }
        Some(group)
    }
}
