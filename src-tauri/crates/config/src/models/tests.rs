//! The shipped facts, and what is found by them.

mod laws;
mod reading;
mod twins;

use super::*;

fn found(name: &str) -> Option<&'static str> {
    Catalogue::shipped().find(name).map(|model| model.name.as_str())
}

fn globs(texts: &[&str]) -> Vec<Glob> {
    texts.iter().map(|text| Glob::new(text)).collect()
}

#[test]
fn a_model_is_known_by_its_name_its_dated_names_and_what_others_call_it() {
    for (name, model) in [
        ("gpt-6-sol", "gpt-6-sol"),
        ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-opus-4-20250514", "claude-opus-4-0"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet"),
        ("claude-sonnet-5.5", "claude-sonnet-5-5"),
        ("gemini-flash-latest", "gemini-3.8-flash"),
        ("mistral-small-latest", "mistral-small-2603"),
        ("deepseek-v4-flash", "deepseek-flash"),
        ("grok-4.20-0309-non-reasoning", "grok-4.20-non-reasoning"),
    ] {
        assert_eq!(found(name), Some(model), "{name}");
    }
}

#[test]
fn what_routers_put_before_a_name_makes_no_difference() {
    for (name, model) in [
        ("openai/gpt-5.5", "gpt-5.5"),
        ("anthropic/claude-opus-4.6", "claude-opus-4-6"),
        ("models/gemini-4-argon", "gemini-4-argon"),
        ("openrouter/openai/gpt-5.5", "gpt-5.5"),
        ("groq/openai/gpt-oss-20b", "openai/gpt-oss-20b"),
    ] {
        assert_eq!(found(name), Some(model), "{name}");
    }
}

#[test]
fn a_host_that_has_the_model_under_a_longer_name_keeps_its_own_entry() {
    let hosted = Catalogue::shipped().find("openai/gpt-6-sol").unwrap();
    assert_eq!((hosted.vendor.as_str(), hosted.original()), ("openrouter", "gpt-6-sol"));
}

#[test]
fn a_name_that_nobody_knows_is_no_model() {
    for name in
        ["", "gpt", "gpt-6-sol-turbo", "llama3.1:8b", "openai/", "models/models/x", "claude-opus-5-5-fast"]
    {
        assert_eq!(found(name), None, "{name}");
    }
}

#[test]
fn a_list_of_models_leaves_out_what_is_no_longer_served() {
    let names = |patterns: &[&str]| -> Vec<&str> {
        Catalogue::shipped().served(&globs(patterns)).iter().map(|model| model.name.as_str()).collect()
    };
    assert_eq!(names(&["claude-haiku-*", "claude-3-*"]), ["claude-haiku-5-5", "claude-haiku-4-5"]);
    assert_eq!(
        names(&["text-embedding-*"]),
        ["text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002"]
    );
    assert_eq!(names(&[]), [""; 0]);
}

#[test]
fn an_embedding_model_says_how_long_its_vectors_are() {
    let dimensions = |name: &str| {
        Catalogue::shipped().find(name).and_then(|model| model.embedding).map(|one| one.dimensions)
    };
    assert_eq!(dimensions("text-embedding-3-large"), Some(3072));
    assert_eq!(dimensions("mistral-embed"), Some(1024));
    assert_eq!(dimensions("gpt-6-sol"), None);
}
