//! `evenkeel cache`: how the travel-mode cache stands, emptying it, and moving it to another machine.
//!
//! A running router does it itself; without one the cache is opened from here, with the data folder's lock held. A
//! passphrase comes from a hidden prompt, from `EVENKEEL_PASSPHRASE` or from standard input, never from an argument.

use std::{
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Done, Stop, args::Cache, client::Client, context::Context, words};
use crate::{
    admin::types::{CacheCleared, CacheMoved, CacheStats, MoveCache},
    cache::{moving, rest},
    failure::{Code, Failure},
    files,
    keys::{form::Carried, provider},
};

/// Where scripts put the passphrase of an export.
const VARIABLE: &str = "EVENKEEL_PASSPHRASE";
/// Half a gigabyte is read, opened, sealed again and written.
const PATIENCE: Duration = Duration::from_mins(30);
/// Far longer than anybody's passphrase.
const READ_AT_MOST: u64 = 64 * 1024;

pub(crate) fn run(context: &Context, command: &Cache) -> Result<Done, Stop> {
    let router = context.router()?;
    match command {
        Cache::Stats => stats(context, router.as_ref()),
        Cache::Clear { yes } => clear(context, router.as_ref(), *yes),
        Cache::Export { file } => export(context, router.as_ref(), file),
        Cache::Import { file } => import(context, router.as_ref(), file),
    }
}

fn stats(context: &Context, router: Option<&Client>) -> Result<Done, Stop> {
    let (stats, said): (CacheStats, _) = if let Some(router) = router {
        (router.get("/api/cache")?, Vec::new())
    } else {
        let config = context.config()?.config;
        context.with_store(async |store| rest::stats(&store, &config, &context.paths).await)?
    };
    let done = if context.json {
        Done::json(&stats)?
    } else {
        Done::text(in_words(&stats, Timestamp::now(), &TimeZone::system()))
    };
    Ok(noted(done, said))
}

fn clear(context: &Context, router: Option<&Client>, yes: bool) -> Result<Done, Stop> {
    if !yes && !is_meant()? {
        return Ok(Done::text("Nothing was removed.").exit(1));
    }
    let (cleared, said): (CacheCleared, _) = match router {
        Some(router) => (router.delete("/api/cache")?, Vec::new()),
        None => at_rest(context, async |cache| {
            let removed = cache.clear().await.map_err(|error| moving::failure(&error))?;
            Ok(CacheCleared { removed })
        })?,
    };
    let done = if context.json {
        Done::json(&cleared)?
    } else {
        Done::text(format!("{} removed. The cache is empty.", answers(cleared.removed)))
    };
    Ok(noted(done, said))
}

/// Asks whoever sits there; a script says `--yes`.
fn is_meant() -> Result<bool, Stop> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            Code::Usage,
            "This removes every stored answer, and nobody is here to be asked.",
        )
        .hint("Say so beforehand: evenkeel cache clear --yes")
        .into());
    }
    let _ = write!(io::stderr().lock(), "Remove every stored answer? They can't be brought back. [y/N] ");
    let mut typed = String::new();
    let read = io::stdin().read_line(&mut typed);
    read.map_err(|error| unreadable("answer", &error))?;
    Ok(matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn export(context: &Context, router: Option<&Client>, file: &Path) -> Result<Done, Stop> {
    let file = whole(file)?;
    if file.exists() {
        // Before anybody types a passphrase twice.
        return Err(Failure::new(Code::FileExists, format!("{} is there already.", file.display()))
            .hint("Choose another name, or move that file away.")
            .into());
    }
    let passphrase = ask("Passphrase for the export (it will not be shown): ", true)?;
    moving::is_strong_enough(&passphrase)?;
    let (moved, said): (CacheMoved, _) = match router {
        Some(router) => (by_router(router, "export", &file, passphrase)?, Vec::new()),
        None => at_rest(context, async |cache| moving::export(cache, &file, &passphrase).await)?,
    };
    let left = match moved.skipped {
        0 => String::new(),
        n => format!(" {} too old were left out.", words::number(n)),
    };
    told(context, &moved, said, format!("{} written to {}.{left}", answers(moved.entries), moved.file))
}

fn import(context: &Context, router: Option<&Client>, file: &Path) -> Result<Done, Stop> {
    let file = whole(file)?;
    if let Err(error) = std::fs::metadata(&file) {
        return Err(Failure::new(
            Code::FileUnusable,
            format!("{} can't be read: {}.", file.display(), files::reason(&error)),
        )
        .hint("Name a file that evenkeel cache export has written.")
        .into());
    }
    let passphrase = ask("Passphrase of the export (it will not be shown): ", false)?;
    let (moved, said): (CacheMoved, _) = match router {
        Some(router) => (by_router(router, "import", &file, passphrase)?, Vec::new()),
        None => at_rest(context, async |cache| moving::import(cache, &file, &passphrase).await)?,
    };
    let left = match moved.skipped {
        0 => String::new(),
        n => format!(" {} were left out: too old, too large, or there is a newer one.", words::number(n)),
    };
    told(context, &moved, said, format!("{} taken in from {}.{left}", answers(moved.entries), moved.file))
}

/// The router has a folder of its own, so the path is made whole here.
fn whole(file: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(file).map_err(|error| {
        let message = format!("{}: {}.", file.display(), files::reason(&error));
        Failure::new(Code::FileUnusable, message).hint("Name a file.").into()
    })
}

fn by_router(router: &Client, what: &str, file: &Path, passphrase: SecretString) -> Result<CacheMoved, Stop> {
    let Some(name) = file.to_str() else {
        return Err(Failure::new(
            Code::FileUnusable,
            "The path is not in Unicode, so it can't be handed on.",
        )
        .hint("Choose a plain name, or stop the router first.")
        .into());
    };
    let wanted = MoveCache { file: name.to_owned(), passphrase: Carried::new(passphrase) };
    router.post_patiently(&format!("/api/cache/{what}"), &wanted, PATIENCE)
}

fn at_rest<T>(
    context: &Context,
    work: impl AsyncFnOnce(&evenkeel_cache::Cache) -> Result<T, Failure>,
) -> Result<(T, Vec<String>), Stop> {
    let config = context.config()?.config;
    context.with_store(async |store| rest::with(&store, &config, &context.paths, work).await)
}

/// From a terminal, without showing it; else from the environment or standard input, without its line end.
fn ask(prompt: &str, twice: bool) -> Result<SecretString, Stop> {
    if let Some(given) = provider::variable(VARIABLE) {
        return Ok(given);
    }
    let typed = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| unreadable("passphrase", &error))
    };
    if io::stdin().is_terminal() {
        let first = typed(prompt)?;
        if twice && *typed("The same once more: ")? != *first {
            return Err(Failure::new(Code::InvalidRequest, "The two passphrases differ.")
                .hint("Nothing was written; do it again.")
                .into());
        }
        return given(&first);
    }
    let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
    let read = io::stdin().take(READ_AT_MOST).read_to_string(&mut text);
    read.map_err(|error| unreadable("passphrase", &error))?;
    given(text.lines().next().unwrap_or_default())
}

fn given(text: &str) -> Result<SecretString, Stop> {
    let secret: SecretString = text.into();
    if secret.expose_secret().is_empty() {
        return Err(Failure::new(Code::InvalidRequest, "No passphrase was given.")
            .hint(format!("Type it at the prompt, send it to standard input, or set {VARIABLE}."))
            .into());
    }
    Ok(secret)
}

fn unreadable(what: &str, error: &io::Error) -> Stop {
    Failure::new(Code::InvalidRequest, format!("The {what} can't be read: {}.", files::reason(error)))
        .hint("Run it in a terminal; scripts send it to standard input.")
        .into()
}

fn told(context: &Context, moved: &CacheMoved, said: Vec<String>, text: String) -> Result<Done, Stop> {
    let done = if context.json { Done::json(moved)? } else { Done::text(text) };
    Ok(noted(done, said))
}

fn noted(done: Done, said: Vec<String>) -> Done {
    said.into_iter().fold(done, Done::note)
}

fn answers(n: u64) -> String {
    if n == 1 { "1 answer".to_owned() } else { format!("{} answers", words::number(n)) }
}

fn in_words(stats: &CacheStats, now: Timestamp, zone: &TimeZone) -> String {
    let serve = match stats.serve.as_str() {
        "always" => "Fresh answers are given before a provider is asked.",
        "never" => "The cache is off (serve = \"never\").",
        _ => "Stored answers are given when no provider can answer.",
    };
    let mut lines = vec![serve.to_owned()];
    lines.extend(stats.trouble.as_ref().map(|trouble| format!("Closed: {trouble}")));
    if let (Some(entries), Some(bytes)) = (stats.entries, stats.bytes) {
        let oldest = stats.oldest.map(|at| format!(", the oldest from {}", words::moment(at, now, zone)));
        lines.push(format!(
            "{} stored, {} of {}{}.",
            answers(entries),
            size(bytes),
            size(stats.max_bytes),
            oldest.unwrap_or_default()
        ));
    }
    let practice = if stats.book == "practice" { "PRACTICE: " } else { "" };
    let rate = stats.hit_rate_percent.map_or_else(
        || "nothing was looked up yet".to_owned(),
        |rate| {
            format!(
                "{} fresh and {} older given, {} not found: {rate} % hits, ${} saved",
                words::number(stats.hits),
                words::number(stats.stale_hits),
                words::number(stats.misses),
                stats.saved_usd
            )
        },
    );
    lines.push(format!("{practice}Last 30 days: {rate}."));
    if let (Some(n @ 1..), Some(saved)) = (stats.would_have_hit, stats.would_have_saved_usd)
        && stats.serve == "on_failure"
    {
        let times = if n == 1 { "once".to_owned() } else { format!("{} times", words::number(n)) };
        lines.push(format!(
            "A fresh answer was there {times} and was not given; that would have saved ${saved}. \
             To give it: serve = \"always\" under [cache]."
        ));
    }
    if let Some(last) = &stats.last_trouble {
        lines.push(format!("{}: {}", words::moment(last.at, now, zone), last.text));
    }
    if stats.dropped > 0 {
        lines.push(format!("{} could not be stored since the start.", answers(stats.dropped)));
    }
    lines.join("\n")
}

/// In the units of the configuration.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let shown = format!("{:.1}", bytes as f64 / unit as f64);
            format!("{} {name}", shown.trim_end_matches(".0"))
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests;
