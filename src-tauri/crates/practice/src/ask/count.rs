//! Counting tokens: always the same for the same request, though not what the vendors would count.

use serde_json::Value;

/// Tokens of so many bytes of text: a quarter, rounded up.
pub(crate) const fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}

/// The bytes of so many tokens, the other way round.
pub(crate) fn bytes(tokens: u64) -> usize {
    usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(4)
}

/// Bytes of text in anything a request holds: every string, but not the labels and not what is no text.
pub(crate) fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(text_bytes).sum(),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| counts(name)).map(|(_, value)| text_bytes(value)).sum()
        }
        _ => 0,
    }
}

fn counts(field: &str) -> bool {
    const LABELS: [&str; 10] = [
        "role",
        "type",
        "id",
        "tool_call_id",
        "tool_use_id",
        "call_id",
        "status",
        "cache_control",
        "signature",
        "encrypted_content",
    ];
    const FILES: [&str; 5] = ["image_url", "input_audio", "file", "file_data", "source"];
    !LABELS.contains(&field) && !FILES.contains(&field)
}
