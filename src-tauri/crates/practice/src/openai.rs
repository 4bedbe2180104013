//! The OpenAI dialect: which path does what, what its errors say, which headers it sends.
//!
//! Shapes as in the API reference, <https://platform.openai.com/docs/api-reference>.

mod chat;
mod embeddings;
mod field;
mod files;
mod model;
mod responses;
mod schema;
mod tools;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::{
    Dialect,
    exchange::{Answer, Meta, Received},
    models,
    provider::Provider,
    refusal::Refusal,
};
pub(crate) use responses::Stored;

/// Answers a request of which only the dialect is known.
pub(crate) fn dispatch(provider: &Provider, received: Received<'_>) -> Result<Answer, Refusal> {
    let Received { method, path, body, .. } = received;
    if !provider.speaks(Dialect::OpenAi) {
        return Err(not_found(method, path));
    }
    match (method, path) {
        (&Method::POST, "/v1/chat/completions") => chat::answer(provider, body),
        (&Method::POST, "/v1/embeddings") => embeddings::answer(provider, body),
        (&Method::GET, "/v1/models") => Ok(Answer::document(models::list(Dialect::OpenAi, provider.name()))),
        (_, "/v1/chat/completions" | "/v1/embeddings" | "/v1/models") => Err(not_allowed(method, path)),
        (&Method::GET, path) if path.starts_with("/v1/models/") => {
            let id = models::id_in(path);
            served(&id)?;
            Ok(Answer::document(models::one(Dialect::OpenAi, provider.name(), &id)))
        }
        (_, path) if provider.serves_responses() && path.starts_with("/v1/responses") => {
            responses::dispatch(provider, received)
        }
        _ => Err(not_found(method, path)),
    }
}

fn not_found(method: &Method, path: &str) -> Refusal {
    let path = if path.is_empty() { "/" } else { path };
    let message = format!("Invalid URL ({method} {path})");
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
}

fn not_allowed(method: &Method, path: &str) -> Refusal {
    let message = format!(
        "Not allowed to {method} on {path} (HINT: Perhaps you meant to use a different HTTP method?)"
    );
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", message)
        .code("method_not_supported")
}

/// Every model is served, but for the names that tests use to be told no.
fn served(model: &str) -> Result<(), Refusal> {
    if models::is_missing(model) {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(
            Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).code("model_not_found")
        );
    }
    if models::is_refused(model) {
        // Does not speak of the model: routers read a 400 that does as "not served here" and go elsewhere.
        let message =
            "Invalid value for 'messages[0].content': refused on purpose, as practice for a wrong request.";
        return Err(Refusal::invalid(message).param("messages").code("invalid_value"));
    }
    Ok(())
}

/// The headers of every response, whose numbers look like those of an account with room to spare.
pub(crate) fn headers(meta: &Meta, headers: &mut HeaderMap) {
    let limited = meta.retry_after.is_some();
    let reset = meta.retry_after.map_or_else(|| "6ms".to_owned(), |wait| format!("{}s", wait.as_secs()));
    let fixed = [
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-limit-tokens", "2000000"),
        ("x-ratelimit-remaining-requests", if limited { "0" } else { "9999" }),
        ("x-ratelimit-remaining-tokens", "1999000"),
        ("x-ratelimit-reset-tokens", "30ms"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let processing = u64::try_from(meta.processing.as_millis()).unwrap_or(u64::MAX);
    headers.insert("openai-processing-ms", HeaderValue::from(processing));
    if let Ok(id) = HeaderValue::from_str(&meta.request_id) {
        headers.insert("x-request-id", id);
    }
    if let Ok(reset) = HeaderValue::from_str(&reset) {
        headers.insert("x-ratelimit-reset-requests", reset);
    }
    models::insert_retry_after(meta, headers);
}
