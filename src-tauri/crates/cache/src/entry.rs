//! What the cache is handed and what it hands out. No field is ever logged.

use bytes::Bytes;
use evenkeel_dialect::{Api, normal::Key, usage::Usage};
use jiff::Timestamp;

/// What was asked: everything that an answer is found by.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The exchange that the body belongs to.
    pub api: Api,
    /// The client's body.
    pub body: Bytes,
    /// Tenants never share an answer.
    pub tenant: String,
    /// Nor do routes.
    pub route: String,
    /// What the client calls this version of its prompt.
    pub prompt_version: Option<String>,
    /// The key, where it is known already: then the rest isn't looked at.
    pub key: Option<Key>,
}

/// An answer as the client was sent it.
#[derive(Clone, Debug)]
pub enum Answered {
    /// A whole body.
    Whole(Bytes),
    /// Server-sent events, cut anywhere. They are put together on the cache's thread.
    Stream(Vec<Bytes>),
}

impl Answered {
    /// Bytes that it holds.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Whole(body) => body.len(),
            Self::Stream(chunks) => chunks.iter().map(Bytes::len).sum(),
        }
    }
}

/// An answer to be kept.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What was asked.
    pub prompt: Prompt,
    /// The exchange that the answer belongs to.
    pub answer_api: Api,
    /// The answer.
    pub answer: Answered,
    /// Who gave it.
    pub provider: String,
    /// With which model.
    pub model: String,
    /// What it took.
    pub usage: Usage,
    /// What it cost in micro-dollars, if the price is known.
    pub cost_micros: Option<i64>,
    /// When it was given.
    pub at: Timestamp,
}

/// An answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The exchange that the body belongs to.
    pub api: Api,
    /// A complete body, as that exchange answers without streaming.
    pub body: Bytes,
    /// Who gave it.
    pub provider: String,
    /// With which model.
    pub model: String,
    /// What it took.
    pub usage: Usage,
    /// What it cost in micro-dollars, if the price was known.
    pub cost_micros: Option<i64>,
    /// When it was given.
    pub at: Timestamp,
}
