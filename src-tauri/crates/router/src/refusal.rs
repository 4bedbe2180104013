//! Evenkeel's own errors: the closed list of codes that a client can meet, each with its status.
//!
//! A refusal knows nothing of dialects; `answer` puts it into the one that the client speaks. Its
//! message is for the person at the client and holds neither secrets nor internals; what went wrong
//! inside belongs into the log.

use axum::body::Body;
use axum::response::Response;
use evenkeel_dialect::{Dialect, envelope};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::headers;

/// Tells both vendors' SDKs not to repeat what waiting won't cure.
pub(crate) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The codes, in the order of the interface's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// 400: the body isn't JSON or isn't this dialect, or a header of ours is wrong.
    InvalidRequest,
    /// 401: no local key, or an unknown one.
    InvalidLocalKey,
    /// 402: over a limit, and nothing could be given up to stay below it.
    OverBudget,
    /// 403: a browser's origin or a Host that isn't allowed.
    ForbiddenOrigin,
    /// 404: not an address of ours.
    UnknownEndpoint,
    /// 404: no route takes this model and feature.
    NoRoute,
    /// 404: every target says it doesn't have the model that the client named.
    ModelNotServed,
    /// 413: the body is over `max_body`.
    RequestTooLarge,
    /// 422: no provider left that can express what was asked.
    Untranslatable,
    /// 429: every provider is rate limited.
    RateLimited,
    /// 500: our own fault.
    InternalError,
    /// 502: all failed in different ways.
    ProvidersFailed,
    /// 503: all ended overloaded.
    ProvidersOverloaded,
    /// 503: no provider can be reached.
    Unreachable,
    /// 503: our own network is away.
    Offline,
    /// 503: nothing is configured.
    NoProvider,
    /// 503: draining.
    ShuttingDown,
    /// 504: all went over the first-token budget.
    FirstTokenTimeout,
    /// 504: the route's total time is over.
    DeadlineExceeded,
}

impl Code {
    /// The code as clients, ledger and documentation know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidLocalKey => "invalid_local_key",
            Self::OverBudget => "over_budget",
            Self::ForbiddenOrigin => "forbidden_origin",
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::NoRoute => "no_route",
            Self::ModelNotServed => "model_not_served",
            Self::RequestTooLarge => "request_too_large",
            Self::Untranslatable => "untranslatable",
            Self::RateLimited => "rate_limited",
            Self::InternalError => "internal_error",
            Self::ProvidersFailed => "providers_failed",
            Self::ProvidersOverloaded => "providers_overloaded",
            Self::Unreachable => "unreachable",
            Self::Offline => "offline",
            Self::NoProvider => "no_provider",
            Self::ShuttingDown => "shutting_down",
            Self::FirstTokenTimeout => "first_token_timeout",
            Self::DeadlineExceeded => "deadline_exceeded",
        }
    }

    /// The status that goes with it, always the same one.
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::InvalidLocalKey => StatusCode::UNAUTHORIZED,
            Self::OverBudget => StatusCode::PAYMENT_REQUIRED,
            Self::ForbiddenOrigin => StatusCode::FORBIDDEN,
            Self::UnknownEndpoint | Self::NoRoute | Self::ModelNotServed => StatusCode::NOT_FOUND,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Untranslatable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ProvidersFailed => StatusCode::BAD_GATEWAY,
            Self::ProvidersOverloaded
            | Self::Unreachable
            | Self::Offline
            | Self::NoProvider
            | Self::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::FirstTokenTimeout | Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// One refused request.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Which of the closed list.
    pub code: Code,
    /// What the client reads.
    pub message: String,
    /// The field or header at fault, if there is one.
    pub param: Option<String>,
    /// Seconds after which a repeat makes sense.
    pub retry_after: Option<u64>,
    /// `Some(false)`: waiting won't cure it.
    pub should_retry: Option<bool>,
    /// The vendor's own code for this case, where its SDK looks for that one and knows how to go on.
    pub vendor_code: Option<&'static str>,
    /// The connection is closed after the answer: the request wasn't read to its end.
    pub closes: bool,
}

impl Refusal {
    /// A refusal with nothing but its message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            param: None,
            retry_after: None,
            should_retry: None,
            vendor_code: None,
            closes: false,
        }
    }

    /// `invalid_request` that names what is wrong.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::new(Code::InvalidRequest, message) }.for_good()
    }

    /// Tells SDKs not to try again.
    #[must_use]
    pub fn for_good(self) -> Self {
        Self { should_retry: Some(false), ..self }
    }

    /// Tells SDKs when to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The answer in the client's dialect.
    pub fn answer(&self, dialect: Dialect, id: &str) -> Response {
        let body = envelope::body(dialect, &self.problem(id));
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers::put(headers, headers::ID, id);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.should_retry == Some(false) {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if self.closes {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The refusal as the dialect crate takes it, for bodies and for events in a stream alike.
    pub(crate) fn problem<'a>(&'a self, id: &'a str) -> envelope::Problem<'a> {
        envelope::Problem {
            status: self.code.status().as_u16(),
            code: self.vendor_code.unwrap_or(self.code.as_str()),
            message: &self.message,
            param: self.param.as_deref(),
            request_id: id,
        }
    }
}
