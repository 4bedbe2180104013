//! OpenAI's errors as its guide documents them and its SDKs meet them, and the pages of what stands in front of it.

use super::*;

#[test]
fn a_wrong_request_is_wrong_everywhere() {
    row(
        Dialect::OpenAi,
        BAD_REQUEST,
        &[
            (
                400,
                r#"{"error": {"message": "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", "type": "invalid_request_error", "param": "messages[0].role", "code": "invalid_value"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "This model's maximum context length is 128000 tokens. However, your messages resulted in 130042 tokens.", "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Your input exceeds the context window of this model. Please adjust your input and try again.", "type": "invalid_request_error", "param": "input", "code": "context_length_exceeded"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.", "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Previous response with id 'resp_123' not found.", "type": "invalid_request_error", "param": "previous_response_id", "code": "previous_response_not_found"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Invalid prompt: we've limited access to this content for safety reasons.", "type": "invalid_request_error", "param": null, "code": "invalid_prompt"}}"#,
            ),
            (413, "<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>"),
            (
                422,
                r#"{"error": {"message": "Unprocessable entity", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (
                424,
                r#"{"error": {"message": "Error retrieving tool list from MCP server: 'docs'.", "type": "external_connector_error", "param": "tools", "code": "http_error"}}"#,
            ),
        ],
    );
}

#[test]
fn a_model_that_is_not_there_may_be_elsewhere() {
    row(
        Dialect::OpenAi,
        UNSERVED,
        &[
            (
                404,
                r#"{"error": {"message": "The model `gpt-99` does not exist or you do not have access to it.", "type": "invalid_request_error", "param": null, "code": "model_not_found"}}"#,
            ),
            (
                403,
                r#"{"error": {"message": "Project `proj_1` does not have access to model `gpt-5`", "type": "invalid_request_error", "param": null, "code": "model_not_found"}}"#,
            ),
            (
                404,
                r#"{"error": {"message": "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?", "type": "invalid_request_error", "param": "model", "code": null}}"#,
            ),
            (
                404,
                r#"{"error": {"message": "Invalid URL (POST /v1/responses)", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "invalid model ID", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (404, "<html><head><title>404 Not Found</title></head></html>"),
            (404, "404 page not found\n"),
        ],
    );
}

#[test]
fn our_key_is_refused() {
    row(
        Dialect::OpenAi,
        CREDENTIALS,
        &[
            (
                401,
                r#"{"error": {"message": "Incorrect API key provided: sk-abc***xyz. You can find your API key at https://platform.openai.com/account/api-keys.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key"}}"#,
            ),
            (
                401,
                r#"{"error": {"message": "You didn't provide an API key.", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (
                401,
                r#"{"error": {"message": "You must be a member of an organization to use the API. Please contact us through our help center.", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (
                401,
                r#"{"error": {"message": "The OpenAI account associated with this API key has been deactivated.", "type": "invalid_request_error", "param": null, "code": "account_deactivated"}}"#,
            ),
            (
                403,
                r#"{"error": {"message": "Country, region, or territory not supported", "type": "request_forbidden", "param": null, "code": "unsupported_country_region_territory"}}"#,
            ),
            (
                403,
                r#"{"error": {"message": "You have insufficient permissions for this operation. Missing scopes: model.request.", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (403, "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>"),
            (401, "Unauthorized"),
        ],
    );
}

#[test]
fn our_account_is_empty() {
    row(
        Dialect::OpenAi,
        BILLING,
        &[
            (
                429,
                r#"{"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "param": null, "code": "insufficient_quota"}}"#,
            ),
            (
                429,
                r#"{"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "param": null, "code": null}}"#,
            ),
            (
                429,
                r#"{"error": {"message": "Your account is not active, please check your billing details on our website.", "type": "billing_not_active", "param": null, "code": "billing_not_active"}}"#,
            ),
            (
                400,
                r#"{"error": {"message": "Billing hard limit has been reached", "type": "invalid_request_error", "param": null, "code": "billing_hard_limit_reached"}}"#,
            ),
            (402, ""),
        ],
    );
}

#[test]
fn too_many_requests_for_now() {
    row(
        Dialect::OpenAi,
        RATE_LIMITED,
        &[
            (
                429,
                r#"{"error": {"message": "Rate limit reached for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.", "type": "tokens", "param": null, "code": "rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error": {"message": "Rate limit reached for gpt-4o in organization org-1 on requests per min (RPM): Limit 3, Used 3, Requested 1.", "type": "requests", "param": null, "code": "rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error": {"message": "Too Many Requests", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
            (
                429,
                "<html><head><title>Access denied | api.openai.com used Cloudflare to restrict access</title></head></html>",
            ),
            (429, ""),
        ],
    );
}

#[test]
fn it_says_that_it_is_overloaded() {
    row(
        Dialect::OpenAi,
        OVERLOADED,
        &[
            (
                503,
                r#"{"error": {"message": "The engine is currently overloaded, please try again later", "type": "server_error", "param": null, "code": null}}"#,
            ),
            (
                503,
                r#"{"error": {"message": "That model is currently overloaded with other requests. You can retry your request, or contact us.", "type": "server_error", "param": null, "code": null}}"#,
            ),
            (
                503,
                r#"{"error": {"message": "Our servers are currently overloaded. Please try again later.", "type": "service_unavailable_error", "param": null, "code": "server_is_overloaded"}}"#,
            ),
            (
                503,
                r#"{"error": {"message": "Slow Down", "type": "server_error", "param": null, "code": "slow_down"}}"#,
            ),
            (529, ""),
        ],
    );
}

#[test]
fn it_failed() {
    row(
        Dialect::OpenAi,
        SERVER_ERROR,
        &[
            (
                500,
                r#"{"error": {"message": "The server had an error while processing your request. Sorry about that!", "type": "server_error", "param": null, "code": null}}"#,
            ),
            (
                500,
                r#"{"error": {"message": "The model produced invalid content. Consider modifying your prompt.", "type": "model_error", "param": null, "code": null}}"#,
            ),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head><body><center>cloudflare</center></body></html>",
            ),
            (
                503,
                "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
            ),
            (504, "<html><head><title>504 Gateway Time-out</title></head></html>"),
            (
                520,
                "<!doctype html><title>api.openai.com | 520: Web server is returning an unknown error</title>",
            ),
            (
                408,
                r#"{"error": {"message": "Request timed out", "type": "timeout", "param": null, "code": null}}"#,
            ),
            (
                409,
                r#"{"error": {"message": "The resource is being updated by another request", "type": "invalid_request_error", "param": null, "code": null}}"#,
            ),
        ],
    );
}
