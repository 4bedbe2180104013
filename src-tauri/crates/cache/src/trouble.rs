//! What a person should know of the cache, each said once an episode.

use std::path::PathBuf;

/// Requests go on whatever it is; only answers from the cache are affected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The file could not be read as what it should be.
    #[error(
        "The answers kept in {} could not be read ({why}), so the cache began again, empty. Nothing else is \
         affected and there is nothing to do.",
        path.display()
    )]
    Rebuilt {
        /// The file.
        path: PathBuf,
        /// What was seen.
        why: String,
    },
    /// The key isn't the one that the file was sealed with.
    #[error(
        "The answers kept in {} were sealed with another key, which is lost or was replaced, so nobody can read \
         them: the cache began again, empty. There is nothing to do.",
        path.display()
    )]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds it.
    #[error(
        "Another program has locked {}. Until it lets go no answers are kept, and perhaps none are found; close \
         what has the file open.",
        path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error(
        "The disk is full, so no new answers are kept in {}. Requests are not affected; free some space and it \
         goes on by itself.",
        path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Rights, a read-only disk, a fault of the disk.
    #[error(
        "No answers can be kept in {} ({detail}). Requests are not affected; check that the disk is there and \
         that the folder is yours, and it goes on by itself.",
        path.display()
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The shared tier can't be reached.
    #[error(
        "Redis at {address} can't be reached ({detail}), so answers are kept and found on this machine only. \
         Requests are not affected; it is tried again by itself."
    )]
    Away {
        /// Where, without a password.
        address: String,
        /// What was seen.
        detail: String,
    },
    /// It is there again.
    #[error("Redis at {address} is back, and the cache is shared with other routers again.")]
    Back {
        /// Where, without a password.
        address: String,
    },
    /// It is there and takes nothing.
    #[error(
        "Redis at {address} keeps no new answers ({detail}). What it has is still found, requests are not affected, \
         and answers are kept on this machine. Give it memory and a policy such as maxmemory-policy allkeys-lru, \
         or the right to write; it goes on by itself."
    )]
    Refused {
        /// Where, without a password.
        address: String,
        /// What it said.
        detail: String,
    },
}

impl Trouble {
    /// A few words for the head of a notice.
    pub fn headline(&self) -> &'static str {
        match self {
            Self::Rebuilt { .. } => "The cache was damaged and began again",
            Self::OtherKey { .. } => "The cache's key has changed",
            Self::Locked { .. } => "The cache is locked by another program",
            Self::Full { .. } => "The disk is full: no answers are kept",
            Self::NotWritable { .. } => "The cache can't be written",
            Self::Away { .. } => "The shared cache can't be reached",
            Self::Back { .. } => "The shared cache is back",
            Self::Refused { .. } => "The shared cache keeps nothing new",
        }
    }

    /// One word for logs and machines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rebuilt { .. } => "rebuilt",
            Self::OtherKey { .. } => "other_key",
            Self::Locked { .. } => "locked",
            Self::Full { .. } => "full",
            Self::NotWritable { .. } => "not_writable",
            Self::Away { .. } => "unreachable",
            Self::Back { .. } => "back",
            Self::Refused { .. } => "refused",
        }
    }
}
