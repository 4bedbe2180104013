//! Events of OpenAI's Responses.
//!
//! Of some sixty kinds of event three matter by name: the two that end an answer and the one that reports its
//! failure. All others say something if there is text in them, told by their fields and not by a list of
//! kinds, for new ones come every few months.

use super::{Reading, StreamReader, meaningful_if};
use crate::Dialect;
use crate::envelope::Begun;
use crate::fault::ProviderError;
use crate::json::{self, Fields, Raw};
use crate::usage::Usage;

/// Where events that are no deltas carry text: whole, at the end of a part, as hosts do that don't stream.
const TEXTS: [&str; 8] =
    ["text", "refusal", "arguments", "input", "code", "command", "transcript", "partial_image_b64"];

impl StreamReader {
    pub(super) fn responses_event(&mut self, name: Option<&str>, event: &Fields<'_>) -> Reading {
        if let Some(number) = event.count("sequence_number") {
            self.begun.next_sequence = number.saturating_add(1);
        }
        let kind = event.text("type");
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let response = event.object("response");
        if let Some(response) = &response {
            self.note_response(response);
        }
        match kind {
            "response.completed" | "response.incomplete" => {
                self.finished = true;
                Reading::Terminal
            }
            "response.failed" => Reading::Error(failure(response.as_ref())),
            "response.error" => Reading::Error(failure(Some(event))),
            "response.output_item.added" | "response.output_item.done" => {
                meaningful_if(event.object("item").is_some_and(|item| item_says_something(&item)))
            }
            _ => meaningful_if(event.get("delta").is_some_and(has_text) || part_says_something(event)),
        }
    }

    /// How far the answer has come, for the event that tells of its failure.
    pub fn begun(&self) -> Begun {
        Begun { id: self.id.clone(), model: self.model.clone(), ..self.begun.clone() }
    }

    fn note_response(&mut self, response: &Fields<'_>) {
        self.note_model(response);
        if self.begun.created_at.is_none() {
            self.begun.created_at = response.count("created_at");
        }
        if let Some(usage) = response.get("usage") {
            self.usage.update(Usage::of(Dialect::OpenAi, usage));
        }
    }
}

/// The error of a response that failed. A host that gives no reason has still failed.
pub(crate) fn failure(response: Option<&Fields<'_>>) -> ProviderError {
    match response.and_then(|response| response.get("error")) {
        Some(error) => ProviderError::in_band(Dialect::OpenAi, error),
        None => ProviderError {
            status: 500,
            message: response.and_then(|response| response.text("message")).map(std::borrow::Cow::into_owned),
            ..ProviderError::default()
        },
    }
}

/// A message or some thinking opens empty; a call opens with its name, and a tool of the provider's own is
/// named by the item's kind.
fn item_says_something(item: &Fields<'_>) -> bool {
    let kind = item.text("type");
    match kind.as_deref().unwrap_or_default() {
        "function_call" | "custom_tool_call" => {
            ["name", "arguments", "input"].into_iter().any(|name| item.has_text(name))
        }
        "message" | "reasoning" => ["content", "summary"].into_iter().any(|name| {
            let parts = item.items(name).unwrap_or_default();
            parts.objects().any(|part| part_says_something(&part))
        }),
        kind => kind.ends_with("_call"),
    }
}

/// A part of a message, an event that carries such a part, or an event with a text of its own.
fn part_says_something(part: &Fields<'_>) -> bool {
    TEXTS.into_iter().any(|name| part.has_text(name))
        || part.object("part").is_some_and(|inner| TEXTS.into_iter().any(|name| inner.has_text(name)))
}

/// A delta is a text, or (the output of a shell) an object of texts.
fn has_text(delta: Raw<'_>) -> bool {
    match json::literal(delta) {
        Some(inner) => !inner.is_empty(),
        None => Fields::of(delta).is_some_and(|delta| {
            delta.iter().any(|(_, value)| json::literal(value).is_some_and(|inner| !inner.is_empty()))
        }),
    }
}
