//! A provider that fails three times in ten, the same way in every run, and gives every answer an id of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::harness::MESSAGES;
use crate::harness::raw::{Raw, Seen, Step};

/// A prompt whose answer stops after the first word, until the client is gone.
pub const IMPATIENT: &str = "Say one word and wait";
/// Every answer is this word so many times.
pub const WORD: &str = "keel ";
pub const WORDS: usize = 8;
pub const INPUT_TOKENS: usize = 9;

/// Words before a stream breaks.
const BEFORE_THE_BREAK: usize = 3;

/// Starts one; `name` goes into the ids of its answers.
pub async fn start(name: &'static str) -> Raw {
    let asked = AtomicU64::new(0);
    Raw::answering(move |seen| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let answer = Answer { id: format!("{name}-{number}"), anthropic: seen.head.contains(MESSAGES) };
        let dice = dice(number.wrapping_add(name.len() as u64 * 1_000_003));
        if dice % 10 < 3 { answer.fault(dice / 10 % 12) } else { answer.good(seen) }
    })
    .await
}

/// Evenly spread, and the same for the same number (`SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>).
fn dice(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

struct Answer {
    id: String,
    anthropic: bool,
}

impl Answer {
    /// What passes by itself; nothing that puts the key or the account in doubt.
    fn fault(&self, kind: u64) -> Vec<Step> {
        match kind {
            0 | 1 => self.refusal(503, "", "server_error", "Temporarily unavailable."),
            2 | 3 => self.refusal(500, "", "server_error", "The server had an error."),
            4 => self.refusal(529, "", "overloaded_error", "Overloaded"),
            5 => self.refusal(429, "retry-after: 1\r\n", "rate_limit_error", "Rate limit reached."),
            6 => self.plain(200, "", "application/json", "{\"id\":\"broken"),
            7 => self.plain(200, "", "text/html", "<!doctype html><p>Please sign in."),
            8 => {
                vec![self.stream(), Step::Send(format!("data: {}\n\n", self.error("server_error", "Oh no.")))]
            }
            9 => vec![Step::Reset],
            10 if self.anthropic => vec![Step::Hang],
            10 => vec![self.stream(), Step::Send(self.preamble()), Step::Hang],
            _ => {
                let words = self.word().repeat(BEFORE_THE_BREAK);
                vec![self.stream(), Step::Send(self.preamble() + &words), Step::Reset]
            }
        }
    }

    fn good(&self, seen: &Seen) -> Vec<Step> {
        if String::from_utf8_lossy(&seen.body).contains(IMPATIENT) {
            return vec![self.stream(), Step::Send(self.preamble() + &self.word()), Step::Hang];
        }
        vec![self.stream(), Step::Send(self.preamble() + &self.word().repeat(WORDS) + &self.end())]
    }

    /// The vendors' names for the id of an answer.
    fn id_header(&self) -> String {
        format!("{}: {}\r\n", if self.anthropic { "request-id" } else { "x-request-id" }, self.id)
    }

    fn stream(&self) -> Step {
        let id = self.id_header();
        Step::Send(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{id}connection: close\r\n\r\n"
        ))
    }

    fn plain(&self, status: u16, more: &str, media_type: &str, body: &str) -> Vec<Step> {
        let (id, length) = (self.id_header(), body.len());
        vec![Step::Send(format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n{id}{more}connection: close\r\n\r\n{body}"
        ))]
    }

    fn refusal(&self, status: u16, more: &str, kind: &str, message: &str) -> Vec<Step> {
        self.plain(status, more, "application/json", &self.error(kind, message).to_string())
    }

    fn error(&self, kind: &str, message: &str) -> Value {
        let mut error = json!({ "error": { "message": message, "type": kind, "param": null, "code": null } });
        if self.anthropic {
            error["type"] = "error".into();
        }
        error
    }

    fn preamble(&self) -> String {
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

    fn word(&self) -> String {
        if !self.anthropic {
            return chunk(&json!({ "content": WORD }), None);
        }
        event("content_block_delta", json!({ "index": 0, "delta": { "type": "text_delta", "text": WORD } }))
    }

    fn end(&self) -> String {
        if !self.anthropic {
            let total = INPUT_TOKENS + WORDS;
            let usage = json!({
                "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                "usage": { "prompt_tokens": INPUT_TOKENS, "completion_tokens": WORDS, "total_tokens": total },
            });
            return chunk(&json!({}), Some("stop")) + &format!("data: {usage}\n\ndata: [DONE]\n\n");
        }
        let delta = json!({ "stop_reason": "end_turn", "stop_sequence": null });
        event("content_block_stop", json!({ "index": 0 }))
            + &event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": WORDS } }))
            + &event("message_stop", json!({}))
    }
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
