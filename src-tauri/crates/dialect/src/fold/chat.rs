//! Chunks of OpenAI's Chat Completions to a `chat.completion`.

use bytes::Bytes;

use super::FoldError;
use super::node::{DEPTH, Node, Object};
use super::parts;
use crate::json::{self, Fields};

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// Every top-level field but the choices.
    fields: Object,
    choices: Vec<Choice>,
}

#[derive(Debug, Default)]
struct Choice {
    index: u64,
    message: Object,
    calls: Vec<Call>,
    /// Counts the lists of pieces of calls.
    lists: u64,
    /// Finish reason, log probabilities, and what hosts add beside the delta.
    fields: Object,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    fields: Object,
    /// The list that had a piece of it last.
    list: u64,
}

impl Completion {
    pub(super) fn add(&mut self, chunk: &Fields<'_>) {
        for (name, value) in chunk.iter() {
            match name {
                // `obfuscation` pads chunks against guessing by their length; a body has none.
                "object" | "obfuscation" => {}
                "choices" => {
                    let choices = json::items(value).unwrap_or_default();
                    for (position, choice) in choices.objects().enumerate() {
                        self.choice(&choice, position as u64).add(&choice);
                    }
                }
                // The same in every chunk, but for hosts that don't know them in the first one.
                "id" | "model" | "created" => {
                    if self.fields.get(name).is_none_or(Node::is_blank) {
                        self.fields.set(name, Node::read(value, 0));
                    }
                }
                "usage" if value.get() == "{}" => {}
                _ => self.fields.replace(name, Node::read(value, 0)),
            }
        }
    }

    /// The choice that a piece belongs to; hosts that send only one may leave its index out.
    fn choice(&mut self, piece: &Fields<'_>, position: u64) -> &mut Choice {
        let index = piece.count("index").unwrap_or(position);
        let at = self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Choice { index, ..Choice::default() });
            self.choices.len() - 1
        });
        &mut self.choices[at]
    }

    /// Every choice has said why it stops.
    pub(super) fn is_finished(&self) -> bool {
        let stopped =
            |choice: &Choice| choice.fields.text("finish_reason").is_some_and(|reason| !reason.is_empty());
        !self.choices.is_empty() && self.choices.iter().all(stopped)
    }

    pub(super) fn finish(mut self) -> Result<Bytes, FoldError> {
        if self.choices.is_empty() {
            return Err(FoldError::malformed("the stream had no choice in it"));
        }
        self.choices.sort_by_key(|choice| choice.index);
        let mut body = Object::default();
        take_over(&mut body, &mut self.fields, &["id"]);
        body.set("object", Node::Text("chat.completion".to_owned()));
        take_over(&mut body, &mut self.fields, &["created", "model"]);
        body.set("choices", Node::List(self.choices.into_iter().map(Choice::finish).collect()));
        take_over(&mut body, &mut self.fields, &["usage"]);
        body.append(self.fields);
        let mut out = String::new();
        body.write(&mut out);
        Ok(out.into())
    }
}

impl Choice {
    fn add(&mut self, piece: &Fields<'_>) {
        for (name, value) in piece.iter() {
            match name {
                "index" => {}
                "delta" => {
                    if let Some(delta) = Fields::of(value) {
                        self.add_delta(&delta);
                    }
                }
                // Two levels: lists of tokens grow, tokens are kept as they came.
                "logprobs" => self.fields.grow(name, Node::read(value, 2)),
                "finish_reason" if value.get() == "\"\"" => {}
                // Reports about the whole choice (content filters), not pieces of it.
                _ => self.fields.replace(name, Node::read(value, 0)),
            }
        }
    }

    fn add_delta(&mut self, delta: &Fields<'_>) {
        for (name, value) in delta.iter() {
            match name {
                "tool_calls" => {
                    let pieces = json::items(value).unwrap_or_default();
                    self.lists += 1;
                    for piece in pieces.objects() {
                        self.call(&piece).add(&piece);
                    }
                }
                "content" => parts::grow_content(&mut self.message, Node::read(value, DEPTH)),
                _ => self.message.grow(name, Node::read(value, DEPTH)),
            }
        }
    }

    /// The tool call that a piece belongs to: by index; without one by id; without either the open call. Hosts
    /// that number every call 0, or none at all, begin a new one with a new id and a name; those that have no
    /// ids either, with a name where none is due.
    fn call(&mut self, piece: &Fields<'_>) -> &mut Call {
        let index = piece.count("index");
        let id = piece.get("id").and_then(json::literal).filter(|id| !id.is_empty());
        let function = piece.object("function");
        let name = function.as_ref().and_then(|function| json::literal(function.get("name")?));
        let name = name.filter(|name| !name.is_empty());
        let is_another = |call: &Call| match (name, id) {
            (None, _) => false,
            (Some(_), Some(id)) => call.fields.text("id").is_some_and(|known| known != id),
            (Some(name), None) => call.name().is_some_and(|known| known != name || call.list == self.lists),
        };
        let known = match (index, id) {
            (Some(_), _) => self.calls.iter().rposition(|call| call.index == index),
            (None, Some(_)) => self.calls.iter().rposition(|call| call.fields.text("id") == id),
            (None, None) => self.calls.len().checked_sub(1),
        };
        let at = known.filter(|at| !is_another(&self.calls[*at])).unwrap_or_else(|| {
            self.calls.push(Call { index, fields: Object::default(), list: 0 });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        call.list = self.lists;
        call
    }

    fn finish(mut self) -> Node {
        let mut message = Object::default();
        let role = self.message.take("role").filter(|role| !role.is_blank());
        message.set("role", role.unwrap_or_else(|| Node::Text("assistant".to_owned())));

        self.calls.sort_by_key(|call| call.index);
        let says_otherwise = !self.calls.is_empty()
            || self.message.text("refusal").is_some()
            || ["function_call", "audio"]
                .into_iter()
                .any(|name| self.message.get(name).is_some_and(|v| !v.is_null()));
        // A stream opens with empty text before it is known that none will come.
        let content = self.message.take("content").filter(|content| !(content.is_blank() && says_otherwise));
        message.set("content", content.unwrap_or_else(Node::null));
        if !self.calls.is_empty() {
            message.set("tool_calls", Node::List(self.calls.into_iter().map(Call::finish).collect()));
        }
        // OpenAI itself, known by its `refusal`, has a list of annotations in every body but only in such
        // streams as have annotations.
        if self.message.get("refusal").is_some() {
            self.message.grow("annotations", Node::List(Vec::new()));
        }
        message.append(self.message);

        let mut choice = Object::default();
        choice.set("index", Node::Verbatim(self.index.to_string()));
        choice.set("message", Node::Object(message));
        take_over(&mut choice, &mut self.fields, &["logprobs"]);
        choice.set("finish_reason", self.fields.take("finish_reason").unwrap_or_else(Node::null));
        choice.append(self.fields);
        Node::Object(choice)
    }
}

impl Call {
    /// Escaped, as the host wrote it.
    fn name(&self) -> Option<&str> {
        let Some(Node::Object(function)) = self.fields.get("function") else { return None };
        function.text("name")
    }

    fn add(&mut self, piece: &Fields<'_>) {
        for (name, value) in piece.iter().filter(|(name, _)| *name != "index") {
            self.fields.grow(name, Node::read(value, DEPTH));
        }
    }

    fn finish(mut self) -> Node {
        let mut call = Object::default();
        take_over(&mut call, &mut self.fields, &["id"]);
        let kind = self.fields.take("type").filter(|kind| !kind.is_blank());
        call.set("type", kind.unwrap_or_else(|| Node::Text("function".to_owned())));
        call.append(self.fields);
        Node::Object(call)
    }
}

/// Moves fields from one object to the other, if they are there.
fn take_over(to: &mut Object, from: &mut Object, names: &[&str]) {
    for name in names {
        if let Some(value) = from.take(name) {
            to.set(name, value);
        }
    }
}
