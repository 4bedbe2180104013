//! `evenkeel tenant`: the local keys.

use jiff::{Timestamp, tz::TimeZone};

use super::{Done, Stop, args::Tenant, context::Context, practice::percent, words};
use crate::{
    admin::types::{NewTenant, TenantKey, TenantList, TenantRow},
    app::tenants,
    failure::Failure,
};

pub(crate) fn run(context: &Context, command: &Tenant) -> Result<Done, Stop> {
    match command {
        Tenant::Add { name, features } => {
            let new = NewTenant { name: name.clone(), features: features.clone() };
            let key = match context.router()? {
                Some(router) => router.post("/api/tenants", &new)?,
                None => at_rest(context, async |tenants| tenants.add(&new).await)?,
            };
            shown_once(context, &key)
        }
        Tenant::Rotate { name } => {
            let key = match context.router()? {
                Some(router) => router.post(&format!("/api/tenants/{}/rotate", percent(name)), &())?,
                None => at_rest(context, async |tenants| tenants.rotate(name).await)?,
            };
            shown_once(context, &key)
        }
        Tenant::Remove { name } => {
            let list: TenantList = match context.router()? {
                Some(router) => router.delete(&format!("/api/tenants/{}", percent(name)))?,
                None => at_rest(context, async |tenants| tenants.remove(name).await)?,
            };
            if context.json {
                Done::json(&list)
            } else {
                Ok(Done::text(format!("{name} is removed; its key no longer works.")))
            }
        }
        Tenant::List => {
            let list = match context.router()? {
                Some(router) => router.get("/api/tenants")?,
                None => list_at_rest(context)?,
            };
            if context.json { Done::json(&list) } else { Ok(Done::text(in_words(&list))) }
        }
    }
}

fn shown_once(context: &Context, key: &TenantKey) -> Result<Done, Stop> {
    if context.json {
        return Done::json(key);
    }
    let done = Done::text(&key.key);
    Ok(if key.tenant == evenkeel_router::LOCAL {
        done.note("The new key of local; run `evenkeel env` again in open terminals.")
    } else {
        done.note(format!("The key of {}. It is shown only now; Evenkeel keeps a hash of it.", key.tenant))
    })
}

/// Does what the router would do, with the data folder's lock held for as long as it takes.
fn at_rest<T>(
    context: &Context,
    change: impl AsyncFnOnce(&tenants::Tenants) -> Result<T, Failure>,
) -> Result<T, Stop> {
    let configured = context.config_or_default().tenants;
    context.with_store(async |store| {
        change(&tenants::Tenants::new(store, context.paths.clone(), configured)).await
    })
}

fn list_at_rest(context: &Context) -> Result<TenantList, Stop> {
    let stored = match context.reader()? {
        Some(reader) => reader.tenants().map_err(|error| Failure::internal("read the tenants", &error))?,
        None => Vec::new(),
    };
    Ok(tenants::list(&stored, &context.config_or_default().tenants))
}

/// The hash of a tenant's key, to compare a given key with.
pub(crate) fn key_hash(context: &Context, name: &str) -> Result<Option<[u8; 32]>, Stop> {
    let Some(reader) = context.reader()? else { return Err(context.not_running().into()) };
    let stored = reader.tenants().map_err(|error| Failure::internal("read the tenants", &error))?;
    let tenant = stored.into_iter().find(|tenant| tenant.name == name);
    Ok(tenant.ok_or_else(|| tenants::unknown(name))?.key_hash)
}

fn in_words(list: &TenantList) -> String {
    if list.tenants.is_empty() {
        return "No tenants yet; local is made when Evenkeel first starts.".to_owned();
    }
    let rows: Vec<_> = list.tenants.iter().map(row_in_words).collect();
    words::table(&["TENANT", "FEATURES", "MADE", "LAST USED"], &rows, &[])
}

fn row_in_words(row: &TenantRow) -> Vec<String> {
    let (now, zone) = (Timestamp::now(), TimeZone::system());
    let moment = |at: Option<Timestamp>| words::or_dash(at.map(|at| words::moment(at, now, &zone)));
    let features = if row.features.is_empty() { None } else { Some(row.features.join(", ")) };
    vec![
        words::cell(&row.tenant, 24),
        words::or_dash(features.map(|features| words::cell(&features, 32))),
        moment(row.created_at),
        moment(row.last_used_at),
    ]
}
