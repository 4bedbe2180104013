//! `evenkeel check`: every mistake of the file, and one token from each provider.

use std::fmt::Write;

use evenkeel_config::{Config, KeySource, Provider};
use evenkeel_router::KeyState;
use futures_util::future::join_all;

use super::{Done, Stop, context::Context, practice::percent, words::milliseconds};
use crate::{
    admin::types::{
        CacheStats, CheckReport, CheckedProvider, ConfigView, Problem, ProviderTest, TestProvider,
    },
    app::settings,
    cache,
    keys::{self, KeyRing},
    probe,
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
    if let Some(config) = &config {
        problems.extend(waits(context));
        problems.extend(cache_troubles(context, config));
    }
    let providers = config.as_ref().map(|config| config.providers.as_slice()).unwrap_or_default();
    let checked = match &config {
        Some(config) if !offline && !providers.is_empty() => ask_all(context, config)?,
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

/// Why the running router doesn't take a file that is in order: its error budget is frozen, for example.
fn waits(context: &Context) -> Vec<Problem> {
    let router = context.router().ok().flatten();
    let view: Option<ConfigView> = router.and_then(|router| router.get("/api/config").ok());
    let rejected = view.filter(|view| {
        view.config_error.is_some() && view.file == context.paths.config_file().display().to_string()
    });
    let problems = rejected.map(|view| view.problems).unwrap_or_default();
    problems.into_iter().filter(|problem| problem.severity == "error").collect()
}

/// What keeps the cache closed, and where its key is if that is no keychain.
fn cache_troubles(context: &Context, config: &Config) -> Vec<Problem> {
    if !cache::is_wanted(&config.cache) {
        return Vec::new();
    }
    let told = |severity: &str, message: String, fix: &str| Problem {
        severity: severity.to_owned(),
        file: context.paths.config_file().display().to_string(),
        line: 0,
        column: 0,
        key: "cache".to_owned(),
        message,
        fix: fix.to_owned(),
    };
    let path = context.paths.cache_key();
    let in_file = path.exists().then(|| {
        let message = format!(
            "The key of the cache is in {}, for there was no keychain to keep it in.",
            path.display()
        );
        told("notice", message, "Only you can read it. A keychain that is there at a start takes it over.")
    });
    let router = context.router().ok().flatten();
    let stats: Option<CacheStats> = router.and_then(|router| router.get("/api/cache").ok());
    // Practice never stores, and that is as it should be.
    let trouble = stats.filter(|stats| stats.book == "real").and_then(|stats| stats.trouble);
    let trouble = trouble.map(|trouble| told("warning", format!("The cache is closed. {trouble}"), ""));
    in_file.into_iter().chain(trouble).collect()
}

/// One token from each provider, all at once, with the keys that this shell and the keychain have. A key
/// that only the running router holds is tested by it.
fn ask_all(context: &Context, config: &Config) -> Result<Vec<CheckedProvider>, Stop> {
    let ring = KeyRing::default();
    let asked = super::runtime()?.block_on(async {
        ring.read(&config.providers).await;
        let keys: Vec<_> = config.providers.iter().map(|provider| ring.resolve(provider).key).collect();
        let asked = config.providers.iter().zip(&keys);
        join_all(asked.map(|(provider, key)| probe::one(config, provider, key))).await
    });
    let mut router = None;
    let mut checked = Vec::new();
    for (provider, mut test) in config.providers.iter().zip(asked) {
        if matches!(ring.resolve(provider).key, KeyState::Missing) {
            if router.is_none() {
                router = Some(context.router().ok().flatten());
            }
            if let Some(Some(router)) = &router {
                let path = format!("/api/providers/{}/test", percent(&provider.name));
                let of_router: Result<ProviderTest, Stop> =
                    router.post_patiently(&path, &TestProvider::default(), probe::PATIENCE * 2);
                test = of_router.unwrap_or(test);
            }
        }
        let ProviderTest { name, ok, ms, error, .. } = test;
        checked.push(CheckedProvider { name, ok, ms, error });
    }
    Ok(checked)
}

/// With `--offline` only this shell can be asked; the router may have been given the key elsewhere.
fn missing_key(context: &Context, provider: &Provider) -> Option<Problem> {
    let KeySource::Env(name) = &provider.key else { return None };
    keys::provider::variable(name).is_none().then(|| Problem {
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
