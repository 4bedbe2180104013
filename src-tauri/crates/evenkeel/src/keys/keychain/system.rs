//! The calls themselves: blocking, without patience, on whatever thread they are made.
//!
//! The platform's store is opened anew for each call, and not through the `keyring` crate's own default,
//! which is made once a process: a service that comes up later would never be found.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::Trouble;

/// Under this name all entries stand; the user of each is the provider's name.
const SERVICE: &str = "app.evenkeel.desktop";

pub(super) fn read(provider: &str) -> Result<Option<SecretString>, Trouble> {
    let bytes = match entry(provider)?.get_secret() {
        Ok(bytes) => bytes,
        Err(Error::NoEntry) => return Ok(None),
        Err(Error::Ambiguous(entries)) => match entries.first() {
            Some(first) => first.get_secret().map_err(|error| trouble(&error))?,
            None => return Ok(None),
        },
        Err(error) => return Err(trouble(&error)),
    };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Trouble::Failed(format!("what it keeps for {provider} is not text")))?;
    // One that another program put there may end in a line end.
    let text = text.trim();
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

pub(super) fn write(provider: &str, key: &SecretString) -> Result<(), Trouble> {
    let entry = entry(provider)?;
    let kept = match entry.set_secret(key.expose_secret().as_bytes()) {
        Err(Error::Ambiguous(entries)) => {
            remove_all(&entries)?;
            entry.set_secret(key.expose_secret().as_bytes())
        }
        kept => kept,
    };
    kept.map_err(|error| trouble(&error))
}

pub(super) fn remove(provider: &str) -> Result<bool, Trouble> {
    match entry(provider)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(Error::Ambiguous(entries)) => remove_all(&entries).map(|()| true),
        Err(error) => Err(trouble(&error)),
    }
}

/// Whether what new keys are kept in is open. A question to the service, and never one to its owner.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn is_unlocked() -> bool {
    use zbus::{blocking::Connection, zvariant::OwnedObjectPath};

    const NAME: &str = "org.freedesktop.secrets";
    let ask = || -> zbus::Result<bool> {
        let bus = Connection::session()?;
        let service = Some("org.freedesktop.Secret.Service");
        let alias =
            bus.call_method(Some(NAME), "/org/freedesktop/secrets", service, "ReadAlias", &"default")?;
        let collection: OwnedObjectPath = alias.body().deserialize()?;
        let property = ("org.freedesktop.Secret.Collection", "Locked");
        let properties = Some("org.freedesktop.DBus.Properties");
        let answer = bus.call_method(Some(NAME), &*collection, properties, "Get", &property)?;
        let locked: zbus::zvariant::OwnedValue = answer.body().deserialize()?;
        Ok(!bool::try_from(locked)?)
    };
    !cfg!(test) && ask().unwrap_or(false)
}

/// The others' stores ask in their own windows and tell nothing before.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn is_unlocked() -> bool {
    false
}

fn remove_all(entries: &[Entry]) -> Result<(), Trouble> {
    entries.iter().try_for_each(Entry::delete_credential).map_err(|error| trouble(&error))
}

fn entry(provider: &str) -> Result<Entry, Trouble> {
    let store = open()?;
    #[cfg(target_os = "linux")]
    {
        // What keychain programs show in their list.
        let label = format!("Evenkeel: key of {provider}");
        let label = std::collections::HashMap::from([("label", label.as_str())]);
        store.build(SERVICE, provider, Some(&label)).map_err(|error| trouble(&error))
    }
    #[cfg(not(target_os = "linux"))]
    store.build(SERVICE, provider, None).map_err(|error| trouble(&error))
}

/// The platform's store. Unit tests have none: they must not meet their developer's own keychain.
fn open() -> Result<Arc<CredentialStore>, Trouble> {
    if cfg!(test) {
        return Err(Trouble::NoSession);
    }
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new();
    #[cfg(windows)]
    let store = windows_native_keyring_store::Store::new();
    #[cfg(all(unix, not(target_os = "macos")))]
    let store = zbus_secret_service_keyring_store::Store::new();
    let store: Arc<CredentialStore> = store.map_err(|error| absence(&error))?;
    Ok(store)
}

/// Why there is no store. The crates below tell the two cases apart only in words.
fn absence(error: &Error) -> Trouble {
    let said = error.to_string();
    tracing::debug!(%error, "the keychain can't be opened");
    // D-Bus's own names for "nobody has this name", and for "it was to be started and was not".
    let nobody = ["ServiceUnknown", "NameHasNoOwner", "not provided", "Spawn", "UnknownObject"];
    if nobody.iter().any(|word| said.contains(word)) { Trouble::NoService } else { Trouble::NoSession }
}

fn trouble(error: &Error) -> Trouble {
    tracing::debug!(%error, "the keychain answered with an error");
    match error {
        Error::NoStorageAccess(cause) if cause.to_string().contains("result not returned") => {
            Trouble::Failed("it has no default keyring yet".to_owned())
        }
        Error::NoStorageAccess(_) => Trouble::Locked,
        Error::PlatformFailure(cause) => Trouble::Failed(cause.to_string()),
        // The others describe entries, and their text never holds what is kept in one.
        error => Trouble::Failed(error.to_string()),
    }
}
