//! `alerts list`: the three alerts of every promise.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole of `evenkeel alerts list --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "AlertList.ts")]
pub struct AlertList {
    /// Three for each promise.
    pub alerts: Vec<AlertRow>,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "AlertRow.ts")]
pub struct AlertRow {
    /// `success:Everything`.
    pub id: String,
    /// `success`, `p95` or `cost`.
    #[ts(type = "\"success\" | \"p95\" | \"cost\"")]
    pub kind: String,
    /// The promise.
    pub slo: String,
    /// `inactive`, `pending`, `firing` or `resolved`.
    #[ts(type = "\"inactive\" | \"pending\" | \"firing\" | \"resolved\"")]
    pub state: String,
    /// Since when it stands there.
    #[ts(type = "string")]
    pub since: Timestamp,
    /// The number of the incident that is open, or was until a moment ago; `null` without one.
    pub incident: Option<u64>,
    /// Somebody has seen it, and it isn't told again.
    pub acknowledged: bool,
    /// How it stands, in words.
    pub sentence: String,
}

/// The body of `POST /api/alerts/{id}/ack`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "Acknowledge.ts")]
pub struct Acknowledge {
    /// The incident that was seen; left out: whichever is open.
    #[serde(default)]
    pub incident: Option<u64>,
}

/// The body of `PUT /api/alerts/pause`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "PauseAlerts.ts")]
pub struct PauseAlerts {
    /// Until when nothing is told, seven days away at most; `null` ends a pause.
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
}

/// The answer to `POST /api/alerts/test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "AlertTest.ts")]
pub struct AlertTest {
    /// One for each kind and channel.
    pub sent: Vec<TestedPage>,
}

/// What came of one test page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "TestedPage.ts")]
pub struct TestedPage {
    /// `success`, `p95` or `cost`.
    pub kind: String,
    /// `desktop` or `webhook`.
    pub channel: String,
    /// Whether it was taken.
    pub ok: bool,
    /// Why not.
    pub error: Option<String>,
}
