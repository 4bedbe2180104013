//! Tenants: who may use the router, and the one moment in which a key is shown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The answer to `tenant add` and `tenant rotate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "TenantKey.ts")]
pub struct TenantKey {
    /// Whose key it is.
    pub tenant: String,
    /// The key; this is the only time it is shown.
    pub key: String,
    /// The tenant's features.
    pub features: Vec<String>,
}

/// The whole of `tenant list --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "TenantList.ts")]
pub struct TenantList {
    /// `local` first, then by name.
    pub tenants: Vec<TenantRow>,
}

/// One tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "TenantRow.ts")]
pub struct TenantRow {
    /// Its name.
    pub tenant: String,
    /// Its features; the first one is the default tag of its requests.
    pub features: Vec<String>,
    /// When it was made; `null` for one that stands only in the configuration and has no key.
    #[ts(type = "string | null")]
    pub created_at: Option<Timestamp>,
    /// When its key was last used, to about a second.
    #[ts(type = "string | null")]
    pub last_used_at: Option<Timestamp>,
}
