//! The key that seals the cache: made once, then found again.
//!
//! Whoever loses it has lost every stored answer, so a second one is made only where the first is known to be gone:
//! never because a keychain is locked, slow, or not there today. For that it is written down in the database where
//! the key is kept ([`Place`]), and nothing else about it.
//!
//! An environment variable beats everything, for several routers that share a store, and for servers. Then comes the
//! keychain. Where there never was one, the key lies in a private file beside the cache that it seals, which keeps
//! the cache from whoever finds a backup of the one without the other, and from nobody who can read both.

use std::{fs, io, path::Path};

use evenkeel_cache::SealingKey;
use evenkeel_config::Config;
use evenkeel_store::{Reader, Store};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    admin::types::KeyRow,
    failure::{Code, Failure},
    files,
    keys::{KeyRing, form, keychain::Trouble, provider},
    paths::Paths,
};

/// The name under which it stands in the keychain and in `evenkeel key`.
pub(crate) const NAME: &str = provider::CACHE;
/// Where it can come from instead.
pub(crate) const VARIABLE: &str = "EVENKEEL_CACHE_KEY";
/// Where the key was when it was last used.
const SETTING: &str = "cache_key";

/// Where the key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Environment,
    Keychain,
    File,
}

impl Place {
    /// As in `key list`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "env",
            Self::Keychain => "keychain",
            Self::File => "file",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Environment, Self::Keychain, Self::File].into_iter().find(|place| place.as_str() == word)
    }

    /// Where it was when it was last used; `None` before the first time.
    pub(crate) async fn stored(store: &Store) -> Option<Self> {
        store.setting(SETTING).await.ok().flatten().and_then(|word| Self::of(&word))
    }

    /// The same without a router.
    pub(crate) fn stored_in(reader: &Reader) -> Option<Self> {
        reader.setting(SETTING).ok().flatten().and_then(|word| Self::of(&word))
    }

    /// Writes it down for the next start.
    pub(crate) async fn store(place: Option<Self>, store: &Store) -> Result<(), Failure> {
        store
            .set_setting(SETTING, place.map(|place| place.as_str().to_owned()))
            .await
            .map_err(|error| Failure::internal("write down where the cache's key is", &error))
    }
}

/// A key, and where it came from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) key: SealingKey,
    pub(crate) place: Place,
    /// Whether it was made just now.
    pub(crate) made: bool,
}

/// Why there is no key now. All but the first are worth telling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    /// The keychain was not asked yet.
    #[error("The keychain is being asked.")]
    Unread,
    /// It may hold the key, and can't say so.
    #[error("{0}")]
    Keychain(Trouble),
    /// What it holds is no sealing key.
    #[error("The keychain holds something under cache that is no key of the cache.")]
    NoKey,
    /// Nor is what the variable holds.
    #[error("{VARIABLE} holds no key of the cache.")]
    Variable,
    /// The file can't be read or written.
    #[error("{0}")]
    File(String),
}

impl Missing {
    /// What its owner can do.
    pub(crate) fn fix(&self) -> String {
        match self {
            Self::Unread => String::new(),
            Self::Keychain(trouble) => match trouble {
                Trouble::Locked => "Unlock it; the cache opens by itself then.".to_owned(),
                Trouble::Slow | Trouble::Waiting => {
                    "Answer its question; the cache opens at that moment.".to_owned()
                }
                _ => {
                    "The key is in the keychain: bring it back, or begin with a new key and an empty cache: \
                      evenkeel key remove cache"
                        .to_owned()
                }
            },
            Self::NoKey => {
                "Give the right one: evenkeel key set cache. Or begin with a new key and an empty \
                            cache: evenkeel key remove cache"
                    .to_owned()
            }
            Self::Variable => format!("Set {VARIABLE} to 64 hexadecimal digits, or take it away."),
            Self::File(_) => "Make the file yours, readable and writable.".to_owned(),
        }
    }

    /// The same for one who wants something of the cache now.
    pub(crate) fn failure(&self) -> Failure {
        let code = match self {
            Self::Unread | Self::Keychain(Trouble::Slow | Trouble::Waiting) => Code::KeychainSlow,
            Self::Keychain(Trouble::Locked) => Code::KeychainLocked,
            Self::Keychain(trouble) if trouble.is_absence() => Code::KeychainAbsent,
            Self::Keychain(_) => Code::KeychainFailed,
            Self::NoKey | Self::Variable => Code::CacheClosed,
            Self::File(_) => Code::FolderUnusable,
        };
        let failure = Failure::new(code, format!("The cache is closed. {self}"));
        match self.fix() {
            fix if fix.is_empty() => failure.hint("Ask again in a moment."),
            fix => failure.hint(fix),
        }
    }
}

/// What was given as the cache's key.
pub(crate) fn accept(given: &SecretString) -> Result<SealingKey, Failure> {
    SealingKey::from_hex(given.expose_secret()).map_err(|_| {
        Failure::new(Code::InvalidRequest, "A key of the cache is 64 hexadecimal digits, and this is not.")
            .hint("Take the one of the other router, or make one: openssl rand -hex 32")
    })
}

/// Finds the key, or makes the first one. The keychain has been asked before, in `ring`; it is written to here.
pub(crate) async fn find(
    ring: &KeyRing,
    config: &Config,
    paths: &Paths,
    last: Option<Place>,
) -> Result<Found, Missing> {
    if let Some(given) = provider::variable(VARIABLE) {
        let key = SealingKey::from_hex(given.expose_secret()).map_err(|_| Missing::Variable)?;
        return Ok(Found { key, place: Place::Environment, made: false });
    }
    let file = paths.cache_key();
    let in_file = read(&file)?;
    if is_taken(config) {
        return in_file.map_or_else(|| make_file(&file), |key| Ok(found(key, Place::File)));
    }
    match (ring.in_keychain(NAME), in_file, last) {
        (None, ..) => Err(Missing::Unread),
        (_, Some(key), Some(Place::File)) => Ok(into_keychain(ring, &file, key).await),
        (Some(Ok(Some(kept))), ..) => {
            let key = SealingKey::from_hex(kept.expose_secret()).map_err(|_| Missing::NoKey)?;
            Ok(found(key, Place::Keychain))
        }
        (Some(_), Some(key), _) => Ok(found(key, Place::File)),
        (Some(Ok(None)), None, _) => make(ring, &file).await,
        // It held the key when it was last used, and will again.
        (Some(Err(trouble)), None, Some(Place::Keychain)) => Err(Missing::Keychain(trouble)),
        (Some(Err(trouble)), None, _) if trouble.is_absence() => make_file(&file),
        (Some(Err(trouble)), None, _) => Err(Missing::Keychain(trouble)),
    }
}

/// A provider of that name has its own key in the keychain, and the cache's is in the file.
fn is_taken(config: &Config) -> bool {
    config.provider(NAME).is_some()
}

fn found(key: SealingKey, place: Place) -> Found {
    Found { key, place, made: false }
}

/// The first key, into a keychain that answers.
async fn make(ring: &KeyRing, file: &Path) -> Result<Found, Missing> {
    let key = generate()?;
    match ring.keychain().write(NAME, key.to_hex().as_str().into()).await {
        Ok(()) => {}
        Err(trouble) if trouble.is_absence() => return make_file(file),
        // Nothing is lost with this key. It may still be kept later, and is found then.
        Err(trouble) => return Err(Missing::Keychain(trouble)),
    }
    // Another router of this account may have kept its own at the same moment: the one that is there now counts.
    ring.read_one(NAME).await;
    match ring.in_keychain(NAME) {
        Some(Ok(Some(kept))) => {
            let key = SealingKey::from_hex(kept.expose_secret()).map_err(|_| Missing::NoKey)?;
            Ok(Found { key, place: Place::Keychain, made: true })
        }
        Some(Err(trouble)) => Err(Missing::Keychain(trouble)),
        _ => Err(Missing::Keychain(Trouble::Failed("it forgot the key at once".to_owned()))),
    }
}

fn make_file(file: &Path) -> Result<Found, Missing> {
    let key = generate()?;
    write(file, &key).map_err(|error| unusable(file, &error))?;
    Ok(Found { key, place: Place::File, made: true })
}

/// A key that lies in a file moves into a keychain that is there by now and holds none.
async fn into_keychain(ring: &KeyRing, file: &Path, key: SealingKey) -> Found {
    let moved = matches!(ring.in_keychain(NAME), Some(Ok(None)))
        && ring.keychain().write(NAME, key.to_hex().as_str().into()).await.is_ok();
    if moved {
        ring.read_one(NAME).await;
        let kept = ring.in_keychain(NAME).and_then(Result::ok).flatten();
        if kept.is_some_and(|kept| kept.expose_secret() == key.to_hex().as_str())
            && fs::remove_file(file).is_ok()
        {
            return found(key, Place::Keychain);
        }
    }
    found(key, Place::File)
}

fn generate() -> Result<SealingKey, Missing> {
    SealingKey::generate().map_err(|error| Missing::File(format!("No key can be made: {error}.")))
}

/// The key in the file; `None` if there is no file, or nothing in it that could ever have been a key.
fn read(file: &Path) -> Result<Option<SealingKey>, Missing> {
    let text = match fs::read_to_string(file) {
        Ok(text) => zeroize::Zeroizing::new(text),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            return Ok(None);
        }
        Err(error) => return Err(unusable(file, &error)),
    };
    files::keep_private(file).map_err(|error| unusable(file, &error))?;
    Ok(SealingKey::from_hex(&text).ok())
}

fn write(file: &Path, key: &SealingKey) -> io::Result<()> {
    let mut text = key.to_hex();
    text.push('\n');
    files::write_private(file, &text)
}

fn unusable(file: &Path, error: &io::Error) -> Missing {
    Missing::File(format!("{} can't be used: {}.", file.display(), files::reason(error)))
}

/// Keeps a given key in the keychain, or in the file where there is none.
pub(crate) async fn set(
    ring: &KeyRing,
    config: &Config,
    paths: &Paths,
    key: &SealingKey,
) -> Result<Place, Failure> {
    not_from_outside()?;
    let file = paths.cache_key();
    let in_file = |file: &Path| {
        write(file, key).map_err(|error| unusable(file, &error).failure()).map(|()| Place::File)
    };
    if is_taken(config) {
        return in_file(&file);
    }
    match ring.keychain().write(NAME, key.to_hex().as_str().into()).await {
        Ok(()) => {
            ring.read_one(NAME).await;
            remove_file(&file)?;
            Ok(Place::Keychain)
        }
        Err(trouble) if trouble.is_absence() => in_file(&file),
        Err(trouble) => Err(refused(&trouble, "The key of cache is not kept")),
    }
}

/// Forgets the key wherever it is kept; `false` if there was none.
pub(crate) async fn remove(ring: &KeyRing, config: &Config, paths: &Paths) -> Result<bool, Failure> {
    not_from_outside()?;
    let file = paths.cache_key();
    let mut removed = false;
    if !is_taken(config) {
        removed = match ring.keychain().remove(NAME).await {
            Ok(removed) => removed,
            Err(trouble) if trouble.is_absence() => false,
            Err(trouble) => return Err(refused(&trouble, "The key of cache is not removed")),
        };
        ring.read_one(NAME).await;
    }
    Ok(remove_file(&file)? || removed)
}

/// There was nothing to remove.
pub(crate) fn none_kept() -> Failure {
    Failure::new(Code::KeyMissing, "No key of the cache is kept.")
        .hint("It is made when the cache is first opened: evenkeel key list")
}

fn refused(trouble: &Trouble, what: &str) -> Failure {
    let failure = trouble.failure(what, NAME);
    match trouble {
        // A provider's variable is no help here.
        Trouble::Failed(_) => failure.hint(format!(
            "Look into it with your system's keychain program, or set {VARIABLE} where Evenkeel is started."
        )),
        _ => failure,
    }
}

fn remove_file(file: &Path) -> Result<bool, Failure> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(file, &error).failure()),
    }
}

fn not_from_outside() -> Result<(), Failure> {
    if provider::variable(VARIABLE).is_none() {
        return Ok(());
    }
    Err(Failure::new(Code::KeyElsewhere, format!("The key of the cache comes from {VARIABLE}."))
        .hint(format!("Change or unset {VARIABLE} where Evenkeel is started, and start it again.")))
}

/// The key as it is told, by where it was last and what is known now. Makes nothing.
pub(crate) fn row(ring: &KeyRing, config: &Config, paths: &Paths, last: Option<Place>) -> KeyRow {
    let outside = provider::variable(VARIABLE);
    let in_file =
        read(&paths.cache_key()).ok().flatten().map(|key| SecretString::from(key.to_hex().as_str()));
    let keychain = if is_taken(config) { None } else { ring.in_keychain(NAME) };
    let trouble = match &keychain {
        Some(Err(trouble)) => Some(trouble.clone()),
        _ => None,
    };
    let kept = keychain.and_then(Result::ok).flatten();
    let (key, place) = match (outside, kept, in_file) {
        (Some(key), ..) => (Some(key), Some(Place::Environment)),
        (_, Some(key), None) => (Some(key), Some(Place::Keychain)),
        (_, Some(key), Some(_)) if last != Some(Place::File) => (Some(key), Some(Place::Keychain)),
        (.., Some(key)) => (Some(key), Some(Place::File)),
        _ => (None, None),
    };
    let note = match (place, &trouble) {
        (Some(Place::Environment), _) => Some(format!("From {VARIABLE} in the environment.")),
        (Some(Place::File), _) => {
            Some(format!("In {}, which only you can read.", paths.cache_key().display()))
        }
        (Some(Place::Keychain), _) => None,
        (None, Some(trouble)) => {
            let missing = Missing::Keychain(trouble.clone());
            Some(format!("{missing} {}", missing.fix()))
        }
        (None, None) => Some("It is made when the cache is first opened.".to_owned()),
    };
    KeyRow {
        provider: NAME.to_owned(),
        source: place.map_or("none", Place::as_str).to_owned(),
        last4: key.as_ref().and_then(form::last4),
        state: if key.is_some() { "ok" } else { "missing" }.to_owned(),
        replaceable: place != Some(Place::Environment),
        note,
    }
}

#[cfg(test)]
mod tests;
