//! `admin.token`: whoever can read this file may use the admin API.

use std::{fs, io, path::Path};

use secrecy::SecretString;

use crate::{files, random};

/// Characters of base 62, about 256 bits.
const LENGTH: usize = 43;

/// Reads the token of this data folder.
pub fn read(path: &Path) -> Option<SecretString> {
    let text = fs::read_to_string(path).ok()?;
    let token = text.trim();
    (token.len() >= LENGTH).then(|| token.into())
}

/// Reads the token, or makes one. It stays the same over restarts, so that a scraper may keep it.
pub fn read_or_create(path: &Path) -> io::Result<SecretString> {
    if let Some(token) = read(path) {
        files::keep_private(path)?;
        return Ok(token);
    }
    let token = random::base62(LENGTH).map_err(io::Error::other)?;
    files::write_private(path, &format!("{token}\n"))?;
    Ok(token.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_token_survives_and_is_private_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("admin.token");
        let first = read_or_create(&path).expect("created");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
            read_or_create(&path).expect("read");
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        }
        let second = read_or_create(&path).expect("read");
        assert_eq!(first.expose_secret(), second.expose_secret());
        assert!(!format!("{first:?}").contains(first.expose_secret()));
    }
}
