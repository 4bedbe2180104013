//! A request without the thinking that its history carries.
//!
//! # Messages
//!
//! Thinking is signed by the provider that thought it. A history that was begun elsewhere (at the same vendor
//! through another host, or before a key of the signature changed) is refused as a whole for one signature, and
//! the conversation could never go on. Without those blocks it can; the rest keeps every byte.
//!
//! In the middle of a turn, between a call and what is said about its result, a model with a budget for thinking
//! is refused as well if the turn has none, be it left out here or because another vendor's model made the calls.
//! So that turn is ended without thinking, which is what the vendor advises; the next one thinks again.
//!
//! Source: <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>, "Extended thinking with tool
//! use".
//!
//! # Chat Completions
//!
//! Thinking has no place in OpenAI's own dialect. Most hosts show it all the same, and so do answers that were
//! translated; clients send the whole message back, and the hosts that check every field (OpenAI, Groq, Mistral)
//! refuse the conversation from then on. So the fields are left out once a host has refused them, and only then:
//! others (`DeepSeek`) want their thinking back.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::Api;
use crate::json::{self, Fields, Raw};

/// What stands in for a turn of which nothing else is left: an empty one would be refused.
const NOTHING_SAID: &str = r#"{"type":"text","text":"(thinking)"}"#;

/// The value of `thinking` that switches it off.
pub(crate) const DISABLED: &str = r#"{"type":"disabled"}"#;

/// New bytes for a range of the old ones.
pub(crate) type Edit = (Range<usize>, String);

/// The body without the thinking of others; `None` if it has none, or the API has its own ways.
pub fn without(api: Api, body: &Bytes) -> Option<Bytes> {
    match api {
        Api::Messages => without_thinking(body),
        Api::ChatCompletions => without_reasoning(body),
        Api::Responses | Api::Embeddings => None,
    }
}

/// The body without `thinking` and `redacted_thinking` blocks, and without a budget for more of it where that
/// would be refused; `None` if it has neither.
fn without_thinking(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let fields = Fields::parse(text).ok()?;
    let mut edits: Vec<Edit> = Vec::new();
    let mut answers_calls = false;
    for message in fields.items("messages")? {
        let blocks = Fields::of(message).and_then(|message| message.items("content"));
        let blocks: Vec<Raw<'_>> = blocks.into_iter().flatten().collect();
        answers_calls = blocks.iter().any(|block| is(*block, &["tool_result"]));
        edits.extend(unthought(text, &blocks));
    }
    if answers_calls {
        edits.extend(no_budget(text, &fields));
    }
    edited(body, edits)
}

/// What most hosts call a message's thinking.
const REASONING: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_details"];

/// The body with its messages as they are, but for those in which the assistant thinks: these are put together
/// anew from the values of their other fields.
fn without_reasoning(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let mut edits: Vec<Edit> = Vec::new();
    for message in Fields::parse(text).ok()?.items("messages")? {
        let Some(fields) = Fields::of(message) else { continue };
        let is_thinking = |name: &str| REASONING.contains(&name);
        if !fields.iter().any(|(name, _)| is_thinking(name)) {
            continue;
        }
        let left = fields.iter().filter(|(name, _)| !is_thinking(name));
        let left: Vec<String> =
            left.map(|(name, value)| format!("{}:{}", json::quoted(name), value.get())).collect();
        edits.push((message.place_in(text), format!("{{{}}}", left.join(","))));
    }
    edited(body, edits)
}

/// The body with these changes; `None` if there are none.
fn edited(body: &Bytes, mut edits: Vec<Edit>) -> Option<Bytes> {
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut kept = BytesMut::with_capacity(body.len());
    let mut at = 0;
    for (range, new) in edits {
        kept.extend_from_slice(&body[at..range.start]);
        kept.extend_from_slice(new.as_bytes());
        at = range.end;
    }
    kept.extend_from_slice(&body[at..]);
    Some(kept.freeze())
}

/// A message's blocks without its thinking.
fn unthought(text: &str, blocks: &[Raw<'_>]) -> Option<Edit> {
    let is_thinking = |block: &Raw<'_>| is(*block, &["thinking", "redacted_thinking"]);
    if !blocks.iter().any(is_thinking) {
        return None;
    }
    let (first, last) = (blocks.first()?.place_in(text), blocks.last()?.place_in(text));
    let left: Vec<&str> =
        blocks.iter().filter(|block| !is_thinking(block)).map(|block| block.get()).collect();
    let new = if left.is_empty() { NOTHING_SAID.to_owned() } else { left.join(",") };
    Some((first.start..last.end, new))
}

/// Thinking switched off. Models that think as they see fit take a turn without.
fn no_budget(text: &str, fields: &Fields<'_>) -> Vec<Edit> {
    let Some(thinking) = fields.get("thinking").filter(|thinking| is(*thinking, &["enabled"])) else {
        return Vec::new();
    };
    let disabled = (thinking.place_in(text), DISABLED.to_owned());
    std::iter::once(disabled).chain(without_clearing(text, fields)).collect()
}

/// The edits of the context without the clearing of earlier thinking, which is refused where thinking is off.
pub(crate) fn without_clearing(text: &str, fields: &Fields<'_>) -> Option<Edit> {
    let steps = fields.object("context_management")?.get("edits")?;
    let all: Vec<Raw<'_>> = json::items(steps)?.collect();
    let left: Vec<&str> = all.iter().filter(|step| !clears_thinking(**step)).map(|step| step.get()).collect();
    (left.len() < all.len()).then(|| (steps.place_in(text), format!("[{}]", left.join(","))))
}

fn clears_thinking(step: Raw<'_>) -> bool {
    Fields::of(step).and_then(|step| Some(step.text("type")?.starts_with("clear_thinking"))).unwrap_or(false)
}

fn is(value: Raw<'_>, kinds: &[&str]) -> bool {
    let fields = Fields::of(value);
    let kind = fields.as_ref().and_then(|fields| fields.text("type"));
    kind.is_some_and(|kind| kinds.contains(&kind.as_ref()))
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

    fn in_the_middle_of_a_turn(thinking: &Value, call: &Value) -> Value {
        json!({
            "thinking": thinking,
            "context_management": { "edits": [
                { "type": "clear_thinking_20251015", "keep": "all" },
                { "type": "clear_tool_uses_20250919" },
            ] },
            "messages": [
                { "role": "user", "content": "weather?" },
                { "role": "assistant", "content": call },
                { "role": "user", "content": [
                    { "type": "tool_result", "tool_use_id": "t1", "content": "fine" },
                    { "type": "text", "text": "well?" },
                ] },
            ],
        })
    }

    #[test]
    fn a_turn_whose_calls_nobody_here_thought_about_is_ended_without_thinking() {
        let budget = json!({ "type": "enabled", "budget_tokens": 2000 });
        let call = json!({ "type": "tool_use", "id": "t1", "name": "f", "input": {} });
        let thought = json!({ "type": "thinking", "thinking": "hm", "signature": "s" });
        for said in [json!([call]), json!([thought, call])] {
            let body = in_the_middle_of_a_turn(&budget, &said);
            let cleaned = cleaned(&body).expect("there is something to change");
            assert_eq!(cleaned["thinking"], json!({ "type": "disabled" }));
            assert_eq!(
                cleaned["context_management"]["edits"],
                json!([{ "type": "clear_tool_uses_20250919" }])
            );
            assert_eq!(cleaned["messages"][1]["content"], json!([call]));
            assert_eq!(cleaned["messages"][2], body["messages"][2]);
        }
    }

    #[test]
    fn a_new_turn_thinks_and_so_does_a_model_that_thinks_as_it_sees_fit() {
        let call = json!([{ "type": "tool_use", "id": "t1", "name": "f", "input": {} }]);
        assert_eq!(cleaned(&in_the_middle_of_a_turn(&json!({ "type": "adaptive" }), &call)), None);
        let mut next = in_the_middle_of_a_turn(&json!({ "type": "enabled", "budget_tokens": 2000 }), &call);
        next["messages"].as_array_mut().expect("messages").extend([
            json!({ "role": "assistant", "content": "Fine." }),
            json!({ "role": "user", "content": "And tomorrow?" }),
        ]);
        assert_eq!(cleaned(&next), None);
    }

    #[test]
    fn a_history_without_thinking_is_left_alone() {
        let said = json!({ "messages": [{ "role": "assistant", "content": [{ "type": "text", "text": "thinking" }] }] });
        assert_eq!(cleaned(&said), None);
        assert_eq!(without_thinking(&Bytes::from_static(b"no json")), None);
    }

    #[test]
    fn a_chats_thinking_goes_with_every_name_that_hosts_have_for_it_and_the_rest_keeps_its_bytes() {
        let body = Bytes::from_static(
            br#"{ "messages": [ {"role":"user", "content":"reasoning"},
            {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [ {"id":"a\u0041"} ]},
            {"role":"assistant","reasoning":"hm","reasoning_details":[{}],"content":"x"} ], "reasoning": {"effort":"low"} }"#,
        );
        let expected = r#"{ "messages": [ {"role":"user", "content":"reasoning"},
            {"role":"assistant","content":null,"tool_calls":[ {"id":"a\u0041"} ]},
            {"role":"assistant","content":"x"} ], "reasoning": {"effort":"low"} }"#;
        assert_eq!(without(Api::ChatCompletions, &body).expect("there is thinking"), expected);
        assert_eq!(without(Api::ChatCompletions, &Bytes::from_static(expected.as_bytes())), None);
        assert_eq!(without(Api::Responses, &body), None);
    }
}
