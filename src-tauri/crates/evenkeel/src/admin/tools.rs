//! `/api/tools`. Files are read and written off the thread that requests are answered on.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};

use super::types::{ChangeTool, ToolChange, ToolList};
use crate::{
    app::Running,
    connect::{self, Desk},
    failure::{Code, Failure},
};

pub(super) async fn list(State(running): State<Arc<Running>>) -> Result<Json<ToolList>, Failure> {
    let target = running.tool_target();
    aside(running, move |desk| desk.list(target.as_ref().ok())).await
}

pub(super) async fn connect(
    State(running): State<Arc<Running>>,
    Path(tool): Path<String>,
    body: Bytes,
) -> Result<Json<ToolChange>, Failure> {
    let wanted = read(&body)?;
    let tool = connect::tool(&tool)?;
    let target = running.tool_target()?;
    aside(running, move |desk| {
        let prepared = desk.connect(tool, &target)?;
        if wanted.dry_run { Ok(prepared.told(false)) } else { desk.apply(&prepared) }
    })
    .await
}

pub(super) async fn disconnect(
    State(running): State<Arc<Running>>,
    Path(tool): Path<String>,
    body: Bytes,
) -> Result<Json<ToolChange>, Failure> {
    let wanted = read(&body)?;
    let tool = connect::tool(&tool)?;
    aside(running, move |desk| match desk.disconnect(tool)? {
        None => Ok(desk.nothing_to_take_back(tool)),
        Some(prepared) if wanted.dry_run => Ok(prepared.told(false)),
        Some(prepared) => desk.apply(&prepared),
    })
    .await
}

/// An empty body asks for it to be done.
fn read(body: &Bytes) -> Result<ChangeTool, Failure> {
    if body.is_empty() {
        return Ok(ChangeTool::default());
    }
    serde_json::from_slice(body).map_err(|_| {
        Failure::new(Code::InvalidRequest, r#"The body must be {"dry_run": true}, {} or empty."#)
    })
}

async fn aside<T: Send + 'static>(
    running: Arc<Running>,
    work: impl FnOnce(&Desk) -> Result<T, Failure> + Send + 'static,
) -> Result<Json<T>, Failure> {
    let done = tokio::task::spawn_blocking(move || work(&running.tool_desk()?)).await;
    done.map_err(|error| Failure::internal("look at the tools", &error))?.map(Json)
}
