//! The configuration as it is in force.

use evenkeel_config::edit::Change;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::Problem;

/// The answer to `GET /api/config` and the whole of `config show --json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ConfigView.ts")]
pub struct ConfigView {
    /// Where the file lies, or would lie.
    pub file: String,
    /// Whether there is one.
    pub exists: bool,
    /// The configuration in force as TOML, defaults filled in; no secret is in it.
    pub effective: String,
    /// Mistakes of the file as it is now, and notices about the one in force.
    pub problems: Vec<Problem>,
    /// Why the file as it is now is not in force.
    pub config_error: Option<String>,
    /// Names the text of the file as it is now; a change says which one it was made to.
    #[serde(default)]
    pub version: String,
    /// The configuration in force with its defaults, for programs.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub settings: Value,
    /// What of it the file itself says.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub written: Value,
    /// The providers whose name is well known, to be added by it alone.
    #[serde(default)]
    pub presets: Vec<ProviderPreset>,
}

/// What is filled in for a well-known name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ProviderPreset.ts")]
pub struct ProviderPreset {
    /// The name.
    pub name: String,
    /// Its dialect.
    pub dialect: String,
    /// Its address.
    pub base_url: String,
    /// Whether it answers without a key.
    pub keyless: bool,
}

/// The body of `PATCH /api/config`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export_to = "EditConfig.ts")]
pub struct EditConfig {
    /// The version that the changes are made to; without one they are made to whatever is there.
    #[serde(default)]
    pub version: Option<String>,
    /// Why, where a frozen error budget asks.
    #[serde(default)]
    pub reason: Option<String>,
    /// Only says whether the changes could be made.
    #[serde(default)]
    pub dry_run: bool,
    /// One after another; all of them or none.
    pub changes: Vec<ConfigChange>,
}

/// One change of a setting. Paths are written as `routes[0].first_token_timeout`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "op", rename_all = "snake_case")]
#[ts(export_to = "ConfigChange.ts")]
pub enum ConfigChange {
    /// Gives a key a value.
    Set {
        /// Which.
        path: String,
        /// What it is to be.
        #[ts(type = "unknown")]
        value: Value,
    },
    /// Takes a key, a table or an item of a list out, so that its default holds.
    Unset {
        /// Which.
        path: String,
    },
    /// Adds an item to `routes` or `slo`, before the one that has its place.
    Insert {
        /// Its place.
        path: String,
        /// Its keys.
        #[ts(type = "Record<string, unknown>")]
        values: Map<String, Value>,
    },
    /// Adds a provider.
    AddProvider {
        /// Its name.
        name: String,
        /// Its keys; a well-known one needs none.
        #[serde(default)]
        #[ts(type = "Record<string, unknown>")]
        values: Map<String, Value>,
    },
    /// Removes a provider; its key is kept until it is removed too.
    RemoveProvider {
        /// Its name.
        name: String,
    },
    /// Gives a provider another name.
    RenameProvider {
        /// Its name.
        name: String,
        /// Its new one.
        to: String,
    },
    /// Asks the secondary of a route first.
    Swap {
        /// Which route, from 0.
        route: usize,
    },
}

impl From<ConfigChange> for Change {
    fn from(change: ConfigChange) -> Self {
        match change {
            ConfigChange::Set { path, value } => Self::Set { path, value },
            ConfigChange::Unset { path } => Self::Unset { path },
            ConfigChange::Insert { path, values } => Self::Insert { path, values },
            ConfigChange::AddProvider { name, values } => Self::AddProvider { name, values },
            ConfigChange::RemoveProvider { name } => Self::RemoveProvider { name },
            ConfigChange::RenameProvider { name, to } => Self::RenameProvider { name, to },
            ConfigChange::Swap { route } => Self::Swap { route },
        }
    }
}

/// Why settings were not changed: an error with what belongs to it. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "ConfigRefusal.ts")]
pub struct ConfigRefusal {
    /// Of the closed list; here mostly `setting_invalid`, `config_changed` and `budget_frozen`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// What is wrong, key by key.
    pub problems: Vec<Problem>,
    /// What became of the file since the caller read it.
    pub meanwhile: Option<Meanwhile>,
}

/// The text of the caller's version beside the one that is there now, as far as they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "Meanwhile.ts")]
pub struct Meanwhile {
    /// The version that is there now.
    pub version: String,
    /// The first line that differs, from 1; `null` where the caller's version is known no more.
    pub line: Option<u32>,
    /// The lines that were there.
    pub was: Vec<String>,
    /// The lines that are there now.
    pub is: Vec<String>,
}
