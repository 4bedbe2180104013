//! A message as a stream of events.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Block, Message};
use crate::{
    Dialect, exchange,
    refusal::Refusal,
    reply::pieces::{slices, words},
};

impl Message<'_> {
    /// All events, and how many of them come before the first token.
    pub(super) fn events(&self) -> (Vec<Bytes>, usize) {
        // The first event knows the input and, of the output, only that it has begun.
        let start = self.shell(&json!([]), &self.usage(1));
        let mut events = vec![
            event(&json!({ "type": "message_start", "message": start })),
            event(&json!({ "type": "ping" })),
        ];
        let blocks = self.blocks();
        // The start of a tool block names the tool, and that is a token; the start of any other block is none.
        let preamble = match blocks.first() {
            Some(Block::Call { .. } | Block::Redacted { .. }) | None => 2,
            Some(Block::Text(_) | Block::Thinking { .. }) => 3,
        };
        for (index, block) in blocks.iter().enumerate() {
            events.extend(block.events(index));
        }
        let mut delta = json!({});
        self.end(&mut delta);
        let mut usage = self.usage(self.reply.output_tokens);
        if let Some(usage) = usage.as_object_mut() {
            // Said once, at the start.
            usage.shift_remove("cache_creation");
            usage.shift_remove("service_tier");
        }
        events.push(event(&json!({ "type": "message_delta", "delta": delta, "usage": usage })));
        events.push(event(&json!({ "type": "message_stop" })));
        (events, preamble)
    }

    /// The same events up to the middle, and an error there.
    pub(super) fn failing(&self, events: Vec<Bytes>, preamble: usize) -> Vec<Bytes> {
        let refusal = Refusal::failed(Dialect::Anthropic, self.provider.name());
        let error = refusal.body(Dialect::Anthropic, &self.provider.new_id("req_"));
        exchange::failing(events, preamble, event(&error))
    }
}

impl Block<'_> {
    fn events(&self, index: usize) -> Vec<Bytes> {
        let mut events = vec![event(&json!({
            "type": "content_block_start", "index": index, "content_block": self.begun(),
        }))];
        events.extend(
            self.deltas().iter().map(|delta| {
                event(&json!({ "type": "content_block_delta", "index": index, "delta": delta }))
            }),
        );
        events.push(event(&json!({ "type": "content_block_stop", "index": index })));
        events
    }

    fn begun(&self) -> Value {
        match self {
            Self::Thinking { .. } => json!({ "type": "thinking", "thinking": "", "signature": "" }),
            Self::Text(_) => json!({ "type": "text", "text": "" }),
            Self::Call { id, call } => {
                json!({ "type": "tool_use", "id": id, "name": call.tool, "input": {} })
            }
            Self::Redacted { .. } => self.whole(),
        }
    }

    fn deltas(&self) -> Vec<Value> {
        match self {
            Self::Thinking { text, signature } => {
                let words = words(text).into_iter();
                words
                    .map(|word| json!({ "type": "thinking_delta", "thinking": word }))
                    .chain([json!({ "type": "signature_delta", "signature": signature })])
                    .collect()
            }
            Self::Text(text) => {
                words(text).into_iter().map(|word| json!({ "type": "text_delta", "text": word })).collect()
            }
            Self::Call { call, .. } => {
                // The vendor opens with an empty piece, and sends nothing more if there are no arguments.
                let arguments = if call.arguments == "{}" { "" } else { &call.arguments };
                std::iter::once("")
                    .chain(slices(arguments))
                    .map(|piece| json!({ "type": "input_json_delta", "partial_json": piece }))
                    .collect()
            }
            Self::Redacted { .. } => Vec::new(),
        }
    }
}

/// One event, whose name is the type of its data.
fn event(data: &Value) -> Bytes {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
