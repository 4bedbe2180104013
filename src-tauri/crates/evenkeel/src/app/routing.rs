//! The router that answers now. It is replaced whole in one case only: real providers were configured
//! while the practice ones answered, and practice must not leave a trace in what follows.

use std::sync::Arc;

use evenkeel_config::{Config, Server};
use evenkeel_practice::Practice;
use evenkeel_router::{Events, Parts, Remembered, Router, Scope, SystemClock};
use evenkeel_store::{Store, Tenant};
use jiff::Timestamp;

use super::{environment_bypass, practice};
use crate::{
    cache,
    failure::{Code, Failure},
    keys::KeyRing,
};

/// A router with the doors it answers at.
pub(crate) struct Routing {
    pub(crate) router: Arc<Router>,
    pub(crate) http: axum::Router,
    pub(crate) practice: bool,
    /// What Host and Origin are checked against, for the addresses that the router doesn't serve.
    pub(crate) server: Server,
}

impl Routing {
    /// The same router with other words about whom to let in.
    pub(super) fn with_server(&self, server: Server) -> Self {
        Self { router: Arc::clone(&self.router), http: self.http.clone(), practice: self.practice, server }
    }
}

/// What every router of this app shares.
pub(super) struct Shared<'a> {
    pub(super) store: &'a Store,
    pub(super) events: &'a Events,
    pub(super) keys: &'a KeyRing,
    pub(super) stored_bypass: Option<Timestamp>,
    pub(super) forced: Option<String>,
    pub(super) tenants: Vec<Tenant>,
    pub(super) breakers: Vec<Remembered>,
    pub(super) spent: Vec<(Scope, i64, i64)>,
    pub(super) cache: cache::Slot,
}

/// A router for `config`; with `practice` given, for the practice providers in its providers' place.
pub(super) fn make(
    config: &Config,
    practice: Option<&Practice>,
    shared: Shared<'_>,
) -> Result<Routing, Failure> {
    let effective = effective(config, practice)?;
    let server = effective.server.clone();
    let router = Router::new(Parts {
        secrets: shared.keys.secrets(&effective.providers),
        config: Arc::new(effective),
        store: shared.store.clone(),
        clock: Arc::new(SystemClock),
        events: shared.events.clone(),
        practice: practice.is_some(),
        env_bypass: environment_bypass(),
        stored_bypass: shared.stored_bypass,
        forced: shared.forced,
        tenants: shared.tenants,
        breakers: shared.breakers,
        spent: shared.spent,
        shelf: shared.cache,
    });
    Ok(Routing { http: router.http(), router, practice: practice.is_some(), server })
}

/// The configuration that the router gets.
pub(super) fn effective(config: &Config, practice: Option<&Practice>) -> Result<Config, Failure> {
    match practice {
        None => Ok(config.clone()),
        Some(practice) => practice::in_place(config.clone(), practice)
            .ok_or_else(|| Failure::new(Code::InternalError, "The practice providers have no address.")),
    }
}
