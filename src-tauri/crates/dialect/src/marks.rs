//! Marks for Anthropic's prompt cache, put into a Messages request that has none.
//!
//! The vendor caches what stands before a mark: tools, then the system prompt, then the conversation. Writing
//! costs a quarter more than reading it the usual way, so what is marked is up to the caller, who knows what
//! came before; this module says where marks could go and puts them there. Everything else keeps its bytes and
//! its order, for a cache is found by its prefix.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::json::{self, Fields, Raw};

/// A beginning of the prompt that a mark can end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// What it consists of, in the order in which the vendor reads it: places in the body.
    pub parts: Vec<Range<usize>>,
    /// Where the block stands that the mark goes into.
    block: Range<usize>,
    /// A text that has to become a block first.
    is_text: bool,
}

impl Prefix {
    /// Bytes of the prompt up to here.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Range::len).sum()
    }

    /// Never: a prefix has at least one block.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Range::is_empty)
    }
}

/// Where marks could go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The end of the tools.
    pub tools: Option<Prefix>,
    /// The end of the system prompt.
    pub system: Option<Prefix>,
    /// The end of the conversation before its last message.
    pub history: Option<Prefix>,
    /// The same one exchange earlier: where a request that this one goes on from would have ended.
    pub earlier: Option<Prefix>,
}

/// How long a cached prefix lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Five minutes from its last use.
    Minutes5,
    /// An hour, for a dearer write.
    Hour,
}

/// The places of a body; `None` where the client has set marks itself, or it can't be read.
pub fn places(body: &[u8]) -> Option<Places> {
    let text = std::str::from_utf8(body).ok()?;
    if text.contains("\"cache_control\"") {
        return None;
    }
    let fields = Fields::parse(text).ok()?;
    let at = |value: Raw<'_>| value.place_in(text);
    let mut parts = Vec::new();
    let mut found = Places::default();
    if let Some(tools) = fields.get("tools") {
        parts.push(at(tools));
        let last = json::items(tools).and_then(|tools| tools.last().map(at));
        found.tools = last.map(|block| Prefix { parts: parts.clone(), block, is_text: false });
    }
    if let Some(system) = fields.get("system") {
        parts.push(at(system));
        found.system =
            last_block(system, at).map(|(block, is_text)| Prefix { parts: parts.clone(), block, is_text });
    }
    let messages: Vec<Raw<'_>> = fields.items("messages")?.collect();
    let ending_with = |index: Option<usize>| {
        let index = index?;
        let message = *messages.get(index)?;
        let (block, is_text) = last_block(Fields::of(message)?.get("content")?, at)?;
        let mut parts = parts.clone();
        parts.push(at(*messages.first()?).start..at(message).end);
        Some(Prefix { parts, block, is_text })
    };
    found.history = ending_with(messages.len().checked_sub(2));
    found.earlier = ending_with(messages.len().checked_sub(4));
    Some(found)
}

/// The last block of a system prompt or a message, or the text that it is. Thinking takes no mark.
fn last_block(content: Raw<'_>, at: impl Fn(Raw<'_>) -> Range<usize>) -> Option<(Range<usize>, bool)> {
    if let Some(text) = json::literal(content) {
        return (!text.is_empty()).then(|| (at(content), true));
    }
    let last = json::items(content)?.last()?;
    let kind = Fields::of(last)?.text("type")?.into_owned();
    let takes = matches!(kind.as_str(), "text" | "image" | "document" | "tool_use" | "tool_result");
    takes.then(|| (at(last), false))
}

/// The body with a mark at the end of each of these prefixes, at most four.
pub fn mark(body: &Bytes, prefixes: &[&Prefix], lifetime: Lifetime) -> Bytes {
    let mark = match lifetime {
        Lifetime::Minutes5 => r#""cache_control":{"type":"ephemeral"}"#,
        Lifetime::Hour => r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#,
    };
    let mut prefixes: Vec<&&Prefix> = prefixes.iter().take(4).collect();
    prefixes.sort_by_key(|prefix| prefix.block.start);
    let mut marked = BytesMut::with_capacity(body.len() + prefixes.len() * (mark.len() + 32));
    let mut copied = 0;
    for Prefix { block, is_text, .. } in prefixes {
        marked.extend_from_slice(&body[copied..block.start]);
        let inner = &body[block.clone()];
        if *is_text {
            marked.extend_from_slice(br#"[{"type":"text","text":"#);
            marked.extend_from_slice(inner);
            marked.extend_from_slice(b",");
            marked.extend_from_slice(mark.as_bytes());
            marked.extend_from_slice(b"}]");
        } else {
            let open = inner.strip_suffix(b"}").unwrap_or(inner).trim_ascii_end();
            marked.extend_from_slice(open);
            if !open.ends_with(b"{") {
                marked.extend_from_slice(b",");
            }
            marked.extend_from_slice(mark.as_bytes());
            marked.extend_from_slice(b"}");
        }
        copied = block.end;
    }
    marked.extend_from_slice(&body[copied..]);
    marked.freeze()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        json!({
            "model": "claude-sonnet-4-5",
            "messages": [
                { "role": "user", "content": "first" },
                { "role": "assistant", "content": [{ "type": "text", "text": "second" }] },
                { "role": "user", "content": [{ "type": "text", "text": "third" }] },
            ],
            "tools": [{ "name": "a", "input_schema": {} }, { "name": "b", "input_schema": {} }],
            "system": "You are a \"keel\".",
            "max_tokens": 5,
        })
    }

    #[test]
    fn a_mark_goes_to_the_end_of_tools_system_and_history() {
        let bytes = Bytes::from(body().to_string());
        let found = places(&bytes).expect("no marks yet");
        let all =
            [&found.history, &found.tools, &found.system].map(|prefix| prefix.as_ref().expect("a place"));
        let marked: Value = serde_json::from_slice(&mark(&bytes, &all, Lifetime::Minutes5)).expect("JSON");
        let mark = json!({ "type": "ephemeral" });
        assert_eq!(marked["tools"][1]["cache_control"], mark);
        assert!(marked["tools"][0]["cache_control"].is_null());
        assert_eq!(
            marked["system"],
            json!([{ "type": "text", "text": "You are a \"keel\".", "cache_control": mark }])
        );
        assert_eq!(marked["messages"][1]["content"][0]["cache_control"], mark);
        assert_eq!(marked["messages"][0], body()["messages"][0]);
        assert_eq!(marked["messages"][2], body()["messages"][2]);
        assert_eq!(places(&Bytes::from(marked.to_string())), None, "whoever has marks keeps those");
    }

    #[test]
    fn an_hour_is_said() {
        let bytes = Bytes::from(body().to_string());
        let found = places(&bytes).and_then(|found| found.system).expect("a system prompt");
        let marked = mark(&bytes, &[&found], Lifetime::Hour);
        assert!(String::from_utf8_lossy(&marked).contains(r#""ttl":"1h""#));
    }

    #[test]
    fn prefixes_grow_in_the_vendors_order() {
        let bytes = Bytes::from(body().to_string());
        let found = places(&bytes).expect("no marks yet");
        let length = |prefix: &Option<Prefix>| prefix.as_ref().map_or(0, Prefix::len);
        assert!(
            length(&found.tools) < length(&found.system) && length(&found.system) < length(&found.history)
        );
        assert_eq!(found.earlier, None, "three messages have no earlier exchange");
    }

    #[test]
    fn a_request_without_history_has_no_place_for_it() {
        let bytes = Bytes::from_static(br#"{"messages":[{"role":"user","content":"hi"}]}"#);
        assert_eq!(places(&bytes), Some(Places::default()));
        assert_eq!(places(b"no json"), None);
    }
}
