//! Events of Anthropic's Messages.

use super::{Reading, StreamReader, meaningful_if};
use crate::Dialect;
use crate::json::Fields;
use crate::usage::Usage;

impl StreamReader {
    pub(super) fn messages_event(&mut self, name: Option<&str>, event: &Fields<'_>) -> Reading {
        let kind = event.text("type");
        match kind.as_deref().or(name) {
            Some("message_start") => {
                if let Some(message) = event.object("message") {
                    self.note_model(&message);
                    self.note_usage(&message);
                }
                Reading::Nothing
            }
            Some("content_block_start") => {
                meaningful_if(event.object("content_block").is_some_and(|block| opens(&block)))
            }
            Some("content_block_delta") => {
                meaningful_if(event.object("delta").is_some_and(|delta| goes_on(&delta)))
            }
            Some("message_delta") => {
                self.note_usage(event);
                self.finished |= event.object("delta").is_some_and(|delta| delta.has_text("stop_reason"));
                Reading::Nothing
            }
            Some("message_stop") => Reading::Terminal,
            // content_block_stop, ping, and whatever comes next year.
            _ => Reading::Nothing,
        }
    }

    /// Usage is cumulative, and a field may come with either event.
    fn note_usage(&mut self, holder: &Fields<'_>) {
        if let Some(usage) = holder.get("usage") {
            self.usage.update(Usage::of(Dialect::Anthropic, usage));
        }
    }
}

/// Most blocks open empty; a tool call opens with its name, and what can't come in pieces comes at once.
fn opens(block: &Fields<'_>) -> bool {
    let kind = block.text("type");
    let kind = kind.as_deref().unwrap_or_default();
    match kind {
        "text" | "thinking" => block.has_text(kind),
        "redacted_thinking" => block.has_text("data"),
        // server_tool_use, mcp_tool_use
        _ if kind.ends_with("tool_use") => block.has_text("name"),
        // web_search_tool_result and its kin
        _ => kind.ends_with("tool_result"),
    }
}

/// Told by the field and not by the delta's type, so that new kinds of text count too. A signature alone
/// proves thinking that was kept to itself: nothing that a client could show.
fn goes_on(delta: &Fields<'_>) -> bool {
    ["text", "thinking", "partial_json", "content"].into_iter().any(|name| delta.has_text(name))
}
