//! Section 3 of the routing rules over sockets, for either vendor: what both providers say, what it is taken for,
//! how often they are asked, and what the client gets when all fail.

use std::time::Duration;

use crate::harness::Answer;
use crate::pair;
use crate::raw::{self, Raw, Step};

/// What both providers do, each attempt's outcome, attempts in all, and the client's status and code.
type Row<'a> = (Vec<Step>, &'a str, usize, u16, &'a str);

fn said(status: u16, body: &str) -> Vec<Step> {
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    raw::plain(status, kind, body)
}

fn begins(text: &str) -> Vec<Step> {
    vec![raw::stream_head(), Step::Send(text.to_owned())]
}

fn code(dialect: &str, answer: &Answer) -> String {
    let error = &answer.json()["error"];
    let code = if dialect == "openai" { &error["code"] } else { &error["details"]["error_code"] };
    code.as_str().unwrap_or("").to_owned()
}

async fn check(dialect: &str, rows: Vec<Row<'_>>) {
    for (script, outcome, attempts, status, expected) in rows {
        let case = format!("{dialect} {outcome} {script:?}");
        let provider = Raw::start(script).await;
        // Long enough for half a second's pause and a retry; short where all of it is waited for.
        let budget = if outcome == "first_token_timeout" { "300ms" } else { "4s" };
        let route = format!(
            "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"{budget}\"\nlast_first_token_timeout = \"{budget}\"\n"
        );
        let rig = pair::between(dialect, (&provider, &provider), &route).await;
        let answer = pair::ask(&rig, dialect, true).await;
        assert_eq!(
            (answer.status, code(dialect, &answer).as_str()),
            (status, expected),
            "{case}: {}",
            answer.body
        );
        let row = rig.last_row().await;
        let found: Vec<&str> = row.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
        assert_eq!(found, vec![outcome; attempts], "{case}");
        assert_eq!(row.status, status, "{case}");
        let final_one = matches!(outcome, "credentials" | "billing" | "unserved" | "bad_request");
        assert_eq!(answer.header("x-should-retry") == "false", final_one, "{case}");
        let waits = !final_one;
        assert_eq!(!answer.header("retry-after").is_empty(), waits, "{case}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn what_openai_says_and_what_the_client_gets() {
    let quota = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#;
    let key = r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
    let model = r#"{"error":{"message":"The model does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#;
    let limit = r#"{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#;
    let down =
        r#"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#;
    let overloaded =
        r#"{"error":{"message":"The engine is currently overloaded","type":"server_error","code":null}}"#;
    let wrong = r#"{"error":{"message":"Invalid value","type":"invalid_request_error","param":"messages","code":"invalid_value"}}"#;
    let long = r#"{"error":{"message":"maximum context length","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#;
    let role = raw::chunk("{\"role\":\"assistant\",\"content\":\"\"}", None);
    check(
        "openai",
        vec![
            (vec![Step::Reset], "connect", 4, 503, "unreachable"),
            (vec![Step::Hang], "first_token_timeout", 2, 504, "first_token_timeout"),
            (said(400, wrong), "bad_request", 1, 400, "invalid_value"),
            (said(400, long), "bad_request", 1, 400, "context_length_exceeded"),
            (said(404, model), "unserved", 2, 404, "model_not_served"),
            (said(404, "<html><title>404</title></html>"), "unserved", 2, 404, "model_not_served"),
            (said(401, key), "credentials", 2, 502, "providers_failed"),
            (
                said(403, "<html><title>Attention Required!</title></html>"),
                "credentials",
                2,
                502,
                "providers_failed",
            ),
            (said(429, quota), "billing", 2, 502, "providers_failed"),
            (said(402, ""), "billing", 2, 502, "providers_failed"),
            (said(429, limit), "rate_limited", 2, 429, "rate_limited"),
            (said(500, down), "server_error", 4, 502, "providers_failed"),
            (
                said(502, "<html><title>502 Bad Gateway</title></html>"),
                "server_error",
                4,
                502,
                "providers_failed",
            ),
            (said(503, "upstream connect error"), "server_error", 4, 502, "providers_failed"),
            (said(503, overloaded), "overloaded", 4, 503, "providers_overloaded"),
            (said(200, "<html><title>Welcome</title></html>"), "malformed", 4, 502, "providers_failed"),
            (said(200, "{\"id\":\"chatcmpl-1\",\"choi"), "malformed", 4, 502, "providers_failed"),
            (said(200, ""), "malformed", 4, 502, "providers_failed"),
            (said(200, down), "malformed", 4, 502, "providers_failed"),
            (begins(&role), "malformed", 4, 502, "providers_failed"),
            (begins(&format!("data: {down}\n\n")), "stream_error_early", 4, 502, "providers_failed"),
            (
                begins(&format!("data: {overloaded}\n\n")),
                "stream_error_early",
                4,
                503,
                "providers_overloaded",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_anthropic_says_and_what_the_client_gets() {
    let error = |kind: &str, message: &str| {
        format!(
            "{{\"type\":\"error\",\"error\":{{\"type\":\"{kind}\",\"message\":\"{message}\"}},\"request_id\":\"req_1\"}}"
        )
    };
    let down = error("api_error", "Internal server error");
    let overloaded = error("overloaded_error", "Overloaded");
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n";
    let early = |error: &str| begins(&format!("{start}event: error\ndata: {error}\n\n"));
    check(
        "anthropic",
        vec![
            (vec![Step::Reset], "connect", 4, 503, "unreachable"),
            (
                vec![raw::stream_head(), Step::Send(start.to_owned()), Step::Hang],
                "first_token_timeout",
                2,
                504,
                "first_token_timeout",
            ),
            (
                said(404, &error("not_found_error", "model: claude-haiku-4-5")),
                "unserved",
                2,
                404,
                "model_not_served",
            ),
            (
                said(401, &error("authentication_error", "invalid x-api-key")),
                "credentials",
                2,
                502,
                "providers_failed",
            ),
            (said(403, &error("permission_error", "Not allowed")), "credentials", 2, 502, "providers_failed"),
            (
                said(400, &error("invalid_request_error", "This organization has been disabled.")),
                "credentials",
                2,
                502,
                "providers_failed",
            ),
            (
                said(400, &error("invalid_request_error", "Your credit balance is too low")),
                "billing",
                2,
                502,
                "providers_failed",
            ),
            (
                said(
                    400,
                    &error("invalid_request_error", "You have reached your specified API usage limits."),
                ),
                "billing",
                2,
                502,
                "providers_failed",
            ),
            (
                said(429, &error("rate_limit_error", "Number of requests exceeded")),
                "rate_limited",
                2,
                429,
                "rate_limited",
            ),
            (said(500, &down), "server_error", 4, 502, "providers_failed"),
            (said(520, "<html><title>520</title></html>"), "server_error", 4, 502, "providers_failed"),
            (said(529, &overloaded), "overloaded", 4, 503, "providers_overloaded"),
            (said(200, "<html><title>Welcome</title></html>"), "malformed", 4, 502, "providers_failed"),
            (said(200, &down), "malformed", 4, 502, "providers_failed"),
            (begins(start), "malformed", 4, 502, "providers_failed"),
            (early(&down), "stream_error_early", 4, 502, "providers_failed"),
            (early(&overloaded), "stream_error_early", 4, 503, "providers_overloaded"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_wrong_request_comes_back_byte_for_byte_in_either_dialect() {
    for (dialect, body) in [
        (
            "openai",
            r#"{"error": {"message":"Invalid value","type":"invalid_request_error","param":"x","code":null}}"#,
        ),
        (
            "anthropic",
            r#"{"type":"error", "error":{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":"req_1"}"#,
        ),
        (
            "anthropic",
            r#"{"type":"error", "error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
        ),
    ] {
        let status = if body.contains("too_large") { 413 } else { 400 };
        let provider = Raw::start(said(status, body)).await;
        let rig = pair::between(dialect, (&provider, &provider), "").await;
        let answer = pair::ask(&rig, dialect, false).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body));
        assert_eq!(answer.header("x-should-retry"), "false", "waiting won't cure it: {body}");
        assert_eq!(provider.seen().len(), 1, "nobody else is asked");
        assert_eq!(pair::breakers(&rig, "first"), []);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_the_first_word_ends_in_an_error_of_its_dialect_and_is_never_tried_again()
{
    let word = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"aye\"}}\n\n".to_owned();
    for (dialect, begun) in [("openai", raw::chunk("{\"content\":\"aye\"}", None)), ("anthropic", word)] {
        for end in [vec![], vec![Step::Pause(Duration::from_millis(100)), Step::Reset]] {
            let mut script = begins(&begun);
            script.extend(end);
            let provider = Raw::start(script).await;
            let rig = pair::between(dialect, (&provider, &provider), "").await;
            let answer = pair::ask(&rig, dialect, true).await;
            let last = answer.body.trim_end().rsplit("\n\n").next().unwrap_or_default();
            assert!(answer.status == 200 && last.contains("\"error\""), "{dialect}: {}", answer.body);
            assert_eq!(pair::attempts(&rig.last_row().await), ["first broken_stream"], "{dialect}");
        }
    }
}
