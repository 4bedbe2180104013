//! The second stage: what is meant. Fills in presets and defaults, follows references, checks ranges.
//!
//! Every part is built even when something in it is wrong, with the default in the place of the wrong
//! value, so that the parts after it are checked too. The caller throws the result away if the report has
//! errors.

mod guardrails;
mod providers;
mod routes;
mod server;
mod services;
mod slos;
mod tenants;
mod twins;
mod word;

pub(crate) use word::is_name;

use crate::raw;
use crate::report::Report;
use crate::{Config, Export};

/// Builds the config that the file means.
pub(crate) fn check(file: raw::File, report: &mut Report<'_>) -> Config {
    let server = server::check(file.server, report);
    let providers = providers::check(file.providers, &server, report);
    let routes = routes::check(file.routes, &providers, report);
    let tenants = tenants::check(file.tenants, report);
    let slos = slos::check(file.slo, &tenants, report);
    Config {
        bypass: file.bypass.is_some_and(|bypass| bypass.value.0),
        guardrails: guardrails::for_all(file.guardrails, report),
        cache: services::cache(file.cache, report),
        alerts: services::alerts(file.alerts, report),
        prices: services::prices(file.prices, report),
        export: file.export.map_or_else(Export::default, |export| services::export(export.value, report)),
        server,
        providers: providers.good,
        routes,
        slos,
        tenants,
    }
}

#[cfg(test)]
mod tests;
