//! Messages, as one document or as a stream of events.

mod stream;

use serde_json::{Value, json};

use super::read;
use crate::{
    Dialect,
    ask::{Ask, Thinking},
    exchange::{Answer, Content as Sent, Received},
    provider::Provider,
    refusal::Refusal,
    reply::{self, Call, End, Reply, Thought},
    thinking::Seal,
};

pub(super) fn answer(provider: &Provider, received: Received<'_>) -> Result<Answer, Refusal> {
    let ask = read::read(provider, received)?;
    let reply = Reply::to(&ask, provider.name());
    let message = Message { id: provider.new_id("msg_01"), provider, ask: &ask, reply: &reply };
    let fails = ask.cues().fail;
    let content = if ask.stream {
        let (events, preamble) = message.events();
        let events = if fails { message.failing(events, preamble) } else { events };
        Sent::Events { events, preamble }
    } else if fails {
        return Err(Refusal::failed(Dialect::Anthropic, provider.name()));
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

/// One block of the answer's content.
enum Block<'a> {
    Thinking { text: &'a str, signature: String },
    Redacted { data: String },
    Text(&'a str),
    Call { id: String, call: &'a Call },
}

impl Message<'_> {
    fn document(&self) -> Value {
        let content: Value = self.blocks().iter().map(Block::whole).collect();
        let mut message = self.shell(&content, &self.usage(self.reply.output_tokens));
        self.end(&mut message);
        message
    }

    /// A message that has not ended.
    fn shell(&self, content: &Value, usage: &Value) -> Value {
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.ask.model,
            "content": content,
            "stop_reason": null,
            "stop_sequence": null,
            "usage": usage,
        })
    }

    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        if let Some(thought) = &self.reply.thought {
            blocks.push(self.thought(thought));
        }
        // A refusal has no place of its own in this dialect: it is text that ends in another way.
        let text = self.reply.refusal.as_deref().unwrap_or(&self.reply.text);
        let cut_in_thought = self.reply.end == End::Length && self.reply.thought.is_some();
        let says_nothing = !self.reply.calls.is_empty() || self.reply.refusal.is_some() || cut_in_thought;
        if !(text.is_empty() && says_nothing) {
            blocks.push(Block::Text(text));
        }
        let calls = self.reply.calls.iter();
        blocks.extend(calls.map(|call| Block::Call { id: self.provider.new_id("toolu_01"), call }));
        blocks
    }

    fn thought<'a>(&self, thought: &'a Thought) -> Block<'a> {
        let signer = self.provider.signer();
        let whole = thought.text.as_str();
        match thought.way {
            Thinking::Redacted => Block::Redacted { data: signer.sign(Seal::Redacted, whole, "") },
            Thinking::Omitted => {
                Block::Thinking { text: "", signature: signer.sign(Seal::Thinking, whole, "") }
            }
            Thinking::Shown | Thinking::Hidden { .. } => {
                Block::Thinking { text: whole, signature: signer.sign(Seal::Thinking, whole, whole) }
            }
        }
    }

    /// Says why the message ended, in the message itself or in the event that ends it.
    fn end(&self, holder: &mut Value) {
        let (reason, sequence) = match &self.reply.end {
            End::Complete => ("end_turn", None),
            End::Length => ("max_tokens", None),
            End::Stop(sequence) => ("stop_sequence", Some(sequence)),
            End::Calls => ("tool_use", None),
            End::Refused | End::Filtered => ("refusal", None),
        };
        holder["stop_reason"] = json!(reason);
        holder["stop_sequence"] = json!(sequence);
        if reason == "refusal" {
            holder["stop_details"] = json!({ "type": "refusal", "category": null, "explanation": null });
        }
    }

    fn usage(&self, output_tokens: u64) -> Value {
        let input = self.ask.input;
        let mut usage = json!({
            "input_tokens": input.fresh(),
            "cache_creation_input_tokens": input.written(),
            "cache_read_input_tokens": input.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": input.written_5m,
                "ephemeral_1h_input_tokens": input.written_1h,
            },
            "output_tokens": output_tokens,
            "service_tier": "standard",
        });
        if self.reply.thought.is_some() {
            let thinking = self.reply.thinking_tokens().min(output_tokens);
            usage["output_tokens_details"] = json!({ "thinking_tokens": thinking });
        }
        usage
    }
}

impl Block<'_> {
    fn whole(&self) -> Value {
        match self {
            Self::Thinking { text, signature } => {
                json!({ "type": "thinking", "thinking": text, "signature": signature })
            }
            Self::Redacted { data } => json!({ "type": "redacted_thinking", "data": data }),
            Self::Text(text) => json!({ "type": "text", "text": text }),
            Self::Call { id, call } => {
                // Arguments that the limit cut off are no JSON, and the vendor then shows none.
                let input: Value = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!({}));
                json!({ "type": "tool_use", "id": id, "name": call.tool, "input": input })
            }
        }
    }
}
