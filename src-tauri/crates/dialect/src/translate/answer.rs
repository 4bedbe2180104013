//! An answer through the canonical form: one reader and one writer, chosen by the two dialects, and between
//! them what the request's translation has to be reminded of.
//!
//! A provider is asked for Responses only by clients of that API, and their bytes are not touched; a *stored*
//! response may be given to a client of another one.
//!
//! Streams and whole bodies share their readers: a whole body is read as the events that it would have been,
//! so that a client gets the same answer either way. Nothing ends well by accident: an error of the provider
//! leaves the translation without an end, and a stream that breaks off has one only if the provider had said
//! why it stops.

use bytes::Bytes;

use super::Reply;
use crate::Api;
use crate::canon::{Answer, Event};
use crate::envelope::Begun;
use crate::fold::FoldError;
use crate::json::Fields;
use crate::sse::Frame;
use crate::stream::{Payload, error_in, payload};
use crate::usage::Usage;

mod collect;
mod counts;
mod from_chat;
mod from_messages;
mod from_responses;
mod ids;
mod output;
mod pieces;
mod recall;
mod to_chat;
mod to_messages;
mod to_responses;

use collect::Collector;
use recall::Recall;

/// A provider's whole body in the client's dialect.
pub(super) fn whole(reply: &Reply, body: &[u8]) -> Result<Bytes, FoldError> {
    let events = events_of(reply, body)?;
    let mut recall = Recall::new(reply.memory.clone());
    let mut collector = Collector::default();
    for event in events {
        recall.pass(event, &mut |event| collector.add(event));
    }
    Ok(write(reply, &collector.finish()))
}

/// The same as the client's stream.
pub(super) fn whole_as_stream(reply: &Reply, body: &[u8]) -> Result<Bytes, FoldError> {
    let events = events_of(reply, body)?;
    let (mut recall, mut writer) = (Recall::new(reply.memory.clone()), Writer::new(reply));
    let (mut out, mut usage) = (Vec::new(), Usage::default());
    let mut tell = |event| {
        recall.pass(event, &mut |event: Event| event.in_pieces(&mut |event| writer.write(event, &mut out)));
    };
    for event in events {
        match event {
            // At the beginning of a stream nothing was written yet.
            Event::Usage(known) => {
                usage = known;
                tell(Event::Usage(Usage { output: None, reasoning: None, ..known }));
            }
            Event::Finish(_) => {
                tell(Event::Usage(usage));
                tell(event);
            }
            _ => tell(event),
        }
    }
    Ok(out.into())
}

/// A whole body as the events that it would have been.
fn events_of(reply: &Reply, body: &[u8]) -> Result<Vec<Event>, FoldError> {
    let text = std::str::from_utf8(body).map_err(|_| FoldError::malformed("the body is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    let (value, fields) =
        Fields::whole(text).map_err(|_| FoldError::malformed("the body is no JSON object"))?;
    if let Some(error) = error_in(reply.from.dialect(), None, &fields, value) {
        return Err(FoldError::Failed(error));
    }
    let mut source = Source::new(reply);
    source.body(&fields)?;
    Ok(source.events)
}

fn write(reply: &Reply, answer: &Answer) -> Bytes {
    match reply.to {
        Api::ChatCompletions | Api::Embeddings => to_chat::whole(reply, answer),
        Api::Messages => to_messages::whole(reply, answer),
        Api::Responses => to_responses::whole(reply, answer),
    }
}

/// A provider's stream in the client's dialect.
#[derive(Debug)]
pub(super) struct Translator {
    source: Source,
    recall: Recall,
    writer: Writer,
    usage: Usage,
}

impl Translator {
    #[expect(clippy::needless_pass_by_value, reason = "a stream has its reply for itself")]
    pub(super) fn new(reply: Reply) -> Self {
        let recall = Recall::new(reply.memory.clone());
        Self { source: Source::new(&reply), recall, writer: Writer::new(&reply), usage: Usage::default() }
    }

    pub(super) fn push(&mut self, frame: &Frame) -> Result<Bytes, FoldError> {
        self.source.push(frame)?;
        Ok(self.write())
    }

    pub(super) fn finish_at_end_of_stream(&mut self) -> Option<Bytes> {
        self.source.end().then(|| self.write())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.source.state == State::Ended
    }

    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    pub(super) fn begun(&self) -> Begun {
        match &self.writer {
            Writer::Responses(stream) => stream.begun(),
            Writer::Chat(_) | Writer::Messages(_) => Begun::default(),
        }
    }

    fn write(&mut self) -> Bytes {
        let Self { source, recall, writer, usage } = self;
        let mut out = Vec::new();
        for event in source.events.drain(..) {
            if let Event::Usage(known) = event {
                *usage = known;
            }
            recall.pass(event, &mut |event| writer.write(event, &mut out));
        }
        out.into()
    }
}

/// A provider's stream folded into a whole body of the client's dialect.
#[derive(Debug)]
pub(super) struct Folder {
    reply: Reply,
    source: Source,
    recall: Recall,
    collector: Collector,
}

impl Folder {
    pub(super) fn new(reply: Reply) -> Self {
        let recall = Recall::new(reply.memory.clone());
        Self { source: Source::new(&reply), reply, recall, collector: Collector::default() }
    }

    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), FoldError> {
        self.source.push(frame)?;
        self.collect();
        Ok(())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.source.state == State::Ended
    }

    pub(super) fn usage(&self) -> Usage {
        self.collector.usage()
    }

    pub(super) fn finish(mut self) -> Result<Bytes, FoldError> {
        if !self.source.end() {
            return Err(FoldError::Unfinished);
        }
        self.collect();
        Ok(write(&self.reply, &self.collector.finish()))
    }

    fn collect(&mut self) {
        let Self { source, recall, collector, .. } = self;
        for event in source.events.drain(..) {
            recall.pass(event, &mut |event| collector.add(event));
        }
    }
}

/// A provider's frames to events, until the last one.
#[derive(Debug)]
struct Source {
    api: Api,
    reader: Reader,
    /// Read and not taken yet.
    events: Vec<Event>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    /// After an error nothing may look like an end.
    Failed,
}

#[derive(Debug)]
enum Reader {
    Chat(Box<from_chat::Reader>),
    Messages(Box<from_messages::Reader>),
    Responses(from_responses::Reader),
}

impl Source {
    fn new(reply: &Reply) -> Self {
        let stem = ids::stem(&reply.id);
        let reader = match reply.from {
            Api::ChatCompletions | Api::Embeddings => Reader::Chat(Box::new(from_chat::Reader::new(&stem))),
            Api::Responses => Reader::Responses(from_responses::Reader::new(stem)),
            Api::Messages => Reader::Messages(Box::new(from_messages::Reader::new(&stem))),
        };
        Self { api: reply.from, reader, events: Vec::new(), state: State::Open }
    }

    /// Reads a frame; those behind the last one are ignored.
    fn push(&mut self, frame: &Frame) -> Result<(), FoldError> {
        if self.state != State::Open {
            return Ok(());
        }
        let read = self.read(frame);
        match read {
            Ok(true) => self.state = State::Ended,
            Ok(false) => {}
            Err(_) => self.state = State::Failed,
        }
        read.map(drop)
    }

    /// True if that was the last one.
    fn read(&mut self, frame: &Frame) -> Result<bool, FoldError> {
        match payload(self.api, frame).map_err(FoldError::Malformed)? {
            Payload::Nothing => Ok(false),
            Payload::Error(error) => Err(FoldError::Failed(error)),
            Payload::Done => match &mut self.reader {
                Reader::Chat(reader) => reader.end(&mut self.events).map(|()| true),
                Reader::Messages(_) | Reader::Responses(_) => Ok(false),
            },
            Payload::Event(fields) => match &mut self.reader {
                Reader::Chat(reader) => reader.chunk(&fields, &mut self.events).map(|()| false),
                Reader::Messages(reader) => reader.event(frame.event.as_deref(), &fields, &mut self.events),
                Reader::Responses(reader) => reader.event(frame.event.as_deref(), &fields, &mut self.events),
            },
        }
    }

    /// Reads a whole body.
    fn body(&mut self, body: &Fields<'_>) -> Result<(), FoldError> {
        match &mut self.reader {
            Reader::Chat(reader) => reader.completion(body, &mut self.events),
            Reader::Messages(reader) => reader.message(body, &mut self.events),
            Reader::Responses(reader) => reader.response(body, &mut self.events),
        }
    }

    /// The stream is over; true if the answer is, too.
    fn end(&mut self) -> bool {
        if self.state == State::Open {
            let ended = match &mut self.reader {
                Reader::Chat(reader) => reader.is_finished() && reader.end(&mut self.events).is_ok(),
                Reader::Messages(reader) => reader.is_finished() && reader.end(&mut self.events).is_ok(),
                // Its last event is all that there is of it.
                Reader::Responses(_) => false,
            };
            if ended {
                self.state = State::Ended;
            }
        }
        self.state == State::Ended
    }
}

#[derive(Debug)]
enum Writer {
    Chat(to_chat::Stream),
    Messages(to_messages::Stream),
    Responses(Box<to_responses::Stream>),
}

impl Writer {
    fn new(reply: &Reply) -> Self {
        match reply.to {
            Api::ChatCompletions | Api::Embeddings => Self::Chat(to_chat::Stream::new(reply)),
            Api::Messages => Self::Messages(to_messages::Stream::new(reply)),
            Api::Responses => Self::Responses(Box::new(to_responses::Stream::new(reply))),
        }
    }

    fn write(&mut self, event: Event, out: &mut Vec<u8>) {
        match self {
            Self::Chat(stream) => stream.write(&event, out),
            Self::Messages(stream) => stream.write(event, out),
            Self::Responses(stream) => stream.write(event, out),
        }
    }
}

#[cfg(test)]
mod tests;
