//! A cache on its way to another machine: the passphrase that seals the file, and what can go wrong with the file.

use std::path::{Path, PathBuf};

use evenkeel_cache::{Cache, CacheError, Moved, Passphrase};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    admin::types::CacheMoved,
    failure::{Code, Failure},
    files,
};

/// What an export is sealed with lies open to whoever gets the file, for as long as they like.
const SHORTEST: usize = 12;
/// A key held down is long and no secret.
const DIFFERENT: usize = 5;

/// Refuses what would be guessed in an afternoon. Only for an export: an import takes what there is.
pub(crate) fn is_strong_enough(passphrase: &SecretString) -> Result<(), Failure> {
    let text = passphrase.expose_secret();
    let mut letters: Vec<char> = text.chars().collect();
    let length = letters.len();
    letters.sort_unstable();
    letters.dedup();
    let message = if length < SHORTEST {
        format!("This passphrase has {length} characters; it takes {SHORTEST} at least.")
    } else if letters.len() < DIFFERENT {
        format!("This passphrase repeats itself; it takes {DIFFERENT} different characters at least.")
    } else {
        return Ok(());
    };
    Err(Failure::new(Code::InvalidRequest, message)
        .hint("Take four words that nobody would put together, and keep them where you will find them."))
}

/// Writes everything into a new file.
pub(crate) async fn export(
    cache: &Cache,
    file: &Path,
    passphrase: &SecretString,
) -> Result<CacheMoved, Failure> {
    is_strong_enough(passphrase)?;
    let moved = cache.export(absolute(file)?, sealing(passphrase)?).await;
    moved.map(|moved| told(file, moved)).map_err(|error| failure(&error))
}

/// Takes in what a file has.
pub(crate) async fn import(
    cache: &Cache,
    file: &Path,
    passphrase: &SecretString,
) -> Result<CacheMoved, Failure> {
    let moved = cache.import(absolute(file)?, sealing(passphrase)?).await;
    moved.map(|moved| told(file, moved)).map_err(|error| failure(&error))
}

fn told(file: &Path, Moved { entries, skipped }: Moved) -> CacheMoved {
    CacheMoved { file: file.display().to_string(), entries, skipped }
}

fn sealing(passphrase: &SecretString) -> Result<Passphrase, Failure> {
    Passphrase::new(passphrase.expose_secret().to_owned()).map_err(|error| failure(&error))
}

/// The router's own folder is none that anybody means.
fn absolute(file: &Path) -> Result<PathBuf, Failure> {
    if file.is_absolute() {
        return Ok(file.to_owned());
    }
    Err(Failure::new(
        Code::InvalidRequest,
        format!("{} is no path from the root of the disk.", file.display()),
    )
    .hint("Name the file with its whole path."))
}

/// The cache's own words under a code of ours.
pub(crate) fn failure(error: &CacheError) -> Failure {
    let (code, hint) = match error {
        CacheError::Exists { .. } => (Code::FileExists, "Choose another name, or move that file away."),
        CacheError::File { path, source } => {
            let message = format!("{} can't be used: {}.", path.display(), files::reason(source));
            return Failure::new(Code::FileUnusable, message)
                .hint("Check the path and who may read and write it.");
        }
        CacheError::EmptyPassphrase => {
            (Code::InvalidRequest, "Give the passphrase that the file is sealed with.")
        }
        CacheError::WrongPassphrase { .. } => (Code::WrongPassphrase, "Try again; nothing was changed."),
        CacheError::NotAnExport { .. }
        | CacheError::Newer { .. }
        | CacheError::Truncated { .. }
        | CacheError::Damaged { .. } => (Code::BadExport, "Make a new one: evenkeel cache export FILE"),
        CacheError::Closed | CacheError::Unreachable { .. } | CacheError::RedisAway { .. } => {
            (Code::CacheClosed, "evenkeel cache stats says how it stands.")
        }
        CacheError::Crypto { .. } => return Failure::internal("seal or open the file", error),
    };
    let text = error.to_string();
    // The cache's sentences may name the fix themselves.
    let (message, own) = match text.split_once(". ") {
        Some((message, fix)) => (format!("{message}."), Some(fix.to_owned())),
        None => (format!("{}.", text.trim_end_matches('.')), None),
    };
    let mut letters = message.chars();
    let message = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>();
    Failure::new(code, message).hint(own.unwrap_or_else(|| hint.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_that_is_soon_guessed_is_refused_with_the_reason() {
        let said = |text: &str| is_strong_enough(&text.into()).map_err(|failure| failure.message);
        assert_eq!(said("short"), Err("This passphrase has 5 characters; it takes 12 at least.".to_owned()));
        assert_eq!(
            said("aaaaaaaaaaaaaaab"),
            Err("This passphrase repeats itself; it takes 5 different characters at least.".to_owned())
        );
        assert_eq!(said("four words put together"), Ok(()));
        assert_eq!(said("ünïcödé counts"), Ok(()), "characters, not bytes");
    }

    #[test]
    fn a_path_that_is_not_whole_is_refused() {
        assert_eq!(absolute(Path::new("backup.evk")).expect_err("refused").code, Code::InvalidRequest);
        assert!(absolute(&std::env::temp_dir().join("x")).is_ok());
    }
}
