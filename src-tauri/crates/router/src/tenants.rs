//! Local keys: who may use this router, and under which tags.
//!
//! Keys are kept as hashes only. The book is rebuilt whole when a tenant is added or the file changes,
//! and read without a lock on every request.

use std::collections::HashMap;

use evenkeel_store::Tenant;

/// The tenant that exists from the first start; its key may name any configured tenant.
pub const LOCAL: &str = "local";

/// A tenant as a request needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    features: Vec<String>,
}

/// All tenants, by their key's hash and by name.
#[derive(Debug, Default)]
pub(crate) struct TenantBook {
    by_key: HashMap<[u8; 32], Entry>,
    features: HashMap<String, Vec<String>>,
}

/// Whom a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) tenant: String,
    /// The tag when the request names none: the tenant's first feature.
    pub(crate) feature: Option<String>,
    /// Whether it may speak for other tenants.
    pub(crate) any_tenant: bool,
}

impl TenantBook {
    /// From the database's tenants and those that stand only in the configuration (they can be named,
    /// but nobody holds a key of theirs). Where both know one, the file's features count.
    pub(crate) fn new(stored: &[Tenant], configured: &[evenkeel_config::Tenant]) -> Self {
        let mut book = Self::default();
        for tenant in stored {
            book.features.insert(tenant.name.clone(), tenant.features.clone());
        }
        for tenant in configured {
            book.features.insert(tenant.name.clone(), tenant.features.clone());
        }
        book.features.entry(LOCAL.to_owned()).or_default();
        for tenant in stored {
            let Some(hash) = tenant.key_hash else { continue };
            let features = book.features.get(&tenant.name).cloned().unwrap_or_default();
            book.by_key.insert(hash, Entry { name: tenant.name.clone(), features });
        }
        book
    }

    /// The holder of a presented key; `None` if nobody holds it.
    ///
    /// The look-up compares hashes of high-entropy keys, so its timing tells nothing about a key.
    pub(crate) fn holder(&self, key: &str) -> Option<Holder> {
        self.by_key.get(&evenkeel_store::hash_key(key)).map(|entry| Holder {
            tenant: entry.name.clone(),
            feature: entry.features.first().cloned(),
            any_tenant: entry.name == LOCAL,
        })
    }

    /// Who uses the router without a key, where none is required.
    pub(crate) fn anyone() -> Holder {
        Holder { tenant: LOCAL.to_owned(), feature: None, any_tenant: true }
    }

    /// The features of a tenant, the default one first, or `None` if there is no such tenant.
    pub(crate) fn features(&self, tenant: &str) -> Option<&[String]> {
        self.features.get(tenant).map(Vec::as_slice)
    }

    /// Names for an error message, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.features.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}
