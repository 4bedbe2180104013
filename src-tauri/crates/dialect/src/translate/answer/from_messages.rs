//! Anthropic's Messages read: events, or a whole message, to [`Event`]s.
//!
//! What another dialect can't say is left out: signatures, redacted thinking, the provider's own tools and
//! their results, citations, and blocks that are not known yet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ids;
use super::pieces::Pieces;
use crate::Dialect;
use crate::canon::{Event, Finish, FinishReason};
use crate::fold::FoldError;
use crate::json::{self, Fields, Raw};
use crate::usage::Usage;

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reader {
    stem: String,
    started: bool,
    /// The blocks that are open, by the provider's index.
    open: BTreeMap<u64, Block>,
    /// The index of the block that was opened last.
    latest: Option<u64>,
    /// Tool calls so far, which is the next one's ordinal.
    calls: usize,
    finish: Option<Finish>,
    /// Why the model declined, where the provider explains it.
    explanation: Option<String>,
    usage: Usage,
}

#[derive(Debug)]
enum Block {
    Text(Pieces),
    Thinking(Pieces),
    Call {
        ordinal: usize,
        pieces: Pieces,
        /// What the block opened with: nothing, but for hosts that send the whole input there.
        input: Option<String>,
    },
    /// Nothing that can be translated; its deltas are skipped.
    Other,
}

impl Reader {
    /// `stem` goes into the ids of calls that come without one.
    pub(super) fn new(stem: &str) -> Self {
        Self {
            stem: stem.to_owned(),
            started: false,
            open: BTreeMap::new(),
            latest: None,
            calls: 0,
            finish: None,
            explanation: None,
            usage: Usage::default(),
        }
    }

    /// Whether the provider said why it stopped.
    pub(super) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Takes one event; true if it is the last one.
    pub(super) fn event(
        &mut self,
        name: Option<&str>,
        event: &Fields<'_>,
        events: &mut Vec<Event>,
    ) -> Result<bool, FoldError> {
        let kind = event.text("type");
        match kind.as_deref().or(name) {
            Some("message_start") => {
                let message = event.object("message");
                let message = message.ok_or_else(|| FoldError::malformed("message_start has no message"))?;
                self.start(&message, events);
            }
            Some("content_block_start" | "message_delta") if !self.started => {
                return Err(FoldError::malformed("the stream had no message_start"));
            }
            Some("content_block_start") => {
                let block = event.object("content_block");
                let block = block.ok_or_else(|| FoldError::malformed("content_block_start has no block"))?;
                let index = event
                    .count("index")
                    .unwrap_or_else(|| self.latest.map_or(0, |last| last.saturating_add(1)));
                self.open(index, &block, events);
            }
            Some("content_block_delta") => {
                if let Some(delta) = event.object("delta") {
                    let index = event.count("index").or(self.latest).unwrap_or(0);
                    self.delta(index, &delta, events)?;
                }
            }
            Some("content_block_stop") => {
                if let Some(index) = event.count("index").or(self.latest) {
                    self.close(index, events);
                }
            }
            Some("message_delta") => {
                self.note_usage(event, events);
                if let Some(delta) = event.object("delta") {
                    self.stop(&delta);
                }
            }
            Some("message_stop") => {
                self.end(events)?;
                return Ok(true);
            }
            // Pings, and whatever comes next year.
            _ => {}
        }
        Ok(false)
    }

    /// A whole body.
    pub(super) fn message(&mut self, body: &Fields<'_>, events: &mut Vec<Event>) -> Result<(), FoldError> {
        self.start(body, events);
        let content = body.items("content").unwrap_or_default();
        for (index, block) in (0..).zip(content.objects()) {
            self.open(index, &block, events);
            self.close(index, events);
        }
        self.stop(body);
        self.end(events)
    }

    /// The end: `message_stop`, or the end of the stream after a stop reason.
    pub(super) fn end(&mut self, events: &mut Vec<Event>) -> Result<(), FoldError> {
        if !self.started {
            return Err(FoldError::malformed("the stream had no message_start"));
        }
        while let Some((index, _)) = self.open.first_key_value() {
            self.close(*index, events);
        }
        events.extend(self.explanation.take().map(Event::Refusal));
        events.extend([Event::Finish(self.finish.take().unwrap_or_default()), Event::End]);
        Ok(())
    }

    fn start(&mut self, message: &Fields<'_>, events: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            let owned = |name| message.text(name).map(Cow::into_owned);
            events.push(Event::Start { id: owned("id"), model: owned("model") });
        }
        self.note_usage(message, events);
    }

    /// Usage is cumulative, and a field may come with either event.
    fn note_usage(&mut self, holder: &Fields<'_>, events: &mut Vec<Event>) {
        let Some(usage) = holder.get("usage") else { return };
        let told = Usage::of(Dialect::Anthropic, usage);
        if !told.is_empty() {
            self.usage.update(told);
            events.push(Event::Usage(self.usage));
        }
    }

    fn open(&mut self, index: u64, block: &Fields<'_>, events: &mut Vec<Event>) {
        self.close(index, events);
        self.latest = Some(index);
        let kind = block.text("type");
        let opened = match kind.as_deref() {
            Some("text") => {
                let mut pieces = Pieces::default();
                events.extend(block.get("text").and_then(|text| pieces.next(text)).map(Event::Text));
                Block::Text(pieces)
            }
            Some("thinking") => {
                let mut pieces = Pieces::default();
                let thinking = block.get("thinking").and_then(|thinking| pieces.next(thinking));
                events.extend(thinking.map(Event::Thinking));
                Block::Thinking(pieces)
            }
            Some("tool_use") => self.call(block, events),
            _ => Block::Other,
        };
        self.open.insert(index, opened);
    }

    fn call(&mut self, block: &Fields<'_>, events: &mut Vec<Event>) -> Block {
        // Without a name nobody can make the call.
        let Some(name) = block.text("name") else { return Block::Other };
        let ordinal = self.calls;
        self.calls += 1;
        let id = block.text("id").map_or_else(|| ids::call(&self.stem, ordinal), Cow::into_owned);
        events.push(Event::CallStart { ordinal, id, name: name.into_owned() });
        Block::Call { ordinal, pieces: Pieces::default(), input: block.get("input").and_then(input_of) }
    }

    fn delta(&mut self, index: u64, delta: &Fields<'_>, events: &mut Vec<Event>) -> Result<(), FoldError> {
        // Only text can do without a block that says what it is.
        let block = match self.open.entry(index) {
            std::collections::btree_map::Entry::Occupied(block) => block.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => match delta.text("type").as_deref() {
                Some("text_delta") => place.insert(Block::Text(Pieces::default())),
                _ => return Err(FoldError::malformed("a delta for a block that was never opened")),
            },
        };
        match block {
            Block::Text(pieces) => {
                events.extend(delta.get("text").and_then(|text| pieces.next(text)).map(Event::Text));
            }
            Block::Thinking(pieces) => {
                let thinking = delta.get("thinking").and_then(|thinking| pieces.next(thinking));
                events.extend(thinking.map(Event::Thinking));
            }
            Block::Call { ordinal, pieces, input } => {
                if let Some(fragment) = delta.get("partial_json").and_then(|json| pieces.next(json)) {
                    *input = None;
                    events.push(Event::CallArguments { ordinal: *ordinal, fragment });
                }
            }
            Block::Other => {}
        }
        Ok(())
    }

    fn close(&mut self, index: u64, events: &mut Vec<Event>) {
        match self.open.remove(&index) {
            Some(Block::Text(mut pieces)) => events.extend(pieces.rest().map(Event::Text)),
            Some(Block::Thinking(mut pieces)) => events.extend(pieces.rest().map(Event::Thinking)),
            Some(Block::Call { ordinal, mut pieces, input }) => {
                let last = pieces.rest().or(input);
                events.extend(last.map(|fragment| Event::CallArguments { ordinal, fragment }));
                events.push(Event::CallEnd { ordinal });
            }
            Some(Block::Other) | None => {}
        }
    }

    fn stop(&mut self, holder: &Fields<'_>) {
        if let Some(word) = holder.text("stop_reason") {
            let stop_sequence = holder.text("stop_sequence").map(Cow::into_owned);
            self.finish = Some(Finish { reason: reason_of(&word), stop_sequence });
        }
        let explanation = holder.object("stop_details").and_then(|details| {
            let refused = details.text("type").as_deref() == Some("refusal");
            details.text("explanation").filter(|_| refused).map(Cow::into_owned)
        });
        if explanation.is_some() {
            self.explanation = explanation;
        }
    }
}

/// The text of a tool's input, if it says anything. Input that was no JSON has been wrapped to be sent.
fn input_of(input: Raw<'_>) -> Option<String> {
    let Some(fields) = Fields::of(input) else {
        return json::literal(input).is_none().then(|| input.get().to_owned());
    };
    let mut names = fields.iter().map(|(name, _)| name);
    match (names.next(), names.next()) {
        (None, _) => None,
        (Some("INVALID_JSON"), None) => fields.text("INVALID_JSON").map(Cow::into_owned),
        _ => Some(input.get().to_owned()),
    }
}

/// `pause_turn` is a pause of the provider's own tools, which nobody of another dialect can resume.
fn reason_of(word: &str) -> FinishReason {
    match word {
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refusal,
        // end_turn, stop_sequence, pause_turn, and whatever comes next year.
        _ => FinishReason::Stop,
    }
}
