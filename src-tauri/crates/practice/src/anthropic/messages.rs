//! Messages, as one document or as a stream of events.

use bytes::Bytes;
use serde_json::{Value, json};

use super::ask;
use crate::{
    ask::Ask,
    exchange::{Answer, Content as Sent},
    provider::Provider,
    refusal::Refusal,
    reply::{self, Call, Content, End, Reply, slices, words},
};

pub(super) fn answer(provider: &Provider, body: &[u8]) -> Result<Answer, Refusal> {
    let ask = ask::read(body, ask::For::Answering)?;
    let reply = Reply::to(&ask, provider.name());
    let message = Message { id: provider.new_id("msg_01"), provider, ask: &ask, reply: &reply };
    let content = if ask.stream {
        let (events, preamble) = message.events();
        Sent::Events { events, preamble }
    } else {
        Sent::Document { body: message.document(), pieces: reply.pieces() }
    };
    Ok(Answer { content, fingerprint: reply::fingerprint(&ask) })
}

struct Message<'a> {
    id: String,
    provider: &'a Provider,
    ask: &'a Ask,
    reply: &'a Reply,
}

impl Message<'_> {
    fn document(&self) -> Value {
        let (stop_reason, stop_sequence) = self.stop();
        self.message(&self.content(), stop_reason, stop_sequence, &self.usage(self.reply.output_tokens))
    }

    fn message(&self, content: &Value, reason: Option<&str>, sequence: Option<&str>, usage: &Value) -> Value {
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.ask.model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": sequence,
            "usage": usage,
        })
    }

    fn content(&self) -> Value {
        match &self.reply.content {
            Content::Text(text) => json!([{ "type": "text", "text": text }]),
            Content::Calls(calls) => calls
                .iter()
                .map(|call| {
                    // The arguments were written from a value a moment ago, so they can't fail to be read.
                    let input: Value = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!({}));
                    json!({
                        "type": "tool_use",
                        "id": self.provider.new_id("toolu_01"),
                        "name": call.tool,
                        "input": input,
                    })
                })
                .collect(),
        }
    }

    /// All events, and how many of them come before the first token.
    fn events(&self) -> (Vec<Bytes>, usize) {
        // The first event knows the input and, of the output, only that it has begun.
        let start = self.message(&json!([]), None, None, &self.usage(1));
        let mut events = vec![
            event(&json!({ "type": "message_start", "message": start })),
            event(&json!({ "type": "ping" })),
        ];
        let preamble = match &self.reply.content {
            Content::Text(text) => {
                events.extend(block(
                    0,
                    &json!({ "type": "text", "text": "" }),
                    words(text),
                    |word| json!({ "type": "text_delta", "text": word }),
                ));
                // With the start of the text block, which is empty.
                events.len().min(3)
            }
            Content::Calls(calls) => {
                for (index, call) in calls.iter().enumerate() {
                    events.extend(self.call_events(index, call));
                }
                // The start of a tool block names the tool, and that is a token.
                2
            }
        };
        let (stop_reason, stop_sequence) = self.stop();
        events.push(event(&json!({
            "type": "message_delta",
            "delta": { "stop_reason": stop_reason, "stop_sequence": stop_sequence },
            "usage": {
                "input_tokens": self.ask.input_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": self.reply.output_tokens,
            },
        })));
        events.push(event(&json!({ "type": "message_stop" })));
        (events, preamble)
    }

    fn call_events(&self, index: usize, call: &Call) -> Vec<Bytes> {
        let start = json!({
            "type": "tool_use",
            "id": self.provider.new_id("toolu_01"),
            "name": call.tool,
            "input": {},
        });
        // The vendor opens with an empty piece.
        let pieces = std::iter::once("").chain(slices(&call.arguments)).collect();
        block(index, &start, pieces, |piece| json!({ "type": "input_json_delta", "partial_json": piece }))
    }

    fn stop(&self) -> (Option<&str>, Option<&str>) {
        match &self.reply.end {
            End::Complete => (Some("end_turn"), None),
            End::Length => (Some("max_tokens"), None),
            End::Stop(sequence) => (Some("stop_sequence"), Some(sequence)),
            End::Calls => (Some("tool_use"), None),
        }
    }

    fn usage(&self, output_tokens: u64) -> Value {
        json!({
            "input_tokens": self.ask.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
            "output_tokens": output_tokens,
            "service_tier": "standard",
        })
    }
}

/// The events of one content block.
fn block(index: usize, start: &Value, pieces: Vec<&str>, delta: impl Fn(&str) -> Value) -> Vec<Bytes> {
    let start = json!({ "type": "content_block_start", "index": index, "content_block": start });
    let mut events = vec![event(&start)];
    events.extend(pieces.into_iter().map(|piece| {
        event(&json!({ "type": "content_block_delta", "index": index, "delta": delta(piece) }))
    }));
    events.push(event(&json!({ "type": "content_block_stop", "index": index })));
    events
}

/// One event, whose name is the type of its data.
fn event(data: &Value) -> Bytes {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
