//! Chat completions, as one document or as a stream of chunks.

mod logprobs;
mod read;
mod rules;
mod stream;
mod turns;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Dialect,
    ask::Ask,
    exchange::{Answer, Content as Sent},
    provider::Provider,
    random,
    refusal::Refusal,
    reply::{self, End, Reply, pieces::words},
};
pub(super) use read::{EFFORTS, effort};
pub(super) use rules::check_named_schema;

pub(super) fn answer(provider: &Provider, body: &[u8]) -> Result<Answer, Refusal> {
    let ask = read::read(provider, body)?;
    let reply = Reply::to(&ask, provider.name());
    let completion = Completion {
        id: provider.new_id("chatcmpl-"),
        created: Timestamp::now().as_second(),
        fingerprint: format!("fp_{:010x}", random::hash(provider.name().as_bytes()) >> 24),
        provider,
        ask: &ask,
        reply: &reply,
    };
    let fails = ask.cues().fail;
    let content = if ask.stream {
        let (events, preamble) = completion.events();
        let events = if fails { completion.failing(events, preamble) } else { events };
        Sent::Events { events, preamble }
    } else if fails {
        return Err(Refusal::failed(Dialect::OpenAi, provider.name()));
    } else {
        Sent::Document { body: completion.document(), pieces: reply.pieces() }
    };
    Ok(Answer { content, fingerprint: reply::fingerprint(&ask) })
}

struct Completion<'a> {
    id: String,
    created: i64,
    fingerprint: String,
    provider: &'a Provider,
    ask: &'a Ask,
    reply: &'a Reply,
}

impl Completion<'_> {
    fn document(&self) -> Value {
        let choices: Vec<Value> = (0..self.ask.choices)
            .map(|index| {
                json!({
                    "index": index,
                    "message": self.message(),
                    "logprobs": logprobs::of(&words(&self.reply.text), self.ask.logprobs),
                    "finish_reason": self.finish_reason(),
                })
            })
            .collect();
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.ask.model,
            "choices": choices,
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": self.fingerprint,
        })
    }

    fn message(&self) -> Value {
        let silent = self.reply.text.is_empty() && (self.calls() || self.reply.refusal.is_some());
        let content = if silent { Value::Null } else { json!(self.reply.text) };
        let mut message = json!({ "role": "assistant", "content": content });
        if self.calls() {
            let calls = self.reply.calls.iter().map(|call| {
                json!({
                    "id": self.provider.new_id("call_"),
                    "type": "function",
                    "function": { "name": call.tool, "arguments": call.arguments },
                })
            });
            message["tool_calls"] = calls.collect();
        }
        message["refusal"] = json!(self.reply.refusal.as_deref().filter(|refusal| !refusal.is_empty()));
        message["annotations"] = json!([]);
        message
    }

    fn calls(&self) -> bool {
        !self.reply.calls.is_empty()
    }

    fn finish_reason(&self) -> &'static str {
        match self.reply.end {
            // Who declines without a word was filtered.
            End::Refused if self.reply.refusal.as_deref() == Some("") => "content_filter",
            End::Complete | End::Stop(_) | End::Refused => "stop",
            End::Length => "length",
            End::Calls => "tool_calls",
            End::Filtered => "content_filter",
        }
    }

    fn usage(&self) -> Value {
        let input = self.ask.input;
        let choices = self.ask.choices as u64;
        let output = self.reply.output_tokens * choices;
        json!({
            "prompt_tokens": input.tokens,
            "completion_tokens": output,
            "total_tokens": input.tokens + output,
            "prompt_tokens_details": { "cached_tokens": input.read, "audio_tokens": 0 },
            "completion_tokens_details": {
                "reasoning_tokens": self.reply.thinking_tokens() * choices,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }
}
