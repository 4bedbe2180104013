//! Stage 4: an answer that is already known. The travel-mode cache comes later; until then nothing is
//! stored, every look-up misses, and every response says `x-evenkeel-cache: off`.

use serde::Serialize;

/// Whether and when the cache may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CachePolicy {
    /// Neither read nor written.
    #[default]
    Off,
}

impl CachePolicy {
    /// The word for response header and ledger.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
        }
    }
}
