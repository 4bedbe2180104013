//! Where the Redis is that several routers share, and why that isn't known.

use std::env;

use evenkeel_cache::RedisAddress;
use evenkeel_config::{CacheBackend, Config, RedisUrl};
use evenkeel_router::KeyState;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::{
    failure::{Code, Failure},
    keys::{KeyRing, provider},
};

/// What was given as the address, looked at before it is kept.
pub(crate) fn accept_address(given: &SecretString) -> Result<(), Failure> {
    RedisAddress::parse(given.expose_secret()).map(drop).map_err(|error| {
        Failure::new(Code::InvalidRequest, "This is no address of a Redis.")
            .hint(format!("Of an address: {error}."))
    })
}

/// What the configuration and the places that it names say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Shared {
    /// The cache is this machine's alone.
    #[default]
    Not,
    At(RedisAddress),
    /// The keychain was not asked yet.
    Unread,
    /// Wanted, and nobody knows where it is. A sentence, and what its owner can do.
    Missing(String),
}

impl Shared {
    pub(super) fn find(config: &Config, ring: &KeyRing) -> Self {
        let cache = &config.cache;
        let (CacheBackend::Redis, Some(given)) = (cache.backend, &cache.redis_url) else { return Self::Not };
        match given {
            RedisUrl::Url(url) => Self::parse(url.as_str(), "redis_url"),
            RedisUrl::Env(name) => match env::var(name).map(Zeroizing::new) {
                Ok(text) if !text.trim().is_empty() => Self::parse(&text, name),
                _ => Self::Missing(format!(
                    "{name} holds no address of a Redis. Set it where Evenkeel is started, and start it again."
                )),
            },
            RedisUrl::Keychain => {
                let Some(stand_in) = provider::redis(config) else {
                    return Self::Missing(
                        "A provider is called redis, so the keychain has no place for the address of a Redis. \
                         Write redis_url = \"env:NAME\"."
                            .to_owned(),
                    );
                };
                let now = ring.resolve(&stand_in);
                match now.key {
                    KeyState::Present(text) => Self::parse(text.expose_secret(), "the keychain"),
                    _ if now.pending => Self::Unread,
                    _ => Self::Missing(
                        "The keychain holds no address of a Redis. Give it one: evenkeel key set redis"
                            .to_owned(),
                    ),
                }
            }
        }
    }

    fn parse(text: &str, place: &str) -> Self {
        RedisAddress::parse(text).map_or_else(
            |error| Self::Missing(format!("What {place} holds is no address of a Redis: {error}.")),
            Self::At,
        )
    }

    pub(super) fn address(&self) -> Option<RedisAddress> {
        match self {
            Self::At(address) => Some(address.clone()),
            _ => None,
        }
    }

    pub(super) fn trouble(&self) -> Option<&str> {
        match self {
            Self::Missing(why) => Some(why),
            Self::Unread => Some("The keychain is being asked for the address of Redis."),
            Self::Not | Self::At(_) => None,
        }
    }
}
