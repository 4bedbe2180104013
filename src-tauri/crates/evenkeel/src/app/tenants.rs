//! Tenants and their keys: made, renewed and removed, by a running router or by the command line alone.
//!
//! A tenant has two halves: a section in `evenkeel.toml` with its features and limits, and a row in the
//! database with its key's hash. Both are written here, and only here.

use evenkeel_config::edit;
use evenkeel_router::LOCAL;
use evenkeel_store::{Store, Tenant, hash_key};
use jiff::Timestamp;

use super::settings;
use crate::{
    admin::types::{NewTenant, TenantKey, TenantList, TenantRow},
    failure::{Code, Failure},
    files, keys,
    paths::Paths,
};

/// The two places a tenant lives in.
#[derive(Debug)]
pub struct Tenants {
    store: Store,
    paths: Paths,
    configured: Vec<evenkeel_config::Tenant>,
}

impl Tenants {
    /// `configured` are the tenants of the configuration in force.
    pub fn new(store: Store, paths: Paths, configured: Vec<evenkeel_config::Tenant>) -> Self {
        Self { store, paths, configured }
    }

    /// All of them, `local` first.
    pub async fn list(&self) -> Result<TenantList, Failure> {
        Ok(list(&self.stored().await?, &self.configured))
    }

    /// Makes sure that `local` is there and that its file and its row agree.
    pub async fn ensure_local(&self) -> Result<(), Failure> {
        let path = self.paths.local_key();
        let key = keys::local::read_or_create(&path).map_err(|error| key_file(&self.paths, &error))?;
        let hash = hash_key(&key);
        match self.stored().await?.into_iter().find(|tenant| tenant.name == LOCAL) {
            None => self.insert(LOCAL, Vec::new(), hash).await,
            Some(tenant) if tenant.key_hash == Some(hash) => Ok(()),
            // The file was lost or put back from a copy; what the user holds is what counts.
            Some(_) => self.set_key(LOCAL, hash).await,
        }
    }

    /// Makes a tenant with a key.
    pub async fn add(&self, new: &NewTenant) -> Result<TenantKey, Failure> {
        let name = new.name.as_str();
        if self.is_known(name).await? {
            return Err(Failure::new(Code::TenantExists, format!("There is a tenant {name} already."))
                .hint(format!("Give it a new key: evenkeel tenant rotate {name}, or choose another name.")));
        }
        let edited = self.edited(|text| edit::add_tenant(text, name, &new.features))?;
        let key = generate()?;
        self.insert(name, new.features.clone(), hash_key(&key)).await?;
        if let Err(failure) = self.write(&edited) {
            self.delete(name).await?;
            return Err(failure);
        }
        Ok(TenantKey { tenant: name.to_owned(), key, features: new.features.clone() })
    }

    /// Gives a tenant a new key; the old one stops working.
    pub async fn rotate(&self, name: &str) -> Result<TenantKey, Failure> {
        if !self.is_known(name).await? {
            return Err(unknown(name));
        }
        let features = list(&self.stored().await?, &self.configured)
            .tenants
            .into_iter()
            .find(|tenant| tenant.tenant == name)
            .map(|tenant| tenant.features)
            .unwrap_or_default();
        let key = if name == LOCAL {
            let path = self.paths.local_key();
            keys::local::replace(&path).map_err(|error| key_file(&self.paths, &error))?
        } else {
            generate()?
        };
        if self.stored().await?.iter().any(|tenant| tenant.name == name) {
            self.set_key(name, hash_key(&key)).await?;
        } else {
            self.insert(name, features.clone(), hash_key(&key)).await?;
        }
        Ok(TenantKey { tenant: name.to_owned(), key, features })
    }

    /// Removes a tenant; its requests stay in the ledger.
    pub async fn remove(&self, name: &str) -> Result<TenantList, Failure> {
        if name == LOCAL {
            return Err(Failure::new(Code::TenantReserved, "The tenant local can't be removed.")
                .hint("To make its key worthless: evenkeel tenant rotate local"));
        }
        if !self.is_known(name).await? {
            return Err(unknown(name));
        }
        // The key first: whatever happens to the file, it must stop working.
        self.delete(name).await?;
        if self.configured.iter().any(|tenant| tenant.name == name) {
            let edited = self.edited(|text| edit::remove_tenant(text, name))?;
            self.write(&edited)?;
        }
        let configured: Vec<_> =
            self.configured.iter().filter(|tenant| tenant.name != name).cloned().collect();
        Ok(list(&self.stored().await?, &configured))
    }

    /// The rows of the database.
    pub async fn stored(&self) -> Result<Vec<Tenant>, Failure> {
        self.store.tenants().await.map_err(|error| Failure::internal("read the tenants", &error))
    }

    async fn is_known(&self, name: &str) -> Result<bool, Failure> {
        let configured = self.configured.iter().any(|tenant| tenant.name == name);
        Ok(configured || name == LOCAL || self.stored().await?.iter().any(|tenant| tenant.name == name))
    }

    async fn insert(&self, name: &str, features: Vec<String>, hash: [u8; 32]) -> Result<(), Failure> {
        let tenant = Tenant {
            name: name.to_owned(),
            features,
            key_hash: Some(hash),
            created_at: Timestamp::now(),
            last_used_at: None,
        };
        self.store.add_tenant(tenant).await.map_err(|error| Failure::internal("keep the tenant", &error))
    }

    async fn set_key(&self, name: &str, hash: [u8; 32]) -> Result<(), Failure> {
        let set = self.store.set_tenant_key(name, hash).await;
        set.map(drop).map_err(|error| Failure::internal("keep the new key", &error))
    }

    async fn delete(&self, name: &str) -> Result<(), Failure> {
        let removed = self.store.remove_tenant(name).await;
        removed.map(drop).map_err(|error| Failure::internal("remove the tenant", &error))
    }

    /// The file's text after a change, proved to be valid before anything is written.
    fn edited(
        &self,
        change: impl FnOnce(&str) -> Result<String, edit::EditError>,
    ) -> Result<String, Failure> {
        let text = settings::read_text(self.paths.config_file())?.unwrap_or_default();
        let file = self.paths.config_file();
        let invalid = |error: String| {
            Failure::new(Code::ConfigInvalid, format!("{} can't be changed: {error}", file.display()))
                .hint("Correct it first; evenkeel check --offline lists every mistake.")
        };
        settings::understand(file, Some(text.clone()), None).map_err(|rejected| invalid(rejected.error))?;
        let edited = change(&text).map_err(|error| Failure::new(Code::InvalidRequest, error.to_string()))?;
        settings::understand(file, Some(edited.clone()), None).map_err(|rejected| {
            let problem = rejected.problems.first();
            let (message, fix) = problem.map(|it| (it.message.clone(), it.fix.clone())).unwrap_or_default();
            Failure::new(Code::InvalidRequest, message).hint(fix)
        })?;
        Ok(edited)
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let file = self.paths.config_file();
        files::rewrite(file, text).map_err(|error| {
            Failure::new(
                Code::ConfigUnwritable,
                format!("{} can't be written: {}.", file.display(), files::reason(&error)),
            )
            .hint("Make the file and its folder writable for the account that runs Evenkeel.")
        })
    }
}

fn generate() -> Result<String, Failure> {
    keys::local::generate().map_err(|error| Failure::internal("make a key", &error))
}

/// Rows and sections together: `local` first, then by name. Where both know a tenant, the file's
/// features count.
pub fn list(stored: &[Tenant], configured: &[evenkeel_config::Tenant]) -> TenantList {
    let mut tenants: Vec<TenantRow> = stored
        .iter()
        .map(|tenant| {
            let section = configured.iter().find(|section| section.name == tenant.name);
            TenantRow {
                tenant: tenant.name.clone(),
                features: section.map_or_else(|| tenant.features.clone(), |section| section.features.clone()),
                created_at: Some(tenant.created_at),
                last_used_at: tenant.last_used_at,
            }
        })
        .collect();
    for section in configured {
        if !tenants.iter().any(|tenant| tenant.tenant == section.name) {
            tenants.push(TenantRow {
                tenant: section.name.clone(),
                features: section.features.clone(),
                created_at: None,
                last_used_at: None,
            });
        }
    }
    tenants.sort_by(|a, b| (a.tenant != LOCAL, &a.tenant).cmp(&(b.tenant != LOCAL, &b.tenant)));
    TenantList { tenants }
}

/// No tenant has this name.
pub fn unknown(name: &str) -> Failure {
    Failure::new(Code::UnknownTenant, format!("There is no tenant {name}."))
        .hint(format!("See them with: evenkeel tenant list, or make it: evenkeel tenant add {name}"))
}

fn key_file(paths: &Paths, error: &std::io::Error) -> Failure {
    Failure::new(
        Code::FolderUnusable,
        format!("{} can't be written: {}.", paths.local_key().display(), files::reason(error)),
    )
    .hint("Make the file yours and writable, or choose another folder: evenkeel --home DIR.")
}

#[cfg(test)]
mod tests;
