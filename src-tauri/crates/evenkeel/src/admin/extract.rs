//! Bodies and queries, whose mistakes are answered in this API's own form.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::failure::{Code, Failure};

/// A JSON body, whatever its content type says: `curl -d` sends forms by default.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| Failure::new(Code::InvalidRequest, format!("{}.", error.body_text())))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Failure::new(Code::InvalidRequest, format!("The body can't be read: {error}.")))
    }
}

/// The query's parameters.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(parameters)| Self(parameters)).map_err(|error| {
            let text = error.body_text();
            let what = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            Failure::new(Code::InvalidRequest, format!("The query can't be read: {what}."))
        })
    }
}
