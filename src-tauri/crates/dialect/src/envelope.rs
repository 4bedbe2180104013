//! Our own errors in the client's dialect, as its SDK expects to find them.
//!
//! SDKs choose the exception by status alone and print the message, tools look at `type`, programs at `code`:
//! all three are always there. Anthropic's envelope has no code, so ours stands where that vendor puts its own
//! finer reasons, in `error.details.error_code`.

use bytes::Bytes;
use serde::Serialize;

use crate::{Api, Dialect};

mod responses;

/// What went wrong, before it is put into a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// HTTP status.
    pub status: u16,
    /// One of our own codes: `no_route`, `providers_failed`.
    pub code: &'a str,
    /// One or two plain lines that name the fix.
    pub message: &'a str,
    /// The field of the request that is to blame.
    pub param: Option<&'a str>,
    /// The request's id, to be quoted.
    pub request_id: &'a str,
}

/// The body of an error answer, JSON.
pub fn body(dialect: Dialect, problem: &Problem<'_>) -> Vec<u8> {
    match dialect {
        Dialect::OpenAi => json(&OpenAi {
            error: OpenAiError {
                message: problem.message,
                kind: openai_type(problem.status),
                param: problem.param,
                code: problem.code,
            },
        }),
        Dialect::Anthropic => json(&Anthropic {
            kind: "error",
            error: AnthropicError {
                kind: anthropic_type(problem),
                message: problem.message,
                details: Details { error_code: problem.code },
            },
            request_id: problem.request_id,
        }),
    }
}

/// How far an answer of the Responses API had come. Its failure is the failure of that one answer: SDKs refuse
/// an event with another id, and expect the numbers of events to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// The answer's id.
    pub id: Option<String>,
    /// The model that gives it.
    pub model: Option<String>,
    /// When it was begun, in Unix seconds.
    pub created_at: Option<u64>,
    /// The number that the next event has.
    pub next_sequence: u64,
}

/// The error as the last event of a stream that has begun. Nothing may follow it: a `[DONE]` behind an error
/// lets a client take half an answer for a whole one.
///
/// Of a Responses stream this says the least that can be said; use [`event_after`] where it is known how far
/// the answer had come.
pub fn event(api: Api, problem: &Problem<'_>) -> Bytes {
    event_after(api, problem, &Begun::default())
}

/// The same, as the last event of just this stream.
pub fn event_after(api: Api, problem: &Problem<'_>, begun: &Begun) -> Bytes {
    let (name, data) = match api {
        Api::ChatCompletions | Api::Embeddings => (None, body(Dialect::OpenAi, problem)),
        Api::Responses => (Some("response.failed"), responses::failed(problem, begun)),
        Api::Messages => (Some("error"), body(Dialect::Anthropic, problem)),
    };
    let mut bytes = Vec::with_capacity(data.len() + 40);
    if let Some(name) = name {
        bytes.extend([b"event: ", name.as_bytes(), b"\n"].concat());
    }
    bytes.extend_from_slice(b"data: ");
    bytes.extend(data);
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

/// OpenAI names few types; everything about the request, a refused key included, is one of them.
fn openai_type(status: u16) -> &'static str {
    match status {
        402 => "insufficient_quota",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// The types that Anthropic documents for each status; where 503 means that everybody is overloaded, that
/// vendor has a type of its own.
fn anthropic_type(problem: &Problem<'_>) -> &'static str {
    match problem.status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        503 if problem.code == "providers_overloaded" => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// Writing strings can't fail; if it ever did, the client still gets JSON.
fn json(envelope: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(envelope).unwrap_or_else(|_| b"{}".to_vec())
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

#[derive(Serialize)]
struct Anthropic<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    error: AnthropicError<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    message: &'a str,
    details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    error_code: &'a str,
}

#[cfg(test)]
mod tests;
