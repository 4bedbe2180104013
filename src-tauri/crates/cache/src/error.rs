//! What can go wrong where somebody waits for an answer: at the start, and at `evenkeel cache`.
//!
//! Nothing on a request's path is here: there, trouble is a miss.

use std::{io, path::PathBuf};

/// Why there is no cache at all. A bad file or folder is no such reason: the cache is then open and empty.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system gives no more threads.
    #[error("the cache's threads can't be started ({source}); raise the limit of threads for this user")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
}

/// Why `clear`, `export` or `import` did not happen.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It is shut down.
    #[error("the cache is closed because Evenkeel is shutting down; try again when it runs")]
    Closed,
    /// Its own file can't be read or written.
    #[error(
        "the cache can't be read or written now ({detail}); check the disk and who else has cache.db open"
    )]
    Unreachable {
        /// What was seen.
        detail: String,
    },
    /// The shared tier can't be cleared; the file was.
    #[error(
        "the answers in Redis at {address} are not removed ({detail}), those on this machine are; see that Redis \
         can be reached and do it again"
    )]
    RedisAway {
        /// Where, without a password.
        address: String,
        /// What was seen.
        detail: String,
    },
    /// An export never overwrites.
    #[error("{} is there already and an export never overwrites; choose another name or remove it", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// The export's file or folder.
    #[error("cannot use {}: {source}; check that its folder is there, is yours and has space", path.display())]
    File {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No passphrase.
    #[error("the passphrase is empty; an export is always encrypted, so choose one")]
    EmptyPassphrase,
    /// Not the one that it was exported with.
    #[error("this is not the passphrase that {} was exported with; nothing was imported", path.display())]
    WrongPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// Some other file.
    #[error("{} is not an export of Evenkeel's cache; `evenkeel cache export FILE` makes one", path.display())]
    NotAnExport {
        /// Which file.
        path: PathBuf,
    },
    /// From a version after this one.
    #[error(
        "{} was exported by a newer Evenkeel (format {found}, this one reads up to {known}); install that version \
         here, then import it",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u16,
        /// The newest that we read.
        known: u16,
    },
    /// The file ends early.
    #[error(
        "{} ends too early, it was not copied whole; copy it again. What came before the end was imported",
        path.display()
    )]
    Truncated {
        /// Which file.
        path: PathBuf,
    },
    /// The file isn't as it was written.
    #[error(
        "{} was changed or damaged after it was exported; export it again. What came before the damage was \
         imported",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// No randomness, or no memory for the passphrase's hash.
    #[error(
        "the file can't be encrypted or decrypted on this machine ({detail}); free some memory and try again"
    )]
    Crypto {
        /// What was missing.
        detail: String,
    },
}
