//! From one dialect to the other, through the canonical form: requests towards a provider, answers back.
//!
//! Each attempt of a request is translated afresh from the client's own body, and each answer gets a
//! [`StreamTranslator`] of its own, so no state of a failed attempt can leak into the next one.

use bytes::Bytes;

use crate::Api;
use crate::ask::AskError;
use crate::envelope::Begun;
use crate::fold::FoldError;
use crate::sse::Frame;
use crate::usage::Usage;

/// What the target model can do, as far as a translation depends on it. Unknown models get the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts of a model, not a state")]
pub struct ModelTraits {
    /// The most tokens that it answers with, hidden reasoning included.
    pub max_output: Option<u64>,
    /// How it is told to think.
    pub thinking: Thinking,
    /// It takes `temperature`, `top_p` and `top_k`; reasoning models often refuse them.
    pub sampling: bool,
    /// It refuses `temperature` and `top_p` in one request.
    pub one_of_temperature_and_top_p: bool,
    /// It can be made to call a tool (`tool_choice` other than auto and none).
    pub forced_tools: bool,
    /// The levels that it takes where it is told by a level, lowest first; empty: not known.
    pub efforts: Vec<String>,
    /// It has native structured output (`json_schema`).
    pub structured_output: bool,
    /// OpenAI's own newer models want `max_completion_tokens`, most other hosts know only `max_tokens`.
    pub max_completion_tokens: bool,
    /// It sees images.
    pub images: bool,
    /// It reads PDFs.
    pub documents: bool,
    /// How it takes function tools in Chat Completions.
    pub tools_in_chat: ToolsInChat,
}

/// How a model takes function tools in Chat Completions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolsInChat {
    /// As it comes.
    #[default]
    Freely,
    /// Only while it is told not to think (`reasoning_effort: "none"`).
    WithoutThinking,
    /// Not at all.
    Never,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// It isn't.
    #[default]
    None,
    /// By a budget in tokens (`thinking.budget_tokens`), at least 1024 and below the output limit.
    Budget,
    /// By a level (`reasoning_effort`; at Anthropic's adaptive thinking with `output_config.effort`).
    Effort,
}

impl Default for ModelTraits {
    fn default() -> Self {
        Self {
            max_output: None,
            thinking: Thinking::None,
            sampling: true,
            one_of_temperature_and_top_p: false,
            forced_tools: true,
            efforts: Vec::new(),
            structured_output: true,
            max_completion_tokens: false,
            images: true,
            documents: true,
            tools_in_chat: ToolsInChat::Freely,
        }
    }
}

/// A client's request on its way to a provider of another dialect.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the client called.
    pub from: Api,
    /// What the provider will be called with.
    pub to: Api,
    /// The client's own body.
    pub body: &'a [u8],
    /// The target's name for the model.
    pub model: &'a str,
    /// What that model can do.
    pub traits: &'a ModelTraits,
    /// Ask for a stream, whatever the client wants.
    pub stream: bool,
    /// At most this many output tokens, whatever the client asked for: a guardrail's word.
    pub max_output: Option<u64>,
}

/// A request in the provider's dialect.
#[derive(Clone, Debug)]
pub struct Translated {
    /// The body, JSON.
    pub body: Bytes,
    /// Fields of the client's that the provider doesn't get, for the response header.
    pub dropped: Vec<String>,
    /// What must be known to translate the answer.
    pub memory: Memory,
}

/// What the answer's translation has to know of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Tool names that the provider knows in another spelling: (sent, the client's own).
    pub renamed_tools: Vec<(String, String)>,
    /// A tool that was made up to get structured output; its arguments are the answer's text.
    pub answer_tool: Option<String>,
    /// Responses only: tools that the client knows in another form. Their names here are those before
    /// [`Memory::renamed_tools`] changed them for the provider.
    pub tools: Vec<ToolOrigin>,
}

impl Memory {
    /// What the client calls a tool, by the name that is left when `renamed_tools` was undone. `None`: an
    /// ordinary function of that name.
    pub fn origin(&self, name: &str) -> Option<&ToolOrigin> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// Why a request can't go to a provider of the other dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    /// The request itself is wrong (a tool result without its call): no provider would take it.
    #[error(transparent)]
    Invalid(#[from] AskError),
    /// The other dialect can't say it, and leaving it out would change the meaning.
    #[error("{message}")]
    Untranslatable {
        /// The field as the client would write it.
        field: String,
        /// What can't be said, and what to do.
        message: String,
    },
}

/// Translates one request.
pub fn request(question: &Question<'_>) -> Result<Translated, TranslateError> {
    request::translate(question)
}

/// What the client shall see of the answer's origin.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What the provider was called with.
    pub from: Api,
    /// What the client called.
    pub to: Api,
    /// The answer's id, where the provider's own has not the client's dialect's form.
    pub id: String,
    /// The model that answers, for when the provider doesn't say.
    pub model: String,
    /// Unix seconds.
    pub created: i64,
    /// The client asked for usage at the end of its stream (Chat Completions only; the others always tell).
    pub include_usage: bool,
    /// From the request's translation.
    pub memory: Memory,
    /// The client's own body; Responses repeats much of a request in its answer.
    pub request: Bytes,
}

/// A provider's whole body (checked by [`crate::answer::read`]) as the client's dialect has it.
pub fn answer(reply: &Reply, body: &[u8]) -> Result<Bytes, FoldError> {
    answer::whole(reply, body)
}

/// The same as the stream that a client of that dialect would have got, whole. Long texts come in pieces.
pub(crate) fn answer_as_stream(reply: &Reply, body: &[u8]) -> Result<Bytes, FoldError> {
    answer::whole_as_stream(reply, body)
}

/// A provider's stream, frame by frame, in the client's dialect.
#[derive(Debug)]
pub struct StreamTranslator(answer::Translator);

impl StreamTranslator {
    /// For one answer.
    pub fn new(reply: Reply) -> Self {
        Self(answer::Translator::new(reply))
    }

    /// Event bytes for the client, ready to send; often none. With the provider's terminal event comes
    /// everything that the client's dialect needs to end.
    pub fn push(&mut self, frame: &Frame) -> Result<Bytes, FoldError> {
        self.0.push(frame)
    }

    /// For a provider that closed its stream without its dialect's last event: the client's last words if the
    /// answer had a reason for stopping, `None` if it was cut off.
    pub fn finish_at_end_of_stream(&mut self) -> Option<Bytes> {
        self.0.finish_at_end_of_stream()
    }

    /// Whether the client has its terminal event.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// How far the answer has come, for [`crate::envelope::event_after`] should it break off.
    pub fn begun(&self) -> Begun {
        self.0.begun()
    }

    /// The tokens as far as they are known.
    pub fn usage(&self) -> Usage {
        self.0.usage()
    }
}

/// A provider's stream folded into the whole body of the client's dialect.
#[derive(Debug)]
pub struct FoldTranslator(answer::Folder);

impl FoldTranslator {
    /// For one answer.
    pub fn new(reply: Reply) -> Self {
        Self(answer::Folder::new(reply))
    }

    /// Takes the next frame; frames after the last event are ignored.
    pub fn push(&mut self, frame: &Frame) -> Result<(), FoldError> {
        self.0.push(frame)
    }

    /// Whether the provider's last event was pushed.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// The tokens as far as they are known.
    pub fn usage(&self) -> Usage {
        self.0.usage()
    }

    /// The body, once the last event was pushed, or after a reason for stopping.
    pub fn finish(self) -> Result<Bytes, FoldError> {
        self.0.finish()
    }
}

mod answer;
mod request;
mod tool_origin;

pub use tool_origin::ToolOrigin;
