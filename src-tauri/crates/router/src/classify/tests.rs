mod anthropic;
mod hosts;
mod openai;

use evenkeel_dialect::Dialect;

use super::*;
use crate::outcome::{Retry, Verdict};

const AT_ONCE: Retry = Retry::AfterPause(std::time::Duration::ZERO);
const AFTER_HALF_A_SECOND: Retry = Retry::AfterPause(std::time::Duration::from_millis(500));

/// A row of the routing rules: what every one of these answers is taken for, and what follows from that.
fn row(
    dialect: Dialect,
    (outcome, retry, fails_over, verdict): (Outcome, Retry, bool, Verdict),
    answers: &[(u16, &str)],
) {
    let wrong: Vec<String> = answers
        .iter()
        .map(|(status, body)| (class(dialect, *status, body), status, body))
        .filter(|(found, ..)| *found != outcome)
        .map(|(found, status, body)| format!("{found:?} instead of {outcome:?}: {status} {body}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        (outcome.retry(), outcome.fails_over(), outcome.verdict()),
        (retry, fails_over, verdict),
        "{outcome:?}"
    );
}

const BAD_REQUEST: (Outcome, Retry, bool, Verdict) =
    (Outcome::BadRequest, Retry::Never, false, Verdict::Nothing);
const UNSERVED: (Outcome, Retry, bool, Verdict) = (Outcome::Unserved, Retry::Never, true, Verdict::Open);
const CREDENTIALS: (Outcome, Retry, bool, Verdict) =
    (Outcome::Credentials, Retry::Never, true, Verdict::Open);
const BILLING: (Outcome, Retry, bool, Verdict) = (Outcome::Billing, Retry::Never, true, Verdict::Open);
const RATE_LIMITED: (Outcome, Retry, bool, Verdict) =
    (Outcome::RateLimited, Retry::IfSoon, true, Verdict::Park);
const OVERLOADED: (Outcome, Retry, bool, Verdict) =
    (Outcome::Overloaded, AFTER_HALF_A_SECOND, true, Verdict::Count);
const SERVER_ERROR: (Outcome, Retry, bool, Verdict) = (Outcome::ServerError, AT_ONCE, true, Verdict::Count);

fn class(dialect: Dialect, status: u16, body: &str) -> Outcome {
    provider_error(&ProviderError::read(dialect, status, body.as_bytes()))
}

fn openai(status: u16, kind: &str, code: &str, message: &str) -> Outcome {
    let body =
        serde_json::json!({ "error": { "message": message, "type": kind, "param": null, "code": code } });
    class(Dialect::OpenAi, status, &body.to_string())
}

fn anthropic(status: u16, kind: &str, message: &str) -> Outcome {
    let body = serde_json::json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_1" });
    class(Dialect::Anthropic, status, &body.to_string())
}

#[test]
fn openai_errors_as_documented() {
    let cases = [
        (openai(400, "invalid_request_error", "invalid_value", "Invalid value: 'x'"), Outcome::BadRequest),
        (openai(400, "invalid_request_error", "context_length_exceeded", "too long"), Outcome::BadRequest),
        (
            openai(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided"),
            Outcome::Credentials,
        ),
        (
            openai(
                403,
                "invalid_request_error",
                "unsupported_country_region_territory",
                "Country not supported",
            ),
            Outcome::Credentials,
        ),
        (
            openai(
                403,
                "invalid_request_error",
                "model_not_found",
                "Project does not have access to model `x`",
            ),
            Outcome::Unserved,
        ),
        (
            openai(404, "invalid_request_error", "model_not_found", "The model `x` does not exist"),
            Outcome::Unserved,
        ),
        (openai(429, "requests", "rate_limit_exceeded", "Rate limit reached"), Outcome::RateLimited),
        (
            openai(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota"),
            Outcome::Billing,
        ),
        (openai(500, "server_error", "", "The server had an error"), Outcome::ServerError),
        (
            openai(503, "server_error", "", "The engine is currently overloaded, please try again later"),
            Outcome::Overloaded,
        ),
        (openai(503, "server_error", "", "Service unavailable"), Outcome::ServerError),
        (openai(409, "invalid_request_error", "", "Conflict"), Outcome::ServerError),
        (openai(422, "invalid_request_error", "", "Unprocessable"), Outcome::BadRequest),
    ];
    for (index, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found, expected, "case {index}");
    }
}

#[test]
fn anthropic_errors_as_documented() {
    let cases = [
        (anthropic(400, "invalid_request_error", "max_tokens: Field required"), Outcome::BadRequest),
        (
            anthropic(400, "invalid_request_error", "Your credit balance is too low to access the API"),
            Outcome::Billing,
        ),
        (anthropic(401, "authentication_error", "invalid x-api-key"), Outcome::Credentials),
        (anthropic(402, "billing_error", "Payment required"), Outcome::Billing),
        (anthropic(403, "permission_error", "Not allowed"), Outcome::Credentials),
        (anthropic(404, "not_found_error", "model: claude-x"), Outcome::Unserved),
        (anthropic(413, "request_too_large", "Request exceeds the maximum size"), Outcome::BadRequest),
        (anthropic(429, "rate_limit_error", "Number of requests exceeded"), Outcome::RateLimited),
        (anthropic(500, "api_error", "Internal server error"), Outcome::ServerError),
        (anthropic(504, "timeout_error", "Timed out"), Outcome::ServerError),
        (anthropic(529, "overloaded_error", "Overloaded"), Outcome::Overloaded),
        (anthropic(503, "overloaded_error", "Overloaded"), Outcome::Overloaded),
    ];
    for (index, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found, expected, "case {index}");
    }
}

#[test]
fn a_status_alone_is_enough() {
    let cases = [
        (401, Outcome::Credentials),
        (402, Outcome::Billing),
        (404, Outcome::Unserved),
        (408, Outcome::ServerError),
        (429, Outcome::RateLimited),
        (502, Outcome::ServerError),
        (520, Outcome::ServerError),
        (529, Outcome::Overloaded),
        (302, Outcome::Malformed),
    ];
    for (status, expected) in cases {
        assert_eq!(class(Dialect::OpenAi, status, "<html>gateway</html>"), expected, "{status}");
    }
}

#[test]
fn a_server_error_that_mentions_a_model_stays_one() {
    assert_eq!(openai(500, "server_error", "model_not_found", "lost it"), Outcome::ServerError);
}
