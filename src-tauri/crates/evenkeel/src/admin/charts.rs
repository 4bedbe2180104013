//! `GET /api/charts/{name}.svg`, and the same figures as a table under `.json`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use evenkeel_kit::chart::{NARROWEST, Shape, WIDEST};
use http::header;
use serde::Deserialize;

use super::{extract::Parameters, types::ChartView};
use crate::{
    app::Running,
    charts::{Name, Wanted},
    cli::words,
    failure::{Code, Failure},
};

/// Which figures; everything may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    slo: Option<String>,
    tenant: Option<String>,
    feature: Option<String>,
    /// `30d` instead of the promise's own.
    window: Option<String>,
    /// Pixels, or `spark` for the line alone.
    width: Option<String>,
}

pub(super) async fn get(
    State(running): State<Arc<Running>>,
    Path(file): Path<String>,
    Parameters(query): Parameters<Query>,
) -> Result<Response, Failure> {
    let (name, as_json) = match file.rsplit_once('.') {
        Some((name, "svg")) => (name, false),
        Some((name, "json")) => (name, true),
        _ => (file.as_str(), false),
    };
    let name = Name::of(name)?;
    if !file.contains('.') {
        return Err(Failure::new(Code::UnknownEndpoint, format!("There is no GET /api/charts/{file}."))
            .hint(format!("It is /api/charts/{file}.svg, or {file}.json for the table.")));
    }
    let picture = running.chart(name, &wanted(query)?).await?;
    if as_json {
        return Ok(Json(ChartView::from(picture)).into_response());
    }
    // Looked at by itself it may do nothing at all: it is a picture.
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, picture.svg).into_response())
}

fn wanted(query: Query) -> Result<Wanted, Failure> {
    let window = query.window.as_deref().map(|text| {
        words::span(text).ok_or_else(|| {
            Failure::new(Code::InvalidRequest, format!("window={text} is not a span of time."))
                .hint("Write it as 30d, 24h or 1h.")
        })
    });
    let shape = query.width.as_deref().map(|text| match text {
        "spark" => Ok(Shape::Spark),
        pixels => pixels
            .parse()
            .ok()
            .filter(|width| (NARROWEST..=WIDEST).contains(width))
            .map(Shape::Full)
            .ok_or_else(|| {
                Failure::new(Code::InvalidRequest, format!("width={pixels} is no width of a chart."))
                    .hint(format!("Write {NARROWEST} to {WIDEST}, or spark."))
            }),
    });
    Ok(Wanted {
        slo: query.slo,
        tenant: query.tenant,
        feature: query.feature,
        window: window.transpose()?,
        shape: shape.transpose()?,
    })
}
