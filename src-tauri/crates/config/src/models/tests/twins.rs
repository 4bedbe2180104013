//! Which model takes over from which.

use std::fmt::Write as _;

use super::*;
use crate::parse;

/// The provider that these lines of an `evenkeel.toml` make.
fn provider(name: &str, lines: &str) -> Provider {
    let parsed = parse(&format!("[providers.{name}]\nkey = \"none\"\n{lines}")).unwrap();
    parsed.config.providers.into_iter().next().unwrap()
}

fn twin_for(asked: &str, provider: &Provider) -> Option<&'static str> {
    Catalogue::shipped().twin_for(asked, provider)
}

/// The table that a person would ask for first: who takes over for whom.
#[test]
fn the_shipped_pairs() {
    let providers: Vec<Provider> =
        ["openai", "anthropic", "gemini", "xai", "mistral", "deepseek", "openrouter", "groq", "ollama"]
            .map(|name| provider(name, ""))
            .into();
    let mut table = String::new();
    for asked in
        ["claude-opus-5-5", "claude-sonnet-4-5", "claude-3-5-haiku-latest", "gpt-6.2-astra", "gpt-4o-mini"]
    {
        writeln!(table, "{asked}").unwrap();
        for provider in &providers {
            let twin = twin_for(asked, provider).unwrap_or("–");
            writeln!(table, "  {:<11}{twin}", provider.name).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    claude-opus-5-5
      openai     gpt-5.6-sol
      anthropic  claude-opus-5-5
      gemini     gemini-4-argon
      xai        grok-4.7
      mistral    mistral-large-4
      deepseek   deepseek-v4-pro
      openrouter anthropic/claude-opus-5.5
      groq       openai/gpt-oss-120b
      ollama     –
    claude-sonnet-4-5
      openai     gpt-6-sol
      anthropic  claude-sonnet-4-5
      gemini     gemini-3.8-flash
      xai        grok-4.3
      mistral    mistral-medium-3-5
      deepseek   deepseek-v4-pro
      openrouter anthropic/claude-sonnet-5.5
      groq       openai/gpt-oss-120b
      ollama     –
    claude-3-5-haiku-latest
      openai     gpt-6-luna
      anthropic  claude-haiku-5-5
      gemini     gemini-3.5-flash-lite
      xai        grok-4.20-non-reasoning
      mistral    mistral-small-2603
      deepseek   deepseek-flash
      openrouter anthropic/claude-haiku-5.5
      groq       openai/gpt-oss-20b
      ollama     –
    gpt-6.2-astra
      openai     gpt-6.2-astra
      anthropic  claude-opus-5-5
      gemini     gemini-4-argon
      xai        grok-4.7
      mistral    mistral-large-4
      deepseek   deepseek-v4-pro
      openrouter anthropic/claude-opus-5.5
      groq       openai/gpt-oss-120b
      ollama     –
    gpt-4o-mini
      openai     gpt-4o-mini
      anthropic  claude-haiku-5-5
      gemini     gemini-3.5-flash-lite
      xai        grok-4.20-non-reasoning
      mistral    mistral-small-2603
      deepseek   deepseek-flash
      openrouter anthropic/claude-haiku-5.5
      groq       openai/gpt-oss-20b
      ollama     –
    ");
}

#[test]
fn the_same_model_at_another_host_comes_before_any_other() {
    let openrouter = provider("openrouter", "");
    assert_eq!(twin_for("gpt-6.1-terra", &openrouter), Some("openai/gpt-6.1-terra"));
    assert_eq!(twin_for("deepseek-v4-flash", &openrouter), Some("deepseek/deepseek-v4.1-flash"));
    let anthropic = provider("anthropic", "");
    assert_eq!(twin_for("anthropic/claude-fable-5.1", &anthropic), Some("claude-fable-5-1"));
}

#[test]
fn a_provider_that_serves_only_some_of_its_vendors_models_gets_one_of_those() {
    let narrow = provider("openai", "models = [\"gpt-6-luna\", \"gpt-5*\"]\n");
    assert_eq!(twin_for("claude-haiku-5-5", &narrow), Some("gpt-6-luna"));
    assert_eq!(twin_for("claude-sonnet-5-5", &narrow), None);
}

#[test]
fn an_embedding_model_has_no_twin() {
    for name in ["openai", "gemini", "mistral"] {
        assert_eq!(twin_for("text-embedding-3-small", &provider(name, "")), None);
    }
    assert_eq!(Catalogue::shipped().twin("mistral-embed", &globs(&["*"])), None);
}

#[test]
fn a_model_that_nobody_knows_has_no_twin() {
    assert_eq!(twin_for("my-own-model", &provider("openai", "")), None);
    assert_eq!(Catalogue::shipped().twin("my-own-model", &globs(&["*"])), None);
}

#[test]
fn a_retired_model_is_stood_in_for_and_never_stands_in() {
    let openai = provider("openai", "");
    assert_eq!(twin_for("claude-3-opus-20240229", &openai), None, "nobody knows it any more");
    assert_eq!(twin_for("claude-opus-4-1", &openai), Some("gpt-5.6-sol"));
    let anthropic = provider("anthropic", "");
    assert_eq!(twin_for("claude-3-5-haiku-latest", &anthropic), Some("claude-haiku-5-5"), "not itself");
}

#[test]
fn a_host_is_known_by_its_address_whatever_its_name() {
    let lines = "dialect = \"openai\"\nbase_url = \"https://api.groq.com/openai/v1\"\nmodels = [\"*\"]\n";
    let groq = provider("backup", lines);
    assert_eq!(twin_for("claude-haiku-5-5", &groq), Some("openai/gpt-oss-20b"));
    let misnamed = provider("mistral", &lines.replace("\"*\"", "\"openai/*\""));
    assert_eq!(twin_for("claude-haiku-5-5", &misnamed), Some("openai/gpt-oss-20b"));
    let names: Vec<&str> =
        Catalogue::shipped().served_by(&groq).iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b"]);
}

#[test]
fn a_machine_of_ones_own_has_none_of_the_vendors_models() {
    let ollama = provider("ollama", "models = [\"mistral*\", \"gpt-*\"]\n");
    assert_eq!(twin_for("claude-haiku-5-5", &ollama), None);
    assert_eq!(Catalogue::shipped().served_by(&ollama), Vec::<&Model>::new());
}

#[test]
fn an_unknown_host_is_taken_at_its_patterns_word() {
    let lines = "dialect = \"openai\"\nbase_url = \"https://gateway.example/v1\"\nmodels = [\"gpt-*\"]\n";
    assert_eq!(twin_for("claude-haiku-5-5", &provider("gateway", lines)), Some("gpt-6-luna"));
    assert_eq!(Catalogue::shipped().twin("gpt-6-luna", &globs(&["claude-*"])), Some("claude-haiku-5-5"));
    assert_eq!(
        Catalogue::shipped().twin("claude-opus-5-5", &globs(&["*/*"])),
        Some("anthropic/claude-opus-5.5")
    );
}
