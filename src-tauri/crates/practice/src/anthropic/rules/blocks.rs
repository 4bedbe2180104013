//! Anthropic's rules for messages and the blocks they consist of.

use serde_json::Value;

use super::{Context, blocks_of, is, only};
use crate::{
    ask::json::{given, is_plain_name, string},
    refusal::Refusal,
};

/// The fields of each block that a client writes itself.
fn fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "text" => &["type", "text", "cache_control", "citations"],
        "image" => &["type", "source", "cache_control", "transformations"],
        "document" => &["type", "source", "cache_control", "citations", "context", "title"],
        "tool_use" => &["type", "id", "name", "input", "cache_control", "caller", "toolset_name"],
        "tool_result" => &["type", "tool_use_id", "content", "is_error", "cache_control", "toolset_name"],
        "thinking" => &["type", "thinking", "signature"],
        "redacted_thinking" => &["type", "data"],
        _ => return None,
    })
}

pub(super) fn check(body: &Value, messages: &[Value], context: &Context) -> Result<(), Refusal> {
    match given(body, "system") {
        None | Some(Value::String(_)) => {}
        Some(Value::Array(blocks)) => {
            for (index, block) in blocks.iter().enumerate() {
                check_text(block, "system")?;
                only(block, &format!("system.{index}"), fields("text").unwrap_or_default(), context)?;
            }
        }
        Some(_) => return Err(Refusal::invalid("system: Input should be a valid list")),
    }
    for (at, message) in messages.iter().enumerate() {
        check_role(message, at)?;
        only(message, &format!("messages.{at}"), &["role", "content"], context)?;
        check_content(message, at, at + 1 == messages.len(), context)?;
    }
    Ok(())
}

fn check_role(message: &Value, at: usize) -> Result<(), Refusal> {
    match (string(message, "role"), at) {
        (Some("user"), _) | (Some("assistant" | "system"), 1..) => Ok(()),
        (Some("assistant"), 0) => Err(Refusal::invalid("messages: first message must use the \"user\" role")),
        (Some("system"), 0) => Err(Refusal::invalid(
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \
             \"system\" as an input message role.",
        )),
        _ => Err(Refusal::invalid(format!("messages.{at}.role: Input should be 'user' or 'assistant'"))),
    }
}

fn check_content(message: &Value, at: usize, last: bool, context: &Context) -> Result<(), Refusal> {
    let empty = match message.get("content") {
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(blocks)) => blocks.is_empty(),
        _ => return Err(Refusal::invalid(format!("messages.{at}.content: Input should be a valid list"))),
    };
    let answers = string(message, "role") == Some("assistant");
    if empty && !(last && answers) {
        return Err(Refusal::invalid(format!(
            "messages.{at}: all messages must have non-empty content except for the optional final assistant message"
        )));
    }
    if let Some(text) = message.get("content").and_then(Value::as_str) {
        if !empty && text.trim().is_empty() {
            return Err(blank("messages"));
        }
        if last && answers && text.ends_with(char::is_whitespace) {
            let message = "messages: final assistant content cannot end with trailing whitespace";
            return Err(Refusal::invalid(message));
        }
    }
    for (index, block) in blocks_of(message).iter().enumerate() {
        check_block(block, &format!("messages.{at}.content.{index}"), context)?;
    }
    Ok(())
}

fn check_block(block: &Value, path: &str, context: &Context) -> Result<(), Refusal> {
    let Some(kind) = string(block, "type") else {
        return Err(Refusal::invalid(format!("{path}.type: Field required")));
    };
    let Some(fields) = fields(kind) else { return check_tag(kind, path) };
    only(block, &format!("{path}.{kind}"), fields, context)?;
    let missing = |field: &str| Refusal::invalid(format!("{path}.{kind}.{field}: Field required"));
    match kind {
        "text" => check_text(block, "messages")?,
        "tool_use" => {
            check_id(block, "id", &format!("{path}.{kind}"))?;
            string(block, "name").ok_or_else(|| missing("name"))?;
            if !block.get("input").ok_or_else(|| missing("input"))?.is_object() {
                let message = format!("{path}.{kind}.input: Input should be a valid dictionary");
                return Err(Refusal::invalid(message));
            }
        }
        "tool_result" => {
            check_id(block, "tool_use_id", &format!("{path}.{kind}"))?;
            for (index, inner) in blocks_of(block).iter().enumerate() {
                if is(inner, "text") {
                    check_text(inner, "messages")?;
                }
                check_block(inner, &format!("{path}.{kind}.content.{index}"), context)?;
            }
        }
        "thinking" => {
            for field in ["thinking", "signature"] {
                block.get(field).and_then(Value::as_str).ok_or_else(|| missing(field))?;
            }
        }
        "redacted_thinking" => {
            string(block, "data").ok_or_else(|| missing("data"))?;
        }
        _ => {
            given(block, "source").ok_or_else(|| missing("source"))?;
        }
    }
    Ok(())
}

/// Blocks that come from the vendor's own tools, and go back to it as they came.
fn check_tag(kind: &str, path: &str) -> Result<(), Refusal> {
    const OTHERS: [&str; 6] =
        ["search_result", "container_upload", "compaction", "fallback", "connector_text", "mid_conv_system"];
    if kind.contains("tool") || kind.contains("mcp") || OTHERS.contains(&kind) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "{path}: Input tag '{kind}' found using 'type' does not match any of the expected tags: 'document', 'image', \
         'redacted_thinking', 'search_result', 'server_tool_use', 'text', 'thinking', 'tool_result', 'tool_use', \
         'web_search_tool_result'"
    )))
}

fn check_text(block: &Value, what: &str) -> Result<(), Refusal> {
    match block.get("text").and_then(Value::as_str) {
        None => Err(Refusal::invalid(format!("{what}: text content blocks need a text"))),
        Some("") => Err(Refusal::invalid(format!("{what}: text content blocks must be non-empty"))),
        Some(text) if text.trim().is_empty() => Err(blank(what)),
        Some(_) => Ok(()),
    }
}

fn blank(what: &str) -> Refusal {
    Refusal::invalid(format!("{what}: text content blocks must contain non-whitespace text"))
}

fn check_id(block: &Value, field: &str, path: &str) -> Result<(), Refusal> {
    match block.get(field).and_then(Value::as_str) {
        None => Err(Refusal::invalid(format!("{path}.{field}: Field required"))),
        Some(id) if !is_plain_name(id) => {
            Err(Refusal::invalid(format!("{path}.{field}: String should match pattern '^[a-zA-Z0-9_-]+$'")))
        }
        Some(_) => Ok(()),
    }
}
