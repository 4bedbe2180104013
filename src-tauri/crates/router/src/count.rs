//! `POST /v1/messages/count_tokens`: asked of a provider that can count, estimated where none can.
//!
//! A tool that counts before it sends needs a number more than it needs a perfect one, so whatever goes wrong
//! here ends in an estimate, marked as one. Nothing of it touches a provider's health: hosts without this
//! endpoint answer 404, and that says nothing about their answers to prompts.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use evenkeel_dialect::Dialect;
use evenkeel_dialect::estimate::{BYTES_PER_TOKEN, Weight};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::admit::Admitted;
use crate::headers;
use crate::models::json_response;
use crate::plan::Plan;
use crate::redact;
use crate::refusal::Refusal;
use crate::secrets::KeyState;

/// An estimate is at hand, so a slow count isn't waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// A count is a number and a name.
const LARGEST: usize = 64 * 1024;

/// The part of the body that decides who can count it.
#[derive(Deserialize)]
struct Named {
    model: Option<String>,
}

/// The model that a body names, if it is an object that names one.
pub(crate) fn model_of(body: &[u8]) -> Result<Option<String>, Refusal> {
    serde_json::from_slice(body)
        .map(|Named { model }| model)
        .map_err(|error| Refusal::invalid("body", format!("The body is not JSON of this kind: {error}.")))
}

/// The provider's count if it serves the asked model under that name, else ours. The flag says which.
pub(crate) async fn run(admitted: &Admitted, plan: &Plan, model: Option<&str>) -> (Response, bool) {
    if let Some(response) = asked(admitted, plan, model).await {
        return (response, true);
    }
    let tokens = Weight::of(&admitted.body).tokens(BYTES_PER_TOKEN);
    let mut response = json_response(&json!({ "input_tokens": tokens }));
    response.headers_mut().insert(headers::ESTIMATED, HeaderValue::from_static("true"));
    (response, false)
}

async fn asked(admitted: &Admitted, plan: &Plan, model: Option<&str>) -> Option<Response> {
    let target = plan.targets.first()?;
    let upstream = &target.upstream;
    let counts = upstream.speaks(Dialect::Anthropic)
        && model.is_some_and(|model| upstream.config.serves(model))
        && !matches!(upstream.key, KeyState::Missing);
    if !counts {
        return None;
    }
    let entered = &admitted.entered;
    let url = upstream.url(Dialect::Anthropic, &entered.path, entered.query.as_deref());
    let mut request = reqwest::Request::new(entered.method.clone(), url);
    *request.headers_mut() = headers::towards_provider(&entered.headers);
    upstream.sign(Dialect::Anthropic, request.headers_mut());
    *request.body_mut() = Some(admitted.body.clone().into());
    let client = upstream.client(plan.connect).await.ok()?;
    let exchange = async {
        let response = client.execute(request).await.ok()?;
        let status = response.status();
        // Its word about the request is worth passing on; about itself, or about a missing endpoint, it isn't.
        if !(status.is_success() || matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE))
        {
            return None;
        }
        let mut crossing = upstream.towards_client(response.headers());
        let body = response.bytes().await.ok().filter(|body| body.len() <= LARGEST)?;
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
        crossing.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut answer = Response::new(Body::from(redact::body(&upstream.key, body)));
        *answer.status_mut() = status;
        *answer.headers_mut() = crossing;
        is_json.then_some(answer)
    };
    timeout(PATIENCE, exchange).await.ok().flatten()
}
