//! `evenkeel.toml`: text in, values or a list of mistakes out. No I/O, no clock, no environment.
//!
//! A file goes through two stages. **Raw** is what was typed: every key of the file as a typed field with
//! its place in the text. **Valid** is what is meant: presets filled in, defaults applied, references
//! between providers, routes and tenants followed. Both stages collect every mistake instead of stopping
//! at the first, because a person who fixes a file wants the whole list.
//!
//! - [`config`]: the valid types that the rest of the program reads
//! - `value`: the small words of the file (durations, sizes, money, globs), each with its grammar
//! - `raw`: the tables of the file as typed, read with line and column; the JSON Schema comes from these
//! - `valid`: raw to valid, one file per part
//! - `preset`: what is filled in for providers whose name is well known
//! - `not_yet`: the one table of keys that are checked but have no effect in this release
//! - `report`: collects problems with line and column
//! - `secret`: spots secrets that were pasted into the file, so that no message ever repeats one
//! - [`problem`]: one mistake: where, which key, what is wrong, what to do
//! - [`models`]: the shipped facts about models, and which one stands in for which
//! - [`prices`]: the shipped prices with the file's own over them
//! - `effective`: a config written back as TOML with every default spelled out
//! - [`edit`]: changes to the text of a file that leave every other line as it was

pub mod config;
pub mod edit;
mod effective;
pub mod models;
mod not_yet;
mod preset;
pub mod prices;
pub mod problem;
mod raw;
mod report;
mod secret;
mod valid;
mod value;

pub use config::{
    Alerts, Cache, CacheBackend, CacheServe, Config, Deadlines, Dialect, Export, Guardrails, Helicone,
    KeySource, Langfuse, LatencyBasis, ListenError, OnExceed, OnUnpriced, Otlp, Pin, Price, PromptCaching,
    Provider, QuietHours, RedisUrl, Route, RouteTarget, Sensitivity, Server, Slo, Strategy, Tenant, Watch,
};
pub use effective::{effective_json, effective_toml, written_json};
pub use models::{Catalogue, Model};
pub use preset::{Known, known, names as preset_names};
pub use prices::{ModelPrice, PriceBook};
pub use problem::{Problem, Severity};
pub use secret::looks_like_one as looks_like_a_secret;
pub use value::{Glob, Usd};

/// A file that can be used, and what is worth saying about it all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What the file means.
    pub config: Config,
    /// Warnings and notices, warnings first, each in the order of the file.
    pub notices: Vec<Problem>,
}

/// Reads the text of an `evenkeel.toml`.
///
/// # Errors
/// Everything that is wrong with the file, in the order of the file, followed by the warnings and notices
/// about the rest of it. At least the first one is an [`Severity::Error`].
pub fn parse(text: &str) -> Result<Parsed, Vec<Problem>> {
    let mut report = report::Report::new(text);
    let config = raw::read(text, &mut report).map(|file| valid::check(file, &mut report));
    match config {
        Some(config) if !report.has_errors() => Ok(Parsed { config, notices: report.finish() }),
        _ => Err(report.finish()),
    }
}

/// The JSON Schema of the file, draft 2020-12, for editors.
pub fn json_schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<raw::File>();
    schema.insert("title".to_owned(), "evenkeel.toml".into());
    schema.to_value()
}
