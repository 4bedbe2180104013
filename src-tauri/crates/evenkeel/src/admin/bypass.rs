//! `PUT /api/bypass`.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{
    extract::Body,
    status,
    types::{BypassStatus, SetBypass},
};
use crate::{app::Running, failure::Failure};

pub(super) async fn set(
    State(running): State<Arc<Running>>,
    Body(wanted): Body<SetBypass>,
) -> Result<Json<BypassStatus>, Failure> {
    running.set_bypass(wanted.on).await?;
    Ok(Json(status::bypass(running.routing().router.bypass())))
}
