//! Answers and errors as both vendors send them, byte by byte.

use serde_json::{Value, json};

/// What a provider speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    OpenAi,
    Anthropic,
}

impl Dialect {
    /// As the configuration names it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// The text of every answer is this word so many times: whoever gets another number got something wrong.
pub(super) const WORD: &str = "word ";
pub(super) const WORDS: usize = 32;

const INPUT_TOKENS: usize = 9;

/// A head for a stream of unknown length, on a connection that goes on afterwards.
pub(super) fn stream_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
}

/// An HTTP chunk; an empty one ends the body.
pub(super) fn chunk(event: &str) -> Vec<u8> {
    format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
}

/// A whole answer: status, further header lines, media type, body.
pub(super) fn plain(status: u16, more: &str, media_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Scripted\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n{more}\r\n{body}")
        .into_bytes()
}

/// An error in a dialect's envelope.
pub(super) fn error(dialect: Dialect, kind: &str, code: Option<&str>, message: &str) -> Value {
    match dialect {
        Dialect::OpenAi => {
            json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
        }
        Dialect::Anthropic => {
            json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_bench" })
        }
    }
}

/// The events before the first word of a stream.
pub(super) fn preamble(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::OpenAi => vec![openai_chunk(&json!({ "role": "assistant", "content": "" }), None)],
        Dialect::Anthropic => vec![
            anthropic_event(
                "message_start",
                json!({ "message": {
                    "id": "msg_bench", "type": "message", "role": "assistant", "model": "bench-b", "content": [],
                    "stop_reason": null, "stop_sequence": null,
                    "usage": { "input_tokens": INPUT_TOKENS, "output_tokens": 1 },
                } }),
            ),
            anthropic_event(
                "content_block_start",
                json!({ "index": 0, "content_block": { "type": "text", "text": "" } }),
            ),
        ],
    }
}

/// One word of a stream.
pub(super) fn word(dialect: Dialect) -> String {
    match dialect {
        Dialect::OpenAi => openai_chunk(&json!({ "content": WORD }), None),
        Dialect::Anthropic => anthropic_event(
            "content_block_delta",
            json!({ "index": 0, "delta": { "type": "text_delta", "text": WORD } }),
        ),
    }
}

/// The events behind the last word.
pub(super) fn end(dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::OpenAi => {
            let usage = json!({
                "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": "bench-a",
                "choices": [], "usage": openai_usage(),
            });
            vec![
                openai_chunk(&json!({}), Some("stop")),
                format!("data: {usage}\n\n"),
                "data: [DONE]\n\n".to_owned(),
            ]
        }
        Dialect::Anthropic => vec![
            anthropic_event("content_block_stop", json!({ "index": 0 })),
            anthropic_event(
                "message_delta",
                json!({ "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": WORDS } }),
            ),
            anthropic_event("message_stop", json!({})),
        ],
    }
}

/// An answer in one piece.
pub(super) fn document(dialect: Dialect) -> Value {
    let text = WORD.repeat(WORDS);
    match dialect {
        Dialect::OpenAi => json!({
            "id": "chatcmpl-bench", "object": "chat.completion", "created": 1, "model": "bench-a",
            "choices": [{
                "index": 0, "message": { "role": "assistant", "content": text, "refusal": null },
                "logprobs": null, "finish_reason": "stop",
            }],
            "usage": openai_usage(),
        }),
        Dialect::Anthropic => json!({
            "id": "msg_bench", "type": "message", "role": "assistant", "model": "bench-b",
            "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": { "input_tokens": INPUT_TOKENS, "output_tokens": WORDS },
        }),
    }
}

fn openai_usage() -> Value {
    json!({ "prompt_tokens": INPUT_TOKENS, "completion_tokens": WORDS, "total_tokens": INPUT_TOKENS + WORDS })
}

fn openai_chunk(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": "bench-a",
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
        "usage": null,
    });
    format!("data: {chunk}\n\n")
}

fn anthropic_event(name: &str, mut fields: Value) -> String {
    fields["type"] = name.into();
    format!("event: {name}\ndata: {fields}\n\n")
}
