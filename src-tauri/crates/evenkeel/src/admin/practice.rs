//! `/api/practice`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use evenkeel_practice::Fault;

use super::{
    extract::Body,
    types::{PracticeProvider, PracticeStatus, SetFault},
};
use crate::{
    app::{Running, practice_view},
    failure::{Code, Failure},
};

pub(super) async fn get(State(running): State<Arc<Running>>) -> Json<PracticeStatus> {
    let status = running.practice().map(evenkeel_practice::Practice::status).unwrap_or_default();
    Json(PracticeStatus { providers: status.iter().map(practice_view).collect() })
}

pub(super) async fn set(
    State(running): State<Arc<Running>>,
    Path(name): Path<String>,
    Body(wanted): Body<SetFault>,
) -> Result<Json<PracticeProvider>, Failure> {
    let fault = Fault::parse(&wanted.fault, wanted.value.as_deref()).map_err(|error| {
        let text = error.to_string();
        let (message, hint) = text.split_once('\n').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        let failure = Failure::new(Code::UnknownFault, message);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })?;
    running.set_fault(&name, fault).await?;
    let status = running.practice().map(evenkeel_practice::Practice::status).unwrap_or_default();
    let provider = status.iter().find(|provider| provider.name == name).map(practice_view);
    provider.map(Json).ok_or_else(|| Failure::new(Code::UnknownProvider, format!("There is no {name}.")))
}
