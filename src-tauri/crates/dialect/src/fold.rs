//! A provider's stream to the body that it would have sent without streaming.
//!
//! A client that did not ask for a stream gets the protection of one: the router asks for a stream, watches
//! its first token, and hands on the assembled body. That body must be the provider's own, field by field,
//! so numbers keep their spelling, fields that nobody here knows are kept, and nothing is invented where the
//! stream said nothing.

use bytes::Bytes;

use crate::Api;
use crate::fault::ProviderError;
use crate::sse::Frame;
use crate::stream::{Payload, payload};

mod chat;
mod message;
mod node;
mod parts;
mod response;

/// A stream that is no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The stream ended before the dialect's last event: what came may be half an answer.
    #[error("the stream ended before its last event")]
    Unfinished,
    /// The provider gave up within the stream.
    #[error("the provider reported an error within the stream")]
    Failed(ProviderError),
    /// Not this dialect, in plain words.
    #[error("{0}")]
    Malformed(String),
}

impl FoldError {
    pub(crate) fn malformed(what: &str) -> Self {
        Self::Malformed(what.to_owned())
    }
}

/// Assembles one answer.
#[derive(Debug)]
pub struct Fold {
    api: Api,
    answer: Answer,
    done: bool,
}

#[derive(Debug)]
enum Answer {
    Chat(chat::Completion),
    Message(message::Message),
    Response(response::Response),
}

impl Fold {
    /// For one stream of `api`.
    pub fn new(api: Api) -> Self {
        let answer = match api {
            // Embeddings are never asked for as a stream; whatever came as one would have no choice in it.
            Api::ChatCompletions | Api::Embeddings => Answer::Chat(chat::Completion::default()),
            Api::Responses => Answer::Response(response::Response::default()),
            Api::Messages => Answer::Message(message::Message::default()),
        };
        Self { api, answer, done: false }
    }

    /// Takes the next frame; frames after the last event are ignored.
    pub fn push(&mut self, frame: &Frame) -> Result<(), FoldError> {
        if self.done {
            return Ok(());
        }
        match payload(self.api, frame).map_err(FoldError::Malformed)? {
            Payload::Nothing => {}
            Payload::Done => self.done = true,
            Payload::Error(error) => return Err(FoldError::Failed(error)),
            Payload::Event(event) => match &mut self.answer {
                Answer::Chat(completion) => completion.add(&event),
                Answer::Message(message) => self.done = message.add(frame.event.as_deref(), &event)?,
                Answer::Response(response) => self.done = response.add(frame.event.as_deref(), &event)?,
            },
        }
        Ok(())
    }

    /// The provider closed its stream. Many hosts never send `[DONE]`; where every choice has its reason for
    /// stopping, nothing is missing without it.
    pub fn end_of_stream(&mut self) {
        if let Answer::Chat(completion) = &self.answer {
            self.done |= completion.is_finished();
        }
    }

    /// Whether the dialect's last event was pushed; nothing after it belongs to the answer.
    pub fn is_complete(&self) -> bool {
        self.done
    }

    /// The body, once the last event was pushed.
    pub fn finish(self) -> Result<Bytes, FoldError> {
        if !self.done {
            return Err(FoldError::Unfinished);
        }
        match self.answer {
            Answer::Chat(completion) => completion.finish(),
            Answer::Message(message) => message.finish(),
            Answer::Response(response) => response.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
