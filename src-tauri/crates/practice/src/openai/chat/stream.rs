//! A chat completion as a stream of chunks.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Completion, logprobs};
use crate::{
    Dialect, exchange,
    refusal::Refusal,
    reply::{
        Call,
        pieces::{in_turns, slices, words},
    },
};

/// What a chunk adds to a choice.
struct Delta {
    delta: Value,
    logprobs: Value,
}

impl From<Value> for Delta {
    fn from(delta: Value) -> Self {
        Self { delta, logprobs: Value::Null }
    }
}

impl Completion<'_> {
    /// All events, and how many of them come before the first token.
    pub(super) fn events(&self) -> (Vec<Bytes>, usize) {
        let choices = self.ask.choices;
        let rows: Vec<Vec<(usize, Delta)>> = (0..choices)
            .map(|index| self.deltas().into_iter().map(|delta| (index, delta)).collect())
            .collect();
        // Choices are written side by side, as they are when several answers are generated at once.
        let mut events: Vec<Bytes> =
            in_turns(rows).iter().map(|(index, delta)| self.chunk(*index, delta, None)).collect();
        for index in 0..choices {
            events.push(self.chunk(index, &json!({}).into(), Some(self.finish_reason())));
        }
        if self.ask.include_usage {
            events.push(self.event(&json!([]), Some(&self.usage())));
        }
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        // A delta that has the role alone is no token; the first one of a tool call names the tool, and is.
        let preamble = if self.begins_with_call() { 0 } else { choices };
        (events, preamble)
    }

    /// The same events up to the middle, and an error there.
    pub(super) fn failing(&self, events: Vec<Bytes>, preamble: usize) -> Vec<Bytes> {
        let error = Refusal::failed(Dialect::OpenAi, self.provider.name()).body(Dialect::OpenAi, &self.id);
        exchange::failing(events, preamble, Bytes::from(format!("data: {error}\n\n")))
    }

    fn begins_with_call(&self) -> bool {
        self.calls() && self.reply.text.is_empty()
    }

    fn deltas(&self) -> Vec<Delta> {
        let mut deltas = Vec::new();
        if !self.begins_with_call() {
            let content = if self.reply.refusal.is_some() { Value::Null } else { json!("") };
            deltas.push(json!({ "role": "assistant", "content": content, "refusal": null }).into());
        }
        deltas.extend(words(&self.reply.text).into_iter().map(|word| Delta {
            delta: json!({ "content": word }),
            logprobs: logprobs::of(&[word], self.ask.logprobs),
        }));
        let refusal = self.reply.refusal.as_deref().unwrap_or_default();
        deltas.extend(words(refusal).into_iter().map(|word| json!({ "refusal": word }).into()));
        let calls: Vec<Vec<Delta>> =
            self.reply.calls.iter().enumerate().map(|(at, call)| self.call(at, call)).collect();
        if self.ask.cues().interleave {
            deltas.extend(in_turns(calls));
        } else {
            deltas.extend(calls.into_iter().flatten());
        }
        deltas
    }

    fn call(&self, at: usize, call: &Call) -> Vec<Delta> {
        let head = json!([{
            "index": at,
            "id": self.provider.new_id("call_"),
            "type": "function",
            "function": { "name": call.tool, "arguments": "" },
        }]);
        // Only the first delta of a message carries its role.
        let head = if at == 0 && self.begins_with_call() {
            json!({ "role": "assistant", "content": null, "tool_calls": head, "refusal": null })
        } else {
            json!({ "tool_calls": head })
        };
        let pieces = slices(&call.arguments)
            .into_iter()
            .map(|slice| json!({ "tool_calls": [{ "index": at, "function": { "arguments": slice } }] }));
        std::iter::once(head).chain(pieces).map(Delta::from).collect()
    }

    fn chunk(&self, index: usize, delta: &Delta, finish_reason: Option<&str>) -> Bytes {
        let choice = json!({
            "index": index,
            "delta": delta.delta,
            "logprobs": delta.logprobs,
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
}
