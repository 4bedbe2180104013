//! A Messages request without the thinking that its history carries.
//!
//! Thinking is signed by the provider that thought it. A history that was begun elsewhere (at the same vendor
//! through another host, or before a key of the signature changed) is refused as a whole for one signature, and
//! the conversation could never go on. Without those blocks it can; the rest keeps every byte.

use bytes::{Bytes, BytesMut};

use crate::json::{Fields, Raw};

/// What stands in for a turn of which nothing else is left: an empty one would be refused.
const NOTHING_SAID: &[u8] = br#"{"type":"text","text":"(thinking)"}"#;

/// The body without `thinking` and `redacted_thinking` blocks; `None` if it has none.
pub fn without_thinking(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let fields = Fields::parse(text).ok()?;
    let messages = fields.items("messages")?;
    let mut kept = BytesMut::with_capacity(body.len());
    let mut at = 0;
    for message in messages.filter(|message| message.get().contains("thinking")) {
        let Some(blocks) = Fields::of(message).and_then(|message| message.items("content")) else { continue };
        let blocks: Vec<Raw<'_>> = blocks.collect();
        if !blocks.iter().any(|block| is_thinking(*block)) {
            continue;
        }
        let (first, last) = (blocks.first()?.place_in(text), blocks.last()?.place_in(text));
        kept.extend_from_slice(&body[at..first.start]);
        at = last.end;
        let left: Vec<Raw<'_>> = blocks.into_iter().filter(|block| !is_thinking(*block)).collect();
        if left.is_empty() {
            kept.extend_from_slice(NOTHING_SAID);
        }
        for (index, block) in left.into_iter().enumerate() {
            if index > 0 {
                kept.extend_from_slice(b",");
            }
            kept.extend_from_slice(block.get().as_bytes());
        }
    }
    if at == 0 {
        return None;
    }
    kept.extend_from_slice(&body[at..]);
    Some(kept.freeze())
}

fn is_thinking(block: Raw<'_>) -> bool {
    let kind = Fields::of(block).and_then(|block| block.text("type").map(std::borrow::Cow::into_owned));
    matches!(kind.as_deref(), Some("thinking" | "redacted_thinking"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn cleaned(body: &Value) -> Option<Value> {
        let cleaned = without_thinking(&Bytes::from(body.to_string()))?;
        Some(serde_json::from_slice(&cleaned).expect("it is still JSON"))
    }

    #[test]
    fn thinking_goes_and_everything_else_stays() {
        let body = json!({
            "model": "m",
            "messages": [
                { "role": "user", "content": "thinking of you" },
                { "role": "assistant", "content": [
                    { "type": "thinking", "thinking": "hm", "signature": "s" },
                    { "type": "text", "text": "I was thinking." },
                    { "type": "redacted_thinking", "data": "x" },
                    { "type": "tool_use", "id": "t1", "name": "f", "input": {} },
                ] },
                { "role": "assistant", "content": [{ "type": "thinking", "thinking": "hm", "signature": "s" }] },
                { "role": "user", "content": [{ "type": "text", "text": "go on" }] },
            ],
            "thinking": { "type": "enabled", "budget_tokens": 2000 },
        });
        let cleaned = cleaned(&body).expect("there is thinking");
        let kinds = |index: usize| -> Vec<&str> {
            let blocks = cleaned["messages"][index]["content"].as_array().expect("blocks");
            blocks.iter().filter_map(|block| block["type"].as_str()).collect()
        };
        assert_eq!(kinds(1), ["text", "tool_use"]);
        assert_eq!(kinds(2), ["text"]);
        for same in ["/messages/0", "/messages/3", "/thinking", "/model"] {
            assert_eq!(cleaned.pointer(same), body.pointer(same), "{same}");
        }
    }

    #[test]
    fn a_history_without_thinking_is_left_alone() {
        let said = json!({ "messages": [{ "role": "assistant", "content": [{ "type": "text", "text": "thinking" }] }] });
        assert_eq!(cleaned(&said), None);
        assert_eq!(without_thinking(&Bytes::from_static(b"no json")), None);
    }
}
