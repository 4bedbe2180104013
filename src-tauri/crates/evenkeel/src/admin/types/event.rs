//! One line of the live stream at `/api/events`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "LiveEvent.ts")]
pub struct LiveEvent {
    /// Rises within one run of the router.
    pub id: u64,
    /// When it was sent.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// `started`, `stopping`, `config_reloaded`, `config_rejected`, `bypass_changed`, `force_changed`, `switched`,
    /// `fault_set`, `key_changed`, `keychain_trouble`, `crash_found`, `clock_jumped`, `went_offline`, `unreachable`,
    /// `back_online`, `alert_firing`, `alert_resolved`, `alerts_paused`, `alerts_resumed`,
    /// `budget_frozen`, `budget_thawed`, `budget_declared`, `version_changed`, `dashboard_wanted`, `settled`, or `lagged`
    /// when this subscriber missed some.
    pub kind: String,
    /// The event as a person would say it.
    pub sentence: String,
    /// For `settled` the row of the ledger, for others what the sentence is made of.
    #[ts(type = "unknown")]
    pub data: serde_json::Value,
}
