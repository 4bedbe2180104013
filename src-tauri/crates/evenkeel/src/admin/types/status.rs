//! `status`: is it up, who serves, what is wrong.

use evenkeel_slo::budget::BurnColour;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlertRow, SloSummary};
use crate::run_file::Kind;

/// The whole of `evenkeel status --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "Status.ts")]
pub struct Status {
    /// The router's version.
    pub version: String,
    /// `address:port`; the configured one while nothing runs.
    pub listen: String,
    /// The router's process; `null` while nothing runs.
    pub pid: Option<u32>,
    /// Which program runs; `null` while nothing runs.
    pub kind: Option<Kind>,
    /// Seconds since it listens; `null` while nothing runs.
    pub uptime_s: Option<u64>,
    /// `healthy`, `degraded` or `down`.
    pub state: State,
    /// Both providers are simulated.
    pub practice: bool,
    /// Our own network is away.
    pub offline: bool,
    /// Whether anybody can be reached, since when, and why not.
    #[serde(default)]
    pub network: NetworkStatus,
    /// The rollback switch.
    pub bypass: BypassStatus,
    /// The provider that everything is sent to first by a person's choice; `null` is automatic.
    pub force: Option<String>,
    /// The provider that answered last, or would answer first.
    pub serving: Option<String>,
    /// The providers in the order in which they are asked.
    pub providers: Vec<ProviderStatus>,
    /// The promises and how they stand.
    pub slos: Vec<SloSummary>,
    /// The worst burn rate of their error budgets; `null` before the first look.
    pub burn: Option<BurnColour>,
    /// The alerts that fire.
    pub alerts: Vec<AlertRow>,
    /// Why a page about an alert reaches nobody; `null` while all do.
    pub alert_error: Option<String>,
    /// Until when somebody paused the alerts; `null` while they are told.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub alerts_paused_until: Option<Timestamp>,
    /// An error budget is frozen.
    pub frozen: bool,
    /// Why the changed configuration file is not in force; the one before it is.
    pub config_error: Option<String>,
    /// Why requests are not being written to the ledger, or that rows were lost; `null` while all is well.
    pub ledger_error: Option<String>,
}

/// The router in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "State.ts")]
pub enum State {
    /// Everything works.
    Healthy,
    /// Requests are answered, and something needs a person.
    Degraded,
    /// No request can be answered.
    Down,
}

/// The way to the providers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "NetworkStatus.ts")]
pub struct NetworkStatus {
    /// `online`; `unreachable` where no provider of a route can be reached; `offline` where that is our own network's
    /// doing.
    #[ts(type = "\"online\" | \"unreachable\" | \"offline\"")]
    pub state: String,
    /// Since when it isn't `online`.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// While offline what says so: `no_route`, `no_names` or `captive_portal`. While unreachable who can't be reached.
    pub reason: Option<String>,
    /// Saved answers given since it is `offline`; 0 otherwise.
    #[serde(default)]
    pub saved_answers: u64,
    /// Requests that got no answer since it is `offline`; 0 otherwise.
    #[serde(default)]
    pub failed: u64,
}

impl Default for NetworkStatus {
    fn default() -> Self {
        Self { state: "online".to_owned(), since: None, reason: None, saved_answers: 0, failed: 0 }
    }
}

/// The rollback switch; also the whole of `bypass status --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "BypassStatus.ts")]
pub struct BypassStatus {
    /// Whether requests go to the primary untouched.
    pub on: bool,
    /// Whose word decides; `null` while off.
    #[ts(type = "\"config\" | \"env\" | \"command\" | null")]
    pub source: Option<String>,
    /// Since when, where that is known.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
}

/// One provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ProviderStatus.ts")]
pub struct ProviderStatus {
    /// Its name in the configuration.
    pub name: String,
    /// `primary`, `secondary`, or `null` where no route names it.
    #[ts(type = "\"primary\" | \"secondary\" | null")]
    pub role: Option<String>,
    /// The dialects it speaks.
    pub dialects: Vec<String>,
    /// `ok`, `missing`, `rejected`, or `none` where it takes no key.
    #[ts(type = "\"ok\" | \"missing\" | \"rejected\" | \"none\"")]
    pub key: String,
    /// Its breakers that aren't closed.
    pub breakers: Vec<BreakerStatus>,
}

/// One breaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "BreakerStatus.ts")]
pub struct BreakerStatus {
    /// The model it guards; empty where it is the provider as a whole (its key, its account).
    pub model: String,
    /// `closed`, `open`, `half_open` or `parked`.
    #[ts(type = "\"closed\" | \"open\" | \"half_open\" | \"parked\"")]
    pub state: String,
    /// Why it isn't closed: the outcome of the attempt that opened it.
    pub reason: Option<String>,
    /// When the next request tries it; `null` where that is now.
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
}
