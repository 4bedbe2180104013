//! `/api/cache`: how it stands, clearing it, and moving it to another machine.
//!
//! An export is written and an import read by the router itself, at a path that the caller names. So they are for
//! whoever can read `admin.token`, and with it everything that this account has on the disk, and not for a page in a
//! browser or the window: a script that gets into one of those must not be able to make the router touch files. An
//! export never writes over a file.

use std::{path::Path, sync::Arc};

use axum::{Extension, Json, body::Bytes, extract::State};
use evenkeel_cache::Cache;

use super::{
    auth::ByToken,
    keys::read,
    types::{CacheCleared, CacheMoved, CacheStats, MoveCache},
};
use crate::{
    app::Running,
    cache::{is_wanted, moving, rest},
    failure::{Code, Failure},
};

pub(super) async fn get(State(running): State<Arc<Running>>) -> Result<Json<CacheStats>, Failure> {
    running.cache_stats().await.map(Json)
}

pub(super) async fn clear(State(running): State<Arc<Running>>) -> Result<Json<CacheCleared>, Failure> {
    let removed = open(&running)?.clear().await.map_err(|error| moving::failure(&error))?;
    tracing::info!(removed, "the cache was cleared");
    Ok(Json(CacheCleared { removed }))
}

pub(super) async fn export(
    State(running): State<Arc<Running>>,
    caller: Option<Extension<ByToken>>,
    body: Bytes,
) -> Result<Json<CacheMoved>, Failure> {
    let (cache, wanted) = to_move(&running, caller, body)?;
    moving::export(&cache, Path::new(&wanted.file), &wanted.passphrase.text()).await.map(Json)
}

pub(super) async fn import(
    State(running): State<Arc<Running>>,
    caller: Option<Extension<ByToken>>,
    body: Bytes,
) -> Result<Json<CacheMoved>, Failure> {
    let (cache, wanted) = to_move(&running, caller, body)?;
    moving::import(&cache, Path::new(&wanted.file), &wanted.passphrase.text()).await.map(Json)
}

fn to_move(
    running: &Running,
    caller: Option<Extension<ByToken>>,
    body: Bytes,
) -> Result<(Cache, MoveCache), Failure> {
    if caller.is_none() {
        return Err(Failure::new(
            Code::ForbiddenOrigin,
            "Files are read and written for the command line only.",
        )
        .hint("In a terminal: evenkeel cache export FILE"));
    }
    let wanted = read(body, r#"{"file": "/…", "passphrase": "…"}"#)?;
    Ok((open(running)?, wanted))
}

/// The open cache, or why there is none.
fn open(running: &Running) -> Result<Cache, Failure> {
    if let Some(cache) = running.cache.open() {
        return Ok(cache);
    }
    if !is_wanted(&running.settings().config.cache) {
        return Err(rest::off());
    }
    if running.routing().practice {
        return Err(Failure::new(
            Code::CacheClosed,
            "The practice providers answer, and theirs is never stored.",
        )
        .hint("With real providers in evenkeel.toml the cache opens."));
    }
    Err(running.cache.missing().map_or_else(
        || Failure::new(Code::CacheClosed, "The cache is being opened.").hint("Ask again in a moment."),
        |missing| missing.failure(),
    ))
}
