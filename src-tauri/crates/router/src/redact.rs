//! A provider's words without our key in them. Some hosts quote the key that they reject; the client
//! holds only a local key, and ledger, log and answers must never know the other one.
//!
//! The exact key is replaced, for many hosts' keys carry no mark to know them by.

use bytes::Bytes;
use secrecy::ExposeSecret;

use crate::secrets::KeyState;

const INSTEAD: &str = "[key]";
/// Nothing shorter is a key; replacing it would only garble the words.
const SHORTEST: usize = 6;

/// Text without the key.
pub(crate) fn text(key: &KeyState, text: String) -> String {
    match secret(key) {
        Some(secret) if text.contains(secret) => text.replace(secret, INSTEAD),
        _ => text,
    }
}

/// A body without the key; the same bytes where it isn't in them.
pub(crate) fn body(key: &KeyState, body: Bytes) -> Bytes {
    let Some(secret) = secret(key) else { return body };
    if !contains(&body, secret) {
        return body;
    }
    // A host that quotes a key does so in text; what isn't text can't be read anyway.
    String::from_utf8_lossy(&body).replace(secret, INSTEAD).into()
}

/// Whether a header's value quotes the key.
pub(crate) fn is_in(key: &KeyState, bytes: &[u8]) -> bool {
    secret(key).is_some_and(|secret| contains(bytes, secret))
}

fn secret(key: &KeyState) -> Option<&str> {
    match key {
        KeyState::Present(secret) => Some(secret.expose_secret()).filter(|secret| secret.len() >= SHORTEST),
        KeyState::Missing | KeyState::NotNeeded => None,
    }
}

fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// A header's value for an error message: what looks like a key is not repeated.
pub(crate) fn quoted(value: &str) -> String {
    if value.contains("ek-") || value.contains("sk-") {
        return "(something that looks like a key)".to_owned();
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn the_exact_key_goes_and_everything_else_stays() {
        let key = KeyState::Present(SecretString::from("9f3c0a77e1b24d5c"));
        let told = "Incorrect API key provided: 9f3c0a77e1b24d5c.";
        assert_eq!(text(&key, told.to_owned()), "Incorrect API key provided: [key].");
        assert_eq!(body(&key, Bytes::from(told)), "Incorrect API key provided: [key].");
        let clean = Bytes::from_static(b"\xff no key \xfe");
        assert_eq!(body(&key, clean.clone()).as_ptr(), clean.as_ptr(), "not even copied");
        assert!(is_in(&key, b"Bearer 9f3c0a77e1b24d5c"));
    }

    #[test]
    fn without_a_key_nothing_is_searched() {
        assert_eq!(text(&KeyState::NotNeeded, "anything".to_owned()), "anything");
    }
}
