//! Models, and the one header that both dialects share.

use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{Dialect, exchange::Meta};

/// What the list shows. Every other name is served too.
const LISTED: [&str; 3] = ["practice-large", "practice-small", "practice-embedding"];
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
    let data: Vec<Value> = LISTED.iter().map(|id| one(dialect, provider, id)).collect();
    match dialect {
        Dialect::OpenAi => json!({ "object": "list", "data": data }),
        Dialect::Anthropic => json!({
            "data": data,
            "has_more": false,
            "first_id": LISTED.first(),
            "last_id": LISTED.last(),
        }),
    }
}

/// One model.
pub(crate) fn one(dialect: Dialect, provider: &str, id: &str) -> Value {
    match dialect {
        Dialect::OpenAi => json!({ "id": id, "object": "model", "created": CREATED, "owned_by": provider }),
        Dialect::Anthropic => json!({
            "type": "model",
            "id": id,
            "display_name": format!("{id} ({provider})"),
            "created_at": CREATED_AT,
            "lifecycle": "active",
            "deprecated_at": null,
            "retires_at": null,
            "line": null,
            "capabilities": null,
            "max_input_tokens": 200_000,
            "max_tokens": 64_000,
        }),
    }
}

/// `retry-after` in whole seconds, rounded up, for an answer that turns a client away for a while.
pub(crate) fn insert_retry_after(meta: &Meta, headers: &mut HeaderMap) {
    if let Some(wait) = meta.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
