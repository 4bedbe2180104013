//! `/api/tenants`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderName, StatusCode, header};

use super::{
    extract::Body,
    types::{NewTenant, TenantKey, TenantList},
};
use crate::{app::Running, failure::Failure};

/// An answer with a key in it is kept by nobody on the way.
type KeyAnswer = (StatusCode, [(HeaderName, &'static str); 1], Json<TenantKey>);

pub(super) async fn list(State(running): State<Arc<Running>>) -> Result<Json<TenantList>, Failure> {
    running.tenants().await.map(Json)
}

pub(super) async fn add(
    State(running): State<Arc<Running>>,
    Body(new): Body<NewTenant>,
) -> Result<KeyAnswer, Failure> {
    let made = running.add_tenant(&new).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(made)))
}

pub(super) async fn rotate(
    State(running): State<Arc<Running>>,
    Path(name): Path<String>,
) -> Result<KeyAnswer, Failure> {
    let made = running.rotate_tenant(&name).await?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(made)))
}

pub(super) async fn remove(
    State(running): State<Arc<Running>>,
    Path(name): Path<String>,
) -> Result<Json<TenantList>, Failure> {
    running.remove_tenant(&name).await.map(Json)
}
