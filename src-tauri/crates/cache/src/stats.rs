//! How the cache is doing, in figures.

use jiff::Timestamp;

/// One look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// What keeps the answers.
    pub backend: &'static str,
    /// Whether look-ups reach it at present.
    pub reachable: bool,
    /// Answers kept.
    pub entries: u64,
    /// Bytes on disk, the log included.
    pub bytes: u64,
    /// The cap on them.
    pub max_bytes: u64,
    /// When the oldest answer was given.
    pub oldest: Option<Timestamp>,
    /// Answers that replaced one that was still fresh: nobody would have had to ask for them.
    pub would_have_hit: u64,
    /// What those cost, in micro-dollars.
    pub would_have_saved_micros: i64,
    /// Answers not kept since the start: the queue was full, they were too large, or the disk refused them.
    pub dropped: u64,
}

/// What an export or import moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Answers written or taken in.
    pub entries: u64,
    /// Answers left out: expired, unreadable, too large, or the cache has a newer one.
    pub skipped: u64,
}
