//! A stored `message` as Anthropic's events.
//!
//! A block opens empty, is filled by deltas of its kind, and is closed before the next one opens. What has no kind
//! of delta (redacted thinking, results of the provider's own tools, blocks of next year) opens whole.

use bytes::Bytes;

use super::ReplayError;
use super::write::{self, Object, pieces, plain_pieces};
use crate::json::{self, Fields, Raw};

/// What is only known at the end, and comes with the reason for stopping.
const AT_THE_END: [&str; 4] = ["stop_reason", "stop_sequence", "stop_details", "container"];

/// The counts that are told once more at the end. The vendor's are the sums of the whole answer.
const COUNTED: [&str; 6] = [
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
];

/// The whole stream.
pub(super) fn stream(body: &Fields<'_>) -> Result<Bytes, ReplayError> {
    let mut out = Vec::new();
    start(body, &mut out);
    let content = body.items("content").unwrap_or_default();
    for (index, block) in content.enumerate() {
        let block = Fields::of(block)
            .ok_or_else(|| ReplayError::Malformed(format!("`content[{index}]` is no object")))?;
        Block { index, fields: &block }.write(&mut out);
    }
    end(body, &mut out);
    Ok(out.into())
}

/// Who answers, and what the prompt cost.
fn start(body: &Fields<'_>, out: &mut Vec<u8>) {
    write::event(out, "message_start", |event| {
        event.object("message", |message| {
            let mut counts = body.object("usage");
            for (name, value) in body.iter() {
                match name {
                    "content" => message.plain(name, "[]"),
                    "usage" => counts.take().iter().for_each(|counts| first_counts(counts, message)),
                    "context_management" => {}
                    _ if AT_THE_END.contains(&name) => message.plain(name, "null"),
                    _ => message.raw(name, value),
                }
            }
            if body.get("usage").is_none_or(|usage| !usage.is_object()) {
                first_counts(&Fields::default(), message);
            }
        });
    });
}

/// The prompt's tokens; of the answer none was written yet.
fn first_counts(counts: &Fields<'_>, message: &mut Object<'_>) {
    message.object("usage", |usage| {
        if !counts.iter().any(|(name, _)| name == "input_tokens") {
            usage.plain("input_tokens", "0");
        }
        for (name, value) in counts.iter() {
            match name {
                "output_tokens" => usage.plain(name, "0"),
                "output_tokens_details" | "server_tool_use" => {}
                _ => usage.raw(name, value),
            }
        }
        if !counts.iter().any(|(name, _)| name == "output_tokens") {
            usage.plain("output_tokens", "0");
        }
    });
}

/// Why it stopped, and what it cost.
fn end(body: &Fields<'_>, out: &mut Vec<u8>) {
    write::event(out, "message_delta", |event| {
        event.object("delta", |delta| {
            for (name, value) in body.iter().filter(|(name, _)| AT_THE_END.contains(name)) {
                delta.raw(name, value);
            }
        });
        event.object("usage", |usage| {
            let counts = body.object("usage").unwrap_or_default();
            for (name, value) in counts.iter().filter(|(name, _)| COUNTED.contains(name)) {
                usage.raw(name, value);
            }
            if !counts.iter().any(|(name, _)| name == "output_tokens") {
                usage.plain("output_tokens", "0");
            }
        });
        if let Some((name, value)) = body.iter().filter(|(name, _)| *name == "context_management").last() {
            event.raw(name, value);
        }
    });
    write::event(out, "message_stop", |_| {});
}

struct Block<'b> {
    index: usize,
    fields: &'b Fields<'b>,
}

impl Block<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let kind = self.fields.text("type");
        match kind.as_deref().unwrap_or_default() {
            "text" => self.text(out),
            "thinking" => self.thinking(out),
            // server_tool_use, mcp_tool_use
            kind if kind.ends_with("tool_use") => self.call(out),
            _ => self.open(out, |name, value, block| block.raw(name, value)),
        }
        write::event(out, "content_block_stop", |event| event.count("index", self.index));
    }

    fn text(&self, out: &mut Vec<u8>) {
        self.open(out, |name, value, block| match name {
            "text" if json::literal(value).is_some() => block.text(name, ""),
            "citations" if value.is_list() => block.plain(name, "[]"),
            _ => block.raw(name, value),
        });
        self.pieces("text", "text_delta", out);
        for citation in self.fields.items("citations").unwrap_or_default() {
            self.delta(out, "citations_delta", |delta| delta.raw("citation", citation));
        }
    }

    fn thinking(&self, out: &mut Vec<u8>) {
        self.open(out, |name, value, block| match name {
            "thinking" | "signature" if json::literal(value).is_some() => block.text(name, ""),
            _ => block.raw(name, value),
        });
        self.pieces("thinking", "thinking_delta", out);
        // Whoever sends it back has to send all of it, so it is never cut.
        let signature = self.fields.get("signature").and_then(json::literal);
        if let Some(signature) = signature.filter(|signature| !signature.is_empty()) {
            self.delta(out, "signature_delta", |delta| delta.literal("signature", signature));
        }
    }

    /// Its input comes as the pieces of its JSON text.
    fn call(&self, out: &mut Vec<u8>) {
        write::event(out, "content_block_start", |event| {
            event.count("index", self.index);
            event.object("content_block", |block| {
                for (name, value) in self.fields.iter().filter(|(name, _)| *name != "input") {
                    block.raw(name, value);
                }
                block.plain("input", "{}");
            });
        });
        let input = self.fields.get("input").filter(|input| input.get() != "{}");
        for piece in input.map(Raw::get).into_iter().flat_map(plain_pieces) {
            self.delta(out, "input_json_delta", |delta| delta.text("partial_json", piece));
        }
    }

    /// Opens the block; `field` writes each of its fields as it opens.
    fn open(&self, out: &mut Vec<u8>, field: impl Fn(&str, Raw<'_>, &mut Object<'_>)) {
        write::event(out, "content_block_start", |event| {
            event.count("index", self.index);
            event.object("content_block", |block| {
                for (name, value) in self.fields.iter() {
                    field(name, value, block);
                }
            });
        });
    }

    fn pieces(&self, name: &str, kind: &str, out: &mut Vec<u8>) {
        for piece in self.fields.get(name).and_then(json::literal).into_iter().flat_map(pieces) {
            self.delta(out, kind, |delta| delta.literal(name, piece));
        }
    }

    fn delta(&self, out: &mut Vec<u8>, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
        write::event(out, "content_block_delta", |event| {
            event.count("index", self.index);
            event.object("delta", |delta| {
                delta.text("type", kind);
                fill(delta);
            });
        });
    }
}
