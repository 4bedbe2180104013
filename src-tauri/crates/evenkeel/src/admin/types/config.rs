//! The configuration as it is in force.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// The answer to `GET /api/config` and the whole of `config show --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
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
}
