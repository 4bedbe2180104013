//! A stored `response` as the events of the Responses API.
//!
//! Clients build on any of them: Codex on finished items, the SDKs' helpers on deltas by place, most on
//! `response.completed` alone, which carries the stored body whole. So every item is announced as it begins,
//! filled, and repeated as it was stored.

use bytes::Bytes;

use super::write::{self, Object, list, next_group, pieces};
use super::{ReplayError, repeatable};
use crate::json::{self, Fields, Raw};

/// What a response doesn't have while it is in progress.
const STILL_UNKNOWN: [&str; 4] = ["usage", "completed_at", "incomplete_details", "error"];

/// The provider's own tools that report when they begin and when they are done.
const OWN_TOOLS: [&str; 6] = [
    "web_search_call",
    "file_search_call",
    "image_generation_call",
    "code_interpreter_call",
    "mcp_call",
    "mcp_list_tools",
];

/// The whole stream.
pub(super) fn stream(body: &Fields<'_>) -> Result<Bytes, ReplayError> {
    let mut events = Events { out: Vec::new(), sequence: 0 };
    for kind in ["response.created", "response.in_progress"] {
        events.tell(kind, |event| event.object("response", |response| in_progress(body, response)));
    }
    for (index, item) in body.items("output").unwrap_or_default().enumerate() {
        let fields = Fields::of(item)
            .ok_or_else(|| ReplayError::Malformed(format!("`output[{index}]` is no object")))?;
        repeatable(&format!("output[{index}].id"), fields.get("id"))?;
        let id = match fields.text("id") {
            Some(id) => id.into_owned(),
            // Only hosts that aren't exact send items without one.
            None => format!("item_{index}"),
        };
        Item { index, id, whole: item, fields: &fields }.write(&mut events);
    }
    let is_complete = body.text("status").as_deref() == Some("completed");
    let kind = if is_complete { "response.completed" } else { "response.incomplete" };
    events.tell(kind, |event| {
        event.object("response", |response| body.iter().for_each(|(name, value)| response.raw(name, value)));
    });
    Ok(events.out.into())
}

/// The response as it was when it began.
fn in_progress(body: &Fields<'_>, response: &mut Object<'_>) {
    for (name, value) in body.iter() {
        match name {
            "status" => response.text(name, "in_progress"),
            "output" => response.plain(name, "[]"),
            _ if STILL_UNKNOWN.contains(&name) => response.plain(name, "null"),
            _ => response.raw(name, value),
        }
    }
}

struct Events {
    out: Vec<u8>,
    sequence: usize,
}

impl Events {
    fn tell(&mut self, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
        write::event(&mut self.out, kind, |event| {
            event.count("sequence_number", self.sequence);
            fill(event);
        });
        self.sequence += 1;
    }
}

struct Item<'i> {
    index: usize,
    id: String,
    whole: Raw<'i>,
    fields: &'i Fields<'i>,
}

impl Item<'_> {
    fn write(&self, events: &mut Events) {
        let kind = self.fields.text("type");
        let kind = kind.as_deref().unwrap_or_default();
        events.tell("response.output_item.added", |event| {
            event.count("output_index", self.index);
            event.object("item", |item| self.begun(kind, item));
        });
        match kind {
            "message" => self.parts("content", events),
            "reasoning" => {
                self.parts("summary", events);
                self.parts("content", events);
            }
            "function_call" => self.filled("arguments", "response.function_call_arguments", events),
            "custom_tool_call" => self.filled("input", "response.custom_tool_call_input", events),
            _ if OWN_TOOLS.contains(&kind) => {
                for state in ["in_progress", "completed"] {
                    self.tell(&format!("response.{kind}.{state}"), events, |_| {});
                }
            }
            _ => {}
        }
        events.tell("response.output_item.done", |event| {
            event.count("output_index", self.index);
            event.raw("item", self.whole);
        });
    }

    /// The item before it was filled.
    fn begun(&self, kind: &str, item: &mut Object<'_>) {
        for (name, value) in self.fields.iter() {
            match (kind, name) {
                (_, "status") if json::literal(value).is_some() => item.text(name, "in_progress"),
                ("message" | "reasoning", "content" | "summary") if value.is_list() => item.plain(name, "[]"),
                ("function_call", "arguments") | ("custom_tool_call", "input")
                    if json::literal(value).is_some() =>
                {
                    item.text(name, "");
                }
                _ => item.raw(name, value),
            }
        }
    }

    /// An event about the inside of this item.
    fn tell(&self, kind: &str, events: &mut Events, fill: impl FnOnce(&mut Object<'_>)) {
        events.tell(kind, |event| {
            event.text("item_id", &self.id);
            event.count("output_index", self.index);
            fill(event);
        });
    }

    /// Arguments of a function, input of a tool of text.
    fn filled(&self, name: &str, kind: &str, events: &mut Events) {
        let Some(value) = self.fields.get(name) else { return };
        for piece in json::literal(value).into_iter().flat_map(pieces) {
            self.tell(&format!("{kind}.delta"), events, |event| event.literal("delta", piece));
        }
        self.tell(&format!("{kind}.done"), events, |event| {
            if let Some(function) = self.fields.get("name").filter(|_| name == "arguments") {
                event.raw("name", function);
            }
            event.raw(name, value);
        });
    }

    /// The parts of a message, of thinking, or of a summary of it.
    fn parts(&self, list: &str, events: &mut Events) {
        for (index, whole) in self.fields.items(list).unwrap_or_default().enumerate() {
            let Some(part) = Fields::of(whole) else { continue };
            Part { item: self, of: PartOf::list(list, index), whole, fields: &part }.write(events);
        }
    }
}

/// Where a part stands, and what its events are called.
#[derive(Clone, Copy)]
struct PartOf {
    /// The field that says where in its list it stands.
    place: &'static str,
    index: usize,
    added: &'static str,
    done: &'static str,
}

impl PartOf {
    fn list(list: &str, index: usize) -> Self {
        if list == "summary" {
            Self {
                place: "summary_index",
                index,
                added: "response.reasoning_summary_part.added",
                done: "response.reasoning_summary_part.done",
            }
        } else {
            Self {
                place: "content_index",
                index,
                added: "response.content_part.added",
                done: "response.content_part.done",
            }
        }
    }
}

struct Part<'p> {
    item: &'p Item<'p>,
    of: PartOf,
    whole: Raw<'p>,
    fields: &'p Fields<'p>,
}

impl Part<'_> {
    fn write(&self, events: &mut Events) {
        let kind = self.fields.text("type");
        // The field with the text, and the family of events that fill it.
        let filling = match kind.as_deref().unwrap_or_default() {
            "output_text" => Some(("text", "response.output_text")),
            "refusal" => Some(("refusal", "response.refusal")),
            "summary_text" => Some(("text", "response.reasoning_summary_text")),
            "reasoning_text" => Some(("text", "response.reasoning_text")),
            _ => None,
        };
        self.tell(self.of.added, events, |event| event.object("part", |part| self.begun(filling, part)));
        if let Some((name, family)) = filling {
            self.fill(name, family, events);
        }
        self.tell(self.of.done, events, |event| event.raw("part", self.whole));
    }

    fn tell(&self, kind: &str, events: &mut Events, fill: impl FnOnce(&mut Object<'_>)) {
        self.item.tell(kind, events, |event| {
            event.count(self.of.place, self.of.index);
            fill(event);
        });
    }

    /// The part before it was filled.
    fn begun(&self, filling: Option<(&str, &str)>, part: &mut Object<'_>) {
        for (name, value) in self.fields.iter() {
            match filling {
                Some((text, _)) if name == text && json::literal(value).is_some() => part.text(name, ""),
                Some(_) if matches!(name, "annotations" | "logprobs") && value.is_list() => {
                    part.plain(name, "[]");
                }
                _ => part.raw(name, value),
            }
        }
    }

    fn fill(&self, name: &str, family: &str, events: &mut Events) {
        let Some(value) = self.fields.get(name) else { return };
        let is_text = family == "response.output_text";
        let mut tokens = self.fields.items("logprobs").unwrap_or_default();
        let mut pieces = json::literal(value).into_iter().flat_map(pieces);
        loop {
            let (piece, group) = (pieces.next(), next_group(&mut tokens));
            if piece.is_none() && group.is_empty() {
                break;
            }
            self.tell(&format!("{family}.delta"), events, |event| {
                event.literal("delta", piece.unwrap_or_default());
                if is_text {
                    event.with("logprobs", |out| list(out, &group));
                }
            });
        }
        for (index, annotation) in self.fields.items("annotations").unwrap_or_default().enumerate() {
            self.tell("response.output_text.annotation.added", events, |event| {
                event.count("annotation_index", index);
                event.raw("annotation", annotation);
            });
        }
        self.tell(&format!("{family}.done"), events, |event| {
            event.raw(name, value);
            if is_text {
                match self.fields.get("logprobs") {
                    Some(all) => event.raw("logprobs", all),
                    None => event.plain("logprobs", "[]"),
                }
            }
        });
    }
}
