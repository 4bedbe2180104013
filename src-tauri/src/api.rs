//! The one command of the window: a request to the admin API, answered in this process.
//!
//! The window and a browser send the same requests to the same router, so there is no second interface to keep
//! in step. The window needs no token, for it isn't reached over the network.

use axum::Router;
use axum::body::Body;
use http::{Method, Request, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::Value;
use tauri::State;
use tower::ServiceExt;

/// What the dashboard gets back.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    status: u16,
    /// JSON as it is; any other text as a string.
    body: Value,
}

/// Sends a request to the admin API.
///
/// # Errors
/// When the request can't be made or its answer read: a mistake of the dashboard, told in words for its log.
/// Whatever the API itself refuses is an [`Answer`] with its status.
#[tauri::command]
pub(crate) async fn api(
    router: State<'_, Router>,
    method: String,
    path: String,
    body: Option<Value>,
) -> Result<Answer, String> {
    ask(router.inner().clone(), &method, &path, body).await.map_err(|error| error.to_string())
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn ask(router: Router, method: &str, path: &str, body: Option<Value>) -> Result<Answer, Failure> {
    if !path.starts_with("/api/") {
        return Err(format!("the window may ask only below /api/, not {path}").into());
    }
    let content = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes())?)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(content)?;
    let response = router.oneshot(request).await?;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await?.to_bytes();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests;
