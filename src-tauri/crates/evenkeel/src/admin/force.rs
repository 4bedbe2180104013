//! `PUT /api/force`.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{
    extract::Body,
    status,
    types::{SetForce, Status},
};
use crate::{app::Running, failure::Failure};

pub(super) async fn set(
    State(running): State<Arc<Running>>,
    Body(wanted): Body<SetForce>,
) -> Result<Json<Status>, Failure> {
    running.set_force(wanted.provider).await?;
    Ok(Json(status::of(&running)))
}
