//! `/api/keys`, and `POST /api/providers/{name}/test`.
//!
//! Bodies are read here and not by the common extractor: what it says about a mistake quotes the mistake,
//! and that may be a key.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    extract::Parameters,
    types::{KeyList, KeyRow, ProviderTest, SetKey, TestProvider},
};
use crate::{
    app::Running,
    failure::{Code, Failure},
    keys::form::Carried,
};

/// How to list them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Ask the keychain anew; it may ask its owner to unlock it.
    #[serde(default)]
    read: bool,
}

pub(super) async fn list(
    State(running): State<Arc<Running>>,
    Parameters(wanted): Parameters<Wanted>,
) -> Json<KeyList> {
    Json(running.key_list(wanted.read).await)
}

pub(super) async fn set(
    State(running): State<Arc<Running>>,
    Path(provider): Path<String>,
    body: Bytes,
) -> Result<Json<KeyRow>, Failure> {
    let wanted: SetKey = read(body, r#"{"key": "…"}"#)?;
    running.set_key(&provider, &wanted.key.accept()?).await.map(Json)
}

pub(super) async fn remove(
    State(running): State<Arc<Running>>,
    Path(provider): Path<String>,
) -> Result<Json<KeyRow>, Failure> {
    running.remove_key(&provider).await.map(Json)
}

pub(super) async fn test(
    State(running): State<Arc<Running>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<ProviderTest>, Failure> {
    let wanted: TestProvider =
        if body.is_empty() { TestProvider::default() } else { read(body, r#"{"key": "…"} or {}"#)? };
    let unsaved = wanted.key.as_ref().map(Carried::accept).transpose()?;
    running.test_provider(&name, unsaved).await.map(Json)
}

/// Reads a body with a secret in it, and clears the bytes where nobody else holds them.
pub(super) fn read<T: DeserializeOwned>(body: Bytes, shape: &str) -> Result<T, Failure> {
    let read = serde_json::from_slice(&body)
        .map_err(|_| Failure::new(Code::InvalidRequest, format!("The body must be {shape}.")));
    if let Ok(mut bytes) = body.try_into_mut() {
        zeroize::Zeroize::zeroize(&mut bytes[..]);
    }
    read
}
