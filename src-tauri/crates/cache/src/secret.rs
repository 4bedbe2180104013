//! The two secrets: the key that seals the cache, and the passphrase of an export.
//!
//! Both are wiped from memory when dropped, and neither can be printed by accident.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::CacheError;

/// The 32 bytes that the cache is sealed with. Whoever has them can read it; without them nobody can.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

/// Why there is no key. Never says what was given instead of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSealingKey {
    /// Not in the form of [`SealingKey::to_hex`].
    #[error("a sealing key is 64 hexadecimal digits; copy it whole from where it was made")]
    NotHex,
    /// The system has no random numbers to make one of.
    #[error("the system gave no random numbers for a sealing key ({0}); try again")]
    NoRandomness(String),
}

impl SealingKey {
    /// A new one, from the system's randomness.
    pub fn generate() -> Result<Self, BadSealingKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut bytes[..]).map_err(|error| BadSealingKey::NoRandomness(error.to_string()))?;
        Ok(Self(bytes))
    }

    /// From 64 hexadecimal digits; white space around them is ignored. Several routers that share a cache share
    /// this.
    pub fn from_hex(hex: &str) -> Result<Self, BadSealingKey> {
        let digits = hex.trim().as_bytes();
        if digits.len() != 64 {
            return Err(BadSealingKey::NotHex);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }

    /// 64 hexadecimal digits, for a keychain or a file that only its owner can read.
    pub fn to_hex(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Its whole length from the start: a text that grows leaves copies behind.
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                hex.push(char::from(DIGITS[usize::from(digit)]));
            }
        }
        hex
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn nibble(digit: u8) -> Result<u8, BadSealingKey> {
    let value = char::from(digit).to_digit(16).ok_or(BadSealingKey::NotHex)?;
    u8::try_from(value).map_err(|_| BadSealingKey::NotHex)
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

/// What an export is locked with, and an import opened.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Any text but an empty one; no other rule, for it is the person's own file.
    pub fn new(text: String) -> Result<Self, CacheError> {
        let text = Zeroizing::new(text);
        if text.is_empty() { Err(CacheError::EmptyPassphrase) } else { Ok(Self(text)) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

#[cfg(test)]
mod tests;
