//! Chunks of OpenAI's Chat Completions.

use super::{Reading, StreamReader};
use crate::Dialect;
use crate::json::{self, Fields, Raw};
use crate::usage::Usage;

impl StreamReader {
    pub(super) fn chat_chunk(&mut self, chunk: &Fields<'_>) -> Reading {
        self.note_model(chunk);
        let usage = chunk.get("usage");
        if let Some(usage) = usage {
            // Hosts that report with every chunk report the sum so far: the last one counts, whole.
            let told = Usage::of(Dialect::OpenAi, usage);
            if !told.is_empty() {
                self.usage = told;
            }
        }
        let choices = chunk.items("choices").unwrap_or_default();
        if choices.is_empty() {
            return if usage.is_some() { Reading::UsageOnly } else { Reading::Nothing };
        }
        let mut meaningful = false;
        for choice in choices.objects() {
            self.finished |= choice.has_text("finish_reason");
            meaningful |= choice.object("delta").is_some_and(|delta| says_something(&delta));
        }
        if meaningful { Reading::Meaningful } else { Reading::Nothing }
    }
}

/// A delta that a person or a program would notice. `reasoning_content` and `reasoning` are not OpenAI's
/// own, but what most other hosts call the thinking that comes before the text.
fn says_something(delta: &Fields<'_>) -> bool {
    let texts = ["content", "refusal", "reasoning_content", "reasoning"];
    if texts.into_iter().any(|name| delta.get(name).is_some_and(has_text)) {
        return true;
    }
    let calls = delta.items("tool_calls").unwrap_or_default();
    if calls.objects().any(|call| is_call(&call)) {
        return true;
    }
    delta.object("function_call").is_some_and(|function| names_or_fills(&function))
        || delta.object("audio").is_some_and(|audio| audio.has_text("data") || audio.has_text("transcript"))
        || delta.items("images").is_some_and(|images| !images.is_empty())
}

fn is_call(call: &Fields<'_>) -> bool {
    ["function", "custom"].into_iter().any(|kind| call.object(kind).is_some_and(|call| names_or_fills(&call)))
}

fn names_or_fills(function: &Fields<'_>) -> bool {
    ["name", "arguments", "input"].into_iter().any(|name| function.has_text(name))
}

/// Text as a string, or (Mistral) as a list of parts with text in them, thinking one level deeper.
fn has_text(value: Raw<'_>) -> bool {
    if let Some(inner) = json::literal(value) {
        return !inner.is_empty();
    }
    let parts = json::items(value).unwrap_or_default();
    parts.into_iter().any(|part| match Fields::of(part) {
        Some(part) => part.has_text("text") || part.get("thinking").is_some_and(has_text),
        None => json::literal(part).is_some_and(|inner| !inner.is_empty()),
    })
}
