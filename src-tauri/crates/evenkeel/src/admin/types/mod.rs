//! What goes over the admin API and out of `--json`, in one place for Rust, TypeScript and people.
//!
//! Names and meanings are those of the public JSON reference: fields may be added, never renamed or
//! removed. Times are RFC 3339 in UTC, `_ms` are whole milliseconds, `_usd` are numbers with six
//! decimals, and what is unknown is `null`, never 0. The dashboard's copies in `ui/src/api/types/`
//! are written by the test in `typescript.rs`, which also fails when they drift.

mod alert;
mod budget;
mod cache;
mod chart;
mod check;
mod config;
mod event;
mod key;
mod practice;
mod request;
mod status;
mod tenant;
mod tool;

#[cfg(test)]
mod typescript;

pub use alert::{Acknowledge, AlertList, AlertRow, AlertTest, PauseAlerts, TestedPage};
pub use budget::{DeclareWindow, DeclaredWindow, Freeze, Frozen};
pub use cache::{CacheCleared, CacheMoved, CacheStats, CacheTrouble, MoveCache};
pub use chart::{ChartMark, ChartView};
pub use check::{CheckReport, CheckedProvider, Problem};
pub use config::{ConfigChange, ConfigRefusal, ConfigView, EditConfig, Meanwhile, ProviderPreset};
pub use evenkeel_slo::report::{SloDocument, SloReport, SloSummary, Usd};
pub use event::LiveEvent;
pub use key::{KeyList, KeyRow, ProviderTest, ProviderTestStep, SetKey, TestProvider};
pub use practice::{PracticeProvider, PracticeStatus};
pub use request::{AttemptRow, RequestDetail, RequestRow, RequestsPage, TestRequest, TokenCounts};
pub use status::{BreakerStatus, BypassStatus, NetworkStatus, ProviderStatus, State, Status};
pub use tenant::{TenantKey, TenantList, TenantRow};
pub use tool::{ChangeTool, ToolChange, ToolList, ToolRow, ToolState};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An error, anywhere: the admin API's body and standard error with `--json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ApiError.ts")]
pub struct ApiError {
    /// One of the closed list in `docs/errors.md`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

/// The body of `PUT /api/force`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "SetForce.ts")]
pub struct SetForce {
    /// The provider that everything is sent to first; `null` leaves it to the routes again.
    pub provider: Option<String>,
}

/// The body of `PUT /api/bypass`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "SetBypass.ts")]
pub struct SetBypass {
    /// The wanted position.
    pub on: bool,
}

/// The body of `PUT /api/practice/{provider}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "SetFault.ts")]
pub struct SetFault {
    /// The fault's name, such as `down`, or `none`.
    pub fault: String,
    /// What the fault needs: a duration, a count or a probability.
    #[serde(default)]
    pub value: Option<String>,
}

/// The body of `POST /api/tenants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "NewTenant.ts")]
pub struct NewTenant {
    /// The name, as it will stand in the ledger.
    pub name: String,
    /// Its features; the first one is the default tag of its requests.
    #[serde(default)]
    pub features: Vec<String>,
}

/// The answer to `POST /api/dashboard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "DashboardLink.ts")]
pub struct DashboardLink {
    /// Opens the dashboard once.
    pub url: String,
    /// How long it works if nobody uses it.
    pub valid_s: u64,
}
