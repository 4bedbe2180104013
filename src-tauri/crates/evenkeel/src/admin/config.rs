//! `/api/config`: what is in force, what is wrong with the file as it is now, and changes of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{
    extract::Body,
    types::{ConfigRefusal, ConfigView, EditConfig, ProviderPreset},
};
use crate::{
    app::{Running, edit::Refusal},
    failure::Failure,
};

pub(super) async fn get(State(running): State<Arc<Running>>) -> Json<ConfigView> {
    Json(view(&running).await)
}

pub(super) async fn edit(
    State(running): State<Arc<Running>>,
    Body(wanted): Body<EditConfig>,
) -> Result<Json<ConfigView>, Refusal> {
    running.edit_config(wanted).await?;
    Ok(Json(view(&running).await))
}

async fn view(running: &Running) -> ConfigView {
    let version = running.config_version().await;
    let settings = running.settings();
    let rejected = running.rejected();
    let mistakes = rejected.iter().flat_map(|rejected| rejected.problems.iter());
    let file = running.paths().config_file();
    ConfigView {
        file: file.display().to_string(),
        exists: file.exists(),
        effective: evenkeel_config::effective_toml(&settings.config),
        problems: mistakes.chain(&settings.notices).cloned().collect(),
        config_error: rejected.as_ref().map(|rejected| rejected.error.clone()),
        version,
        settings: evenkeel_config::effective_json(&settings.config),
        written: evenkeel_config::written_json(settings.text.as_deref().unwrap_or_default()),
        presets: evenkeel_config::known()
            .map(|known| ProviderPreset {
                name: known.name.to_owned(),
                dialect: known.dialect.to_owned(),
                base_url: known.base_url.to_owned(),
                keyless: known.keyless,
            })
            .collect(),
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, problems: Vec::new(), meanwhile: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.failure.code.status();
        let body = self.failure.body();
        let refusal = ConfigRefusal {
            code: body.code,
            message: body.message,
            hint: body.hint,
            problems: self.problems,
            meanwhile: self.meanwhile,
        };
        (status, Json(refusal)).into_response()
    }
}
