//! Chat completions, as one document or as a stream of chunks.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask;
use crate::{
    ask::Ask,
    exchange::{Answer, Content as Sent},
    provider::Provider,
    random,
    refusal::Refusal,
    reply::{self, Call, Content, End, Reply, slices, words},
};

pub(super) fn answer(provider: &Provider, body: &[u8]) -> Result<Answer, Refusal> {
    let ask = ask::read(body)?;
    let reply = Reply::to(&ask, provider.name());
    let completion = Completion {
        id: provider.new_id("chatcmpl-"),
        created: Timestamp::now().as_second(),
        fingerprint: format!("fp_{:010x}", random::hash(provider.name().as_bytes()) >> 24),
        provider,
        ask: &ask,
        reply: &reply,
    };
    let content = if ask.stream {
        let (events, preamble) = completion.events();
        Sent::Events { events, preamble }
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
                    "logprobs": null,
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
        match &self.reply.content {
            Content::Text(text) => {
                json!({ "role": "assistant", "content": text, "refusal": null, "annotations": [] })
            }
            Content::Calls(calls) => {
                let calls: Vec<Value> = calls
                    .iter()
                    .map(|call| {
                        json!({
                            "id": self.provider.new_id("call_"),
                            "type": "function",
                            "function": { "name": call.tool, "arguments": call.arguments },
                        })
                    })
                    .collect();
                json!({
                    "role": "assistant",
                    "content": null,
                    "tool_calls": calls,
                    "refusal": null,
                    "annotations": [],
                })
            }
        }
    }

    /// All events, and how many of them come before the first token.
    fn events(&self) -> (Vec<Bytes>, usize) {
        let mut events = Vec::new();
        let deltas: Vec<Vec<Value>> = (0..self.ask.choices).map(|_| self.deltas()).collect();
        // Choices are written side by side, as they are when several answers are generated at once.
        for step in 0..deltas.first().map_or(0, Vec::len) {
            for (index, delta) in deltas.iter().enumerate() {
                events.push(self.chunk(index, &delta[step], None));
            }
        }
        let preamble = match self.reply.content {
            Content::Text(_) => self.ask.choices,
            // The first delta of a tool call names the tool, and that is a token.
            Content::Calls(_) => 0,
        };
        for index in 0..self.ask.choices {
            events.push(self.chunk(index, &json!({}), Some(self.finish_reason())));
        }
        if self.ask.include_usage {
            events.push(self.event(&json!([]), Some(&self.usage())));
        }
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        (events, preamble)
    }

    fn deltas(&self) -> Vec<Value> {
        match &self.reply.content {
            Content::Text(text) => {
                let role = json!({ "role": "assistant", "content": "", "refusal": null });
                let pieces = words(text).into_iter().map(|word| json!({ "content": word }));
                std::iter::once(role).chain(pieces).collect()
            }
            Content::Calls(calls) => {
                calls.iter().enumerate().flat_map(|(at, call)| self.call_deltas(at, call)).collect()
            }
        }
    }

    fn call_deltas(&self, at: usize, call: &Call) -> Vec<Value> {
        let head = json!([{
            "index": at,
            "id": self.provider.new_id("call_"),
            "type": "function",
            "function": { "name": call.tool, "arguments": "" },
        }]);
        // Only the first delta of a message carries its role.
        let head = if at == 0 {
            json!({ "role": "assistant", "content": null, "tool_calls": head, "refusal": null })
        } else {
            json!({ "tool_calls": head })
        };
        let pieces = slices(&call.arguments)
            .into_iter()
            .map(|slice| json!({ "tool_calls": [{ "index": at, "function": { "arguments": slice } }] }));
        std::iter::once(head).chain(pieces).collect()
    }

    fn chunk(&self, index: usize, delta: &Value, finish_reason: Option<&str>) -> Bytes {
        let choice = json!({
            "index": index,
            "delta": delta,
            "logprobs": null,
            "finish_reason": finish_reason,
        });
        self.event(&json!([choice]), None)
    }

    fn event(&self, choices: &Value, usage: Option<&Value>) -> Bytes {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.ask.model,
            "service_tier": "default",
            "system_fingerprint": self.fingerprint,
            "choices": choices,
        });
        if self.ask.include_usage {
            chunk["usage"] = usage.cloned().unwrap_or(Value::Null);
        }
        Bytes::from(format!("data: {chunk}\n\n"))
    }

    fn finish_reason(&self) -> &'static str {
        match self.reply.end {
            End::Complete | End::Stop(_) => "stop",
            End::Length => "length",
            End::Calls => "tool_calls",
        }
    }

    fn usage(&self) -> Value {
        let input = self.ask.input_tokens;
        let output = self.reply.output_tokens * self.ask.choices as u64;
        json!({
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
            "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }
}
