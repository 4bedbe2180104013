//! A response as a stream of events, each with its number.

use bytes::Bytes;
use serde_json::{Value, json};

use super::output::{Item, Outcome, output_text, refused};
use crate::{
    exchange,
    reply::pieces::{slices, words},
};

/// Events in the order of their numbers.
#[derive(Default)]
struct Events(Vec<Bytes>);

impl Events {
    fn push(&mut self, kind: &str, fields: Value) {
        self.0.push(event(kind, self.0.len(), fields));
    }
}

impl Outcome<'_> {
    /// All events, and how many of them come before the first token.
    pub(super) fn events(&self, fails: bool) -> (Vec<Bytes>, usize) {
        let mut events = Events::default();
        for kind in ["response.created", "response.in_progress"] {
            events.push(kind, json!({ "response": self.shell("in_progress") }));
        }
        let preamble = 2 + self.items.first().map_or(0, preamble);
        for (index, item) in self.items.iter().enumerate() {
            events.push("response.output_item.added", json!({ "output_index": index, "item": item.begun() }));
            inside(&mut events, item, index);
            let whole = item.whole(self.item_status(item));
            events.push("response.output_item.done", json!({ "output_index": index, "item": whole }));
        }
        if fails {
            return (self.failing(events.0, preamble), preamble);
        }
        let last = format!("response.{}", self.status().0);
        events.push(&last, json!({ "response": self.document() }));
        (events.0, preamble)
    }

    fn failing(&self, events: Vec<Bytes>, preamble: usize) -> Vec<Bytes> {
        let message =
            format!("{} had an error half-way, because the prompt asked for one", self.provider.name());
        let mut response = self.shell("failed");
        response["error"] = json!({ "code": "server_error", "message": message });
        let number = (events.len() / 2).max(preamble + 1).min(events.len());
        let error = event("response.failed", number, json!({ "response": response }));
        exchange::failing(events, preamble, error)
    }
}

/// How many events of an item come before its first token. A call is announced with its name, which is one.
fn preamble(item: &Item) -> usize {
    match item {
        Item::Reasoning { summary: None, .. } | Item::Call { .. } => 0,
        Item::Reasoning { .. } | Item::Message { .. } | Item::Refusal { .. } => 2,
    }
}

/// What happens between the first and the last word about an item.
fn inside(events: &mut Events, item: &Item, index: usize) {
    let at = |more: Value| with(json!({ "item_id": item.id(), "output_index": index }), more);
    match item {
        Item::Reasoning { summary: None, .. } => {}
        Item::Reasoning { summary: Some(text), .. } => {
            let summary = |more: Value| with(at(json!({ "summary_index": 0 })), more);
            let part = |text: &str| json!({ "part": { "type": "summary_text", "text": text } });
            events.push("response.reasoning_summary_part.added", summary(part("")));
            for word in words(text) {
                events.push("response.reasoning_summary_text.delta", summary(json!({ "delta": word })));
            }
            events.push("response.reasoning_summary_text.done", summary(json!({ "text": text })));
            events.push("response.reasoning_summary_part.done", summary(part(text)));
        }
        Item::Message { text, .. } => {
            let content = |more: Value| with(at(json!({ "content_index": 0 })), more);
            events.push("response.content_part.added", content(json!({ "part": output_text("") })));
            for word in words(text) {
                events.push("response.output_text.delta", content(json!({ "delta": word, "logprobs": [] })));
            }
            events.push("response.output_text.done", content(json!({ "text": text, "logprobs": [] })));
            events.push("response.content_part.done", content(json!({ "part": output_text(text) })));
        }
        Item::Refusal { refusal, .. } => {
            let content = |more: Value| with(at(json!({ "content_index": 0 })), more);
            events.push("response.content_part.added", content(json!({ "part": refused("") })));
            for word in words(refusal) {
                events.push("response.refusal.delta", content(json!({ "delta": word })));
            }
            events.push("response.refusal.done", content(json!({ "refusal": refusal })));
            events.push("response.content_part.done", content(json!({ "part": refused(refusal) })));
        }
        Item::Call { name, arguments, .. } => {
            for slice in slices(arguments) {
                events.push("response.function_call_arguments.delta", at(json!({ "delta": slice })));
            }
            let done = json!({ "name": name, "arguments": arguments });
            events.push("response.function_call_arguments.done", at(done));
        }
    }
}

fn with(mut base: Value, more: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (base.as_object_mut(), more) {
        fields.extend(more);
    }
    base
}

fn event(kind: &str, number: usize, fields: Value) -> Bytes {
    let data = with(json!({ "type": kind, "sequence_number": number }), fields);
    Bytes::from(format!("event: {kind}\ndata: {data}\n\n"))
}
