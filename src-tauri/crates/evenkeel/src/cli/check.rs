//! `evenkeel check`: every mistake of the file, and one token from each provider.

mod probe;

use std::fmt::Write;

use evenkeel_config::{KeySource, Provider};
use evenkeel_router::KeyState;

use super::{Done, Stop, context::Context, words::milliseconds};
use crate::{
    admin::types::{CheckReport, CheckedProvider, Problem},
    app::settings,
    keys,
};

/// Something is wrong.
const WRONG: u8 = 1;

pub(crate) fn run(context: &Context, offline: bool) -> Result<Done, Stop> {
    let file = context.paths.config_file();
    let text = settings::read_text(file)?;
    let understood = settings::understand(file, text, None);
    let (mut problems, config) = match understood {
        Ok(settings) => (settings.notices, Some(settings.config)),
        Err(rejected) => (rejected.problems, None),
    };
    let providers = config.as_ref().map(|config| config.providers.as_slice()).unwrap_or_default();
    let checked = match &config {
        Some(config) if !offline && !providers.is_empty() => probe::all(config)?,
        _ => Vec::new(),
    };
    if offline {
        problems.extend(providers.iter().filter_map(|provider| missing_key(context, provider)));
    }
    let mistakes = problems.iter().any(|problem| problem.severity == "error");
    let report = CheckReport {
        ok: !mistakes && checked.iter().all(|provider| provider.ok),
        problems,
        providers: checked,
    };
    let exit = if report.ok { 0 } else { WRONG };
    if context.json {
        return Ok(Done::json(&report)?.exit(exit));
    }
    let practice = config.is_some() && providers.is_empty();
    let file = file.display().to_string();
    Ok(Done::text(in_words(&report, &file, practice, offline)).exit(exit))
}

/// With `--offline` only this shell can be asked; the router may have been given the key elsewhere.
fn missing_key(context: &Context, provider: &Provider) -> Option<Problem> {
    let KeySource::Env(name) = &provider.key else { return None };
    matches!(keys::provider::look_up(&provider.key), KeyState::Missing).then(|| Problem {
        severity: "warning".to_owned(),
        file: context.paths.config_file().display().to_string(),
        line: 0,
        column: 0,
        key: format!("providers.{}.key", provider.name),
        message: format!("{name} is not set in this shell."),
        fix: keys::provider::how_to_give(provider),
    })
}

fn in_words(report: &CheckReport, file: &str, practice: bool, offline: bool) -> String {
    let mistakes = report.problems.iter().filter(|problem| problem.severity == "error").count();
    let mut text = match (mistakes, practice) {
        (0, true) => format!(
            "PRACTICE: {file} names no provider, so the two practice providers answer. Nothing to ask.\n"
        ),
        (0, false) => format!("{file} is in order.\n"),
        (1, _) => format!("{file} has a mistake.\n"),
        (n, _) => format!("{file} has {n} mistakes.\n"),
    };
    for problem in &report.problems {
        let _ = writeln!(text, "{}", problem.in_words());
    }
    for provider in &report.providers {
        let _ = writeln!(text, "{}", provider_in_words(provider));
    }
    if offline && mistakes == 0 && !practice {
        text.push_str("No provider was asked (--offline).\n");
    }
    text
}

fn provider_in_words(provider: &CheckedProvider) -> String {
    let took = provider.ms.map(|ms| format!(" in {}", milliseconds(ms))).unwrap_or_default();
    match &provider.error {
        None => format!("{} answered{took}.", provider.name),
        Some(error) => format!("{} did not answer{took}: {error}", provider.name),
    }
}
