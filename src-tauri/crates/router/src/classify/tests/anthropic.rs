//! Anthropic's errors as its guide documents them and its SDKs meet them, and the pages of what stands in front of it.

use super::*;

#[test]
fn a_wrong_request_is_wrong_everywhere() {
    row(
        Dialect::Anthropic,
        BAD_REQUEST,
        &[
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: Field required"}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 215000 tokens > 200000 maximum"}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again"}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "messages.1.content.0: Invalid `signature` in `thinking` block"}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "This model does not support assistant message prefill. The conversation must end with a user message."}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"}, "request_id": "req_011"}"#,
            ),
            (
                413,
                r#"{"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}, "request_id": "req_011"}"#,
            ),
            (
                413,
                "<html><head><title>413 Request Entity Too Large</title></head><body>cloudflare</body></html>",
            ),
            (
                422,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "Unprocessable"}, "request_id": "req_011"}"#,
            ),
        ],
    );
}

#[test]
fn a_model_that_is_not_there_may_be_elsewhere() {
    row(
        Dialect::Anthropic,
        UNSERVED,
        &[
            (
                404,
                r#"{"type": "error", "error": {"type": "not_found_error", "message": "model: claude-9-haiku"}, "request_id": "req_011"}"#,
            ),
            (
                404,
                r#"{"type": "error", "error": {"type": "not_found_error", "message": "Not Found"}, "request_id": "req_011"}"#,
            ),
            (
                403,
                r#"{"type": "error", "error": {"type": "permission_error", "message": "Your organization does not have access to the model claude-opus-5-5."}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "The model `claude-9` does not exist."}, "request_id": "req_011"}"#,
            ),
            (404, "Not Found"),
        ],
    );
}

#[test]
fn our_key_is_refused() {
    row(
        Dialect::Anthropic,
        CREDENTIALS,
        &[
            (
                401,
                r#"{"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}, "request_id": "req_011"}"#,
            ),
            (
                401,
                r#"{"type": "error", "error": {"type": "authentication_error", "message": "OAuth token has expired. Please obtain a new token or refresh your existing token."}, "request_id": "req_011"}"#,
            ),
            (
                403,
                r#"{"type": "error", "error": {"type": "permission_error", "message": "Your API key does not have permission to use the specified resource."}, "request_id": "req_011"}"#,
            ),
            (
                403,
                r#"{"type": "error", "error": {"type": "forbidden", "message": "Request not allowed"}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "This organization has been disabled."}, "request_id": "req_011"}"#,
            ),
            (403, "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"),
        ],
    );
}

#[test]
fn our_account_is_empty() {
    row(
        Dialect::Anthropic,
        BILLING,
        &[
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}, "request_id": "req_011"}"#,
            ),
            (
                402,
                r#"{"type": "error", "error": {"type": "billing_error", "message": "There is an issue with your billing or payment information."}, "request_id": "req_011"}"#,
            ),
            (
                429,
                r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "Spend limit reached", "details": {"error_code": "enforced_spend_limit_reached"}}, "request_id": "req_011"}"#,
            ),
            (
                400,
                r#"{"type": "error", "error": {"type": "invalid_request_error", "message": "Your organization is on hold", "details": {"error_code": "organization_on_hold"}}, "request_id": "req_011"}"#,
            ),
        ],
    );
}

#[test]
fn too_many_requests_for_now() {
    row(
        Dialect::Anthropic,
        RATE_LIMITED,
        &[
            (
                429,
                r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "This request would exceed your organization's rate limit of 50,000 input tokens per minute."}, "request_id": "req_011"}"#,
            ),
            (
                429,
                r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "Number of request tokens has exceeded your per-minute rate limit"}, "request_id": "req_011"}"#,
            ),
            (
                429,
                r#"{"type": "error", "error": {"type": "rate_limit_error", "message": "Number of concurrent connections has exceeded your rate limit"}, "request_id": "req_011"}"#,
            ),
            (429, "<html><head><title>Rate limited</title></head></html>"),
            (429, "error code: 1015"),
        ],
    );
}

#[test]
fn it_says_that_it_is_overloaded() {
    row(
        Dialect::Anthropic,
        OVERLOADED,
        &[
            (
                529,
                r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_011"}"#,
            ),
            (
                503,
                r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_011"}"#,
            ),
            (
                500,
                r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_011"}"#,
            ),
            (529, ""),
            (529, "<html><head><title>529</title></head></html>"),
        ],
    );
}

#[test]
fn it_failed() {
    row(
        Dialect::Anthropic,
        SERVER_ERROR,
        &[
            (
                500,
                r#"{"type": "error", "error": {"type": "api_error", "message": "Internal server error"}, "request_id": "req_011"}"#,
            ),
            (
                504,
                r#"{"type": "error", "error": {"type": "timeout_error", "message": "Request timed out"}, "request_id": "req_011"}"#,
            ),
            (
                409,
                r#"{"type": "error", "error": {"type": "conflict_error", "message": "The resource was changed meanwhile"}, "request_id": "req_011"}"#,
            ),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head><body><center>cloudflare</center></body></html>",
            ),
            (
                520,
                "<!DOCTYPE html><title>api.anthropic.com | 520: Web server is returning an unknown error</title>",
            ),
            (503, "no healthy upstream"),
            (500, ""),
        ],
    );
}
