//! Hosts of OpenAI's dialect that put the same faults into other words, codes and statuses.

use super::*;

#[test]
fn a_wrong_request_is_wrong_everywhere() {
    row(
        Dialect::OpenAi,
        BAD_REQUEST,
        &[
            (
                422,
                r#"{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}"#,
            ),
            (
                400,
                r#"{"object":"error","message":"top_p must be in (0, 1], got 2.0.","type":"BadRequestError","param":null,"code":400}"#,
            ),
            (
                400,
                r#"[{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"foo\"","status":"INVALID_ARGUMENT"}}]"#,
            ),
            (
                400,
                r#"{"error": {"message": "`reasoning_effort` is not supported with this model", "type": "invalid_request_error", "param": null, "code": null}}"#,
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
            (400, r#"{"error":{"message":"foo/bar is not a valid model ID","code":400},"user_id":"user_1"}"#),
            (
                400,
                r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
            ),
            (
                400,
                r#"{"object":"error","message":"Invalid model: mistral-huge","type":"invalid_model","param":null,"code":"1500"}"#,
            ),
            (400, r#"{"code":"Client specified an invalid argument","error":"Model not found: grok-99"}"#),
            (
                400,
                r#"{"error": {"message": "The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported.", "type": "invalid_request_error", "param": null, "code": "model_decommissioned"}}"#,
            ),
            (
                404,
                r#"[{"error":{"code":404,"message":"models/gemini-99 is not found for API version v1main","status":"NOT_FOUND"}}]"#,
            ),
            (
                404,
                r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            ),
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
                400,
                r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            ),
            (
                400,
                r#"[{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}]"#,
            ),
            (
                400,
                r#"[{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}]"#,
            ),
            (
                400,
                r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***yz. You can obtain an API key from https://console.x.ai."}"#,
            ),
            (401, r#"{"error":{"message":"No auth credentials found","code":401}}"#),
            (401, r#"{"message":"Unauthorized","request_id":"a1"}"#),
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
                402,
                r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            ),
            (
                402,
                r#"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#,
            ),
            (
                403,
                r#"{"code":"The caller does not have permission to execute the specified operation","error":"Your newly created team does not have any credits yet."}"#,
            ),
            (
                429,
                r#"{"code":"Some resource has been exhausted","error":"Your team has either used all available credits or reached its monthly spending limit."}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#,
            ),
        ],
    );
}

#[test]
fn too_many_requests_for_now() {
    row(
        Dialect::OpenAi,
        RATE_LIMITED,
        &[
            // The same words for a limit per minute, so they say nothing about money.
            (
                429,
                r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}]"#,
            ),
            (
                413,
                r#"{"error": {"message": "Request too large for model `llama-3.3-70b-versatile` on tokens per minute (TPM): Limit 6000, Requested 7000", "type": "tokens", "param": null, "code": "rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded token rate limit. Please retry after 6 seconds."}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"provider_name":"x"}}}"#,
            ),
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
                r#"[{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}]"#,
            ),
            (
                498,
                r#"{"error": {"message": "Flex tier capacity exceeded", "type": "internal_server_error", "param": null, "code": "capacity_exceeded"}}"#,
            ),
            (529, r#"{"error":{"message":"Provider overloaded","code":529}}"#),
        ],
    );
}

#[test]
fn it_failed() {
    row(
        Dialect::OpenAi,
        SERVER_ERROR,
        &[
            (500, r#"[{"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}]"#),
            (
                502,
                r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"<html>"}}}"#,
            ),
            (504, "stream timeout"),
            (
                503,
                r#"{"object":"error","message":"Service unavailable.","type":"internal_server_error","code":"3700"}"#,
            ),
        ],
    );
}
