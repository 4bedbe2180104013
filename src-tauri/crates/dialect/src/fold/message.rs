//! Events of Anthropic's Messages to a `message`.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::FoldError;
use super::node::{DEPTH, Node, Object};
use crate::json::{self, Fields, Raw};

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// From `message_start`, brought up to date by `message_delta`.
    fields: Option<Object>,
    blocks: BTreeMap<u64, Block>,
}

#[derive(Debug)]
struct Block {
    fields: Object,
    /// A tool's input: JSON text as the inside of a JSON string, for that is how it comes, cut anywhere.
    input: Option<String>,
}

impl Message {
    /// Takes one event; true if it is the last one.
    pub(super) fn add(&mut self, name: Option<&str>, event: &Fields<'_>) -> Result<bool, FoldError> {
        let kind = event.text("type");
        match kind.as_deref().or(name) {
            Some("message_start") => {
                let message = event.object("message");
                let message = message.ok_or_else(|| FoldError::malformed("message_start has no message"))?;
                self.fields = Some(Object::read(&message, DEPTH));
            }
            Some("content_block_start") => {
                let block = event.object("content_block");
                let block = block.ok_or_else(|| FoldError::malformed("content_block_start has no block"))?;
                let next = self.blocks.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
                let index = event.count("index").unwrap_or(next);
                self.blocks.insert(index, Block { fields: Object::read(&block, DEPTH), input: None });
            }
            Some("content_block_delta") => {
                let last = self.blocks.last_key_value().map_or(0, |(last, _)| *last);
                let index = event.count("index").unwrap_or(last);
                let block = self.blocks.get_mut(&index);
                let block =
                    block.ok_or_else(|| FoldError::malformed("a delta for a block that was never opened"))?;
                if let Some(delta) = event.object("delta") {
                    block.add(&delta);
                }
            }
            Some("message_delta") => self.end(event),
            Some("message_stop") => return Ok(true),
            // content_block_stop, ping, and whatever comes next year.
            _ => {}
        }
        Ok(false)
    }

    /// The stop reason, usage (cumulative, never added), and what only is known at the end.
    fn end(&mut self, event: &Fields<'_>) {
        let Some(fields) = &mut self.fields else { return };
        for (name, value) in event.iter() {
            match name {
                "type" => {}
                "delta" => {
                    for (name, value) in Fields::of(value).iter().flat_map(Fields::iter) {
                        fields.replace(name, Node::read(value, DEPTH));
                    }
                }
                "usage" => {
                    let later = Node::read(value, DEPTH);
                    match fields.get_mut("usage") {
                        Some(known) => known.update(later),
                        None => fields.set("usage", later),
                    }
                }
                _ => fields.replace(name, Node::read(value, DEPTH)),
            }
        }
    }

    pub(super) fn finish(self) -> Result<Bytes, FoldError> {
        let mut body = self.fields.ok_or_else(|| FoldError::malformed("the stream had no message_start"))?;
        let cut_off =
            matches!(body.text("stop_reason"), Some("max_tokens" | "model_context_window_exceeded"));
        let blocks: Result<Vec<_>, _> =
            self.blocks.into_values().map(|block| block.finish(cut_off)).collect();
        let blocks = blocks?;
        if !blocks.is_empty() || body.get("content").is_none() {
            body.set("content", Node::List(blocks));
        }
        if body.text("type").is_none() {
            body.set("type", Node::Text("message".to_owned()));
        }
        let mut out = String::new();
        body.write(&mut out);
        Ok(out.into())
    }
}

impl Block {
    fn add(&mut self, delta: &Fields<'_>) {
        let kind = delta.text("type");
        for (name, value) in delta.iter().filter(|(name, _)| *name != "type") {
            match (kind.as_deref(), name) {
                (_, "partial_json") => {
                    self.input.get_or_insert_default().push_str(json::literal(value).unwrap_or_default());
                }
                // Comes whole; a block opens with an empty one.
                (_, "signature") => self.fields.replace(name, Node::read(value, 0)),
                (Some("citations_delta"), "citation") => {
                    self.fields.grow("citations", Node::List(vec![Node::read(value, 0)]));
                }
                (Some("text_delta"), "text") | (Some("thinking_delta"), "thinking") => {
                    self.fields.grow(name, Node::read(value, 0));
                }
                // What a known delta carries besides is about the stream, not the block.
                (Some("text_delta" | "thinking_delta" | "input_json_delta" | "signature_delta"), _) => {}
                _ => self.fields.grow(name, Node::read(value, DEPTH)),
            }
        }
    }

    fn finish(mut self, cut_off: bool) -> Result<Node, FoldError> {
        let input = match self.input.take() {
            Some(escaped) => tool_input(escaped, cut_off)?,
            None => None,
        };
        let is_call = self.fields.text("type").is_some_and(|kind| kind.ends_with("tool_use"));
        if let Some(input) = input {
            self.fields.set("input", input);
        } else if is_call && self.fields.get("input").is_none_or(Node::is_blank) {
            self.fields.set("input", Node::Object(Object::default()));
        }
        Ok(Node::Object(self.fields))
    }
}

/// The pieces of a tool's input, parsed; `None` if they say nothing. Input that was `cut_off` by a token limit
/// is no JSON; it is handed on as text, in the wrapping that Anthropic documents for such input, rather than
/// lost.
fn tool_input(escaped: String, cut_off: bool) -> Result<Option<Node>, FoldError> {
    let literal = format!("\"{escaped}\"");
    let text = Raw::parse(&literal).and_then(json::text);
    let text = text.as_deref().unwrap_or_default().trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    if Raw::parse(text).is_some() {
        return Ok(Some(Node::Verbatim(text.to_owned())));
    }
    if !cut_off {
        return Err(FoldError::malformed("the input of a tool call is not JSON"));
    }
    let mut wrapped = Object::default();
    wrapped.set("INVALID_JSON", Node::Text(escaped));
    Ok(Some(Node::Object(wrapped)))
}
