//! `POST /api/test`: one small request of our own, the way a tool's request goes.
//!
//! Whoever sits before the dashboard has a session and no local key, so the router is asked in this process with the
//! key of this machine. It is a request like any other: it fails over, it costs what it costs, it has its row.

use std::{sync::Arc, time::Instant};

use axum::{Json, body::Body, extract::State, response::Response};
use evenkeel_router::headers;
use http::{HeaderName, Request, header};
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::types::TestRequest;
use crate::{
    app::Running,
    failure::{Code, Failure},
    probe,
};

/// Enough for a word, and for the models that think before it.
const MOST_TOKENS: u32 = 64;
/// An answer of one word; what is larger is not read to its end.
const LARGEST: usize = 256 * 1024;
/// Its tag in the ledger.
const FEATURE: &str = "test-request";
/// Practice answers to any name.
const PRACTICE_MODEL: &str = "gpt-5-mini";

pub(super) async fn send(State(running): State<Arc<Running>>) -> Result<Json<TestRequest>, Failure> {
    let asker = Arc::clone(&running);
    let target = tokio::task::spawn_blocking(move || asker.tool_target()).await;
    let target = target.map_err(|error| Failure::internal("read the local key", &error))??;
    let routing = running.routing();
    let model = if routing.practice { PRACTICE_MODEL.to_owned() } else { model(&running).await? };
    let words = format!("A test of {}. Answer with the word ready.", Timestamp::now());
    let body = json!({
        "model": model, "max_completion_tokens": MOST_TOKENS, "messages": [{ "role": "user", "content": words }],
    });
    let request = Request::post("/v1/chat/completions")
        .header(header::HOST, target.address.to_string())
        .header(header::AUTHORIZATION, format!("Bearer {}", target.key))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-evenkeel-feature", FEATURE)
        .body(Body::from(body.to_string()))
        .map_err(|error| Failure::internal("make a test request", &error))?;
    let started = Instant::now();
    let response = match routing.http.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    Ok(Json(read(response, started).await))
}

/// The first route's model, or what its first provider would be tested with.
async fn model(running: &Running) -> Result<String, Failure> {
    let settings = running.settings();
    let config = &settings.config;
    let first = config.routes.first().and_then(|route| route.targets().next());
    let provider = first.and_then(|target| config.providers.iter().find(|it| it.name == target.provider));
    let Some(provider) = provider.or_else(|| config.providers.first()) else {
        return Err(Failure::new(Code::UnknownProvider, "There is no provider to ask.")
            .hint("Add one under Providers."));
    };
    let key = running.keys.resolve(provider).key;
    // What can't be found out here, such as a name while the provider is down, the router says better: it asks on.
    let found = probe::model_of(config, provider, &key).await;
    Ok(found.unwrap_or_else(|| PRACTICE_MODEL.to_owned()))
}

/// What came back, in the words of the ledger.
async fn read(response: Response, started: Instant) -> TestRequest {
    let (head, body) = response.into_parts();
    let said = |name: &HeaderName| head.headers.get(name)?.to_str().ok().map(str::to_owned);
    let bytes = Limited::new(body, LARGEST).collect().await.map(http_body_util::Collected::to_bytes);
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let ok = head.status.is_success() && bytes.is_ok();
    let refused = || {
        let text: Value = serde_json::from_slice(bytes.as_deref().unwrap_or_default()).unwrap_or_default();
        let message = text["error"]["message"].as_str().map(str::to_owned);
        message.unwrap_or_else(|| format!("The answer was HTTP {}.", head.status.as_u16()))
    };
    TestRequest {
        ok,
        status: head.status.as_u16(),
        request: said(&headers::ID),
        provider: said(&headers::PROVIDER),
        model: said(&headers::MODEL),
        served_by: said(&headers::SERVED_BY),
        attempts: said(&headers::ATTEMPTS).and_then(|count| count.parse().ok()),
        ms,
        cost_usd: said(&headers::COST).and_then(|cost| cost.parse().ok()),
        error: (!ok).then(refused),
    }
}
