//! Errors as providers, gateways and frameworks send them.

use super::*;

type Told<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn told(error: &ProviderError) -> Told<'_> {
    (error.code.as_deref(), error.kind.as_deref(), error.message.as_deref())
}

#[test]
fn case_25_every_shape_seen_in_the_field_gives_code_type_and_message() {
    let openai: [(&str, Told<'_>); 17] = [
        (
            r#"{"error":{"message":"No such model","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            (Some("model_not_found"), Some("invalid_request_error"), Some("No such model")),
        ),
        (r#"{"error":{"message":"m","type":"t","code":null}}"#, (None, Some("t"), Some("m"))),
        (r#"{"error":{"code":429,"message":"slow down"}}"#, (Some("429"), None, Some("slow down"))),
        (r#"{"error":"model 'x' not found"}"#, (None, None, Some("model 'x' not found"))),
        (
            r#"{"error":"Unauthorized","code":"bad_key","message":"No key"}"#,
            (Some("bad_key"), None, Some("No key")),
        ),
        (r#"{"detail":"Not Found"}"#, (None, None, Some("Not Found"))),
        (
            r#"{"detail":[{"loc":["body"],"msg":"field required"},{"msg":"too long"}]}"#,
            (None, None, Some("field required; too long")),
        ),
        (r#"{"detail":{"message":"quota"}}"#, (None, None, Some("quota"))),
        (r#"{"message":"Forbidden"}"#, (None, None, Some("Forbidden"))),
        (r#"{"errors":["a","b"]}"#, (None, None, Some("a; b"))),
        (
            r#"{"object":"error","message":"bad","type":"BadRequestError","code":400}"#,
            (Some("400"), Some("BadRequestError"), Some("bad")),
        ),
        (
            r#"[{"error":{"code":400,"message":"API key expired","status":"INVALID_ARGUMENT"}}]"#,
            (Some("400"), Some("INVALID_ARGUMENT"), Some("API key expired")),
        ),
        (r#""just a sentence""#, (None, None, Some("just a sentence"))),
        ("upstream connect error\n", (None, None, Some("upstream connect error"))),
        (
            "<html>\n<head><TITLE>502\n Bad Gateway</TITLE></head>",
            (None, None, Some("an HTML page titled \"502 Bad Gateway\"")),
        ),
        ("<!doctype html><p>no title", (None, None, Some("an HTML page"))),
        ("", (None, None, None)),
    ];
    for (body, expected) in openai {
        let error = ProviderError::read(Dialect::OpenAi, 418, body.as_bytes());
        assert_eq!(told(&error), expected, "{body}");
        assert_eq!(error.status, 418, "the status is HTTP's: {body}");
    }
}

#[test]
fn anthropics_finer_reason_is_the_code() {
    let body = br#"{"type":"error","error":{"type":"invalid_request_error","message":"On hold","details":{"error_code":"organization_on_hold"}},"request_id":"req_1"}"#;
    let error = ProviderError::read(Dialect::Anthropic, 400, body);
    assert_eq!(told(&error), (Some("organization_on_hold"), Some("invalid_request_error"), Some("On hold")));
    let plain = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert_eq!(
        told(&ProviderError::read(Dialect::Anthropic, 529, plain)),
        (None, Some("overloaded_error"), Some("Overloaded"))
    );
}

#[test]
fn nothing_readable_is_an_error_without_a_message() {
    for body in [&b"{}"[..], b"[]", b"[[1]]", b"null", b"42", b"{\"error\":{}}", b"{\"error\":null}"] {
        let error = ProviderError::read(Dialect::OpenAi, 500, body);
        assert_eq!(told(&error), (None, None, None), "{}", String::from_utf8_lossy(body));
    }
    let latin = ProviderError::read(Dialect::OpenAi, 500, b"Zugriff verweigert f\xfcr x");
    assert_eq!(latin.message.as_deref(), Some("Zugriff verweigert f\u{fffd}r x"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    ProviderError::read(Dialect::OpenAi, 500, deep.as_bytes());
    let lists = format!("{}1{}", "[{\"error\":".repeat(100_000), "}]".repeat(100_000));
    ProviderError::read(Dialect::OpenAi, 500, lists.as_bytes());
}

#[test]
fn errors_within_an_answer_get_the_status_of_their_kind() {
    let cases = [
        (r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, 529),
        (r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#, 500),
        (r#"{"error":{"code":"rate_limit_exceeded","type":"requests"}}"#, 429),
        (r#"{"error":{"code":null,"type":"insufficient_quota"}}"#, 429),
        (r#"{"error":{"code":502,"message":"upstream"}}"#, 502),
        (r#"{"error":{"code":"context_length_exceeded","type":"invalid_request_error"}}"#, 400),
        (r#"{"error":{"code":"model_not_found","type":"invalid_request_error"}}"#, 404),
        (r#"{"error":{"code":7,"message":"odd"}}"#, 500),
        (
            r#"{"error":{"message":"The engine is currently overloaded","type":"server_error","code":null}}"#,
            503,
        ),
        (r#"{"error":{"message":"That model is overloaded","type":"invalid_request_error"}}"#, 400),
        (r#"{"error":{"code":"something_new"}}"#, 500),
    ];
    for (body, status) in cases {
        let value = Raw::parse(body).unwrap();
        assert_eq!(ProviderError::in_band(Dialect::OpenAi, value).status, status, "{body}");
    }
}

fn short(message: &str) -> String {
    ProviderError { message: Some(message.to_owned()), ..ProviderError::default() }.short_message().unwrap()
}

#[test]
fn the_short_message_is_cut_at_a_character() {
    assert_eq!(short(&"ü".repeat(300)), "ü".repeat(300));
    let cut = short(&"ü".repeat(301));
    assert_eq!(cut.chars().count(), 300);
    assert!(cut.ends_with("ü…"));
    assert_eq!(ProviderError::default().short_message(), None);
}

#[test]
fn secrets_do_not_reach_the_ledger() {
    let cases = [
        (
            "Incorrect API key provided: sk-proj-abc***xyz. Find yours at",
            "Incorrect API key provided: sk-…. Find yours at",
        ),
        ("key 'sk-ant-api03-A_b-c' refused", "key 'sk-…' refused"),
        ("Authorization: Bearer abcdef.ghi-123 is wrong", "Authorization: Bearer … is wrong"),
        ("{\"authorization\":\"bearer eyJhbGciOi.x.y\"}", "{\"authorization\":\"bearer …\"}"),
        ("https://x.example/v1?key=AIzaSyD-123456&alt=sse", "https://x.example/v1?key=AIza…&alt=sse"),
        ("sk-1", "sk-…"),
        (
            "a risk-free task, model gpt-5-mini, bearer of news",
            "a risk-free task, model gpt-5-mini, bearer of news",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(short(message), expected);
    }
    // A key that straddles the cut must not leave its first half.
    let straddling = format!("{} sk-{}", "x".repeat(290), "secret".repeat(20));
    assert!(!short(&straddling).contains("sec"), "{}", short(&straddling));
}

#[test]
fn a_conversation_that_does_not_fit_is_known_by_every_vendors_words() {
    let read =
        |status, body: &str| ProviderError::read(Dialect::OpenAi, status, body.as_bytes()).is_too_long();
    for body in [
        r#"{"error":{"code":"context_length_exceeded","message":"m"}}"#,
        r#"{"error":{"message":"This model's maximum context length is 8192 tokens."}}"#,
        r#"{"error":{"message":"Your input exceeds the context window of this model."}}"#,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
        r#"{"error":{"message":"input length and `max_tokens` exceed context limit: 9 + 9 > 8"}}"#,
    ] {
        assert!(read(400, body), "{body}");
    }
    assert!(!read(400, r#"{"error":{"message":"`stop` is too long"}}"#));
    assert!(!read(429, r#"{"error":{"message":"prompt is too long for your rate limit"}}"#));
}
