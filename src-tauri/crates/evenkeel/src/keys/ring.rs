//! Every provider's key as it was last read: what the router gets, and what is told about it.
//!
//! For `key = "keychain"` three places are asked in this order: the keychain; what was handed in while
//! there was none, which holds until the process ends; and the environment variable of the vendor's own
//! tools. Keys are read once and held: a keychain that is locked later takes none away.

use std::collections::{HashMap, HashSet};

use evenkeel_config::{KeySource, Provider};
use evenkeel_router::{KeyState, Secrets};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

use super::{
    form,
    keychain::{Keychain, Trouble},
    provider::{fallback, fallback_variable, variable},
};

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The keychain.
    Keychain,
    /// This environment variable.
    Environment(String),
    /// Handed in while there was no keychain; gone when the process ends.
    Memory,
    /// From nowhere: missing, or not needed.
    Nowhere,
}

impl Source {
    /// As in the JSON documents.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Environment(_) => "env",
            Self::Memory => "memory",
            Self::Nowhere => "none",
        }
    }
}

/// One provider's key, and why it is that one.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The key.
    pub key: KeyState,
    /// Its origin.
    pub source: Source,
    /// What kept the keychain from answering, if that is why.
    pub trouble: Option<Trouble>,
    /// The keychain was not asked yet.
    pub pending: bool,
}

impl Resolved {
    fn of(key: Option<SecretString>, source: Source) -> Self {
        let found = key.map_or((KeyState::Missing, Source::Nowhere), |key| (KeyState::Present(key), source));
        Self { key: found.0, source: found.1, trouble: None, pending: false }
    }

    /// The last four characters of it.
    pub fn last4(&self) -> Option<String> {
        match &self.key {
            KeyState::Present(key) => form::last4(key),
            KeyState::Missing | KeyState::NotNeeded => None,
        }
    }
}

/// What the keychain said of one provider.
#[derive(Debug, Clone, Default)]
enum Kept {
    #[default]
    Unread,
    Key(SecretString),
    Nothing,
    Unknown(Trouble),
}

impl Kept {
    fn of(found: Result<Option<SecretString>, Trouble>) -> Self {
        match found {
            Ok(Some(key)) => Self::Key(key),
            Ok(None) => Self::Nothing,
            Err(why) => Self::Unknown(why),
        }
    }
}

#[derive(Debug, Default)]
struct Held {
    kept: HashMap<String, Kept>,
    memory: HashMap<String, SecretString>,
    /// Providers that refused their key when it was last used.
    rejected: HashSet<String>,
}

/// The keys of one process.
#[derive(Debug, Default)]
pub struct KeyRing {
    keychain: Keychain,
    held: Mutex<Held>,
}

impl KeyRing {
    /// The keychain behind it.
    pub fn keychain(&self) -> &Keychain {
        &self.keychain
    }

    /// Asks the keychain for the keys of those that want theirs from it. Takes as long as the keychain does.
    ///
    /// The first trouble speaks for the rest: a person who has dismissed one question wants no second one.
    pub async fn read(&self, providers: &[Provider]) {
        let mut trouble = None;
        for provider in providers.iter().filter(|provider| provider.key == KeySource::Keychain) {
            let found = match trouble.clone() {
                Some(trouble) => Err(trouble),
                None => self.keychain.read(&provider.name).await,
            };
            trouble = found.as_ref().err().cloned();
            self.hold(&provider.name, Kept::of(found));
        }
    }

    /// Asks the keychain for this one, whoever it belongs to.
    pub async fn read_one(&self, name: &str) {
        let kept = Kept::of(self.keychain.read(name).await);
        self.hold(name, kept);
    }

    /// What the keychain said of this one; `None` while it was not asked. Nothing stands in.
    pub fn in_keychain(&self, name: &str) -> Option<Result<Option<SecretString>, Trouble>> {
        match self.held.lock().kept.get(name)? {
            Kept::Unread => None,
            Kept::Key(key) => Some(Ok(Some(key.clone()))),
            Kept::Nothing => Some(Ok(None)),
            Kept::Unknown(trouble) => Some(Err(trouble.clone())),
        }
    }

    /// A key that was read once is not taken away by a keychain that is locked later.
    fn hold(&self, name: &str, kept: Kept) {
        let mut held = self.held.lock();
        let before = held.kept.entry(name.to_owned()).or_default();
        if !matches!((&*before, &kept), (Kept::Key(_), Kept::Unknown(_))) {
            *before = kept;
        }
    }

    /// The question behind a call that was given up has been turned down: nothing is left to wait for.
    pub fn turned_down(&self, why: &Trouble) {
        for kept in self.held.lock().kept.values_mut() {
            if matches!(kept, Kept::Unknown(Trouble::Slow | Trouble::Waiting)) {
                *kept = Kept::Unknown(why.clone());
            }
        }
    }

    /// Every provider's key, as the router wants them handed in. Waits for nothing.
    pub fn secrets(&self, providers: &[Provider]) -> Secrets {
        providers.iter().map(|provider| (provider.name.clone(), self.resolve(provider).key)).collect()
    }

    /// One provider's key by what is known now. Waits for nothing.
    pub fn resolve(&self, provider: &Provider) -> Resolved {
        match &provider.key {
            KeySource::None => Resolved { key: KeyState::NotNeeded, ..Resolved::of(None, Source::Nowhere) },
            KeySource::Env(name) => Resolved::of(variable(name), Source::Environment(name.clone())),
            KeySource::Keychain => self.kept_or_instead(&provider.name),
        }
    }

    fn kept_or_instead(&self, name: &str) -> Resolved {
        let held = self.held.lock();
        let kept = held.kept.get(name).cloned().unwrap_or_default();
        let trouble = match kept {
            Kept::Key(key) => return Resolved::of(Some(key), Source::Keychain),
            // Another key for the blink of an eye would be a surprise on somebody's bill.
            Kept::Unread => return Resolved { pending: true, ..Resolved::of(None, Source::Nowhere) },
            Kept::Nothing => None,
            Kept::Unknown(trouble) => Some(trouble),
        };
        let found = match held.memory.get(name) {
            Some(key) => Resolved::of(Some(key.clone()), Source::Memory),
            None => Resolved::of(fallback(name), Source::Environment(fallback_variable(name))),
        };
        Resolved { trouble, ..found }
    }

    /// Keeps a key in the keychain, or in memory where there is none. Says which.
    pub async fn set(&self, provider: &str, key: &SecretString) -> Result<Source, Trouble> {
        let written = self.keychain.write(provider, key.clone()).await;
        let mut held = self.held.lock();
        let (kept, source) = match written {
            Ok(()) => {
                held.memory.remove(provider);
                (Kept::Key(key.clone()), Source::Keychain)
            }
            Err(trouble) if trouble.is_absence() => {
                held.memory.insert(provider.to_owned(), key.clone());
                (Kept::Unknown(trouble), Source::Memory)
            }
            Err(trouble) => return Err(trouble),
        };
        held.kept.insert(provider.to_owned(), kept);
        held.rejected.remove(provider);
        Ok(source)
    }

    /// Forgets a key, in the keychain and in memory; `false` if there was none.
    pub async fn remove(&self, provider: &str) -> Result<bool, Trouble> {
        let removed = self.keychain.remove(provider).await;
        let mut held = self.held.lock();
        let in_memory = held.memory.contains_key(provider);
        let (kept, removed) = match removed {
            Ok(removed) => (Kept::Nothing, removed),
            Err(trouble) if trouble.is_absence() && in_memory => (Kept::Unknown(trouble), false),
            Err(trouble) => return Err(trouble),
        };
        held.memory.remove(provider);
        held.kept.insert(provider.to_owned(), kept);
        held.rejected.remove(provider);
        Ok(removed || in_memory)
    }

    /// What the provider made of its key when it was last used.
    pub fn judge(&self, provider: &str, accepted: bool) {
        let mut held = self.held.lock();
        if accepted {
            held.rejected.remove(provider);
        } else if !held.rejected.contains(provider) {
            held.rejected.insert(provider.to_owned());
        }
    }

    /// Whether the provider refused its key when it was last used.
    pub fn is_rejected(&self, provider: &str) -> bool {
        self.held.lock().rejected.contains(provider)
    }
}

/// Whether two states are the same, keys compared by their text.
pub fn is_same(one: &KeyState, other: &KeyState) -> bool {
    match (one, other) {
        (KeyState::Present(one), KeyState::Present(other)) => one.expose_secret() == other.expose_secret(),
        (KeyState::Missing, KeyState::Missing) | (KeyState::NotNeeded, KeyState::NotNeeded) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_config::Config;

    use super::*;

    fn config(text: &str) -> Config {
        evenkeel_config::parse(text).expect("a valid configuration").config
    }

    fn resolved(ring: &KeyRing, config: &Config, name: &str) -> Resolved {
        ring.resolve(config.provider(name).expect("configured"))
    }

    #[tokio::test]
    async fn until_the_keychain_was_asked_a_key_is_missing_and_nothing_stands_in() {
        // CARGO_PKG_NAME stands for a variable that is set; nothing here can set one.
        let config = config(
            "[providers.openai]\n[providers.other]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\nkey = \"env:CARGO_PKG_NAME\"\n",
        );
        let ring = KeyRing::default();
        let before = resolved(&ring, &config, "openai");
        assert!(before.pending && matches!(before.key, KeyState::Missing));
        let other = resolved(&ring, &config, "other");
        assert_eq!(other.source, Source::Environment("CARGO_PKG_NAME".to_owned()));

        ring.read(&config.providers).await;
        let after = resolved(&ring, &config, "openai");
        assert!(!after.pending);
        assert_eq!(after.trouble, Some(Trouble::NoSession));
    }

    #[tokio::test]
    async fn without_a_keychain_a_key_is_held_in_memory_until_it_is_removed() {
        let config = config("[providers.nobodys]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\n");
        let ring = KeyRing::default();
        assert_eq!(ring.set("nobodys", &"sk-canary-1234567890".into()).await, Ok(Source::Memory));
        ring.read(&config.providers).await;
        let held = resolved(&ring, &config, "nobodys");
        assert_eq!((held.source.as_str(), held.last4().as_deref()), ("memory", Some("7890")));
        assert!(!format!("{ring:?}{held:?}").contains("canary"), "Debug shows no key");

        assert_eq!(ring.remove("nobodys").await, Ok(true));
        assert!(matches!(resolved(&ring, &config, "nobodys").key, KeyState::Missing));
        assert_eq!(
            ring.remove("nobodys").await,
            Err(Trouble::NoSession),
            "nothing is left that could be removed"
        );
    }

    #[test]
    fn a_question_that_is_turned_down_is_no_longer_waited_for() {
        let config = config("[providers.openai]\n[providers.anthropic]\n[providers.groq]\n");
        let ring = KeyRing::default();
        ring.held.lock().kept.extend([
            ("openai".to_owned(), Kept::Unknown(Trouble::Slow)),
            ("anthropic".to_owned(), Kept::Unknown(Trouble::Waiting)),
            ("groq".to_owned(), Kept::Key("sk-canary-1234567890".into())),
        ]);
        ring.turned_down(&Trouble::Locked);
        for name in ["openai", "anthropic"] {
            assert_eq!(resolved(&ring, &config, name).trouble, Some(Trouble::Locked), "{name}");
        }
        assert_eq!(resolved(&ring, &config, "groq").source, Source::Keychain);
    }

    #[tokio::test]
    async fn a_new_key_is_not_judged_by_the_old_one() {
        let ring = KeyRing::default();
        ring.judge("openai", false);
        assert!(ring.is_rejected("openai"));
        ring.set("openai", &"sk-another-1234567890".into()).await.expect("held");
        assert!(!ring.is_rejected("openai"));
    }
}
