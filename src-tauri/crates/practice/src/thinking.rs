//! Thinking that can be sent back: words, and a signature without which nobody can claim them.
//!
//! The real vendor's signature is the encrypted original. Here it is a keyed hash, which is enough for what a
//! client must not do: change a block, make one up, or bring one from another provider. It is no protection
//! against anybody who means harm.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::random;

/// What a signature vouches for; one can't stand in for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// The words of a `thinking` block.
    Thinking = 1,
    /// A `redacted_thinking` block, which has no words.
    Redacted = 2,
    /// The `encrypted_content` of a reasoning item.
    Reasoning = 3,
}

/// Signs for one provider, and knows its own signatures again, after a restart too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer {
    key: u64,
}

/// What every signature begins with, so that it looks like one.
const MARK: u8 = 0x12;
/// Mark, kind, then three numbers of eight bytes.
const LENGTH: usize = 2 + 3 * 8;

impl Signer {
    pub(crate) fn new(provider: &str) -> Self {
        Self { key: random::hash(format!("the signing key of {provider}").as_bytes()) }
    }

    /// A signature for these words. `whole` is what was thought, `shown` what of it the client sees.
    pub(crate) fn sign(self, seal: Seal, whole: &str, shown: &str) -> String {
        self.write(seal, random::hash(whole.as_bytes()), shown)
    }

    /// Whether this signature was made here for these words.
    pub(crate) fn verifies(self, seal: Seal, signature: &str, shown: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else { return false };
        let Some(nonce) = bytes.get(2..10).and_then(|nonce| nonce.try_into().ok()) else { return false };
        bytes.len() == LENGTH && self.write(seal, u64::from_be_bytes(nonce), shown) == signature
    }

    fn write(self, seal: Seal, nonce: u64, shown: &str) -> String {
        let start = random::draw(self.key ^ nonce, seal as u64);
        let inner = random::draw(self.key, random::hash(shown.as_bytes()) ^ start);
        let outer = random::draw(inner ^ self.key.rotate_left(32), nonce);
        let numbers = [nonce, inner, outer].into_iter().flat_map(u64::to_be_bytes);
        STANDARD.encode([MARK, seal as u8].into_iter().chain(numbers).collect::<Vec<u8>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_own_words_kind_and_provider_alone() {
        let (own, other) = (Signer::new("practice-b"), Signer::new("practice-c"));
        let signature = own.sign(Seal::Thinking, "words", "words");
        assert!(own.verifies(Seal::Thinking, &signature, "words"));
        assert!(Signer::new("practice-b").verifies(Seal::Thinking, &signature, "words"), "after a restart");
        assert!(!own.verifies(Seal::Thinking, &signature, "other words"));
        assert!(!own.verifies(Seal::Redacted, &signature, "words"));
        assert!(!other.verifies(Seal::Thinking, &signature, "words"));
        for forged in ["", "c2lnbmF0dXJl", "EgE=", &signature[..signature.len() - 4], "not base64!"] {
            assert!(!own.verifies(Seal::Thinking, forged, "words"), "{forged}");
        }
    }

    #[test]
    fn words_that_are_kept_back_have_a_signature_of_their_own() {
        let signer = Signer::new("p");
        let (one, two) = (signer.sign(Seal::Thinking, "one", ""), signer.sign(Seal::Thinking, "two", ""));
        assert_ne!(one, two);
        assert!(signer.verifies(Seal::Thinking, &one, "") && signer.verifies(Seal::Thinking, &two, ""));
    }
}
