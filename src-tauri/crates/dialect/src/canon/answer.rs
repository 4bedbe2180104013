//! One answer, whole or as it comes.

use super::Block;
use crate::replay::{PIECE, plain_pieces};
use crate::usage::Usage;

/// One answer, whole.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The provider's id of it.
    pub id: Option<String>,
    /// The model that the provider says it used.
    pub model: Option<String>,
    /// What the model said, in order: text, thinking, refusals, tool calls.
    pub blocks: Vec<Block>,
    /// Why it stopped.
    pub finish: Finish,
    /// The tokens; every field may be unknown.
    pub usage: Usage,
}

/// One step of an answer. A stream is a row of these; a whole answer can be told as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The provider has begun. First, and once.
    Start {
        /// Its id of the answer.
        id: Option<String>,
        /// The model that it says it uses.
        model: Option<String>,
    },
    /// More text.
    Text(String),
    /// More thinking, as far as the provider shows it.
    Thinking(String),
    /// More of a refusal.
    Refusal(String),
    /// A tool call begins.
    CallStart {
        /// Counts calls from 0 within the answer, whatever the provider's own index.
        ordinal: usize,
        /// Joins it to its result.
        id: String,
        /// The function.
        name: String,
    },
    /// More of a call's arguments, verbatim. Calls may be interleaved.
    CallArguments {
        /// Which call.
        ordinal: usize,
        /// A piece of JSON text.
        fragment: String,
    },
    /// A call's arguments are complete.
    CallEnd {
        /// Which call.
        ordinal: usize,
    },
    /// What is known of the tokens so far; a later one replaces an earlier one, field by field.
    Usage(Usage),
    /// Why it stopped; nothing but usage comes behind it.
    Finish(Finish),
    /// The dialect's last event was read. A stream without it was cut off.
    End,
}

impl Event {
    /// Shows a long text in pieces, each short enough for one line of a stream (see [`crate::replay`]).
    pub(crate) fn in_pieces(self, show: &mut impl FnMut(Self)) {
        let (text, one): (&str, fn(String, usize) -> Self) = match &self {
            Self::Text(text) => (text, |text, _| Self::Text(text)),
            Self::Thinking(text) => (text, |text, _| Self::Thinking(text)),
            Self::Refusal(text) => (text, |text, _| Self::Refusal(text)),
            Self::CallArguments { fragment, .. } => {
                (fragment, |fragment, ordinal| Self::CallArguments { ordinal, fragment })
            }
            _ => return show(self),
        };
        if text.len() <= PIECE {
            return show(self);
        }
        let ordinal = if let Self::CallArguments { ordinal, .. } = self { ordinal } else { 0 };
        plain_pieces(text).for_each(|piece| show(one(piece.to_owned(), ordinal)));
    }
}

/// Why an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// In the common terms.
    pub reason: FinishReason,
    /// Which of the client's stop texts ended it, where the provider says so.
    pub stop_sequence: Option<String>,
}

/// Why an answer ended, in the common terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done, or met a stop text.
    #[default]
    Stop,
    /// The limit on the output, or the end of the context window.
    Length,
    /// It waits for tool results.
    ToolCalls,
    /// The model declined, or a filter cut it.
    Refusal,
}
