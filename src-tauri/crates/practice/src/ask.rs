//! What a request asks for, without its dialect; and the reading that both dialects share.

use serde_json::{Map, Value};

/// A prompt, reduced to what the answer depends on. It lives no longer than the request.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) model: String,
    /// The last text that the user wrote; empty if there is none.
    pub(crate) text: String,
    pub(crate) input_tokens: u64,
    pub(crate) stream: bool,
    /// Whether a stream ends with its usage. Anthropic's always does.
    pub(crate) include_usage: bool,
    /// How many answers (`n`).
    pub(crate) choices: usize,
    /// The longest answer, in tokens.
    pub(crate) limit: Option<u64>,
    pub(crate) stops: Vec<String>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) demand: Demand,
    /// Whether at most one tool may be called.
    pub(crate) one_call: bool,
    /// The results of tools, if they are the last thing said.
    pub(crate) results: Vec<ToolResult>,
    /// The schema that a text answer has to fit; `{}` for any JSON object.
    pub(crate) shape: Option<Value>,
}

/// A function that the client offers.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// What `tool_choice` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// A tool may be called.
    Free,
    /// Some tool has to be called.
    Any,
    /// This tool has to be called.
    Named(String),
    /// None may be called.
    Never,
}

/// What a tool gave back.
#[derive(Debug)]
pub(crate) struct ToolResult {
    pub(crate) tool: String,
    pub(crate) text: String,
}

/// Tokens of so many bytes of text: a quarter, rounded up. Not what the vendors count, but always the same.
pub(crate) const fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}

/// Reads a JSON object, or says why it is none.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("the body is not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A string field, `None` if it is missing, empty or something else.
pub(crate) fn string<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A field that is `true`.
pub(crate) fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

/// The elements of a list field; none if it is no list.
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The last text of a message's content, which is a string or a list of parts.
pub(crate) fn last_text(content: &Value) -> Option<&str> {
    match content {
        Value::String(text) => Some(text),
        Value::Array(parts) => parts.iter().rev().find_map(|part| string(part, "text")),
        _ => None,
    }
}

/// The last text of the user in a conversation.
pub(crate) fn last_user_text(messages: &[Value]) -> &str {
    let user = messages.iter().rev().filter(|message| string(message, "role") == Some("user"));
    user.filter_map(|message| message.get("content")).find_map(last_text).unwrap_or_default()
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
    const LABELS: [&str; 7] =
        ["role", "type", "id", "tool_call_id", "tool_use_id", "cache_control", "signature"];
    const FILES: [&str; 4] = ["image_url", "input_audio", "file", "source"];
    !LABELS.contains(&field) && !FILES.contains(&field)
}

/// Input tokens of a whole request. Tools count as they are written, for their schemas are text too.
pub(crate) fn input_tokens(body: &Value) -> u64 {
    let spoken = ["system", "messages"].iter().filter_map(|field| body.get(field)).map(text_bytes);
    let tools = list(body, "tools").iter().map(|tool| tool.to_string().len());
    tokens(spoken.chain(tools).sum()).max(1)
}
