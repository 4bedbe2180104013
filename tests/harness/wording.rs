//! What a provider says, in either dialect: the pieces of one answer whose every word is known beforehand. Which
//! piece comes when, and what goes wrong between two of them, is the provider's own affair.

use serde_json::{Value, json};

use super::MESSAGES;
use super::raw::Seen;

/// Every whole answer is this word so many times.
pub const WORD: &str = "keel ";
pub const WORDS: usize = 8;
pub const INPUT_TOKENS: usize = 9;

/// The dialect that somebody asked in.
#[derive(Clone, Copy)]
pub struct Wording {
    pub anthropic: bool,
}

impl Wording {
    pub fn of(seen: &Seen) -> Self {
        Self { anthropic: seen.head.contains(MESSAGES) }
    }

    /// A whole stream.
    pub fn stream(self) -> String {
        self.begun(WORDS) + &self.end()
    }

    /// A stream up to so many words.
    pub fn begun(self, words: usize) -> String {
        self.preamble() + &self.word().repeat(words)
    }

    /// A whole answer in one piece.
    pub fn body(self) -> Value {
        let text = WORD.repeat(WORDS);
        if self.anthropic {
            return json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn", "stop_sequence": null,
                "usage": { "input_tokens": INPUT_TOKENS, "output_tokens": WORDS },
            });
        }
        let message = json!({ "role": "assistant", "content": text });
        json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": usage(),
        })
    }

    pub fn error(self, kind: &str, message: &str) -> Value {
        let mut error = json!({ "error": { "message": message, "type": kind, "param": null, "code": null } });
        if self.anthropic {
            error["type"] = "error".into();
        }
        error
    }

    fn preamble(self) -> String {
        if !self.anthropic {
            return chunk(&json!({ "role": "assistant", "content": "" }), None);
        }
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": null, "stop_sequence": null,
            "usage": { "input_tokens": INPUT_TOKENS, "output_tokens": 1 },
        });
        let block = json!({ "index": 0, "content_block": { "type": "text", "text": "" } });
        event("message_start", json!({ "message": message })) + &event("content_block_start", block)
    }

    fn word(self) -> String {
        if !self.anthropic {
            return chunk(&json!({ "content": WORD }), None);
        }
        event("content_block_delta", json!({ "index": 0, "delta": { "type": "text_delta", "text": WORD } }))
    }

    fn end(self) -> String {
        if !self.anthropic {
            let usage = json!({
                "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                "usage": usage(),
            });
            return chunk(&json!({}), Some("stop")) + &format!("data: {usage}\n\ndata: [DONE]\n\n");
        }
        let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
        event("content_block_stop", json!({ "index": 0 }))
            + &event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": WORDS } }))
            + &event("message_stop", json!({}))
    }
}

/// As OpenAI counts.
fn usage() -> Value {
    let total = INPUT_TOKENS + WORDS;
    json!({ "prompt_tokens": INPUT_TOKENS, "completion_tokens": WORDS, "total_tokens": total })
}

fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish });
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice],
    });
    format!("data: {chunk}\n\n")
}

fn event(name: &str, mut fields: Value) -> String {
    fields["type"] = name.into();
    format!("event: {name}\ndata: {fields}\n\n")
}
