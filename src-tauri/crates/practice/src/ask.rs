//! What a request asks for, without its dialect.
//!
//! Three APIs are read into this one form, so that whoever asks the same thing in two dialects gets the same
//! answer: that is what makes the providers of use for proving a translation.

pub(crate) mod count;
pub(crate) mod cues;
pub(crate) mod json;
pub(crate) mod turn;

use serde_json::Value;

use crate::cache::Input;
use cues::Cues;
use turn::{Attachment, ToolResult, Turn};

/// A prompt, reduced to what the answer depends on. It lives no longer than the request.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    pub(crate) model: String,
    /// Everything said so far, instructions included.
    pub(crate) turns: Vec<Turn>,
    pub(crate) input: Input,
    pub(crate) stream: bool,
    /// Whether a stream ends with its usage. Only chat completions leave it out.
    pub(crate) include_usage: bool,
    /// How many answers (`n`).
    pub(crate) choices: usize,
    /// The longest answer, in tokens, hidden reasoning included.
    pub(crate) limit: Option<u64>,
    pub(crate) stops: Vec<String>,
    /// As the client wrote it, for [`Cues::recite`] only.
    pub(crate) temperature: Option<f64>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) demand: Demand,
    /// Whether at most one tool may be called.
    pub(crate) one_call: bool,
    /// The schema that a text answer has to fit; `{}` for any JSON object.
    pub(crate) shape: Option<Value>,
    pub(crate) thinking: Option<Thinking>,
    /// How many alternatives to name beside each token's probability, if those are wanted at all.
    pub(crate) logprobs: Option<usize>,
}

/// A function that the client offers.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// What `tool_choice` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Demand {
    /// A tool may be called.
    #[default]
    Free,
    /// Some tool has to be called.
    Any,
    /// This tool has to be called.
    Named(String),
    /// None may be called.
    Never,
}

/// How an answer is thought about first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// Out of sight: only the tokens show.
    Hidden { tokens: u64 },
    /// In words.
    Shown,
    /// In words that are kept back, with a signature that stands for them.
    Omitted,
    /// In words that were encrypted because a filter did not like them.
    Redacted,
}

impl Ask {
    /// The last text that the user wrote; empty if there is none.
    pub(crate) fn text(&self) -> &str {
        turn::last_text(&self.turns)
    }

    /// What tools gave back since the last answer.
    pub(crate) fn results(&self) -> Vec<ToolResult> {
        turn::results(&self.turns)
    }

    /// The pictures and documents of the whole conversation, in order.
    pub(crate) fn attachments(&self) -> Vec<&Attachment> {
        turn::attachments(&self.turns)
    }

    /// What the last text asks for beside its words.
    pub(crate) fn cues(&self) -> Cues {
        Cues::of(self.text())
    }
}
