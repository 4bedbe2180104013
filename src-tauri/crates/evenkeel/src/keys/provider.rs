//! The providers' own keys: which place the configuration names, and what stands in for it.

use std::env;

use evenkeel_config::{Config, KeySource, Provider};
use secrecy::{ExposeSecret, SecretString};

use super::{
    local,
    ring::{Resolved, Source},
};
use crate::failure::{Code, Failure};

/// The value of an environment variable as a key; `None` where it is unset or empty.
pub fn variable(name: &str) -> Option<SecretString> {
    let value = zeroize::Zeroizing::new(env::var(name).ok()?);
    let key = value.trim();
    (!key.is_empty()).then(|| key.into())
}

/// The variable that stands in for a keychain that holds nothing: the one that the vendor's own tools read,
/// such as `OPENAI_API_KEY`.
pub fn fallback_variable(provider: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{}_API_KEY", provider.chars().map(letter).collect::<String>())
}

/// The key in that variable. In a shell that `evenkeel env` has prepared it holds a local key, which would
/// send requests to a provider that doesn't know it.
pub fn fallback(provider: &str) -> Option<SecretString> {
    variable(&fallback_variable(provider)).filter(|key| !key.expose_secret().starts_with(local::PREFIX))
}

/// The next step for a provider whose key is missing, in words that name the place.
pub fn how_to_give(provider: &Provider) -> String {
    match &provider.key {
        KeySource::Env(name) => {
            format!("Set {name} in the environment that starts Evenkeel, then start it again.")
        }
        KeySource::Keychain => format!("Give it one: evenkeel key set {}", provider.name),
        KeySource::None => "This provider takes no key.".to_owned(),
    }
}

/// Whether a key of this provider can be kept in the keychain and would be used from there. A well-known
/// provider may get its key before it is in the file.
pub fn takes_a_kept_key(config: &Config, name: &str) -> Result<(), Failure> {
    let elsewhere = |source: &str| {
        Failure::new(
            Code::KeyElsewhere,
            format!("evenkeel.toml says key = \"{source}\" for {name}, so a kept key would not be used."),
        )
    };
    match config.provider(name).map(|provider| &provider.key) {
        Some(KeySource::Keychain) => Ok(()),
        Some(KeySource::Env(variable)) => Err(elsewhere(&format!("env:{variable}"))
            .hint(format!("Set {variable} where Evenkeel is started, or write key = \"keychain\"."))),
        Some(KeySource::None) => {
            Err(elsewhere("none").hint("If it does take a key, write key = \"keychain\"."))
        }
        None if name == WEBHOOK
            || name == CACHE
            || name == REDIS
            || evenkeel_config::preset_names().any(|known| known == name) =>
        {
            Ok(())
        }
        None => Err(unknown(config, name)),
    }
}

/// No provider has this name, and no well-known one either.
pub fn unknown(config: &Config, name: &str) -> Failure {
    let configured: Vec<&str> = config.providers.iter().map(|provider| provider.name.as_str()).collect();
    let configured = if configured.is_empty() {
        "None is configured".to_owned()
    } else {
        format!("Configured: {}", configured.join(", "))
    };
    let known: Vec<&str> = evenkeel_config::preset_names().collect();
    Failure::new(Code::UnknownProvider, format!("There is no provider {name}."))
        .hint(format!("{configured}. Known by name: {}.", known.join(", ")))
}

/// There was nothing to remove.
pub fn none_kept(provider: &Provider, now: &Resolved) -> Failure {
    let failure = Failure::new(Code::KeyMissing, format!("No key of {} is kept.", provider.name));
    match &now.source {
        Source::Environment(name) => {
            failure.hint(format!("The one in use comes from {name}; unset that where Evenkeel is started."))
        }
        _ => failure.hint("See where the keys are: evenkeel key list"),
    }
}

/// The name under which the secret of `[alerts] webhook` is kept.
pub const WEBHOOK: &str = "webhook";

/// The name under which the cache's sealing key is kept.
pub const CACHE: &str = "cache";

/// The webhook as if it were a provider: it has a key like one, and nothing else of it is looked at. `None` where
/// a provider has taken the name.
pub fn webhook(config: &Config) -> Option<Provider> {
    stand_in(config, WEBHOOK)
}

/// The name under which the address of `redis_url = "keychain"` is kept.
pub const REDIS: &str = "redis";

/// The address of Redis in the same way.
pub fn redis(config: &Config) -> Option<Provider> {
    stand_in(config, REDIS)
}

/// The cache in the same way.
pub fn cache(config: &Config) -> Option<Provider> {
    stand_in(config, CACHE)
}

fn stand_in(config: &Config, name: &str) -> Option<Provider> {
    if config.provider(name).is_some() {
        return None;
    }
    let text = format!("[providers.{name}]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\n");
    evenkeel_config::parse(&text).ok().and_then(|parsed| parsed.config.provider(name).cloned())
}

/// The provider of this name: the configured one, else the well-known one as it would be without a word
/// about it in the file.
pub fn named(config: &Config, name: &str) -> Result<Provider, Failure> {
    if let Some(provider) = config.provider(name) {
        return Ok(provider.clone());
    }
    if name == WEBHOOK {
        return webhook(config).ok_or_else(|| unknown(config, name));
    }
    if name == CACHE {
        return cache(config).ok_or_else(|| unknown(config, name));
    }
    if name == REDIS {
        return redis(config).ok_or_else(|| unknown(config, name));
    }
    if !evenkeel_config::preset_names().any(|known| known == name) {
        return Err(unknown(config, name));
    }
    let preset = evenkeel_config::parse(&format!("[providers.{name}]\n"));
    let preset = preset.ok().and_then(|parsed| parsed.config.provider(name).cloned());
    preset.ok_or_else(|| unknown(config, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        evenkeel_config::parse(text).expect("a valid configuration").config
    }

    #[test]
    fn the_variable_is_the_one_that_everybody_uses() {
        assert_eq!(fallback_variable("openai"), "OPENAI_API_KEY");
        assert_eq!(fallback_variable("my-host.eu"), "MY_HOST_EU_API_KEY");
    }

    #[test]
    fn a_key_goes_where_it_will_be_used() {
        let config =
            config("[providers.openai]\nkey = \"env:MINE\"\n[providers.ollama]\n[providers.anthropic]\n");
        assert!(takes_a_kept_key(&config, "anthropic").is_ok());
        assert!(takes_a_kept_key(&config, "groq").is_ok(), "before it is configured");
        for (name, hint) in [("openai", "Set MINE"), ("ollama", "key = \"keychain\"")] {
            let failure = takes_a_kept_key(&config, name).expect_err(name);
            assert_eq!(failure.code, Code::KeyElsewhere);
            assert!(failure.hint.expect("a hint").contains(hint));
        }
        let failure = takes_a_kept_key(&config, "opnai").expect_err("unknown");
        let hint = failure.hint.expect("a hint");
        assert!(hint.contains("Configured: openai, ollama, anthropic.") && hint.contains("groq"), "{hint}");
    }

    #[test]
    fn every_well_known_provider_can_be_tested_before_it_is_configured() {
        for name in evenkeel_config::preset_names() {
            assert_eq!(named(&Config::default(), name).expect("a preset").name, name);
        }
        assert!(named(&Config::default(), "nobody").is_err());
    }
}
