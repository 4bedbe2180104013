//! The OpenAI dialect: which path does what, what its errors say, which headers it sends.
//!
//! Shapes as in the API reference, <https://platform.openai.com/docs/api-reference>.

mod ask;
mod chat;
mod embeddings;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::{
    Dialect,
    exchange::{Answer, Meta},
    models,
    provider::Provider,
    refusal::Refusal,
};

/// Answers a request of which only the dialect is known.
pub(crate) fn dispatch(
    provider: &Provider,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<Answer, Refusal> {
    match (method, path) {
        (&Method::POST, "/v1/chat/completions") => chat::answer(provider, body),
        (&Method::POST, "/v1/embeddings") => embeddings::answer(body),
        (&Method::GET, "/v1/models") => Ok(Answer::document(models::list(Dialect::OpenAi, provider.name()))),
        (&Method::GET, path) if path.starts_with("/v1/models/") => {
            let id = models::id_in(path);
            served(&id)?;
            Ok(Answer::document(models::one(Dialect::OpenAi, provider.name(), &id)))
        }
        _ => {
            let message = format!("Invalid URL ({method} {path})");
            Err(Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message))
        }
    }
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

fn not_json(reason: &str) -> Refusal {
    Refusal::invalid(format!("We could not parse the JSON body of your request: {reason}"))
}

fn missing(field: &'static str) -> Refusal {
    Refusal::invalid(format!("Missing required parameter: '{field}'."))
        .param(field)
        .code("missing_required_parameter")
}

fn invalid(field: &'static str, expected: &str) -> Refusal {
    Refusal::invalid(format!("Invalid type for '{field}': expected {expected}."))
        .param(field)
        .code("invalid_type")
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
