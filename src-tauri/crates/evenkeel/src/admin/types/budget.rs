//! What people say about the error budget.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The body of `POST /api/budget/spend`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "DeclareWindow.ts")]
pub struct DeclareWindow {
    /// What somebody is about to do.
    #[ts(type = "\"deploy\" | \"experiment\"")]
    pub kind: String,
    /// Why, in their words.
    pub reason: String,
    /// How long it takes, such as `30m`; left out: half an hour.
    #[serde(default, rename = "for")]
    pub lasts: Option<String>,
}

/// A declared window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "DeclaredWindow.ts")]
pub struct DeclaredWindow {
    /// What is going on.
    pub kind: String,
    /// Why, in their words.
    pub reason: String,
    /// From here on.
    #[ts(type = "string")]
    pub from: Timestamp,
    /// Up to here.
    #[ts(type = "string")]
    pub to: Timestamp,
}

/// The body of `POST /api/budget/freeze`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "Freeze.ts")]
pub struct Freeze {
    /// Why, in their words.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The answer to `POST /api/budget/freeze` and `thaw`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "Frozen.ts")]
pub struct Frozen {
    /// Whether changes ask for a reason now.
    pub frozen: bool,
}
