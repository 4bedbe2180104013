//! End to end: the built program `evenkeel` over real sockets, as its user meets it.
//!
//! - `harness`: a home folder, the program in it, and a provider that follows a script
//! - `first_minutes`: what a newcomer sees, from the first start to the first failover
//! - `ledger`: every request, with its attempts, tags, tokens and milliseconds
//! - `promises`: what was promised beside what was measured, held against a second book; the error budget
//! - `alerts`: the three alerts, from the first failure to whoever is told
//! - `commands`: the command line, one command after the other; `tenants` and `bypass` apart, for they are more
//! - `connect`: tools' own settings, pointed at the router and put back
//! - `lifecycle`: start, stop, second start, and who may read the files
//! - `reload`: the configuration file edited while it runs
//! - `keychain`: providers' keys in a real keychain, locked, slow, and not there at all
//! - `offline`: no network, a network that wants a login first, and providers that nobody can reach
//! - `charts`: what was measured, drawn; and the demo data
//! - `cache`: the key of the travel-mode cache, and looking after what is stored
//! - `kill`: what is left after `kill -9`
//! - `soak`: hundreds of requests (thousands with `--full`) while both providers fail at random
//! - `bad_input`: each mistake gets the answer that the interface names
//! - `secrets`: no key in any file, log or answer
//! - `clients`: real clients, from the vendors' SDKs to coding tools
//! - `browser`: the dashboard and the service worker for web apps in Chromium

#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alerts;
mod bad_input;
mod browser;
mod bypass;
mod cache;
mod charts;
mod clients;
mod commands;
mod connect;
mod editing;
mod first_minutes;
mod harness;
mod keychain;
mod kill;
mod ledger;
mod lifecycle;
mod offline;
mod promises;
mod redis;
mod reload;
mod secrets;
mod soak;
mod tenants;
