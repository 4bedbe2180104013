//! What can go wrong, in words for the person who has to put it right.
//!
//! Two families, because they meet different people: [`OpenError`] ends a start and is printed as it is;
//! [`StoreError`] reaches the admin API of a running router. SQLite's own words are kept as the source or the
//! detail, never as the whole message.

use std::{io, path::PathBuf};

use jiff::Timestamp;

/// Why the data folder could not be opened. Nothing in it was deleted or overwritten.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process runs on this folder.
    #[error(
        "{} is in use by another Evenkeel{}; stop that one first, or choose another folder with --home",
        folder.display(), pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// Who; `None` where the system doesn't let us read it.
        pid: Option<u32>,
        /// Which folder.
        folder: PathBuf,
    },
    /// Only for readers: there is nothing to read.
    #[error("no ledger yet in {}; `evenkeel serve` makes one when it starts", folder.display())]
    NoLedger {
        /// Which folder.
        folder: PathBuf,
    },
    /// The folder or a file in it can't be made or read.
    #[error("cannot use {}: {source}; check that the disk is there and that the folder is yours", path.display())]
    Folder {
        /// Which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Written by a version that came after this one.
    #[error(
        "{} was written by a newer Evenkeel (format {found}, this one knows up to {known}); \
         install the newer version again, or choose another folder with --home",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest that we know.
        known: i64,
    },
    /// Only for readers, who must not change the file.
    #[error(
        "{} is from an older Evenkeel (format {found}, this one reads {known}); \
         start `evenkeel serve` once and it is brought up to date",
        path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The one that we read.
        known: i64,
    },
    /// Not SQLite, or no longer.
    #[error(
        "{} is damaged or not a database ({detail}). It was left as it is: move it and its -wal and -shm files \
         away and start again, or put a backup in its place",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was seen.
        detail: String,
    },
    /// A good SQLite file of another program.
    #[error(
        "{} is a database of another program. It was left as it is: move it away, or choose another folder \
         with --home",
        path.display()
    )]
    NotOurs {
        /// The database.
        path: PathBuf,
    },
    /// A step of the way to this version's format failed; the file is as it was before that step.
    #[error(
        "{} could not be brought to format {version} ({source}). It still has its old format; a copy is {}",
        path.display(),
        copy.as_ref().map_or_else(|| "not needed, it was new".to_owned(), |copy| copy.display().to_string())
    )]
    Migration {
        /// The database.
        path: PathBuf,
        /// The step that failed.
        version: i64,
        /// The copy made before, if there was something to copy.
        copy: Option<PathBuf>,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Anything else that SQLite refuses: disk full, no rights, locked for too long.
    #[error("cannot open {}: {source}; check free space and who else has it open", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// Why a read or a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refuses writes. Rows wait in memory and are written when it takes them again.
    #[error("the ledger cannot be written ({message}); rows wait in memory, free space or check the disk")]
    Failing {
        /// What SQLite said.
        message: String,
    },
    /// The store is shut down.
    #[error("the ledger is closed because Evenkeel is shutting down; try again when it runs")]
    Closed,
    /// A tenant of that name exists.
    #[error("tenant \"{name}\" is already there; `evenkeel tenant rotate {name}` gives it a new key")]
    AlreadyThere {
        /// Which.
        name: String,
    },
    /// The request that a page should start after isn't there.
    #[error(
        "no request \"{id}\" to go on from (it may be older than the ledger keeps); ask for the first page"
    )]
    NoSuchCursor {
        /// What was asked for.
        id: String,
    },
    /// A value that we never write.
    #[error("the ledger holds a value that Evenkeel never writes ({detail}); put a backup in its place")]
    Damaged {
        /// Where and what.
        detail: String,
    },
    /// Anything else that SQLite refuses.
    #[error("the ledger cannot be read ({0}); check the disk and who else has the file open")]
    Sqlite(#[from] rusqlite::Error),
}

/// Whether what is recorded reaches the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Ok,
    /// It does not for now; rows wait in memory and the writer tries again by itself.
    Failing {
        /// Since the first try that failed.
        since: Timestamp,
        /// What SQLite said last.
        message: String,
    },
}
