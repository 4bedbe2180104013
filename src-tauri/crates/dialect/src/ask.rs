//! The routing fields of a request, read without touching the rest of it.
//!
//! A body may be 30 MB of images and is somebody else's: it never becomes a tree. Fields are found by their
//! bytes, and what must change is spliced in, so that every other byte reaches the provider as the client
//! sent it (a provider's prompt cache depends on that, and so do fields that nobody here has heard of).

use std::fmt::Display;
use std::ops::Range;

use bytes::Bytes;

use crate::Api;
use crate::json::{self, Fields, Raw};

mod effort;
mod memory;
mod own;
mod place;
mod splice;

pub(crate) use memory::{is_web_search, left_out_beside_functions};
pub use own::OUR_REASONING;
pub(crate) use own::OURS;
pub use splice::Splice;

/// What routing needs to know of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no facts of a request, not a state")]
pub struct Ask {
    /// The model asked for.
    pub model: String,
    /// The client wants a stream.
    pub stream: bool,
    /// The client asked for usage at the end of its stream (`stream_options.include_usage`).
    pub include_usage: bool,
    /// How many answers are wanted (`n`); a stream can't carry more than one faithfully.
    pub choices: u32,
    /// The answer is to contain audio.
    pub audio: bool,
    /// Thinking or a reasoning effort was asked for: the first token may be long in coming.
    pub reasoning: bool,
    /// The opposite: no thinking, in so many words. A model that thinks by itself starts at once then.
    pub no_reasoning: bool,
    /// The most output tokens that the client wants, under any of the names for it.
    pub max_output: Option<u64>,
    /// What only the provider that made it can know: the id of an earlier answer (`previous_response_id`,
    /// `thread.previous_message_id`), of a conversation, or of an item (`item_reference`). Empty if a thread is
    /// continued without saying which. Another provider would answer without the conversation so far.
    pub state: Option<String>,
    /// Tools that the provider itself runs (Responses: `file_search`, `code_interpreter`, `mcp`, …), so that no
    /// provider of another dialect could. Web search doesn't count unless it is forced: Codex sends it with
    /// every request, and an answer without it is still an answer.
    pub hosted: bool,
    /// The answer is to be fetched later (`background`): what comes at once is a receipt.
    pub background: bool,
    spans: Spans,
}

/// Where the fields that may be spliced stand in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spans {
    api: Api,
    body_len: usize,
    /// Just behind the opening brace, where a new field may be put.
    open: usize,
    model: Range<usize>,
    stream: Option<Range<usize>>,
    /// The limits on the output, under whichever names, null included.
    output: Vec<Range<usize>>,
    options: Option<Options>,
    /// Messages: how much of the output may be thinking.
    thinking: Option<Budget>,
}

/// A budget for thinking, which must stay below the limit on the output.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Budget {
    tokens: u64,
    /// The number itself.
    number: Range<usize>,
    /// The whole `thinking` object.
    thinking: Range<usize>,
    /// The edits of the context, where they have to change if there is no thinking.
    clearing: Option<(Range<usize>, String)>,
}

/// The `stream_options` of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Options {
    /// The whole value.
    value: Range<usize>,
    /// It is an object with something in it.
    filled: bool,
    include_usage: Option<Range<usize>>,
}

/// A request that can't be routed: it would be refused by every provider, or belongs to another path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AskError {
    /// The field to blame, if one is.
    pub param: Option<String>,
    /// What is wrong and what to do, for the client to read.
    pub message: String,
}

impl AskError {
    pub(crate) fn of(param: impl Display, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_string()), message: message.into() }
    }

    /// A field of the wrong type; `what` is the right one.
    pub(crate) fn must_be(at: impl Display, what: &str) -> Self {
        Self::of(&at, format!("`{at}` must be {what}."))
    }

    pub(crate) fn missing(at: impl Display, what: &str) -> Self {
        Self::of(&at, format!("`{at}` is missing; it must be {what}."))
    }

    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self { param: None, message: message.into() }
    }
}

/// The fields that decide something here. Twice the same one is refused: readers disagree about which of the
/// two counts, so a splice in one of them might change nothing.
fn routing_fields(api: Api) -> &'static [&'static str] {
    match api {
        Api::ChatCompletions => &[
            "model",
            "messages",
            "stream",
            "stream_options",
            "n",
            "modalities",
            "max_completion_tokens",
            "max_tokens",
        ],
        Api::Responses => &[
            "model",
            "input",
            "stream",
            "previous_response_id",
            "conversation",
            "background",
            "tools",
            "tool_choice",
            "max_output_tokens",
        ],
        Api::Messages => &["model", "messages", "stream", "max_tokens", "thread"],
        Api::Embeddings => &["model", "input"],
    }
}

/// How a client limits the output, the name that counts first.
fn output_names(api: Api) -> &'static [&'static str] {
    match api {
        Api::ChatCompletions => &["max_completion_tokens", "max_tokens"],
        Api::Responses => &["max_output_tokens"],
        Api::Messages => &["max_tokens"],
        Api::Embeddings => &[],
    }
}

impl Ask {
    /// Reads the body of a request to `api`.
    ///
    /// Refuses what no provider of the dialect could accept: not JSON, not an object, the other dialect at
    /// this path, a required field missing or of the wrong type. Everything else is left to the provider.
    pub fn read(api: Api, body: &[u8]) -> Result<Self, AskError> {
        let text = utf8(body)?;
        let fields = object(text)?;
        refuse_duplicates(&fields, routing_fields(api))?;
        place::check(api, &fields)?;

        let model = fields.get("model").ok_or_else(|| AskError::missing("model", "a model's name"))?;
        let name = json::text(model).filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| AskError::must_be("model", "a non-empty string"))?;
        if fields.get("messages").is_some_and(|messages| !messages.is_list()) {
            return Err(AskError::must_be("messages", "a list"));
        }
        // Elsewhere these are fields like any other that nobody here knows.
        let (options, choices, audio) = match api {
            Api::ChatCompletions => {
                (stream_options(text, &fields)?, choices(&fields)?, effort::wants_audio(&fields))
            }
            Api::Responses | Api::Messages | Api::Embeddings => (None, 1, false),
        };
        let memory = memory::read(api, &fields)?;
        let limits = || output_names(api).iter().filter_map(|name| present(&fields, name));
        Ok(Self {
            model: name.into_owned(),
            // Vectors come in one piece, whatever the client thinks.
            stream: api != Api::Embeddings && flag(&fields, "stream", "stream")?,
            include_usage: options.as_ref().is_some_and(|(_, asked)| *asked),
            choices,
            audio,
            reasoning: effort::wants_reasoning(api, &fields),
            no_reasoning: effort::wants_none(api, &fields),
            max_output: limits().find_map(json::count),
            state: memory.state,
            hosted: memory.hosted,
            background: memory.background,
            spans: Spans {
                api,
                body_len: body.len(),
                open: text.find('{').unwrap_or(0) + 1,
                model: model.place_in(text),
                // A null is replaced where it stands, for a second field of the same name would be a duplicate.
                stream: present(&fields, "stream").map(|value| value.place_in(text)),
                output: limits().map(|value| value.place_in(text)).collect(),
                options: options.map(|(options, _)| options),
                thinking: if api == Api::Messages { budget(text, &fields) } else { None },
            },
        })
    }

    /// The body with the named fields changed and every other byte as it was. The same bytes, not copied, if
    /// nothing changes. `body` must be the one that was read.
    pub fn splice(&self, body: &Bytes, splice: &Splice<'_>) -> Bytes {
        splice::apply(self, body, splice)
    }

    /// The body without the reasoning items that [`OUR_REASONING`] marks as made up here, every other byte as it
    /// was; the same bytes, not copied, if there are none. Takes the body as read or as spliced.
    pub fn without_our_reasoning(&self, body: &Bytes) -> Bytes {
        match self.spans.api {
            Api::Responses => own::without_reasoning(body),
            Api::ChatCompletions | Api::Messages | Api::Embeddings => body.clone(),
        }
    }
}

/// The fields of a request's body.
pub(crate) fn body_fields(body: &[u8]) -> Result<Fields<'_>, AskError> {
    object(utf8(body)?)
}

fn utf8(body: &[u8]) -> Result<&str, AskError> {
    // A quarter of the time that a body takes to read, with the standard library; it says where the fault is, though.
    simdutf8::basic::from_utf8(body).or_else(|_| std::str::from_utf8(body)).map_err(|error| {
        AskError::body(format!("The body is not JSON: it is not UTF-8 at byte {}.", error.valid_up_to()))
    })
}

fn object(text: &str) -> Result<Fields<'_>, AskError> {
    if text.trim_ascii().is_empty() {
        return Err(AskError::body("The body is empty; it must be a JSON object."));
    }
    Fields::parse(text).map_err(|error| match Raw::parse(text) {
        Some(_) => AskError::body("The body must be a JSON object."),
        None => AskError::body(format!("The body is not JSON: {error}.")),
    })
}

fn refuse_duplicates(fields: &Fields<'_>, names: &[&str]) -> Result<(), AskError> {
    for name in names {
        if fields.iter().filter(|(key, _)| key == name).count() > 1 {
            return Err(AskError::of(name, format!("`{name}` stands in the body twice; send it once.")));
        }
    }
    Ok(())
}

/// The value of a field, null included.
fn present<'a>(fields: &Fields<'a>, name: &str) -> Option<Raw<'a>> {
    fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A switch that is off if missing or null. `shown` is how the client would write its place.
fn flag(fields: &Fields<'_>, name: &str, shown: &str) -> Result<bool, AskError> {
    match fields.get(name).map(Raw::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(AskError::must_be(shown, "true or false")),
    }
}

fn choices(fields: &Fields<'_>) -> Result<u32, AskError> {
    let Some(n) = fields.get("n") else { return Ok(1) };
    let n = json::count(n).ok_or_else(|| AskError::must_be("n", "a whole number"))?;
    Ok(u32::try_from(n).unwrap_or(u32::MAX))
}

fn budget(text: &str, fields: &Fields<'_>) -> Option<Budget> {
    let thinking = fields.get("thinking")?;
    let number = Fields::of(thinking)?.get("budget_tokens")?;
    let (tokens, number) = (json::count(number)?, number.place_in(text));
    let clearing = crate::unsigned::without_clearing(text, fields);
    Some(Budget { tokens, number, thinking: thinking.place_in(text), clearing })
}

/// Where `stream_options` stands, and whether it asks for usage.
fn stream_options(text: &str, fields: &Fields<'_>) -> Result<Option<(Options, bool)>, AskError> {
    let Some(value) = present(fields, "stream_options") else { return Ok(None) };
    let mut options = Options { value: value.place_in(text), filled: false, include_usage: None };
    if value.get() == "null" {
        return Ok(Some((options, false)));
    }
    let inner = Fields::of(value);
    let inner = inner.ok_or_else(|| AskError::must_be("stream_options", "an object"))?;
    refuse_duplicates(&inner, &["include_usage"])?;
    let asked = flag(&inner, "include_usage", "stream_options.include_usage")?;
    options.filled = !inner.is_empty();
    options.include_usage = present(&inner, "include_usage").map(|value| value.place_in(text));
    Ok(Some((options, asked)))
}

#[cfg(test)]
mod tests;
