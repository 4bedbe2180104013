//! Models, and the one header that both dialects share.

use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{Dialect, exchange::Meta};

/// What the lists show: some of what each vendor has, so that a client's choice of models looks as it will with a
/// real key. Every other name is served too.
const OPENAI: [&str; 14] = [
    "gpt-6.2-astra",
    "gpt-6.2-sol",
    "gpt-6.1-terra",
    "gpt-6-luna",
    "gpt-5.6-sol",
    "gpt-5.6-terra",
    "gpt-5.6-luna",
    "gpt-5.4-mini",
    "gpt-5.4-nano",
    "gpt-5-mini",
    "gpt-4.1",
    "o3",
    "text-embedding-3-small",
    "text-embedding-3-large",
];
const ANTHROPIC: [(&str, &str); 8] = [
    ("claude-fable-5-2", "Claude Fable 5.2"),
    ("claude-opus-5-5", "Claude Opus 5.5"),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5"),
    ("claude-haiku-5-5", "Claude Haiku 5.5"),
    ("claude-opus-4-8", "Claude Opus 4.8"),
    ("claude-sonnet-4-6", "Claude Sonnet 4.6"),
    ("claude-opus-4-5-20251101", "Claude Opus 4.5"),
    ("claude-haiku-4-5-20251001", "Claude Haiku 4.5"),
];
/// 1 January 2026, as each dialect writes it.
const CREATED: u64 = 1_767_225_600;
const CREATED_AT: &str = "2026-01-01T00:00:00Z";

/// Models with such a name are answered with 404, so that tests can meet that.
pub(crate) fn is_missing(model: &str) -> bool {
    model.starts_with("missing-")
}

/// The model for which every request is wrong.
pub(crate) fn is_refused(model: &str) -> bool {
    model == "bad-request"
}

/// The id in `/v1/models/ID`, which SDKs escape.
pub(crate) fn id_in(path: &str) -> String {
    let id = path.strip_prefix("/v1/models/").unwrap_or_default();
    percent_decode_str(id).decode_utf8_lossy().into_owned()
}

/// The list of models.
pub(crate) fn list(dialect: Dialect, provider: &str) -> Value {
    match dialect {
        Dialect::OpenAi => {
            let data: Vec<Value> = OPENAI.iter().map(|id| one(dialect, provider, id)).collect();
            json!({ "object": "list", "data": data })
        }
        Dialect::Anthropic => {
            let data: Vec<Value> = ANTHROPIC.iter().map(|(id, _)| one(dialect, provider, id)).collect();
            json!({
                "data": data,
                "has_more": false,
                "first_id": ANTHROPIC.first().map(|(id, _)| id),
                "last_id": ANTHROPIC.last().map(|(id, _)| id),
            })
        }
    }
}

/// One model. Its owner or its name tells whose answer this is, like every other answer of a practice provider.
pub(crate) fn one(dialect: Dialect, provider: &str, id: &str) -> Value {
    match dialect {
        Dialect::OpenAi => json!({ "id": id, "object": "model", "created": CREATED, "owned_by": provider }),
        Dialect::Anthropic => {
            let name = ANTHROPIC.iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| name);
            json!({
                "type": "model",
                "id": id,
                "display_name": format!("{name} ({provider})"),
                "created_at": CREATED_AT,
                "lifecycle": "active",
                "deprecated_at": null,
                "retires_at": null,
                "line": null,
                "capabilities": null,
                "max_input_tokens": 200_000,
                "max_tokens": 64_000,
            })
        }
    }
}

/// `retry-after` in whole seconds, rounded up, for an answer that turns a client away for a while.
pub(crate) fn insert_retry_after(meta: &Meta, headers: &mut HeaderMap) {
    if let Some(wait) = meta.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
