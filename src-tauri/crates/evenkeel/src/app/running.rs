//! What the admin API asks and changes: one running app, shared by its tasks.

use std::{
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::{ArcSwap, ArcSwapOption};
use evenkeel_practice::Practice;
use evenkeel_router::{Event, Events, Router};
use evenkeel_store::{Health, Store};
use jiff::Timestamp;
use parking_lot::Mutex;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    bind, bypass, force,
    routing::Routing,
    settings::{Rejected, Settings},
    subscribers::Live,
    tasks::Tasks,
    tenants::Tenants,
};
use crate::{
    admin::sessions::Sessions,
    admin::types::NewTenant,
    admin::types::{TenantKey, TenantList},
    failure::{Code, Failure},
    keys::KeyRing,
    notices::Desk,
    paths::Paths,
    run_file::RunFile,
};

/// The signals that end an app, in the order in which they are given.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Live streams and the watch on the file end.
    pub(super) stopping: CancellationToken,
    /// Nothing is accepted any more, and connections end after the answer they are giving.
    pub(super) closing: CancellationToken,
    /// Connections that still give an answer are dropped, and their requests settled as they stand.
    pub(super) cut: CancellationToken,
    /// Nothing more will happen: subscribers take what is left and end.
    pub(super) finished: CancellationToken,
}

/// One running app.
pub(crate) struct Running {
    pub(super) paths: Paths,
    pub(super) run: RunFile,
    pub(crate) listen: SocketAddr,
    pub(super) listen_given: bool,
    pub(super) practice_forced: bool,
    pub(super) since: Instant,
    pub(super) store: Store,
    pub(super) events: Events,
    pub(super) routing: ArcSwap<Routing>,
    /// Routers that were replaced and may still have requests in flight.
    pub(super) retired: Mutex<Vec<Arc<Router>>>,
    pub(super) settings: ArcSwap<Settings>,
    pub(super) rejected: ArcSwapOption<Rejected>,
    /// The text of the file as it was last looked at; also lets one reload run at a time.
    pub(super) last_seen: tokio::sync::Mutex<Option<String>>,
    pub(super) practice: Option<Practice>,
    pub(crate) sessions: Sessions,
    pub(crate) token: SecretString,
    pub(crate) live: Live,
    /// Where notices on the desktop are shown.
    pub(crate) notices: Desk,
    pub(crate) keys: KeyRing,
    /// The travel-mode cache.
    pub(crate) cache: crate::cache::Keeper,
    /// The configuration names other providers than when the keys were last read.
    pub(super) keys_wanted: Notify,
    /// What was last said about keys that are missing.
    pub(super) keys_told: Mutex<Vec<String>>,
    pub(super) tasks: Tasks,
    pub(super) connections: Tasks,
    pub(super) signals: Signals,
    /// When this process opened the folder.
    pub(super) began: Timestamp,
    /// How the promises stand.
    pub(crate) promises: crate::promises::board::Board,
    /// The configurations that one can go back to without a reason.
    pub(crate) earlier: crate::promises::gate::Earlier,
    /// The three alerts.
    pub(crate) alerts: crate::alerts::Alerts,
    /// What was answered while there is no network.
    pub(crate) away: super::away::Away,
    /// One change of tenants at a time: each is a read, an edit of the file and a write.
    pub(super) changing_tenants: tokio::sync::Mutex<()>,
    /// The texts of the file that were handed out lately, to tell what became of them meanwhile.
    pub(super) handed_out: Mutex<super::edit::HandedOut>,
}

impl fmt::Debug for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Running")
            .field("listen", &self.listen)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Running {
    pub(crate) fn routing(&self) -> Arc<Routing> {
        self.routing.load_full()
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    pub(crate) fn rejected(&self) -> Option<Arc<Rejected>> {
        self.rejected.load_full()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn paths(&self) -> &Paths {
        &self.paths
    }

    pub(crate) fn run_file(&self) -> RunFile {
        self.run
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.since.elapsed()
    }

    /// Ends when the app is asked to stop.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.signals.stopping.clone()
    }

    /// Ends when nothing more will happen.
    pub(crate) fn finished(&self) -> CancellationToken {
        self.signals.finished.clone()
    }

    /// When this process opened the folder; what is older was another's.
    pub(crate) fn began(&self) -> Timestamp {
        self.began
    }

    /// A provider of the routes that is not this one, has its key and doesn't rest: who could answer instead.
    pub(crate) fn well_besides(&self, provider: &str) -> Option<String> {
        let snapshot = self.routing().router.snapshot();
        let well = |view: &&evenkeel_router::ProviderView| {
            view.role.is_some()
                && view.name != provider
                && !matches!(view.key, evenkeel_router::KeyState::Missing)
                && !self.keys.is_rejected(&view.name)
                && view.breakers.is_empty()
        };
        if provider.is_empty() {
            return None;
        }
        snapshot.providers.iter().find(well).map(|view| view.name.clone())
    }

    /// The practice providers, if they are what answers.
    pub(crate) fn practice(&self) -> Option<&Practice> {
        self.practice.as_ref().filter(|_| self.routing.load().practice)
    }

    pub(crate) fn emit(&self, event: Event) {
        self.events.emit(event);
    }

    /// A fresh link that logs one browser in.
    pub(crate) fn dashboard_link(&self) -> Result<String, Failure> {
        let once = self
            .sessions
            .new_link(Instant::now())
            .map_err(|error| Failure::internal("make a login link", &error))?;
        Ok(format!("http://{}/dashboard/login?once={once}", bind::reachable(self.listen)))
    }

    /// Runs a task that the end of the app waits for.
    pub(crate) fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(name, task);
    }

    /// What keeps the ledger from being written, if anything does.
    pub(crate) fn ledger_error(&self) -> Option<String> {
        let dropped = self.store.dropped();
        let lost = if dropped > 0 { format!(" {dropped} rows are lost.") } else { String::new() };
        match self.store.health() {
            Health::Failing { since, message } => {
                Some(format!("since {since}: {message}. Requests go on; their rows wait in memory.{lost}"))
            }
            Health::Ok if dropped > 0 => Some(lost.trim_start().to_owned()),
            Health::Ok => None,
        }
    }

    /// Moves the rollback switch and keeps it over a restart.
    pub(crate) async fn set_bypass(&self, on: bool) -> Result<(), Failure> {
        let was_config = self.settings.load().config.bypass;
        self.routing.load().router.set_bypass(on).map_err(|_| bypass::environment_wins())?;
        bypass::store_switch(&self.store, on)
            .await
            .map_err(|error| Failure::internal("keep the switch over a restart", &error))?;
        if !on && was_config {
            bypass::write_config_off(self.paths.config_file())?;
        }
        Ok(())
    }

    /// Sends everything to one provider first, or leaves it to the routes again, and keeps that over a
    /// restart.
    pub(crate) async fn set_force(&self, provider: Option<String>) -> Result<(), Failure> {
        self.routing.load().router.set_force(provider.clone()).map_err(|unknown| force::unknown(&unknown))?;
        force::store(&self.store, provider)
            .await
            .map_err(|error| Failure::internal("keep the choice over a restart", &error))
    }

    pub(crate) async fn tenants(&self) -> Result<TenantList, Failure> {
        self.tenant_book().list().await
    }

    pub(crate) async fn add_tenant(&self, new: &NewTenant) -> Result<TenantKey, Failure> {
        let _one = self.changing_tenants.lock().await;
        let made = self.tenant_book().add(new).await?;
        self.tenants_changed().await?;
        Ok(made)
    }

    pub(crate) async fn rotate_tenant(&self, name: &str) -> Result<TenantKey, Failure> {
        let _one = self.changing_tenants.lock().await;
        let made = self.tenant_book().rotate(name).await?;
        self.tenants_changed().await?;
        Ok(made)
    }

    pub(crate) async fn remove_tenant(&self, name: &str) -> Result<TenantList, Failure> {
        let _one = self.changing_tenants.lock().await;
        let left = self.tenant_book().remove(name).await;
        self.tenants_changed().await?;
        left
    }

    /// The book of tenants, with the sections of the file as it was last read.
    fn tenant_book(&self) -> Tenants {
        let configured = self.settings.load().config.tenants.clone();
        Tenants::new(self.store.clone(), self.paths.clone(), configured)
    }

    /// The file first, for a section that was just written belongs to the tenant; then the keys.
    async fn tenants_changed(&self) -> Result<(), Failure> {
        self.reload().await;
        let stored = self.tenant_book().stored().await?;
        self.routing.load().router.set_tenants(stored);
        Ok(())
    }

    /// Lets a practice provider fail, or work again.
    pub(crate) async fn set_fault(&self, name: &str, fault: evenkeel_practice::Fault) -> Result<(), Failure> {
        let Some(practice) = self.practice() else {
            return Err(Failure::new(
                Code::PracticeOff,
                "Real providers are in use; the practice providers are off.",
            )
            .hint("Start Evenkeel with them: evenkeel serve --practice"));
        };
        practice
            .set_fault(name, fault)
            .await
            .map_err(|error| Failure::new(Code::UnknownProvider, format!("{error}.")))?;
        // As after every change of a provider: what its breaker knew is no longer true.
        self.routing.load().router.provider_changed(name);
        let value = fault.value().map(|value| format!(" {value}")).unwrap_or_default();
        self.emit(Event::FaultSet { provider: name.to_owned(), fault: format!("{}{value}", fault.name()) });
        Ok(())
    }
}
