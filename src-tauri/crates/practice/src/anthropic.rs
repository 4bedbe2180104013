//! The Anthropic dialect: which path does what, what its errors say, which headers it sends.
//!
//! Shapes as in the API reference, <https://docs.anthropic.com/en/api/messages>.

mod files;
mod messages;
mod model;
mod read;
mod rules;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    Dialect,
    exchange::{Answer, Meta, Received},
    models,
    provider::Provider,
    refusal::Refusal,
};

/// Answers a request of which only the dialect is known.
pub(crate) fn dispatch(provider: &Provider, received: Received<'_>) -> Result<Answer, Refusal> {
    let Received { method, path, headers, .. } = received;
    if !provider.speaks(Dialect::Anthropic) {
        return Err(unknown_path(method, path));
    }
    let has_path = ["/v1/messages", "/v1/messages/count_tokens", "/v1/models"].contains(&path);
    if !has_path && !path.starts_with("/v1/models/") {
        return Err(unknown_path(method, path));
    }
    if provider.is_strict() && !headers.contains_key("anthropic-version") {
        return Err(Refusal::invalid("anthropic-version: header is required"));
    }
    match (method, path) {
        (&Method::POST, "/v1/messages") => messages::answer(provider, received),
        (&Method::POST, "/v1/messages/count_tokens") => {
            let tokens = read::count(provider, received)?;
            Ok(Answer::document(json!({ "input_tokens": tokens })))
        }
        (&Method::GET, "/v1/models") => {
            Ok(Answer::document(models::list(Dialect::Anthropic, provider.name())))
        }
        (&Method::GET, path) if path.starts_with("/v1/models/") => {
            let id = models::id_in(path);
            served(&id)?;
            Ok(Answer::document(models::one(Dialect::Anthropic, provider.name(), &id)))
        }
        _ => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "Method Not Allowed")),
    }
}

fn unknown_path(method: &Method, path: &str) -> Refusal {
    let path = if path.is_empty() { "/" } else { path };
    not_found(format!("Not found: {method} {path}"))
}

/// Every model is served, but for the names that tests use to be told no.
fn served(model: &str) -> Result<(), Refusal> {
    if models::is_missing(model) {
        return Err(not_found(format!("model: {model}")));
    }
    if models::is_refused(model) {
        return Err(Refusal::invalid(
            "messages.0.content: refused on purpose, as practice for a wrong request",
        ));
    }
    Ok(())
}

fn not_found(message: String) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found_error", message)
}

/// The headers of every response, whose numbers look like those of an account with room to spare.
pub(crate) fn headers(meta: &Meta, headers: &mut HeaderMap) {
    let limited = meta.retry_after.is_some();
    let reset = meta
        .retry_after
        .and_then(|wait| Timestamp::now().checked_add(SignedDuration::try_from(wait).ok()?).ok())
        .unwrap_or_else(Timestamp::now);
    let reset = HeaderValue::from_str(&reset.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).ok();
    let fixed = [
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000009950"),
        ("anthropic-ratelimit-requests-limit", "4000"),
        ("anthropic-ratelimit-requests-remaining", if limited { "0" } else { "3999" }),
        ("anthropic-ratelimit-tokens-limit", "480000"),
        ("anthropic-ratelimit-tokens-remaining", "479000"),
        ("anthropic-ratelimit-input-tokens-limit", "400000"),
        ("anthropic-ratelimit-input-tokens-remaining", "399000"),
        ("anthropic-ratelimit-output-tokens-limit", "80000"),
        ("anthropic-ratelimit-output-tokens-remaining", "80000"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let resets = [
        "anthropic-ratelimit-requests-reset",
        "anthropic-ratelimit-tokens-reset",
        "anthropic-ratelimit-input-tokens-reset",
        "anthropic-ratelimit-output-tokens-reset",
    ];
    if let Some(reset) = reset {
        for name in resets {
            headers.insert(HeaderName::from_static(name), reset.clone());
        }
    }
    if let Ok(id) = HeaderValue::from_str(&meta.request_id) {
        headers.insert("request-id", id);
    }
    models::insert_retry_after(meta, headers);
}
