//! Provider keys as the router holds them: handed in, never looked up here, never printed.

use std::collections::HashMap;

use secrecy::{ExposeSecret, SecretString};

/// What is known about one provider's key.
#[derive(Debug, Clone, Default)]
pub enum KeyState {
    /// The key itself.
    Present(SecretString),
    /// The configuration names a source, and it holds nothing.
    #[default]
    Missing,
    /// The provider takes no key (`key = "none"`).
    NotNeeded,
}

impl KeyState {
    /// The same key, or the same lack of one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Present(one), Self::Present(two)) => one.expose_secret() == two.expose_secret(),
            (Self::Missing, Self::Missing) | (Self::NotNeeded, Self::NotNeeded) => true,
            _ => false,
        }
    }
}

/// Every provider's key, by provider name. `Debug` shows no secret.
#[derive(Debug, Clone, Default)]
pub struct Secrets(HashMap<String, KeyState>);

impl Secrets {
    /// The key of `provider`; a provider nobody spoke of has none.
    pub fn get(&self, provider: &str) -> KeyState {
        self.0.get(provider).cloned().unwrap_or_default()
    }
}

impl FromIterator<(String, KeyState)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, KeyState)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
