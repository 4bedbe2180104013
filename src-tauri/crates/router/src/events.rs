//! One broadcast channel for everything worth telling. Log, store, dashboard, tray and notifier are
//! subscribers of equal rank; the router waits for none of them, and a slow one loses the oldest.

use std::sync::Arc;

use evenkeel_store::LedgerRow;
use tokio::sync::broadcast;

use crate::breaker::{BreakerChange, BreakerState};
use crate::bypass::BypassSource;
use crate::reach::Witness;

/// How many events a slow subscriber may lag behind before it loses the oldest.
const BACKLOG: usize = 1024;

/// What became of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkChange {
    /// Our own network is away.
    Offline {
        /// What says so.
        witness: Witness,
    },
    /// No provider of a route can be reached, and nothing says that it is our own network.
    Unreachable {
        /// Who can't be reached.
        providers: Vec<String>,
    },
    /// Somebody can be reached again.
    Back {
        /// Our own network had been away.
        offline: bool,
        /// For how long nobody could be reached.
        seconds: u64,
    },
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// The router listens.
    Started {
        /// The address tools talk to.
        listen: String,
        /// Both providers are simulated.
        practice: bool,
    },
    /// No new request is taken; those in flight are drained.
    Stopping,
    /// A changed configuration is in force.
    ConfigReloaded,
    /// A changed configuration was refused; the old one stays in force.
    ConfigRejected {
        /// The first mistake, in words.
        error: String,
    },
    /// The rollback switch was moved.
    BypassChanged {
        /// Its new position.
        on: bool,
        /// Who moved it.
        source: Option<BypassSource>,
    },
    /// A person chose whom everything is sent to first, or left it to the routes again.
    ForceChanged {
        /// The provider; `None` is automatic.
        to: Option<String>,
    },
    /// Another provider answers now.
    Switched {
        /// The provider that answered before.
        from: String,
        /// The provider that answers now.
        to: String,
        /// Why the first one did not answer, if it was asked.
        reason: Option<String>,
    },
    /// A breaker opened, was parked, may be tried, or closed.
    BreakerChanged(BreakerChange),
    /// Nobody can be reached, or somebody again.
    NetworkChanged(NetworkChange),
    /// A provider's key is another one, or comes from elsewhere, or is gone.
    KeyChanged {
        /// The provider.
        provider: String,
        /// `keychain`, `env`, `memory`, or `none` where there is no key any more.
        source: &'static str,
    },
    /// The keychain gave no answer.
    KeychainTrouble {
        /// `absent`, `locked`, `slow` or `failed`.
        trouble: &'static str,
        /// What it is, what follows from it, and what to do.
        text: String,
    },
    /// A practice provider got a fault.
    FaultSet {
        /// Its name.
        provider: String,
        /// The fault, as typed.
        fault: String,
    },
    /// The last run ended without a word: it was killed, or the machine lost its power.
    CrashFound,
    /// The machine slept, or somebody set its clock.
    ClockJumped {
        /// By how much, in seconds; negative if the clock was set back.
        seconds: i64,
    },
    /// An alert fires, or no longer does.
    AlertChanged {
        /// `success`, `p95` or `cost`.
        kind: &'static str,
        /// The promise.
        slo: String,
        /// Whether it fires now.
        firing: bool,
        /// How it stands, in words.
        sentence: String,
    },
    /// Somebody paused the alerts, or had them resumed.
    AlertsPaused {
        /// Until when; `None` ends a pause.
        until: Option<jiff::Timestamp>,
    },
    /// An error budget is frozen, or no longer is.
    FreezeChanged {
        /// The promise.
        slo: String,
        /// Whether it is frozen now.
        frozen: bool,
    },
    /// Somebody declared what they are about to do.
    BudgetDeclared {
        /// `deploy` or `experiment`.
        kind: &'static str,
        /// In their words.
        reason: String,
        /// Until when failures are put down to it.
        until: jiff::Timestamp,
    },
    /// Another version of Evenkeel runs on this folder than last time.
    VersionChanged {
        /// The version from before.
        from: String,
        /// The one that runs.
        to: String,
    },
    /// Somebody asked for the dashboard outside of it: on a notification.
    DashboardWanted,
    /// A request ended and has its row.
    Settled(Arc<LedgerRow>),
}

impl Event {
    /// The stable name of the event's kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Stopping => "stopping",
            Self::ConfigReloaded => "config_reloaded",
            Self::ConfigRejected { .. } => "config_rejected",
            Self::BypassChanged { .. } => "bypass_changed",
            Self::ForceChanged { .. } => "force_changed",
            Self::Switched { .. } => "switched",
            Self::BreakerChanged(change) => match change.state {
                BreakerState::Closed => "breaker_closed",
                BreakerState::Open => "breaker_opened",
                BreakerState::HalfOpen => "breaker_half_open",
                BreakerState::Parked => "breaker_parked",
            },
            Self::NetworkChanged(change) => match change {
                NetworkChange::Offline { .. } => "went_offline",
                NetworkChange::Unreachable { .. } => "unreachable",
                NetworkChange::Back { .. } => "back_online",
            },
            Self::KeyChanged { .. } => "key_changed",
            Self::KeychainTrouble { .. } => "keychain_trouble",
            Self::FaultSet { .. } => "fault_set",
            Self::CrashFound => "crash_found",
            Self::ClockJumped { .. } => "clock_jumped",
            Self::AlertChanged { firing: true, .. } => "alert_firing",
            Self::AlertChanged { firing: false, .. } => "alert_resolved",
            Self::AlertsPaused { until: Some(_) } => "alerts_paused",
            Self::AlertsPaused { until: None } => "alerts_resumed",
            Self::FreezeChanged { frozen: true, .. } => "budget_frozen",
            Self::FreezeChanged { frozen: false, .. } => "budget_thawed",
            Self::BudgetDeclared { .. } => "budget_declared",
            Self::VersionChanged { .. } => "version_changed",
            Self::DashboardWanted => "dashboard_wanted",
            Self::Settled(_) => "settled",
        }
    }

    /// The event as a person would say it.
    pub fn sentence(&self) -> String {
        match self {
            Self::Started { listen, practice: false } => format!("Listening on {listen}."),
            Self::Started { listen, practice: true } => format!("Listening on {listen}, PRACTICE."),
            Self::Stopping => "Stopping; requests in flight are finished first.".to_owned(),
            Self::ConfigReloaded => "The changed configuration is in force.".to_owned(),
            Self::ConfigRejected { error } => {
                format!("The changed configuration has a mistake, the old one stays in force: {error}")
            }
            Self::BypassChanged { on: true, .. } => {
                "Bypass is on: requests go to the primary untouched.".to_owned()
            }
            Self::BypassChanged { on: false, .. } => "Bypass is off.".to_owned(),
            Self::ForceChanged { to: Some(to) } => format!("Everything is sent to {to} first."),
            Self::ForceChanged { to: None } => "Providers are chosen automatically again.".to_owned(),
            Self::Switched { from, to, reason: Some(reason) } => {
                format!("Switched to {to}; {from} {reason}.")
            }
            Self::Switched { to, reason: None, .. } => format!("Back on {to}."),
            Self::BreakerChanged(change) => breaker_sentence(change),
            Self::NetworkChanged(change) => network_sentence(change),
            Self::KeyChanged { provider, source } => match *source {
                "keychain" => format!("The key of {provider} comes from the keychain."),
                "env" => format!("The key of {provider} comes from the environment."),
                "memory" => format!("The key of {provider} is held in memory until Evenkeel stops."),
                _ => format!("{provider} has no key any more."),
            },
            Self::KeychainTrouble { text, .. } => text.clone(),
            Self::FaultSet { provider, fault } => format!("Practice: {provider} is set to {fault}."),
            Self::CrashFound => {
                "Evenkeel was not shut down cleanly last time. Nothing that was written down is lost."
                    .to_owned()
            }
            Self::ClockJumped { seconds: gap @ 0.. } => {
                format!(
                    "The machine slept or its clock was set forward, by {gap} s; connections are made anew."
                )
            }
            Self::ClockJumped { seconds: gap } => {
                format!("The clock was set back by {} s; connections are made anew.", gap.unsigned_abs())
            }
            Self::AlertChanged { slo, sentence, .. } => format!("{slo}: {sentence}"),
            Self::AlertsPaused { until: Some(until) } => {
                format!(
                    "Alerts are paused until {}. Requests go on being counted.",
                    until.strftime("%Y-%m-%d %H:%M UTC")
                )
            }
            Self::AlertsPaused { until: None } => "Alerts are no longer paused.".to_owned(),
            Self::FreezeChanged { slo, frozen: true } => {
                format!("{slo}: the error budget is frozen; changes ask for a reason.")
            }
            Self::FreezeChanged { slo, frozen: false } => {
                format!("{slo}: the error budget is no longer frozen.")
            }
            Self::BudgetDeclared { kind, reason, until } => {
                format!("Declared until {}: {kind}, {reason}", until.strftime("%Y-%m-%d %H:%M UTC"))
            }
            Self::VersionChanged { from, to } => format!("Evenkeel {to} runs in place of {from}."),
            Self::DashboardWanted => "The dashboard is wanted.".to_owned(),
            Self::Settled(row) => {
                let who = row.provider.as_deref().unwrap_or("nobody");
                format!("{} answered by {who} in {} ms.", row.endpoint, row.total_ms)
            }
        }
    }
}

fn network_sentence(change: &NetworkChange) -> String {
    match change {
        NetworkChange::Offline { witness } => {
            format!("Offline: {}. Saved answers only, and no alert fires meanwhile.", witness.phrase())
        }
        NetworkChange::Unreachable { providers } => {
            let who = providers.join(" and ");
            format!("{who} can't be reached, though nothing says that this computer's network is away.")
        }
        NetworkChange::Back { offline: true, seconds } => format!("Online again, after {seconds} s."),
        NetworkChange::Back { offline: false, seconds } => {
            format!("Providers can be reached again, after {seconds} s.")
        }
    }
}

fn breaker_sentence(change: &BreakerChange) -> String {
    let who = match &change.model {
        Some(model) => format!("{} with {model}", change.provider),
        None => change.provider.clone(),
    };
    let reason = change.reason.phrase();
    match change.state {
        BreakerState::Open => {
            format!("{who} {reason}; it rests, and is tried again with a request of its own later.")
        }
        BreakerState::Parked => format!("{who} {reason}; it rests for as long as it asked to."),
        BreakerState::HalfOpen => format!("The next request tries {who} again."),
        BreakerState::Closed => format!("{who} answers again."),
    }
}

/// The sending side, cheap to clone.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Events {
    /// Tells everyone who listens; nobody listening is fine.
    pub fn emit(&self, event: Event) {
        // An error says only that there is no subscriber at the moment.
        let _ = self.0.send(event);
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
