//! Chat Completions read: chunks, or a whole completion, to [`Event`]s.
//!
//! Half the field speaks this dialect and hardly anybody speaks it exactly, so nothing is demanded that an
//! answer could do without. A reason for stopping is kept until the end: hosts send it before the last text,
//! twice, or with an error behind it, and whoever was told of it first would have been told too early.

use std::borrow::Cow;

use super::ids;
use super::pieces::Pieces;
use crate::Dialect;
use crate::canon::{Event, Finish, FinishReason};
use crate::fault::ProviderError;
use crate::fold::FoldError;
use crate::json::{self, Fields, Raw};
use crate::usage::Usage;

mod calls;

use calls::{Calls, Piece};

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reader {
    id: Option<String>,
    model: Option<String>,
    started: bool,
    /// A choice was read: without one there is no answer at all.
    has_choice: bool,
    text: Pieces,
    thinking: Pieces,
    refusal: Pieces,
    refused: bool,
    calls: Calls,
    finish: Option<Finish>,
    usage: Usage,
    /// Usage that was read and not told.
    untold: Option<Usage>,
}

impl Reader {
    /// `stem` goes into the ids of calls that come without one.
    pub(super) fn new(stem: &str) -> Self {
        Self {
            id: None,
            model: None,
            started: false,
            has_choice: false,
            text: Pieces::default(),
            thinking: Pieces::default(),
            refusal: Pieces::default(),
            refused: false,
            calls: Calls::new(stem),
            finish: None,
            usage: Usage::default(),
            untold: None,
        }
    }

    /// Whether the provider said why it stopped.
    pub(super) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// The data of one frame.
    pub(super) fn chunk(&mut self, chunk: &Fields<'_>, events: &mut Vec<Event>) -> Result<(), FoldError> {
        self.head(chunk);
        if self.id.is_some() && self.model.is_some() {
            self.start(events);
        }
        if let Some(choice) = first_choice(chunk) {
            self.has_choice = true;
            failure(&choice)?;
            if let Some(delta) = choice.object("delta") {
                self.calls.next_list();
                self.delta(&delta, events);
            }
            self.stop(&choice)?;
        }
        if self.started {
            self.tell_usage(events);
        }
        Ok(())
    }

    /// A whole body. Its message has the fields of a delta, and every call in it is another one.
    pub(super) fn completion(&mut self, body: &Fields<'_>, events: &mut Vec<Event>) -> Result<(), FoldError> {
        self.head(body);
        self.start(events);
        if let Some(choice) = first_choice(body) {
            self.has_choice = true;
            failure(&choice)?;
            if let Some(message) = choice.object("message") {
                self.calls.are_whole();
                self.delta(&message, events);
            }
            self.stop(&choice)?;
        }
        self.end(events)
    }

    /// The end: `[DONE]`, or the end of the stream after a reason for stopping.
    pub(super) fn end(&mut self, events: &mut Vec<Event>) -> Result<(), FoldError> {
        if !self.has_choice {
            return Err(FoldError::malformed("the stream had no choice in it"));
        }
        self.start(events);
        events.extend(self.thinking.rest().map(Event::Thinking));
        events.extend(self.text.rest().map(Event::Text));
        events.extend(self.refusal.rest().map(Event::Refusal));
        self.calls.end(events);
        let mut finish = self.finish.take().unwrap_or_default();
        if self.refused && finish.reason == FinishReason::Stop {
            finish.reason = FinishReason::Refusal;
        }
        events.extend([Event::Finish(finish), Event::End]);
        Ok(())
    }

    fn head(&mut self, holder: &Fields<'_>) {
        // Azure's first chunk has empty names; the first that says something counts.
        let first = |known: &mut Option<String>, name| {
            if known.is_none() {
                *known = holder.text(name).map(Cow::into_owned);
            }
        };
        first(&mut self.id, "id");
        first(&mut self.model, "model");
        if let Some(usage) = holder.get("usage") {
            let told = Usage::of(Dialect::OpenAi, usage);
            if !told.is_empty() {
                self.usage.update(told);
                self.untold = Some(self.usage);
            }
        }
    }

    /// Some hosts name themselves only later, so the beginning is told with whatever is told first.
    fn start(&mut self, events: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            events.push(Event::Start { id: self.id.clone(), model: self.model.clone() });
        }
        self.tell_usage(events);
    }

    fn tell_usage(&mut self, events: &mut Vec<Event>) {
        events.extend(self.untold.take().map(Event::Usage));
    }

    fn delta(&mut self, delta: &Fields<'_>, events: &mut Vec<Event>) {
        // Most hosts call it one of these; some say everything twice, under both names.
        let thinking = ["reasoning_content", "reasoning"].into_iter().find(|name| delta.has_text(name));
        if let Some(thinking) = thinking.and_then(|name| delta.get(name)) {
            self.think(thinking, events);
        }
        if let Some(content) = delta.get("content") {
            self.content(content, events);
        }
        if let Some(refusal) = delta.get("refusal") {
            self.refuse(refusal, events);
        }
        let calls = delta.items("tool_calls").unwrap_or_default();
        let has_calls = !calls.is_empty();
        for call in calls.objects() {
            self.start(events);
            self.calls.take(&Piece::of_tool_call(&call), events);
        }
        // Hosts that send both say the same twice.
        if let Some(function) = delta.object("function_call").filter(|_| !has_calls) {
            self.start(events);
            self.calls.take(&Piece::of_function_call(&function), events);
        }
    }

    /// Text, or (Mistral) a list of parts.
    fn content(&mut self, content: Raw<'_>, events: &mut Vec<Event>) {
        if json::literal(content).is_some() {
            self.write(content, events);
            return;
        }
        for part in json::items(content).unwrap_or_default() {
            let Some(fields) = Fields::of(part) else {
                self.write(part, events);
                continue;
            };
            let kind = fields.text("type");
            let kind = kind.as_deref().unwrap_or("text");
            match (kind, fields.get(kind)) {
                ("thinking", Some(thinking)) => self.think_parts(thinking, events),
                ("refusal", Some(refusal)) => self.refuse(refusal, events),
                _ => {
                    if let Some(text) = fields.get("text") {
                        self.write(text, events);
                    }
                }
            }
        }
    }

    /// Thinking as text, or as a list of text parts.
    fn think_parts(&mut self, thinking: Raw<'_>, events: &mut Vec<Event>) {
        let Some(parts) = json::items(thinking) else { return self.think(thinking, events) };
        for part in parts.objects() {
            if let Some(text) = part.get("text") {
                self.think(text, events);
            }
        }
    }

    fn write(&mut self, text: Raw<'_>, events: &mut Vec<Event>) {
        if let Some(text) = self.text.next(text) {
            self.start(events);
            self.calls.settle(events);
            events.push(Event::Text(text));
        }
    }

    fn think(&mut self, text: Raw<'_>, events: &mut Vec<Event>) {
        if let Some(text) = self.thinking.next(text) {
            self.start(events);
            self.calls.settle(events);
            events.push(Event::Thinking(text));
        }
    }

    fn refuse(&mut self, text: Raw<'_>, events: &mut Vec<Event>) {
        if let Some(text) = self.refusal.next(text) {
            self.refused = true;
            self.start(events);
            self.calls.settle(events);
            events.push(Event::Refusal(text));
        }
    }

    fn stop(&mut self, choice: &Fields<'_>) -> Result<(), FoldError> {
        let Some(word) = choice.text("finish_reason") else { return Ok(()) };
        let reason = reason_of(&word)?;
        // vLLM and its kin say which of the client's texts ended the answer.
        let stop_sequence = choice.text("stop_reason").map(Cow::into_owned);
        self.finish = Some(Finish { reason, stop_sequence });
        Ok(())
    }
}

/// More than one choice is never asked for across dialects; hosts that send one may leave its index out.
fn first_choice<'a>(holder: &Fields<'a>) -> Option<Fields<'a>> {
    let choices = holder.items("choices")?;
    choices.objects().find(|choice| choice.count("index").unwrap_or(0) == 0)
}

/// `OpenRouter` reports a model's failure within the choice.
fn failure(choice: &Fields<'_>) -> Result<(), FoldError> {
    match choice.get("error") {
        Some(error) if choice.object("error").is_some_and(|error| !error.is_empty()) => {
            Err(FoldError::Failed(ProviderError::in_band(Dialect::OpenAi, error)))
        }
        _ => Ok(()),
    }
}

/// The vendor's words and those of other hosts. Two of them are no reasons but failures: nothing that broke
/// off may look as if it had been finished.
fn reason_of(word: &str) -> Result<FinishReason, FoldError> {
    Ok(match word.to_ascii_lowercase().as_str() {
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "content_filter" | "safety" | "refusal" => FinishReason::Refusal,
        "error" => return Err(broken_off(word, 500)),
        "insufficient_system_resource" => return Err(broken_off(word, 503)),
        _ => FinishReason::Stop,
    })
}

fn broken_off(word: &str, status: u16) -> FoldError {
    FoldError::Failed(ProviderError {
        status,
        code: Some(word.to_owned()),
        kind: Some("server_error".to_owned()),
        message: Some(format!("The provider broke off its answer (finish_reason \"{word}\").")),
    })
}
