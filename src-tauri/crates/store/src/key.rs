//! The hash of a local key: all that is ever stored of one.

/// blake3's key-derivation mode wants a string that is unique to this use, so that the same bytes hashed
/// elsewhere for another purpose give another hash. Changing it locks every tenant out.
const CONTEXT: &str = "evenkeel.app 2026-08 local key hash v1";

/// The hash under which a tenant's local key (`ek-…`) is stored and looked up.
///
/// A plain fast hash is right here: local keys are made by us from 128 random bits or more, so there is no
/// dictionary to try, and each request hashes one.
pub fn hash_key(key: &str) -> [u8; 32] {
    blake3::derive_key(CONTEXT, key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes_between_versions() {
        // A change here means that every stored key stops working.
        let hex = blake3::Hash::from_bytes(hash_key("ek-0123456789")).to_hex();
        assert_eq!(hex.as_str(), "6a613ba3cd3a6702074736e5785e8ff2930cb654d9a3c74e8ccda015088f5777");
        assert_ne!(hash_key("ek-0123456789"), *blake3::hash(b"ek-0123456789").as_bytes());
    }
}
