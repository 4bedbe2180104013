//! One content block of a turn.

use std::fmt;

use super::turns::Reader;
use super::{invalid, media, raw, wire};
use crate::ask::AskError;
use crate::canon::{Block, Role, ToolCall, ToolResult};
use crate::json::{self, Fields};

/// Where a list of blocks stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    System,
    Message(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Message(n) => write!(f, "messages[{n}].content"),
        }
    }
}

/// Where a block stands. Written out only where somebody is told, for most blocks are as they should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    place: Place,
    n: usize,
    /// Within a tool's result.
    inner: Option<usize>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, n, inner } = self;
        write!(f, "{place}[{n}]")?;
        inner.map_or(Ok(()), |inner| write!(f, ".content[{inner}]"))
    }
}

/// How unknown fields of blocks are named, wherever the block stands.
pub(super) const UNDER: &str = "messages[].content[].";

/// Reads one block; it may become several, or none.
pub(super) fn read(
    reader: &mut Reader<'_>,
    place: Place,
    n: usize,
    role: Role,
    fields: &Fields<'_>,
    into: &mut Vec<Block>,
) -> Result<(), AskError> {
    let at = At { place, n, inner: None };
    let kind = fields.text("type").unwrap_or_default();
    match (kind.as_ref(), role) {
        ("tool_use", Role::Assistant) => into.push(Block::ToolCall(tool_use(reader, at, fields)?)),
        ("tool_result", Role::User) => into.push(Block::ToolResult(tool_result(reader, at, fields)?)),
        ("tool_use", _) => {
            return Err(invalid(Some(at.to_string()), format!("`{at}`: only the assistant can call tools.")));
        }
        ("tool_result", _) => {
            let message = format!("`{at}`: tool results belong into a message of the user's.");
            return Err(invalid(Some(at.to_string()), message));
        }
        ("thinking", _) => into.push(thinking(reader, fields)),
        // Encrypted, so there is not even a text.
        ("redacted_thinking", _) => reader.notes.nothing("messages[].content[] (redacted_thinking)"),
        // Marks where a provider changed models by itself; nothing is said in it.
        ("fallback", _) => reader.notes.nothing("messages[].content[] (fallback)"),
        ("compaction", _) => compaction(reader, at, fields, into),
        ("tool_addition" | "tool_removal", Role::System) => tool_change(reader, at, &kind, fields),
        (kind, _) => plain(reader, at, kind, fields, into),
    }
    Ok(())
}

/// Blocks that may stand in a tool's result as well.
fn plain(reader: &mut Reader<'_>, at: At, kind: &str, fields: &Fields<'_>, into: &mut Vec<Block>) {
    let notes = &mut *reader.notes;
    match kind {
        "text" => into.extend(text(reader, fields)),
        "image" => into.extend(media::image(notes, at, fields)),
        "document" => media::document(notes, at, fields, into),
        "search_result" => into.push(search_result(reader, fields)),
        // A tool that was found for the model. Its definition stands in `tools` already.
        "tool_reference" => {
            if let Some(name) = fields.text("tool_name") {
                into.push(Block::Text(format!("The tool `{name}` is available.")));
            }
        }
        // What a host of its own made up, if it has a text; else a piece of the conversation is missing.
        _ => match fields.text("text") {
            Some(text) => {
                notes.told(&format!("messages[].content[] ({})", kind_name(kind)));
                into.push(Block::Text(text.into_owned()));
            }
            None => notes.meaning(&format!("{at} ({})", kind_name(kind))),
        },
    }
}

fn kind_name(kind: &str) -> &str {
    match kind {
        "" => "no type",
        kind => kind,
    }
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Block> {
    let wire::Text { kind: _, text, cache_control, citations, rest } = wire::Text::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    // References of an earlier answer; the text itself says what was said.
    reader.notes.nothing_if(citations, "messages[].content[].citations (of an earlier answer)");
    reader.notes.rest(UNDER, &rest);
    let text = text.and_then(json::text).filter(|text| !text.is_empty())?;
    Some(Block::Text(text.into_owned()))
}

fn thinking(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Block {
    let wire::Thinking { kind: _, thinking, signature, rest } = wire::Thinking::read(fields);
    reader.notes.nothing_if(signature, "messages[].content[].signature");
    reader.notes.rest(UNDER, &rest);
    Block::Thinking(thinking.and_then(json::text).unwrap_or_default().into_owned())
}

/// As text that names its source, the way a person would paste it.
fn search_result(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Block {
    let wire::SearchResult { kind: _, title, source, content, citations, cache_control, rest } =
        wire::SearchResult::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    media::citations(reader.notes, citations);
    reader.notes.rest(UNDER, &rest);
    let title = title.and_then(json::text).unwrap_or_default();
    let source = source.and_then(json::text).unwrap_or_default();
    let mut whole = format!("Search result: {title}\nSource: {source}\n");
    for item in content.and_then(raw::objects).unwrap_or_default() {
        if let Some(text) = item.text("text") {
            whole.extend(["\n", &text]);
        }
    }
    Block::Text(whole)
}

fn tool_use(reader: &mut Reader<'_>, at: At, fields: &Fields<'_>) -> Result<ToolCall, AskError> {
    let wire::ToolUse { kind: _, id, name, input, cache_control, caller, toolset_name, rest } =
        wire::ToolUse::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    reader.notes.nothing_if(toolset_name, "messages[].content[].toolset_name");
    reader.notes.rest(UNDER, &rest);
    let caller = caller.and_then(Fields::of).and_then(|caller| caller.text("type").map(String::from));
    if caller.is_some_and(|caller| caller != "direct") {
        // The call was made by code that runs at the provider.
        reader.notes.meaning(&format!("{at}.caller"));
    }
    let name = name.and_then(json::text).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid(Some(format!("{at}.name")), format!("`{at}.name` is missing.")))?;
    let id = id.and_then(json::text).unwrap_or_default().into_owned();
    reader.call(&id);
    // Some clients send the object as a string.
    let arguments = input.map(|input| match json::text(input) {
        Some(text) => text.into_owned(),
        None => input.get().to_owned(),
    });
    Ok(ToolCall { id, name: name.into_owned(), arguments: arguments.unwrap_or_default() })
}

fn tool_result(reader: &mut Reader<'_>, at: At, fields: &Fields<'_>) -> Result<ToolResult, AskError> {
    let wire::ToolResult { kind: _, tool_use_id, content, is_error, cache_control, toolset_name, rest } =
        wire::ToolResult::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    reader.notes.nothing_if(toolset_name, "messages[].content[].toolset_name");
    reader.notes.rest(UNDER, &rest);
    let id = tool_use_id.and_then(json::text).unwrap_or_default().into_owned();
    if !reader.was_called(&id) {
        let message = format!(
            "`{at}` is the result of a tool call that does not stand before it (tool_use_id {}). Send the \
             assistant's message with that tool_use block first.",
            json::quoted(&id)
        );
        return Err(invalid(Some(format!("{at}.tool_use_id")), message));
    }
    let mut blocks = Vec::new();
    if let Some(content) = content {
        match (json::text(content), raw::objects(content)) {
            (Some(text), _) if text.is_empty() => {}
            (Some(text), _) => blocks.push(Block::Text(text.into_owned())),
            (None, Some(items)) => {
                for (inner, fields) in items.iter().enumerate() {
                    let kind = fields.text("type").unwrap_or_default();
                    plain(reader, At { inner: Some(inner), ..at }, &kind, fields, &mut blocks);
                }
            }
            // An object, a number, a list of such: what a tool gave back, as it stands.
            (None, None) => blocks.push(Block::Text(content.get().to_owned())),
        }
    }
    let is_error = is_error.is_some_and(|flag| flag.get() == "true");
    Ok(ToolResult { id, content: blocks, is_error })
}

/// A summary that stands for earlier messages. Read, if it can be read; the encrypted form is one provider's.
fn compaction(reader: &mut Reader<'_>, at: At, fields: &Fields<'_>, into: &mut Vec<Block>) {
    let wire::Compaction {
        kind: _,
        content,
        cache_control,
        encrypted_content,
        signature,
        tool_changes,
        rest,
    } = wire::Compaction::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    reader.notes.nothing_if(signature, "messages[].content[].signature");
    reader.notes.rest(UNDER, &rest);
    for change in tool_changes.and_then(raw::objects).unwrap_or_default() {
        tool_change(reader, at, &change.text("type").unwrap_or_default(), &change);
    }
    match content.and_then(json::text).filter(|text| !text.is_empty()) {
        Some(summary) => {
            into.push(Block::Text(format!("Summary of the conversation up to here:\n{summary}")));
        }
        None => reader.notes.meaning_if(encrypted_content, &format!("{at} (compaction)")),
    }
}

fn tool_change(reader: &mut Reader<'_>, at: At, kind: &str, fields: &Fields<'_>) {
    let wire::ToolChange { kind: _, tool, cache_control, rest } = wire::ToolChange::read(fields);
    reader.notes.nothing_if(cache_control, "cache_control");
    reader.notes.rest(UNDER, &rest);
    let Some(tool) = tool.and_then(Fields::of) else { return };
    let wire::ToolReference { kind: of, name, tool_name, definition, rest } =
        wire::ToolReference::read(&tool);
    reader.notes.rest(UNDER, &rest);
    if of.and_then(json::text).is_some_and(|of| of.starts_with("mcp_")) {
        reader.notes.meaning(&format!("{at}.tool"));
        return;
    }
    if kind == "tool_addition"
        && let Some(definition) = definition
    {
        reader.changes.define(&format!("{at}.tool.definition"), definition);
        return;
    }
    if let Some(name) = name.or(tool_name).and_then(json::text) {
        reader.changes.offer(&name, kind == "tool_addition");
    }
}
