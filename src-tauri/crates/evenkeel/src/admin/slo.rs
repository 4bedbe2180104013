//! `GET /api/slo`.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;

use super::{extract::Parameters, types::SloDocument};
use crate::{
    app::Running,
    cli::words,
    failure::{Code, Failure},
    promises::board::Narrow,
};

/// Which promises; everything may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    tenant: Option<String>,
    feature: Option<String>,
    /// `30d` instead of each promise's own.
    window: Option<String>,
}

pub(super) async fn get(
    State(running): State<Arc<Running>>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<SloDocument>, Failure> {
    let window = wanted.window.as_deref().map(|text| {
        words::span(text).ok_or_else(|| {
            Failure::new(Code::InvalidRequest, format!("window={text} is not a span of time."))
                .hint("Write it as 30d, 24h or 90m.")
        })
    });
    let narrow = Narrow { tenant: wanted.tenant, feature: wanted.feature, window: window.transpose()? };
    running.slo_document(&narrow).await.map(Json)
}
