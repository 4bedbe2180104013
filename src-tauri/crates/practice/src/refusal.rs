//! Answers that say no, in the shape of either dialect.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{Dialect, Fault};

/// An error answer before it has a request id.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// `error.type`, in the words of the dialect.
    pub(crate) kind: &'static str,
    /// `error.code`; only the OpenAI dialect has one.
    pub(crate) code: Option<&'static str>,
    /// The field at fault; only the OpenAI dialect names it apart from the message.
    pub(crate) param: Option<String>,
    /// `error.details`; only the Anthropic dialect has them, and rarely.
    pub(crate) details: Option<Box<Value>>,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    /// A 400 about the request itself.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    pub(crate) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, kind, code: None, param: None, details: None, message, retry_after: None }
    }

    pub(crate) fn param(self, param: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    pub(crate) fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// What a provider with this fault answers, if the fault is one that answers with an error.
    pub(crate) fn of_fault(fault: Fault, dialect: Dialect, provider: &str) -> Option<Self> {
        let openai = dialect == Dialect::OpenAi;
        let message = |what: &str| format!("{provider} {what} (practice fault: {fault})");
        Some(match fault {
            Fault::Down | Fault::Flaky(_) => {
                let kind = if openai { "server_error" } else { "api_error" };
                let what = message("had an error while processing the request");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, what)
            }
            Fault::Overloaded => Self::new(overloaded_status(), "overloaded_error", message("is overloaded"))
                .code("server_is_overloaded"),
            Fault::Revoked => {
                let kind = if openai { "invalid_request_error" } else { "authentication_error" };
                Self::new(StatusCode::UNAUTHORIZED, kind, message("says: incorrect API key provided"))
                    .code("invalid_api_key")
            }
            Fault::RateLimited | Fault::RateLimitedFor(_) => {
                let kind = if openai { "requests" } else { "rate_limit_error" };
                let what = message("has reached its limit of requests per minute");
                let refusal =
                    Self::new(StatusCode::TOO_MANY_REQUESTS, kind, what).code("rate_limit_exceeded");
                Self { retry_after: fault.retry_after(), ..refusal }
            }
            _ => return None,
        })
    }

    /// What a provider answers when the prompt itself asked for an error.
    pub(crate) fn failed(dialect: Dialect, provider: &str) -> Self {
        let kind = if dialect == Dialect::OpenAi { "server_error" } else { "api_error" };
        let message = format!("{provider} had an error half-way, because the prompt asked for one");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, kind, message)
    }

    /// The vendor's error envelope.
    pub(crate) fn body(&self, dialect: Dialect, request_id: &str) -> Value {
        match dialect {
            Dialect::OpenAi => json!({
                "error": {
                    "message": self.message,
                    "type": self.kind,
                    "param": self.param,
                    "code": self.code,
                }
            }),
            Dialect::Anthropic => {
                let mut error = json!({ "type": self.kind, "message": self.message });
                if let Some(details) = &self.details {
                    error["details"] = Value::clone(details);
                }
                json!({ "type": "error", "error": error, "request_id": request_id })
            }
        }
    }
}

/// Anthropic's own status; the list of registered ones has no name for it.
fn overloaded_status() -> StatusCode {
    StatusCode::from_u16(529).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}
