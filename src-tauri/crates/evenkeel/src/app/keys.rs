//! The providers' keys of a running app: read beside the start, put into the router when they arrive, and
//! changed while it runs.
//!
//! The router listens before the keychain has said a word. Until it does, its providers have no key; then
//! the same configuration is put in force again with the keys in it.

use std::{sync::Arc, time::Duration};

use evenkeel_config::{Config, KeySource, Provider, RedisUrl};
use evenkeel_router::{Event, KeyState};
use secrecy::SecretString;
use tokio::time::sleep;

use super::{Running, routing};
use crate::{
    admin::types::{KeyList, KeyRow, ProviderTest},
    cache::{self, key::Place},
    failure::Failure,
    keys::{
        form,
        keychain::Trouble,
        provider,
        ring::{self, Resolved, Source},
    },
    probe,
};

/// How often a keychain is looked for that was not there: at login it may start after us.
const LOOK: Duration = Duration::from_secs(30);
/// How often to look whether a locked one was unlocked; that asks its owner nothing.
const LOCKED_LOOK: Duration = Duration::from_secs(5);

/// Reads the keys now, and again whenever there is a reason to.
pub(super) async fn watch(running: Arc<Running>) {
    let stopping = running.stopping();
    let reading = async {
        running.read_keys().await;
        loop {
            let missed = running.misses_a_keychain();
            let locked = running.sealing_key_trouble() == Some(Trouble::Locked);
            let late = tokio::select! {
                () = running.keys_wanted.notified() => None,
                late = running.keys.keychain().freed() => late,
                () = sleep(LOOK), if missed => None,
                () = running.keys.keychain().unlocked(LOCKED_LOOK), if locked => None,
            };
            match late {
                // Whoever has dismissed one question wants no second one.
                Some(trouble @ Trouble::Locked) => {
                    running.keys.turned_down(&trouble);
                    running.put_keys_in_force().await;
                    running.cache.wake();
                }
                _ => running.read_keys().await,
            }
        }
    };
    tokio::select! {
        () = stopping.cancelled() => {}
        () = reading => {}
    }
}

impl Running {
    /// Asks the keychain, and puts what it says in force.
    pub(crate) async fn read_keys(&self) {
        if self.routing.load().practice {
            return;
        }
        self.read_all_keys().await;
    }

    /// The providers' first: whoever has dismissed one question wants no second one.
    async fn read_all_keys(&self) {
        let config = Arc::clone(&self.settings().config);
        let cache = self.sealing_key_wanted(&config).then(|| provider::cache(&config)).flatten();
        let redis =
            (config.cache.redis_url == Some(RedisUrl::Keychain)).then(|| provider::redis(&config)).flatten();
        let all: Vec<Provider> = config.providers.iter().cloned().chain(cache).chain(redis).collect();
        self.keys.read(&all).await;
        self.put_keys_in_force().await;
        self.cache.wake();
    }

    /// Whether the cache looks for its key in the keychain.
    fn sealing_key_wanted(&self, config: &Config) -> bool {
        cache::is_wanted(&config.cache)
            && !self.routing.load().practice
            && provider::variable(cache::key::VARIABLE).is_none()
    }

    /// Why the keychain can't say whether it has the cache's key, while the cache has to wait for that.
    fn sealing_key_trouble(&self) -> Option<Trouble> {
        let waits = self.sealing_key_wanted(&self.settings().config) && self.cache.open().is_none();
        waits.then(|| self.keys.in_keychain(provider::CACHE)?.err()).flatten()
    }

    /// Whether a key is missing only because there is no keychain yet.
    fn misses_a_keychain(&self) -> bool {
        let settings = self.settings();
        let misses = |resolved: Resolved| {
            matches!(resolved.key, KeyState::Missing)
                && resolved.trouble.as_ref().is_some_and(Trouble::is_absence)
        };
        !self.routing.load().practice
            && (self.sealing_key_trouble().is_some_and(|trouble| trouble.is_absence())
                || settings.config.providers.iter().map(|provider| self.keys.resolve(provider)).any(misses))
    }

    /// Whether the keychain still has to be heard.
    pub(crate) fn waits_for_keys(&self) -> bool {
        !self.routing.load().practice
            && self.settings().config.providers.iter().any(|provider| self.keys.resolve(provider).pending)
    }

    /// Hands the router the keys as they are known now, if they differ from those it has, and tells.
    async fn put_keys_in_force(&self) {
        // One change of what is in force at a time, whether it comes from the file or from here.
        let _one = self.last_seen.lock().await;
        let (settings, routing) = (self.settings(), self.routing.load_full());
        if routing.practice {
            return;
        }
        let providers = &settings.config.providers;
        let before = routing.router.snapshot().providers;
        let resolved: Vec<(&Provider, Resolved)> =
            providers.iter().map(|provider| (provider, self.keys.resolve(provider))).collect();
        let changed: Vec<_> = resolved
            .iter()
            .filter(|(provider, now)| {
                let before = before.iter().find(|view| view.name == provider.name);
                before.is_none_or(|before| !ring::is_same(&before.key, &now.key))
            })
            .collect();
        if !changed.is_empty() {
            match routing::effective(&settings.config, None) {
                Ok(effective) => {
                    routing.router.reload(Arc::new(effective), &self.keys.secrets(providers));
                }
                Err(failure) => tracing::error!("{failure}"),
            }
        }
        let told = self.tell_of_trouble(&resolved);
        for (provider, now) in changed {
            self.keys.judge(&provider.name, true);
            if !(told && now.trouble.is_some()) {
                self.emit(Event::KeyChanged { provider: provider.name.clone(), source: now.source.as_str() });
            }
        }
    }

    /// One line for a keychain that gave no answer and one for each key that is nowhere; nothing that was
    /// said already.
    fn tell_of_trouble(&self, resolved: &[(&Provider, Resolved)]) -> bool {
        let trouble = in_trouble(resolved);
        let missing: Vec<String> = resolved
            .iter()
            .filter(|(provider, now)| {
                provider.key == KeySource::Keychain
                    && matches!(now.key, KeyState::Missing)
                    && now.trouble.is_none()
                    && !now.pending
            })
            .map(|(provider, _)| format!("{} has no key. {}", provider.name, provider::how_to_give(provider)))
            .collect();
        let lines: Vec<String> =
            trouble.iter().map(|(_, text)| text.clone()).chain(missing.iter().cloned()).collect();
        if *self.keys_told.lock() == lines {
            return false;
        }
        *self.keys_told.lock() = lines;
        for line in missing {
            tracing::warn!("{line}");
        }
        let Some((trouble, text)) = trouble else { return false };
        self.emit(Event::KeychainTrouble { trouble: trouble.as_str(), text });
        true
    }

    /// Every configured provider's key. With `read`, the keychain is asked anew first.
    pub(crate) async fn key_list(&self, read: bool) -> KeyList {
        if read {
            self.read_all_keys().await;
        }
        let settings = self.settings();
        let webhook =
            settings.config.alerts.webhook.is_some().then(|| provider::webhook(&settings.config)).flatten();
        let keys = settings.config.providers.iter().chain(&webhook);
        let mut keys: Vec<KeyRow> = keys.map(|provider| self.key_row(provider)).collect();
        if has_sealing_key(&settings.config) {
            keys.push(self.sealing_key_row(&settings.config).await);
        }
        KeyList { keys }
    }

    /// Keeps a provider's key, in the keychain or, where there is none, in memory; effective at once.
    pub(crate) async fn set_key(&self, name: &str, key: &SecretString) -> Result<KeyRow, Failure> {
        let settings = self.settings();
        provider::takes_a_kept_key(&settings.config, name)?;
        if is_sealing_key(&settings.config, name) {
            return self.set_sealing_key(&settings.config, key).await;
        }
        if name == provider::REDIS && settings.config.provider(name).is_none() {
            cache::accept_address(key)?;
        }
        self.keys
            .set(name, key)
            .await
            .map_err(|trouble| trouble.failure(&format!("The key of {name} is not kept"), name))?;
        self.put_keys_in_force().await;
        let mut row = self.key_row(&provider::named(&settings.config, name)?);
        row.add_note(form::mismatch(name, key));
        self.cache.wake();
        let missing =
            settings.config.provider(name).is_none() && name != provider::WEBHOOK && name != provider::REDIS;
        row.add_note(missing.then(|| not_configured(name)));
        Ok(row)
    }

    /// Forgets a provider's key; what stands in for it is used at once.
    pub(crate) async fn remove_key(&self, name: &str) -> Result<KeyRow, Failure> {
        let config = Arc::clone(&self.settings().config);
        let provider = provider::named(&config, name)?;
        if is_sealing_key(&config, name) {
            return self.remove_sealing_key(&config).await;
        }
        let removed = self
            .keys
            .remove(name)
            .await
            .map_err(|trouble| trouble.failure(&format!("The key of {name} is not removed"), name))?;
        self.put_keys_in_force().await;
        if !removed {
            return Err(provider::none_kept(&provider, &self.keys.resolve(&provider)));
        }
        Ok(self.key_row(&provider))
    }

    /// Asks a provider for one token, with a key that is not kept yet or with its own.
    pub(crate) async fn test_provider(
        &self,
        name: &str,
        unsaved: Option<SecretString>,
    ) -> Result<ProviderTest, Failure> {
        let config = Arc::clone(&self.settings().config);
        let provider = provider::named(&config, name)?;
        if let Some(key) = unsaved {
            return Ok(probe::one(&config, &provider, &KeyState::Present(key)).await);
        }
        if matches!(self.keys.resolve(&provider).key, KeyState::Missing) {
            // It may have been unlocked, or filled by another program, since it was read.
            self.keys.read(std::slice::from_ref(&provider)).await;
            self.put_keys_in_force().await;
        }
        let test = probe::one(&config, &provider, &self.keys.resolve(&provider).key).await;
        if let Some(accepted) = test.accepted_key() {
            self.keys.judge(name, accepted);
        }
        Ok(test)
    }

    /// The secret of `[alerts] webhook`, if there is one; asks the keychain the first time.
    pub(crate) async fn webhook_secret(&self) -> Result<Option<SecretString>, Trouble> {
        let config = Arc::clone(&self.settings().config);
        let Some(webhook) = provider::webhook(&config) else { return Ok(None) };
        if self.keys.resolve(&webhook).pending {
            self.keys.read(std::slice::from_ref(&webhook)).await;
        }
        let now = self.keys.resolve(&webhook);
        match (now.key, now.trouble) {
            (KeyState::Present(key), _) => Ok(Some(key)),
            // A locked keychain may hold one; where there is none at all, there is no secret either.
            (_, Some(trouble)) if !trouble.is_absence() => Err(trouble),
            _ => Ok(None),
        }
    }

    async fn sealing_key_row(&self, config: &Config) -> KeyRow {
        let last = Place::stored(&self.store).await;
        cache::key::row(&self.keys, config, self.paths(), last)
    }

    async fn set_sealing_key(&self, config: &Config, key: &SecretString) -> Result<KeyRow, Failure> {
        let key = cache::key::accept(key)?;
        let place = cache::key::set(&self.keys, config, self.paths(), &key).await?;
        self.cache_key_changed(Some(place)).await?;
        Ok(self.sealing_key_row(config).await)
    }

    /// The next one is made as soon as the cache opens again, and what the old one sealed is gone with it.
    async fn remove_sealing_key(&self, config: &Config) -> Result<KeyRow, Failure> {
        let last = Place::stored(&self.store).await;
        let removed = cache::key::remove(&self.keys, config, self.paths()).await?;
        if !removed && last.is_none() {
            return Err(cache::key::none_kept());
        }
        self.cache_key_changed(None).await?;
        Ok(self.sealing_key_row(config).await)
    }

    fn key_row(&self, provider: &Provider) -> KeyRow {
        let mut row = row(provider, &self.keys.resolve(provider));
        if row.state == "ok" && self.keys.is_rejected(&provider.name) {
            "rejected".clone_into(&mut row.state);
        }
        row
    }
}

/// Where there is nothing to seal there is no key to tell of.
fn has_sealing_key(config: &Config) -> bool {
    cache::is_wanted(&config.cache) && config.provider(provider::CACHE).is_none()
}

fn is_sealing_key(config: &Config, name: &str) -> bool {
    name == provider::CACHE && config.provider(name).is_none()
}

/// One provider's key as it is told.
pub(crate) fn row(provider: &Provider, now: &Resolved) -> KeyRow {
    let state = match now.key {
        KeyState::Present(_) => "ok",
        KeyState::Missing => "missing",
        KeyState::NotNeeded => "none",
    };
    let note = match (&now.key, &now.source, &now.trouble) {
        (KeyState::Missing, _, Some(trouble)) => Some(format!("{trouble} {}", trouble.fix(&provider.name))),
        (KeyState::Missing, _, None) if now.pending => Some("The keychain is being asked.".to_owned()),
        (KeyState::Missing, _, None) => Some(provider::how_to_give(provider)),
        (_, Source::Memory, Some(trouble)) => {
            Some(format!("{trouble} The key is held in memory until Evenkeel stops."))
        }
        (_, Source::Memory, None) => Some("The key is held in memory until Evenkeel stops.".to_owned()),
        (_, Source::Environment(name), _) => Some(format!("From {name} in the environment.")),
        _ => None,
    };
    KeyRow {
        provider: provider.name.clone(),
        source: now.source.as_str().to_owned(),
        last4: now.last4(),
        state: state.to_owned(),
        replaceable: provider.key == KeySource::Keychain,
        note,
    }
}

/// A key that waits for its provider.
pub(crate) fn not_configured(name: &str) -> String {
    format!("{name} is not in evenkeel.toml yet; add [providers.{name}] to use it.")
}

/// The keychain's trouble in one line: what it is, who has no key because of it and what to do, or what
/// stands in.
fn in_trouble(resolved: &[(&Provider, Resolved)]) -> Option<(Trouble, String)> {
    let with: Vec<_> =
        resolved.iter().filter_map(|(provider, now)| Some((provider, now, now.trouble.as_ref()?))).collect();
    let (_, _, trouble) = with.first()?;
    let without_key: Vec<&str> = with
        .iter()
        .filter(|(_, now, _)| matches!(now.key, KeyState::Missing))
        .map(|(provider, _, _)| provider.name.as_str())
        .collect();
    let consequence = match without_key.as_slice() {
        [] => {
            let stand_ins = with.iter().map(|(provider, now, _)| match &now.source {
                Source::Environment(name) => format!("The key of {} comes from {name}.", provider.name),
                _ => format!("The key of {} is held in memory until Evenkeel stops.", provider.name),
            });
            stand_ins.collect::<Vec<_>>().join(" ")
        }
        [one] => format!("{one} has no key. {}", trouble.fix(one)),
        [first, ..] => format!("{} have no key. {}", without_key.join(" and "), trouble.fix(first)),
    };
    Some(((*trouble).clone(), format!("{trouble} {consequence}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    fn providers() -> Vec<Provider> {
        evenkeel_config::parse("[providers.openai]\n[providers.anthropic]\n").expect("valid").config.providers
    }

    fn resolved(key: KeyState, source: Source, trouble: Option<Trouble>) -> Resolved {
        Resolved { key, source, trouble, pending: false }
    }

    #[test]
    fn all_of_a_keychain_s_trouble_is_one_line_that_names_who_suffers_and_the_fix() {
        let [openai, anthropic] = &providers()[..] else { panic!("two") };
        let missing = || resolved(KeyState::Missing, Source::Nowhere, Some(Trouble::Locked));
        let (_, text) = in_trouble(&[(openai, missing()), (anthropic, missing())]).expect("trouble");
        assert_eq!(
            text,
            "The keychain is locked, and nobody unlocked it. openai and anthropic have no key. \
             Unlock it, and have it read again: evenkeel key list"
        );
        let stands_in = resolved(
            KeyState::Present("sk-x".into()),
            Source::Environment("OPENAI_API_KEY".to_owned()),
            Some(Trouble::NoSession),
        );
        let (_, text) = in_trouble(&[(openai, stands_in)]).expect("trouble");
        assert_eq!(
            text,
            "There is no keychain here: no D-Bus session is running. The key of openai comes from OPENAI_API_KEY."
        );
    }

    #[test]
    fn a_row_says_why_a_key_is_missing_and_never_more_than_four_characters_of_one() {
        let [openai, _] = &providers()[..] else { panic!("two") };
        let missing = row(openai, &resolved(KeyState::Missing, Source::Nowhere, None));
        assert_eq!((missing.source.as_str(), missing.state.as_str()), ("none", "missing"));
        assert_eq!(missing.note.as_deref(), Some("Give it one: evenkeel key set openai"));
        assert!(missing.replaceable);
        let kept =
            row(openai, &resolved(KeyState::Present("sk-canary-12345".into()), Source::Keychain, None));
        assert_eq!((kept.last4.as_deref(), kept.note), (Some("2345"), None));
    }

    #[test]
    fn only_a_key_that_comes_from_the_keychain_can_be_replaced() {
        let text = "[providers.openai]\n[providers.anthropic]\nkey = \"env:MINE\"\n[providers.ollama]\n";
        let config = evenkeel_config::parse(text).expect("valid").config;
        let from = |name: &str| {
            let environment = Source::Environment("MINE".to_owned());
            resolved(KeyState::Present(format!("sk-{name}").as_str().into()), environment, None)
        };
        let replaceable = |name| row(config.provider(name).expect("one"), &from(name)).replaceable;
        // The first one's variable only stands in for a keychain that holds nothing.
        assert_eq!(["openai", "anthropic", "ollama"].map(replaceable), [true, false, false]);
    }

    #[test]
    fn removing_what_is_not_there_says_where_the_key_comes_from() {
        let [openai, _] = &providers()[..] else { panic!("two") };
        let from = Source::Environment("OPENAI_API_KEY".to_owned());
        let failure = provider::none_kept(openai, &resolved(KeyState::Present("sk-x".into()), from, None));
        assert_eq!(failure.code, Code::KeyMissing);
        assert!(failure.hint.expect("a hint").contains("OPENAI_API_KEY"));
    }
}
