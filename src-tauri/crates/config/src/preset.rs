//! What is filled in for providers whose name is well known: dialect, address, models.
//!
//! Only facts that the vendors document and that seldom change. The patterns say which models a provider
//! serves under their own names; they decide where a model can go, so a pattern that is too wide sends
//! requests to a host that doesn't know the model.

use crate::Dialect;

/// The facts about one well-known provider.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) base_url: &'static str,
    pub(crate) models: &'static [&'static str],
    /// Whether it answers without a key.
    pub(crate) keyless: bool,
    /// Whether it serves `/v1/responses` itself.
    pub(crate) responses: bool,
}

const fn openai_like(name: &'static str, base_url: &'static str, models: &'static [&'static str]) -> Preset {
    Preset { name, dialect: Dialect::OpenAi, base_url, models, keyless: false, responses: false }
}

pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        responses: true,
        ..openai_like(
            "openai",
            "https://api.openai.com/v1",
            &["gpt-*", "o*", "text-embedding-*", "chatgpt-*"],
        )
    },
    Preset {
        name: "anthropic",
        dialect: Dialect::Anthropic,
        base_url: "https://api.anthropic.com",
        models: &["claude-*"],
        keyless: false,
        responses: false,
    },
    openai_like("deepseek", "https://api.deepseek.com/v1", &["deepseek-*"]),
    openai_like(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        &["gemini-*", "gemma-*", "text-embedding-004"],
    ),
    openai_like(
        "groq",
        "https://api.groq.com/openai/v1",
        &["llama-*", "gemma2-*", "openai/gpt-oss-*", "meta-llama/*", "moonshotai/*", "qwen/*", "groq/*"],
    ),
    openai_like(
        "mistral",
        "https://api.mistral.ai/v1",
        &["mistral-*", "ministral-*", "magistral-*", "codestral-*", "devstral-*", "pixtral-*", "open-mi*"],
    ),
    Preset {
        keyless: true,
        ..openai_like(
            "ollama",
            "http://127.0.0.1:11434/v1",
            // Ollama's own names carry a tag after a colon; without one it means `:latest`.
            &["*:*", "llama*", "qwen*", "gemma*", "mistral*", "phi*", "gpt-oss*", "nomic-embed-text*"],
        )
    },
    openai_like("openrouter", "https://openrouter.ai/api/v1", &["*/*"]),
    openai_like("xai", "https://api.x.ai/v1", &["grok-*"]),
];

/// What is filled in for a well-known name, for whoever offers to add it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The name.
    pub name: &'static str,
    /// The dialect's word.
    pub dialect: &'static str,
    /// Where it is.
    pub base_url: &'static str,
    /// Whether it answers without a key.
    pub keyless: bool,
}

/// Everything that is well known.
pub fn known() -> impl Iterator<Item = Known> {
    PRESETS.iter().map(|preset| Known {
        name: preset.name,
        dialect: crate::raw::Choice::word(preset.dialect),
        base_url: preset.base_url,
        keyless: preset.keyless,
    })
}

/// The well-known names.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

/// The preset for a provider of this name.
pub(crate) fn of(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests;
