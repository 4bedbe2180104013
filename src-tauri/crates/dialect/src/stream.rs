//! What one frame of a provider's stream means to the router.
//!
//! The question behind it is the commit point: nothing goes to the client before the first *meaningful*
//! frame, and after it nothing may fail over. Lifecycle events, role-only deltas, pings and empty text come
//! from a provider that has accepted a request, not from one that answers it, so none of them counts.

use crate::envelope::Begun;
use crate::fault::ProviderError;
use crate::json::{Fields, Raw};
use crate::sse::Frame;
use crate::usage::Usage;
use crate::{Api, Dialect};

mod chat;
mod messages;
pub(crate) mod responses;

/// The meaning of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Ping, comment, lifecycle, role only, empty text, unknown: neither a token nor an end.
    Nothing,
    /// Text, reasoning, refusal, tool name or arguments, audio: the answer has begun.
    Meaningful,
    /// Chat Completions: the extra chunk with usage and no choices, hidden again from a client that did not
    /// ask for it.
    UsageOnly,
    /// The dialect's last event; nothing after it belongs to the answer.
    Terminal,
    /// The provider gave up.
    Error(ProviderError),
    /// Not this dialect, in plain words.
    Malformed(String),
}

/// Reads one stream, frame by frame.
#[derive(Clone, Debug)]
pub struct StreamReader {
    api: Api,
    usage: Usage,
    model: Option<String>,
    id: Option<String>,
    finished: bool,
    meaningful: bool,
    terminal: bool,
    /// Responses only; id and model are above.
    begun: Begun,
}

impl StreamReader {
    /// A reader for one stream of `api`.
    pub fn new(api: Api) -> Self {
        Self {
            api,
            usage: Usage::default(),
            model: None,
            id: None,
            finished: false,
            meaningful: false,
            terminal: false,
            begun: Begun::default(),
        }
    }

    /// What the next frame means. Whatever comes after the terminal event is [`Reading::Nothing`].
    pub fn read(&mut self, frame: &Frame) -> Reading {
        if self.terminal {
            return Reading::Nothing;
        }
        let reading = self.judge(frame);
        match reading {
            Reading::Meaningful => self.meaningful = true,
            Reading::Terminal => self.terminal = true,
            _ => {}
        }
        reading
    }

    /// Usage as far as it is known; that of a whole answer once the terminal event was read.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The model that the provider says it used.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The provider's id of the answer.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// A meaningful frame was read.
    pub fn meaningful_seen(&self) -> bool {
        self.meaningful
    }

    /// A finish or stop reason was read. With it, a stream that ends without anything meaningful is an answer
    /// (a refusal, or nothing to say); without it, such a stream is empty.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// The dialect's last event was read. A stream that ends before it was cut off.
    pub fn terminal_seen(&self) -> bool {
        self.terminal
    }

    fn judge(&mut self, frame: &Frame) -> Reading {
        match payload(self.api, frame) {
            Ok(Payload::Nothing) => Reading::Nothing,
            Ok(Payload::Done) => Reading::Terminal,
            Ok(Payload::Error(error)) => Reading::Error(error),
            Ok(Payload::Event(fields)) => match self.api {
                Api::ChatCompletions => self.chat_chunk(&fields),
                Api::Responses => self.responses_event(frame.event.as_deref(), &fields),
                Api::Messages => self.messages_event(frame.event.as_deref(), &fields),
                Api::Embeddings => Reading::Malformed("embeddings don't come as a stream".to_owned()),
            },
            Err(problem) => Reading::Malformed(problem),
        }
    }

    fn note_model(&mut self, fields: &Fields<'_>) {
        // Azure's first chunk has empty names; the first that says something counts.
        let first = |known: &mut Option<String>, name| {
            if known.is_none() {
                *known = fields.text(name).map(std::borrow::Cow::into_owned);
            }
        };
        first(&mut self.model, "model");
        first(&mut self.id, "id");
    }
}

fn meaningful_if(yes: bool) -> Reading {
    if yes { Reading::Meaningful } else { Reading::Nothing }
}

/// What a frame carries, before anybody asks what it means.
pub(crate) enum Payload<'a> {
    /// No data, or data that isn't meant for this dialect.
    Nothing,
    /// `[DONE]`
    Done,
    Error(ProviderError),
    Event(Fields<'a>),
}

/// Reads a frame's data; an error says in plain words why it can't be read.
pub(crate) fn payload(api: Api, frame: &Frame) -> Result<Payload<'_>, String> {
    let data =
        std::str::from_utf8(&frame.data).map_err(|_| "an event of the stream is not UTF-8".to_owned())?;
    let data = data.trim_ascii();
    if data.is_empty() {
        return Ok(Payload::Nothing);
    }
    if data == "[DONE]" {
        // Some hosts end the other streams with it as well; there an event of their own is the end.
        return Ok(if api == Api::ChatCompletions { Payload::Done } else { Payload::Nothing });
    }
    let (whole, fields) = match Fields::whole(data) {
        Ok(read) => read,
        // `event: error` with a sentence instead of an object is still an error.
        Err(_) if frame.event.as_deref() == Some("error") => {
            return Ok(Payload::Error(ProviderError::read(api.dialect(), 500, data.as_bytes())));
        }
        Err(error) => return Err(format!("an event of the stream is no JSON object: {error}")),
    };
    Ok(match error_in(api.dialect(), frame.event.as_deref(), &fields, whole) {
        Some(error) => Payload::Error(error),
        None => Payload::Event(fields),
    })
}

/// An error event, in any of the shapes in which hosts send one: the dialect's own, an `error` within a chunk,
/// an event named so, an object that calls itself so.
pub(crate) fn error_in(
    dialect: Dialect,
    event: Option<&str>,
    fields: &Fields<'_>,
    whole: Raw<'_>,
) -> Option<ProviderError> {
    let named = |name: &str| fields.text(name).as_deref() == Some("error");
    // `"error": {}` and `"error": ""` are how some hosts say that there is none.
    let within = fields.get("error").is_some_and(|error| !matches!(error.get(), "{}" | "\"\"" | "false"));
    if !(within || event == Some("error") || named("type") || named("object")) {
        return None;
    }
    Some(ProviderError::in_band(dialect, whole))
}

#[cfg(test)]
mod tests;
