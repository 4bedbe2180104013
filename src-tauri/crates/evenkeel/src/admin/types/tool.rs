//! Tools whose settings can be pointed at the router.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole of `connect --list --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ToolList.ts")]
pub struct ToolList {
    /// Always the same tools in the same order.
    pub tools: Vec<ToolRow>,
}

/// How a tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "ToolState.ts")]
pub enum ToolState {
    /// Its settings are as we left them.
    Connected,
    /// Nothing of ours is in its settings.
    NotConnected,
    /// Some of what we set was changed since.
    Changed,
    /// It is pointed at an address or given a key that is no longer ours; connecting it again corrects that.
    Outdated,
    /// Its settings can't be read or understood.
    Unreadable,
    /// It can't reach this machine.
    Unsupported,
}

/// One tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ToolRow.ts")]
pub struct ToolRow {
    /// What is typed for it.
    pub tool: String,
    /// What it is called.
    pub name: String,
    /// Whether it is installed, as far as can be seen.
    pub found: bool,
    /// How it stands.
    pub state: ToolState,
    /// The file of its settings; `null` where it has none to change.
    pub file: Option<String>,
    /// Since when it is connected.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// What its owner should know.
    pub note: Option<String>,
}

/// The body of `POST /api/tools/{tool}/connect` and `/disconnect`; an empty one does it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "ChangeTool.ts")]
pub struct ChangeTool {
    /// Only say what would change.
    #[serde(default)]
    pub dry_run: bool,
}

/// What connecting or disconnecting a tool changes; also the whole of `connect TOOL --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ToolChange.ts")]
pub struct ToolChange {
    /// What is typed for it.
    pub tool: String,
    /// What it is called.
    pub name: String,
    /// How it stands afterwards, or would.
    pub state: ToolState,
    /// It was done; `false` for a dry run.
    pub applied: bool,
    /// The file of its settings.
    pub file: String,
    /// What changes in it, as `diff -u` writes it, with keys shortened; empty where nothing does.
    pub diff: String,
    /// Settings that were changed since and stay as they are.
    pub left: Vec<String>,
    /// What its owner has to know or do besides.
    pub notes: Vec<String>,
}
