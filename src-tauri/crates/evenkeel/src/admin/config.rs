//! `GET /api/config`: what is in force, and what is wrong with the file as it is now.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::types::ConfigView;
use crate::app::Running;

pub(super) async fn get(State(running): State<Arc<Running>>) -> Json<ConfigView> {
    let settings = running.settings();
    let rejected = running.rejected();
    let mistakes = rejected.iter().flat_map(|rejected| rejected.problems.iter());
    let file = running.paths().config_file();
    Json(ConfigView {
        file: file.display().to_string(),
        exists: file.exists(),
        effective: evenkeel_config::effective_toml(&settings.config),
        problems: mistakes.chain(&settings.notices).cloned().collect(),
        config_error: rejected.as_ref().map(|rejected| rejected.error.clone()),
    })
}
