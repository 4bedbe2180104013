//! The router as the rest of the program holds it: made from its parts, told of changes, asked how
//! things stand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use evenkeel_config::{Config, Dialect};
use evenkeel_store::{LedgerRow, Store, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::breaker::{BreakerView, Breakers, Learnt, Own, Remembered};
use crate::bypass::{BypassState, BypassSwitch, EnvironmentWins};
use crate::clock::Clock;
use crate::events::{Event, Events};
use crate::learn::Learner;
use crate::made_by::MadeBy;
use crate::prompt_cache::PromptCache;
use crate::reach::{Network, Reach};
use crate::recall::{Flights, Shelf};
use crate::runtime::Runtime;
use crate::secrets::{KeyState, Secrets};
use crate::spend::{Scope, Spend, Spending};
use crate::target::Role;
use crate::tenants::TenantBook;

/// What a router is made of.
pub struct Parts {
    /// The validated configuration; in practice mode with the practice providers in it.
    pub config: Arc<Config>,
    /// Where requests are written down.
    pub store: Store,
    /// Every provider's key.
    pub secrets: Secrets,
    /// The two clocks.
    pub clock: Arc<dyn Clock>,
    /// The channel that everything is told on.
    pub events: Events,
    /// Both providers are simulated.
    pub practice: bool,
    /// `BYPASS_ROUTER=true` in the environment.
    pub env_bypass: bool,
    /// Since when `evenkeel bypass on` holds, from the database.
    pub stored_bypass: Option<Timestamp>,
    /// Whom everything is sent to first, from the database.
    pub forced: Option<String>,
    /// The tenants of the database.
    pub tenants: Vec<Tenant>,
    /// Breakers that were open when the last router stopped, from the database.
    pub breakers: Vec<Remembered>,
    /// Where the cache is found once it is open.
    pub shelf: Shelf,
    /// What was spent today and this month (UTC) before this start, from the ledger, in micro-dollars.
    pub spent: Vec<(Scope, i64, i64)>,
}

/// The running router. Shared by every connection; see the crate's own page for the way of a request.
pub struct Router {
    pub(crate) runtime: ArcSwap<Runtime>,
    pub(crate) tenants: ArcSwap<TenantBook>,
    /// Kept to rebuild the book when only the file changes.
    stored_tenants: Mutex<Vec<Tenant>>,
    pub(crate) switch: BypassSwitch,
    /// Whom a person wants everything sent to first.
    pub(crate) force: ArcSwapOption<String>,
    pub(crate) breakers: Breakers,
    pub(crate) reach: Reach,
    pub(crate) made_by: MadeBy,
    pub(crate) learner: Learner,
    pub(crate) prompt_cache: PromptCache,
    pub(crate) spend: Spend,
    pub(crate) shelf: Shelf,
    /// Requests that others with the same question wait for.
    pub(crate) flights: Flights,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Events,
    pub(crate) practice: bool,
    pub(crate) draining: AtomicBool,
    pub(crate) in_flight: AtomicUsize,
    /// The drain's time is over: whatever is still under way ends now, and says so.
    pub(crate) cut_short: CancellationToken,
    /// The provider that answered last by the route's own choice.
    serving: Mutex<Option<String>>,
    /// Every task that the router starts, so that shutting down can wait for them.
    pub(crate) tasks: TaskTracker,
}

/// Nobody of that name is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no provider {name:?}; configured: {}", known.join(", "))]
pub struct UnknownProvider {
    /// The name that was given.
    pub name: String,
    /// Those that exist.
    pub known: Vec<String>,
}

/// How things stand.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The first route's providers first, then the rest in the file's order.
    pub providers: Vec<ProviderView>,
    /// Who answers now: whoever answered last, or the primary before the first request.
    pub serving: Option<String>,
    /// Requests under way.
    pub in_flight: usize,
}

/// One provider as `status` shows it.
#[derive(Debug, Clone)]
pub struct ProviderView {
    /// Its configured name.
    pub name: String,
    /// Its role in the first route that uses it.
    pub role: Option<Role>,
    /// The dialects it speaks.
    pub dialects: Vec<Dialect>,
    /// Whether there is a key for it.
    pub key: KeyState,
    /// Its breakers that aren't closed.
    pub breakers: Vec<BreakerView>,
}

impl Router {
    /// A router that is ready for requests. Root certificates load in the background.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts {
            config,
            store,
            secrets,
            clock,
            events,
            practice,
            env_bypass,
            stored_bypass,
            forced,
            tenants,
            breakers: remembered,
            spent,
            shelf,
        } = parts;
        crate::upstream::install_crypto();
        let now = clock.now();
        let book = TenantBook::new(&tenants, &config.tenants);
        let switch =
            BypassSwitch::new(env_bypass.then_some(now), config.bypass.then_some(now), stored_bypass);
        let spend = Spend::default();
        spend.recall(now, spent);
        let tasks = TaskTracker::new();
        let tell = {
            let events = events.clone();
            Arc::new(move |change| events.emit(Event::BreakerChanged(change)))
        };
        let breakers = Breakers::new(Arc::clone(&clock), tasks.clone(), tell);
        breakers.remember(remembered);
        let router = Arc::new(Self {
            serving: Mutex::new(config.routes.first().map(|route| route.primary.provider.clone())),
            runtime: ArcSwap::from_pointee(Runtime::new(config, &secrets)),
            tenants: ArcSwap::from_pointee(book),
            stored_tenants: Mutex::new(tenants),
            switch,
            force: ArcSwapOption::from_pointee(forced),
            breakers,
            reach: Reach::default(),
            made_by: MadeBy::default(),
            learner: Learner::default(),
            prompt_cache: PromptCache::default(),
            spend,
            shelf,
            flights: Flights::default(),
            store,
            clock,
            events,
            practice,
            draining: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            cut_short: CancellationToken::new(),
            tasks,
        });
        router.warm();
        router
    }

    /// Puts a changed configuration in force for the next request; those in flight end under the old one.
    pub fn reload(&self, config: Arc<Config>, secrets: &Secrets) {
        self.switch.config(config.bypass, self.clock.now());
        let stored = self.stored_tenants.lock();
        self.tenants.store(Arc::new(TenantBook::new(&stored, &config.tenants)));
        drop(stored);
        let before = self.runtime.swap(Arc::new(Runtime::new(config, secrets)));
        for changed in self.runtime.load().changed_since(&before) {
            self.breakers.reset(&changed);
        }
        self.warm();
    }

    /// Gives up every connection to the providers, for a machine that slept finds them dead without knowing
    /// it, and tries every provider with the next request, whatever the timers of its breakers say. Requests in
    /// flight keep their connections.
    pub fn reconnect(&self) {
        self.renew();
        self.reach.nudge();
    }

    /// New connections and another chance for everybody, for the old ones lead nowhere.
    pub(crate) fn renew(&self) {
        self.runtime.rcu(|runtime| {
            let keys = runtime.upstreams.iter().map(|(name, upstream)| (name.clone(), upstream.key.clone()));
            Runtime::new(Arc::clone(&runtime.config), &keys.collect())
        });
        self.breakers.reprobe();
        self.warm();
    }

    fn warm(&self) {
        let runtime = self.runtime.load_full();
        if tokio::runtime::Handle::try_current().is_ok() {
            self.tasks.spawn_blocking(move || runtime.warm());
        }
    }

    /// The database's tenants changed.
    pub fn set_tenants(&self, tenants: Vec<Tenant>) {
        let config = Arc::clone(&self.runtime.load().config);
        // Held over both, so that a reload at the same time can't bring a removed key back.
        let mut stored = self.stored_tenants.lock();
        self.tenants.store(Arc::new(TenantBook::new(&tenants, &config.tenants)));
        *stored = tenants;
    }

    /// The rollback switch as it stands.
    pub fn bypass(&self) -> BypassState {
        self.switch.state()
    }

    /// Moves the rollback switch; effective with the next request. The caller keeps it over a restart.
    pub fn set_bypass(&self, on: bool) -> Result<BypassState, EnvironmentWins> {
        let before = self.switch.state();
        let state = self.switch.command(on, self.clock.now())?;
        if before.on != state.on {
            self.events.emit(Event::BypassChanged { on: state.on, source: state.source });
        }
        Ok(state)
    }

    /// Whom everything is sent to first by a person's choice; `None` is automatic.
    ///
    /// A provider that is gone from the configuration is nobody's choice any more.
    pub fn force(&self) -> Option<String> {
        let runtime = self.runtime.load();
        let forced = self.force.load();
        forced.as_deref().filter(|name| runtime.upstreams.contains_key(*name)).cloned()
    }

    /// Sends everything to one provider first, or leaves it to the routes again. The other provider stays
    /// the fallback: a person's choice never takes the safety net away. The caller keeps it over a restart.
    pub fn set_force(&self, provider: Option<String>) -> Result<(), UnknownProvider> {
        let runtime = self.runtime.load();
        if let Some(name) = provider.as_ref().filter(|name| !runtime.upstreams.contains_key(*name)) {
            let known = runtime.config.providers.iter().map(|provider| provider.name.clone()).collect();
            return Err(UnknownProvider { name: name.clone(), known });
        }
        let before = self.force.swap(provider.clone().map(Arc::new));
        if before.as_deref() != provider.as_ref() {
            self.events.emit(Event::ForceChanged { to: provider });
        }
        Ok(())
    }

    /// Something about a provider was changed from outside (a key, a setting, a practice fault): what its
    /// breakers know of it is no longer true.
    pub fn provider_changed(&self, provider: &str) {
        self.breakers.reset(provider);
    }

    /// What is open, to be handed to the next router as [`Parts::breakers`].
    pub fn open_breakers(&self) -> Vec<Remembered> {
        self.breakers.to_remember()
    }

    /// What this router alone has spent, for the others that share its caps, with the day (UTC) that it is about.
    pub fn own_spending(&self) -> (Date, Vec<Spending>) {
        self.spend.own(self.clock.now())
    }

    /// What all others that share its caps have spent on that day; from the next request on it counts against the
    /// caps, in the place of what was said before.
    pub fn others_spent(&self, day: Date, spent: Vec<Spending>) {
        self.spend.others_spent(day, spent);
    }

    /// The breakers that this router opened by its own experience.
    pub fn own_breakers(&self) -> Vec<Own> {
        self.breakers.own()
    }

    /// Opens a breaker on the word of another router, if it is closed. It is never told on.
    pub fn learn_breaker(&self, learnt: &Learnt) {
        self.breakers.learn(learnt);
    }

    /// Closes a breaker that is open on another router's word alone.
    pub fn unlearn_breaker(&self, provider: &str, model: Option<&str>) {
        self.breakers.unlearn(provider, model);
    }

    /// From now on new requests get `503 shutting_down`.
    pub fn set_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Ends what is still under way: streams with an error event, the rest with `503 shutting_down`. For the
    /// end of a drain; the caller then gives the last bytes a moment.
    pub fn cut_short(&self) {
        self.cut_short.cancel();
    }

    /// Whether anybody can be reached, and whether that is our own network's doing.
    pub fn network(&self) -> Network {
        self.reach.network()
    }

    /// The tasks that the router has started.
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// How things stand now.
    pub fn snapshot(&self) -> Snapshot {
        let runtime = self.runtime.load();
        let role_of = |name: &str| {
            runtime.config.routes.iter().find_map(|route| {
                if route.primary.provider == name {
                    return Some(Role::Primary);
                }
                route.secondary.as_ref().filter(|target| target.provider == name).map(|_| Role::Secondary)
            })
        };
        let mut providers: Vec<ProviderView> = runtime
            .config
            .providers
            .iter()
            .map(|provider| ProviderView {
                name: provider.name.clone(),
                role: role_of(&provider.name),
                dialects: provider.dialects.clone(),
                key: runtime
                    .upstreams
                    .get(&provider.name)
                    .map(|upstream| upstream.key.clone())
                    .unwrap_or_default(),
                breakers: self.breakers.views(&provider.name),
            })
            .collect();
        providers.sort_by_key(|provider| match provider.role {
            Some(Role::Primary) => 0,
            Some(Role::Secondary) => 1,
            None => 2,
        });
        Snapshot {
            providers,
            serving: self.serving.lock().clone(),
            in_flight: self.in_flight.load(Ordering::Relaxed),
        }
    }

    /// Remembers who answers, and tells when that changes.
    pub(crate) fn note_serving(&self, provider: &str, failed: Option<(String, &str)>) {
        let before = {
            let mut serving = self.serving.lock();
            if serving.as_deref() == Some(provider) {
                return;
            }
            serving.replace(provider.to_owned())
        };
        // Who was sent everything by choice is no surprise, and was told when the choice was made.
        if self.force().as_deref() == Some(provider) {
            return;
        }
        if let Some(from) = before {
            let to = provider.to_owned();
            let resting = || self.breakers.views(&from).first().map(|view| view.reason.phrase());
            let reason = match failed {
                Some((who, reason)) if who == from => Some(reason),
                // It wasn't asked, because it rests.
                _ => resting(),
            };
            let reason = reason.map(str::to_owned);
            self.events.emit(Event::Switched { from, to, reason });
        }
    }

    /// The tightest p95 target, in milliseconds, of the SLOs that a row counts in.
    pub(crate) fn latency_target(&self, row: &LedgerRow) -> Option<u64> {
        let runtime = self.runtime.load();
        let counts_in = |slo: &&evenkeel_config::Slo| {
            slo.tenant.as_ref().is_none_or(|tenant| *tenant == row.tenant)
                && (slo.feature.is_none() || slo.feature == row.feature)
        };
        let slos = runtime.config.slos.iter().filter(counts_in);
        slos.map(|slo| u64::try_from(slo.p95.as_millis()).unwrap_or(u64::MAX)).min()
    }
}
