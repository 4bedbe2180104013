//! How an attempt can end, and what follows from it: the table of the routing rules, as data.
//!
//! Every attempt gets exactly one class. What a class means for retry, failover, breaker and the
//! client is decided here and nowhere else; *which* class it is, is decided in `classify`.

use std::time::Duration;

use evenkeel_slo::Cause;
use serde::{Deserialize, Serialize};

/// The class of one attempt, and of a whole request by its last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A complete answer; a refusal by the model or a `max_tokens` stop is one.
    Ok,
    /// No connection, or it was gone before the first byte of an answer.
    Connect,
    /// The first-token budget was over.
    FirstTokenTimeout,
    /// The request itself is wrong; another provider would say the same.
    BadRequest,
    /// The provider doesn't serve this model or endpoint.
    Unserved,
    /// Our key is missing, wrong, revoked, or not allowed here.
    Credentials,
    /// Our account has no money left.
    Billing,
    /// Too many requests for now.
    RateLimited,
    /// The provider says it is overloaded.
    Overloaded,
    /// The provider failed.
    ServerError,
    /// A 2xx that is no answer of this dialect.
    Malformed,
    /// The stream said "error" before it said anything else.
    StreamErrorEarly,
    /// The stream ended without its terminal event, after the client had begun to read.
    BrokenStream,
    /// The provider's dialect has no word for what was asked; nothing was sent.
    Untranslatable,
    /// A guardrail forbids it at this provider's prices; nothing was sent.
    OverBudget,
    /// The client hung up.
    Cancelled,
    /// The route's total time was over.
    Deadline,
}

/// Whether the same provider is asked once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    AfterPause(Duration),
    /// Only on the last target, and only if its `retry-after` is at most a second.
    IfSoon,
}

/// What a breaker makes of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Success,
    /// Counts towards opening.
    Count,
    /// Opens at once and stays so until something is changed or a probe passes.
    Open,
    /// Rests until `retry-after`.
    Park,
    /// Says nothing about the provider.
    Nothing,
}

/// Both vendors ask for a short pause after "overloaded"; anything longer is better spent elsewhere.
const OVERLOADED_PAUSE: Duration = Duration::from_millis(500);

impl Outcome {
    /// The stable name in ledger, JSON and log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Connect => "connect",
            Self::FirstTokenTimeout => "first_token_timeout",
            Self::BadRequest => "bad_request",
            Self::Unserved => "unserved",
            Self::Credentials => "credentials",
            Self::Billing => "billing",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::Malformed => "malformed",
            Self::StreamErrorEarly => "stream_error_early",
            Self::BrokenStream => "broken_stream",
            Self::Untranslatable => "untranslatable",
            Self::OverBudget => "over_budget",
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
        }
    }

    /// Whether a second try on the same provider can cure it.
    pub(crate) fn retry(self) -> Retry {
        match self {
            Self::Connect | Self::ServerError | Self::Malformed | Self::StreamErrorEarly => {
                Retry::AfterPause(Duration::ZERO)
            }
            Self::Overloaded => Retry::AfterPause(OVERLOADED_PAUSE),
            Self::RateLimited => Retry::IfSoon,
            Self::Ok
            | Self::FirstTokenTimeout
            | Self::BadRequest
            | Self::Unserved
            | Self::Credentials
            | Self::Billing
            | Self::BrokenStream
            | Self::Untranslatable
            | Self::OverBudget
            | Self::Cancelled
            | Self::Deadline => Retry::Never,
        }
    }

    /// Whether the other provider is asked, as long as nothing has reached the client.
    pub(crate) fn fails_over(self) -> bool {
        !matches!(self, Self::Ok | Self::BadRequest | Self::Cancelled | Self::Deadline)
    }

    /// What the provider's breaker makes of it.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Ok => Verdict::Success,
            Self::Connect
            | Self::FirstTokenTimeout
            | Self::Overloaded
            | Self::ServerError
            | Self::Malformed
            | Self::StreamErrorEarly
            | Self::BrokenStream => Verdict::Count,
            Self::Unserved | Self::Credentials | Self::Billing => Verdict::Open,
            Self::RateLimited => Verdict::Park,
            Self::BadRequest | Self::Untranslatable | Self::OverBudget | Self::Cancelled | Self::Deadline => {
                Verdict::Nothing
            }
        }
    }

    /// Whether the same request may well succeed in a while, so that the client is told to wait.
    pub(crate) fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connect
                | Self::FirstTokenTimeout
                | Self::RateLimited
                | Self::Overloaded
                | Self::ServerError
                | Self::Malformed
                | Self::StreamErrorEarly
                | Self::BrokenStream
        )
    }

    /// Which entry of the error budget a bad request of this outcome belongs to.
    pub(crate) fn cause(self) -> Cause {
        match self {
            Self::RateLimited => Cause::RateLimit,
            Self::Credentials | Self::Billing | Self::Unserved => Cause::Account,
            Self::Connect
            | Self::FirstTokenTimeout
            | Self::Overloaded
            | Self::ServerError
            | Self::Malformed
            | Self::StreamErrorEarly
            | Self::BrokenStream
            | Self::Deadline => Cause::ProviderOutage,
            Self::Ok | Self::BadRequest | Self::Untranslatable | Self::OverBudget | Self::Cancelled => {
                Cause::Unknown
            }
        }
    }

    /// The outcome in a person's words, to stand behind a provider's name: "OpenAI stopped answering".
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Ok => "answered",
            Self::Connect => "could not be reached",
            Self::FirstTokenTimeout => "did not answer in time",
            Self::BadRequest => "refused the request",
            Self::Unserved => "does not serve the model",
            Self::Credentials => "rejected the key",
            Self::Billing => "has no credit left",
            Self::RateLimited => "is limiting the rate",
            Self::Overloaded => "is overloaded",
            Self::ServerError => "answered with errors",
            Self::Malformed => "sent something that is no answer",
            Self::StreamErrorEarly => "began with an error",
            Self::BrokenStream => "broke off in the middle",
            Self::Untranslatable => "can't be asked in its dialect",
            Self::OverBudget => "would cost more than is allowed",
            Self::Cancelled => "was no longer waited for",
            Self::Deadline => "ran out of the total time",
        }
    }
}

#[cfg(test)]
mod tests;
