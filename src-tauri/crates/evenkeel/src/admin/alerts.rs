//! `/api/alerts`.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};

use super::{
    extract::Body,
    status,
    types::{Acknowledge, AlertList, AlertRow, AlertTest, PauseAlerts, Status},
};
use crate::{
    app::Running,
    failure::{Code, Failure},
};

pub(super) async fn list(State(running): State<Arc<Running>>) -> Json<AlertList> {
    Json(running.alert_list().await)
}

pub(super) async fn acknowledge(
    State(running): State<Arc<Running>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<AlertRow>, Failure> {
    let wanted: Acknowledge = if body.is_empty() {
        Acknowledge::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| {
            Failure::new(Code::InvalidRequest, format!("The body can't be read: {error}."))
        })?
    };
    running.acknowledge(&id, wanted.incident).await.map(Json)
}

pub(super) async fn pause(
    State(running): State<Arc<Running>>,
    Body(wanted): Body<PauseAlerts>,
) -> Result<Json<Status>, Failure> {
    running.pause_alerts(wanted.until).await?;
    Ok(Json(status::of(&running)))
}

pub(super) async fn test(State(running): State<Arc<Running>>) -> Json<AlertTest> {
    Json(AlertTest { sent: running.test_alerts().await })
}
