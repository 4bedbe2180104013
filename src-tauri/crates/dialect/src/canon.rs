//! The canonical form: what one request and one answer say, whichever dialect says it.
//!
//! Three client dialects and two provider dialects would need a converter for every pair; through one form in
//! the middle each dialect needs a reader and a writer, and a rule (tool results come before the text of
//! their turn, input excludes what was cached) stands in one place. The form holds what *can* be said in more
//! than one dialect. Everything else is kept by name and by what losing it would cost ([`Unmapped`]), so that
//! nothing is dropped without the client being told, and nothing is dropped that would change the meaning.
//!
//! Never used for traffic within one dialect: that stays bytes.

mod answer;

pub use answer::{Answer, Event, Finish, FinishReason};

/// JSON text that is carried from one side to the other as it was written: schemas, tool arguments.
pub type Json = Box<serde_json::value::RawValue>;

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The model as the client named it; a writer is told the target's own.
    pub model: String,
    /// The client wants a stream.
    pub stream: bool,
    /// Everything said so far, system turns included, in the client's order. Neighbours may have one role.
    pub turns: Vec<Turn>,
    /// The functions that the model may call.
    pub tools: Vec<Tool>,
    /// Whether and which tool must be called.
    pub tool_choice: Option<ToolChoice>,
    /// Several tools may be called at once; `None`: not said, both vendors' default is yes.
    pub parallel_tools: Option<bool>,
    /// The form of the answer.
    pub format: Format,
    /// The most tokens that the answer may have, hidden reasoning included.
    pub max_output: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How the next token is drawn.
    pub sampling: Sampling,
    /// How long to think.
    pub reasoning: Option<Reasoning>,
    /// The client's own user, for the provider's abuse detection.
    pub user: Option<String>,
    /// What has no place above, by the name under which the client wrote it.
    pub unmapped: Vec<Unmapped>,
}

/// What somebody said in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub role: Role,
    /// What, in order.
    pub blocks: Vec<Block>,
}

/// Whose turn it is. OpenAI's `developer` is [`Role::System`]; a `tool` message is a user's turn with
/// [`Block::ToolResult`] in it, as at Anthropic's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person, or the program in front of the model; tool results as well.
    User,
    /// The model.
    Assistant,
}

/// One piece of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Source),
    /// A file to be read, a PDF mostly.
    Document {
        /// Where it is.
        source: Source,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// The model calls a function.
    ToolCall(ToolCall),
    /// What a function gave back.
    ToolResult(ToolResult),
    /// The model's thinking. It is signed by the provider that thought it and means nothing to another one:
    /// writers of requests leave it out.
    Thinking(String),
    /// The model declined, in its own words.
    Refusal(String),
}

/// A call, in a request's history or in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// Joins the call to its result.
    pub id: String,
    /// The function.
    pub name: String,
    /// A JSON object as the model wrote it; empty if it wrote nothing. May be broken JSON: models do that.
    pub arguments: String,
}

/// A result that the client sends back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The call's id.
    pub id: String,
    /// Text, images and documents, in order.
    pub content: Vec<Block>,
    /// The function failed.
    pub is_error: bool,
}

/// Where an image's or a document's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the request, base64 without line breaks.
    Base64 {
        /// `image/png`, `application/pdf`.
        media_type: String,
        /// The bytes.
        data: String,
    },
    /// At an address that the provider fetches; we never do.
    Url(String),
    /// Plain text, which is how Anthropic's documents may come.
    Text(String),
    /// At one provider, under its id: of no use to the other one.
    Stored(String),
}

/// A function that the model may call.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments; `None`: it takes none.
    pub parameters: Option<Json>,
    /// The arguments must match the schema exactly.
    pub strict: Option<bool>,
}

/// Whether and which tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// As the model likes.
    Auto,
    /// At least one.
    Required,
    /// None at all.
    None,
    /// This one.
    Function(String),
}

/// The form of the answer.
#[derive(Clone, Debug, Default)]
pub enum Format {
    /// As it comes.
    #[default]
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that matches a schema.
    JsonSchema {
        /// The schema's name, which OpenAI requires.
        name: Option<String>,
        /// What the answer is.
        description: Option<String>,
        /// The schema.
        schema: Json,
        /// Match it exactly.
        strict: Option<bool>,
    },
}

/// How the next token is drawn. Numbers as the client wrote them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    /// OpenAI 0 to 2, Anthropic 0 to 1.
    pub temperature: Option<f64>,
    /// Nucleus.
    pub top_p: Option<f64>,
    /// Anthropic's and most hosts', not OpenAI's.
    pub top_k: Option<u64>,
}

/// How long the model is to think before it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// Not at all.
    Off,
    /// In words: `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or what comes next year.
    Effort(String),
    /// In tokens.
    Budget(u64),
    /// As the model sees fit.
    Adaptive,
}

/// Something that the other dialect has no word for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// The field as the client would write it: `logprobs`, `messages[3].content[0].input_audio`.
    pub field: String,
    /// What losing it would cost.
    pub loss: Loss,
}

/// What losing a field would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing that the client could notice in the answer: caching hints, bookkeeping.
    Nothing,
    /// Something, and the answer is still an answer to what was asked: named in a response header.
    Told,
    /// The answer would be another one: `422 untranslatable`.
    Meaning,
}
