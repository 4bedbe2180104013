use super::*;

#[test]
fn keys_of_the_vendors_are_spotted_wherever_they_stand() {
    for text in [
        "sk-canary-0123456789",
        "sk-ant-api03-abcdef_GHIJKL-0123",
        "Bearer sk-proj-abcdefghijkl",
        "gsk_abcdefghijklmnop",
        "xai-abcdefghijklmnop",
        "AIzaSyA1234567890abcdefghijkl",
        "ek-0123456789abcdefghijkl",
        "https://host.example/?key=sk-abcdefghijk",
    ] {
        assert!(looks_like_one(text), "{text}");
    }
}

#[test]
fn ordinary_values_are_not_taken_for_secrets() {
    for text in [
        "env:OPENAI_API_KEY",
        "keychain",
        "gpt-5-mini",
        "claude-haiku-4-5",
        "sk-*",
        "pk-lf-…",
        "task-force-one",
        "ek",
    ] {
        assert!(!looks_like_one(text), "{text}");
    }
}

#[test]
fn a_quoted_secret_is_not_shown_and_a_long_text_is_cut() {
    assert_eq!(quoted("sk-canary-0123456789"), "(a secret, not shown)");
    assert_eq!(quoted("two\nlines"), r#""two\nlines""#);
    assert!(quoted(&"x".repeat(500)).chars().count() < 70);
}

#[test]
fn credentials_in_headers_are_known_by_name_or_form() {
    for name in ["Authorization", "x-api-key", "api-key", "Proxy-Authorization", "cookie", "x-goog-api-key"] {
        assert!(is_credential_header(name), "{name}");
    }
    assert!(!is_credential_header("openai-organization"));
    assert!(is_credential("Bearer anything-at-all"));
    assert!(is_credential("Basic dXNlcjpwYXNz"));
    assert!(!is_credential("bearer"));
    assert!(!is_credential("tools-2025-01-01"));
}
