//! The providers' own keys, looked up by the place that the configuration names.

use std::env;

use evenkeel_config::{Config, KeySource, Provider};
use evenkeel_router::{KeyState, Secrets};

/// Every provider's key, as the router wants them handed in.
pub fn secrets(config: &Config) -> Secrets {
    config.providers.iter().map(|provider| (provider.name.clone(), look_up(&provider.key))).collect()
}

/// One provider's key.
pub fn look_up(source: &KeySource) -> KeyState {
    match source {
        KeySource::None => KeyState::NotNeeded,
        KeySource::Env(name) => match env::var(name) {
            Ok(key) if !key.trim().is_empty() => KeyState::Present(key.trim().into()),
            _ => KeyState::Missing,
        },
        KeySource::Keychain => KeyState::Missing,
    }
}

/// The next step for a provider whose key is missing, in words that name the place.
pub fn how_to_give(provider: &Provider) -> String {
    match &provider.key {
        KeySource::Env(name) => {
            format!("Set {name} in the environment that starts Evenkeel, then start it again.")
        }
        KeySource::Keychain => format!(
            "The keychain is not in use yet: write key = \"env:NAME\" under [providers.{}] and set NAME.",
            provider.name
        ),
        KeySource::None => "This provider takes no key.".to_owned(),
    }
}
