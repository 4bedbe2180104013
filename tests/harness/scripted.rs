//! A provider whose answer is in the model's name: `fails-3` fails, whoever asks and whichever way. So the one who
//! asks knows beforehand what has to come of it, and counts it by a book of their own. What follows the dash is
//! anything: a breaker guards one model, so another number is one that nothing is known about.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::MESSAGES;
use super::raw::{Raw, Seen, Step};

/// Every whole answer is this word so many times.
pub const WORD: &str = "keel ";
pub const WORDS: usize = 8;
pub const INPUT_TOKENS: usize = 9;
/// What a whole answer costs at a dollar a million in and two out.
pub const MICROS: i64 = 25;
/// How long a slow one takes.
pub const SLOW: Duration = Duration::from_millis(1_300);

/// Words before a stream breaks or waits.
const FIRST_WORDS: usize = 3;

/// Starts one. Of the two, only the first answers `down-…` with errors and breaks `breaks-…` off.
pub async fn start(first: bool) -> Raw {
    let met = Mutex::new(HashSet::new());
    Raw::answering(move |seen| {
        let asked = Asked::of(seen);
        // Told apart by what is asked, for the second try is the same request.
        let again = !met.lock().unwrap_or_else(PoisonError::into_inner).insert(asked.question.clone());
        match asked.kind.as_str() {
            "fails" => asked.refusal(503, "server_error"),
            "down" if first => asked.refusal(503, "server_error"),
            "stumbles" if !again => asked.refusal(500, "server_error"),
            "limited" => asked.refusal(429, "rate_limit_error"),
            "revoked" => asked.refusal(401, "authentication_error"),
            "wrong" => asked.refusal(400, "invalid_request_error"),
            "breaks" if first && asked.stream => asked.begun(Step::Reset),
            "snaps" if asked.stream => asked.begun(Step::Reset),
            "waits" => asked.begun(Step::Hang),
            "mute" => vec![Step::Hang],
            "slow" => [vec![Step::Pause(SLOW)], asked.good()].concat(),
            _ => asked.good(),
        }
    })
    .await
}

/// Two of them as `[providers]`, for every model, and the route over both.
pub fn pair(first: &Raw, second: &Raw) -> String {
    format!(
        "[providers.first]\ndialect = \"openai\"\nbase_url = \"{}/v1\"\nkey = \"none\"\nmodels = [\"*\"]\n\
         [providers.second]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"none\"\nmodels = [\"*\"]\n\
         [[routes]]\nname = \"default\"\nprimary = {{ provider = \"first\" }}\n\
         secondary = {{ provider = \"second\" }}\nfirst_token_timeout = \"20s\"\n",
        first.base_url(),
        second.base_url()
    )
}

/// A price for a model, in dollars a million tokens.
pub fn price(model: &str, input: f64, output: f64) -> String {
    format!("[prices.\"{model}\"]\ninput = {input:?}\noutput = {output:?}\n")
}

struct Asked {
    kind: String,
    question: String,
    stream: bool,
    anthropic: bool,
}

impl Asked {
    fn of(seen: &Seen) -> Self {
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let model = body["model"].as_str().unwrap_or_default();
        Self {
            kind: model.split('-').next().unwrap_or_default().to_owned(),
            question: body["messages"].to_string(),
            stream: body["stream"] == true,
            anthropic: seen.head.contains(MESSAGES),
        }
    }

    fn good(&self) -> Vec<Step> {
        if self.stream {
            let whole = self.preamble() + &self.word().repeat(WORDS) + &self.end();
            return vec![super::raw::stream_head(), Step::Send(whole)];
        }
        let text = WORD.repeat(WORDS);
        let body = if self.anthropic {
            json!({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn", "stop_sequence": null,
                "usage": { "input_tokens": INPUT_TOKENS, "output_tokens": WORDS },
            })
        } else {
            let message = json!({ "role": "assistant", "content": text });
            json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
                "usage": {
                    "prompt_tokens": INPUT_TOKENS, "completion_tokens": WORDS,
                    "total_tokens": INPUT_TOKENS + WORDS,
                },
            })
        };
        super::raw::plain(200, "application/json", &body.to_string())
    }

    /// A stream that begins, and then this.
    fn begun(&self, then: Step) -> Vec<Step> {
        let begun = self.preamble() + &self.word().repeat(FIRST_WORDS);
        vec![super::raw::stream_head(), Step::Send(begun), then]
    }

    fn refusal(&self, status: u16, kind: &str) -> Vec<Step> {
        let mut error =
            json!({ "error": { "message": "As scripted.", "type": kind, "param": null, "code": null } });
        if self.anthropic {
            error["type"] = "error".into();
        }
        super::raw::plain(status, "application/json", &error.to_string())
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
