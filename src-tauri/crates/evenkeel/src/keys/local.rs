//! Local keys (`ek-…`) that tools use against localhost.

use std::{fs, io, path::Path};

use crate::{files, random};

/// What every local key begins with.
pub const PREFIX: &str = "ek-";

/// Characters of randomness after the prefix: 32 of base 62, about 190 bits.
const LENGTH: usize = 32;

/// A new local key.
pub fn generate() -> Result<String, random::NoRandomness> {
    Ok(format!("{PREFIX}{}", random::base62(LENGTH)?))
}

/// Whether `text` has the form of a local key.
pub fn looks_like_one(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == LENGTH && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The key of the tenant `local` as kept in its file, or `None` if there is no usable one.
pub fn read(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let key = text.trim();
    looks_like_one(key).then(|| key.to_owned())
}

/// The key of the tenant `local`: the kept one, else a new one, written with mode 0600.
pub fn read_or_create(path: &Path) -> io::Result<String> {
    match read(path) {
        Some(key) => Ok(key),
        None => replace(path),
    }
}

/// A new key for the tenant `local`, in place of the one in the file.
pub fn replace(path: &Path) -> io::Result<String> {
    let key = generate().map_err(io::Error::other)?;
    files::write_private(path, &format!("{key}\n"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_promised_form() {
        let key = generate().expect("randomness");
        assert_eq!(key.len(), 35);
        assert!(looks_like_one(&key));
        assert!(!looks_like_one("sk-ant-something"));
        assert!(!looks_like_one("ek-short"));
    }

    #[test]
    fn the_kept_key_is_used_again_and_a_damaged_one_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("local.key");
        let first = read_or_create(&path).expect("created");
        assert_eq!(read_or_create(&path).expect("read"), first);
        fs::write(&path, "ek-damaged").expect("written");
        let second = read_or_create(&path).expect("replaced");
        assert_ne!(first, second);
        assert_eq!(read(&path), Some(second));
    }
}
