//! The practice providers and their faults.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole of `practice status --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "PracticeStatus.ts")]
pub struct PracticeStatus {
    /// Both of them; none while real providers are in use.
    pub providers: Vec<PracticeProvider>,
}

/// One practice provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "PracticeProvider.ts")]
pub struct PracticeProvider {
    /// `practice-a` or `practice-b`.
    pub name: String,
    /// The dialect it stands for.
    pub dialect: String,
    /// Every dialect it answers.
    #[serde(default)]
    pub dialects: Vec<String>,
    /// Its own `address:port`.
    pub listen: String,
    /// The fault in force, or `none`.
    pub fault: String,
    /// What the fault was given, such as `3s`.
    pub value: Option<String>,
    /// Requests it has seen.
    pub requests: u64,
}
