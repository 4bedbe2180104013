//! `/api/budget`: what people say about the error budget.

use std::{sync::Arc, time::Duration};

use axum::{Json, body::Bytes, extract::State};
use evenkeel_store::WindowKind;

use super::{
    extract::Body,
    types::{DeclareWindow, DeclaredWindow, Freeze, Frozen},
};
use crate::{
    app::Running,
    cli::words,
    failure::{Code, Failure},
};

/// What a deploy of one person takes as a rule.
const HALF_AN_HOUR: Duration = Duration::from_mins(30);
/// Whoever is at something for longer than this has forgotten it.
const LONGEST: Duration = Duration::from_hours(7 * 24);
/// A reason is a sentence or two.
const REASON: usize = 500;

pub(super) async fn spend(
    State(running): State<Arc<Running>>,
    Body(wanted): Body<DeclareWindow>,
) -> Result<Json<DeclaredWindow>, Failure> {
    let kind = match wanted.kind.as_str() {
        "deploy" => WindowKind::Deploy,
        "experiment" => WindowKind::Experiment,
        other => {
            return Err(Failure::new(Code::InvalidRequest, format!("{other:?} is no kind of spending."))
                .hint("It is deploy or experiment."));
        }
    };
    let reason = reason(&wanted.reason)?;
    let lasts = match wanted.lasts.as_deref() {
        None => HALF_AN_HOUR,
        Some(text) => words::span(text).filter(|lasts| *lasts <= LONGEST).ok_or_else(|| {
            Failure::new(Code::InvalidRequest, format!("{text} is not a span of time up to a week."))
                .hint("Write it as 30m or 2h.")
        })?,
    };
    let window = running.declare(kind, reason, lasts).await?;
    Ok(Json(DeclaredWindow {
        kind: window.kind.as_str().to_owned(),
        reason: window.reason,
        from: window.from,
        to: window.to,
    }))
}

pub(super) async fn freeze(
    State(running): State<Arc<Running>>,
    body: Bytes,
) -> Result<Json<Frozen>, Failure> {
    let wanted: Freeze = if body.is_empty() {
        Freeze::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| {
            Failure::new(Code::InvalidRequest, format!("The body can't be read: {error}."))
        })?
    };
    let reason = wanted.reason.as_deref().map(reason).transpose()?;
    running.freeze(reason).await?;
    Ok(Json(Frozen { frozen: true }))
}

pub(super) async fn thaw(State(running): State<Arc<Running>>) -> Result<Json<Frozen>, Failure> {
    running.thaw().await?;
    Ok(Json(Frozen { frozen: running.promises.seen().frozen }))
}

/// Somebody's words on one line, and not none of them.
fn reason(text: &str) -> Result<String, Failure> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).take(REASON).collect();
    if line.is_empty() {
        return Err(Failure::new(Code::InvalidRequest, "The reason is empty.")
            .hint("Say in a sentence what you are about to do; it is kept with the budget."));
    }
    Ok(line)
}
