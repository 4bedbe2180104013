use super::*;
use crate::{KeySource, parse};

#[test]
fn every_preset_makes_a_whole_provider_of_an_empty_table() {
    for preset in PRESETS {
        let parsed = parse(&format!("[providers.{}]\n", preset.name)).unwrap();
        let provider = parsed.config.provider(preset.name).unwrap();
        assert_eq!(provider.base_url.as_str().trim_end_matches('/'), preset.base_url);
        assert_eq!(provider.dialects, [preset.dialect]);
        assert_eq!(provider.models.len(), preset.models.len());
        assert_eq!(provider.key == KeySource::None, preset.keyless, "{}", preset.name);
        assert_eq!(provider.responses, preset.name == "openai");
    }
}

#[test]
fn patterns_tell_the_vendors_apart() {
    let owners = |model: &str| -> Vec<&str> {
        let serves =
            |preset: &&Preset| preset.models.iter().any(|glob| crate::Glob::new(glob).matches(model));
        PRESETS.iter().filter(serves).map(|preset| preset.name).collect()
    };
    assert_eq!(owners("gpt-5"), ["openai"]);
    assert_eq!(owners("claude-haiku-4-5"), ["anthropic"]);
    assert_eq!(owners("gemini-3-flash"), ["gemini"]);
    assert_eq!(owners("grok-4"), ["xai"]);
    assert_eq!(owners("qwen3:8b"), ["ollama"]);
}
