//! Anthropic's Messages written: events, or a whole message.
//!
//! Blocks are strictly serial here, while the calls of a chat completion may be interleaved: whatever belongs
//! behind a block that is still open waits for it.
//!
//! Thinking is left out. It would have to be signed by the provider that thought it, clients send it back as
//! it came, and Anthropic refuses a request with a signature that isn't its own; a made-up one would spoil the
//! whole conversation.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{counts, ids, output};
use crate::canon::{Answer, Block, Event, Finish, FinishReason, ToolCall};
use crate::json::{self, Fields};
use crate::translate::Reply;
use crate::usage::Usage;

mod shape;

use shape::{Content, Delta, ServerEvent};

/// Writes one answer's events.
#[derive(Debug)]
pub(super) struct Stream {
    id: String,
    model: String,
    request: Bytes,
    /// `message_start` was written. It waits for the first event that says something, for the prompt's tokens
    /// may be told behind the provider's own start.
    started: bool,
    /// What was said and isn't written to the end; the first one is open.
    queue: VecDeque<Waiting>,
    /// The first one of the queue has been opened.
    is_open: bool,
    /// The client's index of the first one of the queue.
    index: usize,
    calls: Vec<Call>,
    usage: Usage,
    finish: Finish,
}

#[derive(Debug)]
enum Waiting {
    /// Text that wasn't written yet, of the model's answer or its refusal.
    Text { text: String, refusal: bool },
    /// A call, by its ordinal.
    Call(usize),
}

#[derive(Debug)]
struct Call {
    id: String,
    name: String,
    /// Arguments that weren't written yet.
    arguments: String,
    /// They are an object, as this API demands. Hosts of the other dialect let models write anything.
    is_object: bool,
    ended: bool,
}

impl Call {
    /// What can be written of the arguments by now. What doesn't begin like an object has to be whole first.
    fn next(&mut self) -> String {
        self.is_object = self.is_object || self.arguments.trim_ascii_start().starts_with('{');
        if self.is_object {
            return std::mem::take(&mut self.arguments);
        }
        if !self.ended || self.arguments.trim_ascii().is_empty() {
            return String::new();
        }
        shape::input(&std::mem::take(&mut self.arguments)).get().to_owned()
    }
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            id: reply.id.clone(),
            model: reply.model.clone(),
            request: reply.request.clone(),
            started: false,
            queue: VecDeque::new(),
            is_open: false,
            index: 0,
            calls: Vec::new(),
            usage: Usage::default(),
            finish: Finish::default(),
        }
    }

    pub(super) fn write(&mut self, event: Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { id, model } => {
                self.id = ids::answer("msg_", id.as_deref(), &self.id);
                self.model = model.unwrap_or_else(|| std::mem::take(&mut self.model));
                return;
            }
            Event::Usage(usage) => {
                self.usage = usage;
                return;
            }
            _ => self.begin(out),
        }
        match event {
            Event::Text(text) => self.text(text, false),
            Event::Refusal(text) => self.text(text, true),
            Event::CallStart { ordinal, id, name } => {
                let id = ids::tool_use(id);
                let arguments = String::new();
                self.calls.push(Call { id, name, arguments, is_object: false, ended: false });
                self.queue.push_back(Waiting::Call(ordinal));
            }
            Event::CallArguments { ordinal, fragment } => {
                if let Some(call) = self.calls.get_mut(ordinal) {
                    call.arguments.push_str(&fragment);
                }
            }
            Event::CallEnd { ordinal } => {
                if let Some(call) = self.calls.get_mut(ordinal) {
                    call.ended = true;
                }
            }
            Event::Finish(finish) => self.finish = finish,
            Event::End => return self.end(out),
            Event::Start { .. } | Event::Usage(_) | Event::Thinking(_) => {}
        }
        self.advance(out);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            let message = shape::Message {
                id: &self.id,
                kind: "message",
                role: "assistant",
                model: &self.model,
                content: Vec::new(),
                stop_reason: None,
                stop_sequence: None,
                usage: counts::Messages::of(self.usage),
            };
            output::event(out, "message_start", &ServerEvent::MessageStart { message });
        }
    }

    fn text(&mut self, more: String, refused: bool) {
        match self.queue.back_mut() {
            Some(Waiting::Text { text, refusal }) if *refusal == refused => text.push_str(&more),
            _ => self.queue.push_back(Waiting::Text { text: more, refusal: refused }),
        }
    }

    /// Writes as much of the queue as can be written.
    fn advance(&mut self, out: &mut Vec<u8>) {
        while self.advance_one(out) {}
    }

    /// Writes what is known of the first one of the queue; true if it is over and the next one's turn has come.
    fn advance_one(&mut self, out: &mut Vec<u8>) -> bool {
        let index = self.index;
        let is_last = self.queue.len() == 1;
        let Some(waiting) = self.queue.front_mut() else { return false };
        let is_over = match waiting {
            Waiting::Text { text, refusal: _ } => {
                if !self.is_open {
                    start(out, index, Content::Text { text: "".into() });
                }
                delta(out, index, &Delta::TextDelta { text });
                text.clear();
                !is_last
            }
            Waiting::Call(ordinal) => {
                let Some(call) = self.calls.get_mut(*ordinal) else { return false };
                if !self.is_open {
                    let id = call.id.as_str().into();
                    start(out, index, Content::ToolUse { id, name: &call.name, input: shape::input("") });
                }
                delta(out, index, &Delta::InputJsonDelta { partial_json: &call.next() });
                call.ended
            }
        };
        self.is_open = true;
        if is_over {
            self.close(out);
        }
        is_over
    }

    /// Ends the block that is open.
    fn close(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_open) {
            output::event(out, "content_block_stop", &ServerEvent::ContentBlockStop { index: self.index });
            self.queue.pop_front();
            self.index += 1;
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.calls.iter_mut().for_each(|call| call.ended = true);
        self.advance(out);
        self.close(out);
        let stop_sequence = fired(&self.finish, &self.request);
        let delta = shape::End { stop_reason: word(&self.finish, stop_sequence), stop_sequence };
        let usage = counts::Messages::of(self.usage);
        output::event(out, "message_delta", &ServerEvent::MessageDelta { delta, usage });
        output::event(out, "message_stop", &ServerEvent::MessageStop {});
    }
}

fn start(out: &mut Vec<u8>, index: usize, content_block: Content<'_>) {
    output::event(out, "content_block_start", &ServerEvent::ContentBlockStart { index, content_block });
}

/// A piece of the block `index`, unless there is none.
fn delta(out: &mut Vec<u8>, index: usize, delta: &Delta<'_>) {
    let (Delta::TextDelta { text: piece } | Delta::InputJsonDelta { partial_json: piece }) = delta;
    if !piece.is_empty() {
        output::event(out, "content_block_delta", &ServerEvent::ContentBlockDelta { index, delta });
    }
}

/// Hosts of the other dialect put many things where vLLM puts the text that ended the answer; it counts if the
/// client asked for it.
fn fired<'a>(finish: &'a Finish, request: &[u8]) -> Option<&'a str> {
    let Finish { reason: FinishReason::Stop, stop_sequence: Some(text) } = finish else { return None };
    let request = std::str::from_utf8(request).ok().and_then(|request| Fields::parse(request.trim()).ok())?;
    let asked = request.items("stop_sequences")?;
    let found = asked.into_iter().any(|asked| json::text(asked).is_some_and(|asked| asked == *text));
    found.then_some(text)
}

fn word(finish: &Finish, stop_sequence: Option<&str>) -> &'static str {
    match finish.reason {
        FinishReason::Stop if stop_sequence.is_some() => "stop_sequence",
        FinishReason::Stop => "end_turn",
        FinishReason::Length => "max_tokens",
        FinishReason::ToolCalls => "tool_use",
        FinishReason::Refusal => "refusal",
    }
}

/// The body of a whole answer.
pub(super) fn whole(reply: &Reply, answer: &Answer) -> Bytes {
    let Answer { id, model, blocks, finish, usage } = answer;
    let stop_sequence = fired(finish, &reply.request);
    output::body(&shape::Message {
        id: &ids::answer("msg_", id.as_deref(), &reply.id),
        kind: "message",
        role: "assistant",
        model: model.as_deref().unwrap_or(&reply.model),
        content: content(blocks),
        stop_reason: Some(word(finish, stop_sequence)),
        stop_sequence,
        usage: counts::Messages::of(*usage),
    })
}

fn content(blocks: &[Block]) -> Vec<Content<'_>> {
    let mut content = Vec::new();
    // Two texts with only thinking between them are one text to whoever doesn't see the thinking.
    let mut last_refused = None;
    for block in blocks {
        let (text, refused) = match block {
            Block::Text(text) => (text, false),
            Block::Refusal(text) => (text, true),
            Block::ToolCall(ToolCall { id, name, arguments }) => {
                last_refused = None;
                let id = ids::tool_use(id.clone()).into();
                content.push(Content::ToolUse { id, name, input: shape::input(arguments) });
                continue;
            }
            // Thinking is left out, see above; the others no model says.
            Block::Thinking(_) | Block::Image(_) | Block::Document { .. } | Block::ToolResult(_) => continue,
        };
        match content.last_mut() {
            Some(Content::Text { text: known }) if last_refused == Some(refused) => {
                known.to_mut().push_str(text);
            }
            _ => content.push(Content::Text { text: text.into() }),
        }
        last_refused = Some(refused);
    }
    content
}
