//! A complete answer given once more, to a client of any dialect, as a stream or in one piece.
//!
//! What is kept of an answer is its whole body, as its API answers without streaming. A client of that same
//! API gets those very bytes, or a stream that folds back into them: the events that the vendor itself would
//! have sent, in its order, with every field that nobody here knows in the place that a stream has for it. A
//! client of another API gets the translation that it would have got of the provider's own answer.
//!
//! A replay comes at once, so its text isn't cut into tokens. It is still cut, into pieces of 8 KiB: many
//! clients read a stream line by line into a buffer of 64 KiB, and give up on longer ones.
//!
//! What no stream can carry, and what is therefore not there again when a replayed stream of the same API is
//! folded:
//!
//! - Chat Completions: `usage`, unless the client asked for it; the `index` of a call, for it is its place; a
//!   list of calls that is null or empty; content that is an empty text beside calls or a refusal, or missing,
//!   is null; a message with a `refusal` has `annotations`, if only an empty list; the role `assistant`, a
//!   choice's `index` and a call's type `function` are said where they were left out; `object` is what this API calls it.
//! - Messages: counts of tokens that were missing are 0; the input of a call that was missing or null is `{}`.
//! - Responses: nothing, for the last event carries the whole body.
//!
//! A stream has no line ends within its data, so those between the values of a stored body become spaces.
//!
//! Stored bytes are not trusted: whatever they are, there is an answer or a [`ReplayError`], in linear time.

use bytes::Bytes;

use crate::Api;
use crate::answer::{self, AnswerProblem};
use crate::fold::FoldError;
use crate::json::{Fields, Raw};
use crate::translate::{self, Memory, Reply};

mod chat;
mod keep;
mod messages;
mod responses;
mod write;

pub use keep::{NotKept, worth_keeping};
pub(crate) use write::{PIECE, plain_pieces};

/// Why a stored answer can't be given to this client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Not an answer of the API that it was stored for.
    #[error("the stored answer can't be replayed: {0}")]
    NotAnAnswer(#[from] AnswerProblem),
    /// An answer, but not one that is over: given as a stream, it would look cut off.
    #[error("the stored answer can't be replayed: `{field}` doesn't say that it was finished")]
    Unfinished {
        /// The field that should say so, as the answer's API calls it.
        field: &'static str,
    },
    /// Part of it is of a shape that no stream of its API has.
    #[error("the stored answer can't be replayed: {0}")]
    Malformed(String),
    /// Several answers to one question, of which the other API could only have one.
    #[error("the stored answer has {choices} choices, and an answer of {} has one", to.path())]
    SeveralChoices {
        /// How many there are.
        choices: usize,
        /// What the client called.
        to: Api,
    },
    /// Vectors for somebody who asked for words, or the other way round.
    #[error("an answer of {} can't be given to a client of {}", from.path(), to.path())]
    AnotherKind {
        /// Whose answer is stored.
        from: Api,
        /// What the client called.
        to: Api,
    },
    /// This API has no streams.
    #[error("{} doesn't stream, so no stored answer can be replayed as a stream", Api::Embeddings.path())]
    NoStreams,
}

impl From<FoldError> for ReplayError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Failed(error) => Self::NotAnAnswer(AnswerProblem::ErrorEnvelope(error)),
            FoldError::Unfinished => Self::Malformed("it ends before its end".to_owned()),
            FoldError::Malformed(what) => Self::Malformed(what),
        }
    }
}

/// The body of a client of `to`, of the body that `from` answered; within one API these very bytes.
///
/// ```
/// use evenkeel_dialect::{Api, replay};
///
/// let stored = br#"{"type":"message","content":[{"type":"text","text":"Ahoy"}],"stop_reason":"end_turn"}"#;
/// let stored = bytes::Bytes::from_static(stored);
/// assert_eq!(replay::body(Api::Messages, &stored, Api::Messages).unwrap(), stored);
/// let chat = replay::body(Api::Messages, &stored, Api::ChatCompletions).unwrap();
/// assert!(String::from_utf8_lossy(&chat).contains(r#""content":"Ahoy""#));
/// ```
pub fn body(from: Api, stored: &Bytes, to: Api) -> Result<Bytes, ReplayError> {
    body_for(&reply(from, stored, to), stored)
}

/// The whole stream of a client of `to`, of the body that `from` answered. `usage_asked`: a client of Chat
/// Completions wants the tokens at the end (`stream_options.include_usage`); the others are always told.
pub fn stream(from: Api, stored: &Bytes, to: Api, usage_asked: bool) -> Result<Bytes, ReplayError> {
    let reply = Reply { include_usage: usage_asked, ..reply(from, stored, to) };
    stream_for(&reply, stored)
}

/// What a client is told of the origin of a stored answer, if nothing is known but that answer.
///
/// Across APIs more can be told: when the answer was given, where the stored body doesn't say it (Messages
/// never does), and whatever depends on what this client asked (`request`, `memory`): the settings that a
/// response repeats, tools that the client knows in another form. Put that in, and use [`body_for`] and
/// [`stream_for`].
pub fn reply(from: Api, stored: &Bytes, to: Api) -> Reply {
    let text = std::str::from_utf8(stored).unwrap_or_default();
    let fields = (from != to).then(|| Fields::parse(trimmed(text)).ok()).flatten();
    let fields = fields.as_ref();
    let text = |name| fields.and_then(|fields| fields.text(name)).unwrap_or_default().into_owned();
    let created = ["created", "created_at"].into_iter().find_map(|name| fields?.count(name));
    Reply {
        from,
        to,
        id: text("id"),
        model: text("model"),
        created: created.and_then(|created| i64::try_from(created).ok()).unwrap_or_default(),
        include_usage: false,
        memory: Memory::default(),
        request: Bytes::new(),
    }
}

/// [`body`], with more known of the client.
pub fn body_for(reply: &Reply, stored: &Bytes) -> Result<Bytes, ReplayError> {
    checked(reply, stored)?;
    if reply.from == reply.to {
        return Ok(stored.clone());
    }
    Ok(translate::answer(reply, stored)?)
}

/// [`stream`], with more known of the client.
pub fn stream_for(reply: &Reply, stored: &Bytes) -> Result<Bytes, ReplayError> {
    let fields = checked(reply, stored)?;
    for name in chat::HEAD {
        repeatable(name, fields.get(name))?;
    }
    match (reply.from, reply.to) {
        (_, Api::Embeddings) => Err(ReplayError::NoStreams),
        (from, to) if from != to => Ok(translate::answer_as_stream(reply, stored)?),
        (Api::Messages, _) => messages::stream(&fields),
        (Api::Responses, _) => responses::stream(&fields),
        (Api::ChatCompletions | Api::Embeddings, _) => Ok(chat::stream(&fields, reply.include_usage)),
    }
}

/// The fields of what is stored, if it is a whole answer, and one that this client can be given.
fn checked<'s>(reply: &Reply, stored: &'s [u8]) -> Result<Fields<'s>, ReplayError> {
    let Reply { from, to, .. } = *reply;
    if from != to && (from == Api::Embeddings || to == Api::Embeddings) {
        return Err(ReplayError::AnotherKind { from, to });
    }
    answer::read(from, stored)?;
    let text = std::str::from_utf8(stored).map_err(|_| AnswerProblem::NotJson)?;
    let fields = Fields::parse(trimmed(text)).map_err(|_| AnswerProblem::NotJson)?;
    keep::is_finished(from, &fields).map_err(|field| ReplayError::Unfinished { field })?;
    if from == Api::ChatCompletions && to != from {
        let choices = fields.items("choices").unwrap_or_default().count();
        if choices > 1 {
            return Err(ReplayError::SeveralChoices { choices, to });
        }
    }
    Ok(fields)
}

/// What many events repeat must be short, or a small body would become an endless stream.
fn repeatable(name: &str, value: Option<Raw<'_>>) -> Result<(), ReplayError> {
    /// Ten times as long as the longest that any host is known to send.
    const LONGEST: usize = 4096;
    match value {
        Some(value) if value.get().len() > LONGEST => {
            Err(ReplayError::Malformed(format!("`{name}` is longer than {LONGEST} bytes")))
        }
        _ => Ok(()),
    }
}

/// A body may begin with a byte order mark, and have white space around it.
fn trimmed(body: &str) -> &str {
    body.trim_start_matches('\u{feff}').trim_ascii()
}

#[cfg(test)]
mod tests;
