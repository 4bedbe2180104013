//! `GET /api/requests` and `GET /api/requests/{id}`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use evenkeel_store::{Mode, PAGE_MAX, RequestsQuery, StoreError};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    extract::Parameters,
    types::{RequestDetail, RequestsPage},
};
use crate::{
    app::Running,
    cli::words,
    failure::{Code, Failure},
};

/// Which rows; everything may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// `1h` or a timestamp.
    since: Option<String>,
    tenant: Option<String>,
    #[serde(default)]
    failed: bool,
    before: Option<String>,
    limit: Option<u32>,
    mode: Option<String>,
}

pub(super) async fn list(
    State(running): State<Arc<Running>>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<RequestsPage>, Failure> {
    let query = query(wanted, Timestamp::now())?;
    let page = running.store().requests(query).await.map_err(ledger_failure)?;
    Ok(Json(page.into()))
}

pub(super) async fn one(
    State(running): State<Arc<Running>>,
    Path(id): Path<String>,
) -> Result<Json<RequestDetail>, Failure> {
    let row = running.store().request(id.clone()).await.map_err(ledger_failure)?;
    Ok(Json(RequestDetail::from(&row.ok_or_else(|| unknown_request(&id))?)))
}

fn query(wanted: Wanted, now: Timestamp) -> Result<RequestsQuery, Failure> {
    let since = match wanted.since {
        None => None,
        Some(text) => Some(words::since(&text, now).ok_or_else(|| {
            Failure::new(Code::InvalidRequest, format!("since={text} is not a span of time."))
                .hint("Write it like 90s, 30m, 1h, 7d, or as 2026-11-23T09:00:00Z.")
        })?),
    };
    let mode = match wanted.mode {
        None => None,
        Some(text) => Some(text.parse::<Mode>().map_err(|error| {
            Failure::new(Code::InvalidRequest, format!("mode={text} is not a book: {error}."))
        })?),
    };
    let defaults = RequestsQuery::default();
    Ok(RequestsQuery {
        since,
        tenant: wanted.tenant,
        failed: wanted.failed,
        before: wanted.before,
        limit: wanted.limit.map_or(defaults.limit, |limit| limit.clamp(1, PAGE_MAX)),
        mode,
    })
}

/// No request has this id.
pub(crate) fn unknown_request(id: &str) -> Failure {
    Failure::new(Code::UnknownRequest, format!("There is no request {id} in the ledger."))
        .hint("Its id is in the header x-evenkeel-id; the newest are listed by: evenkeel requests")
}

/// What the ledger says when it can't answer.
pub(crate) fn ledger_failure(error: StoreError) -> Failure {
    match error {
        StoreError::NoSuchCursor { id } => {
            Failure::new(Code::InvalidRequest, format!("There is no request {id} to go on from."))
                .hint("Leave `before` out to begin with the newest.")
        }
        error => Failure::internal("read the ledger", &error),
    }
}
