//! One content block of a turn.

use super::turns::Reader;
use super::{media, wire};
use crate::ask::AskError;
use crate::canon::{Block, Loss, Role, ToolCall, ToolResult};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;

/// Reads one block; it may become several, or none.
pub(super) fn read(
    reader: &mut Reader<'_>,
    at: &Place<'_>,
    role: Role,
    fields: &Fields<'_>,
    into: &mut Vec<Block>,
) -> Result<(), AskError> {
    let kind = fields.text("type").unwrap_or_default();
    match (kind.as_ref(), role) {
        ("tool_use", Role::Assistant) => into.push(Block::ToolCall(tool_use(reader, at, fields)?)),
        ("tool_result", Role::User) => into.push(Block::ToolResult(tool_result(reader, at, fields)?)),
        ("tool_use", _) => {
            return Err(AskError::of(at, format!("`{at}`: only the assistant can call tools.")));
        }
        ("tool_result", _) => {
            return Err(AskError::of(
                at,
                format!("`{at}`: tool results belong into a message of the user's."),
            ));
        }
        ("thinking", _) => into.push(thinking(reader.notes, at, fields)),
        // Encrypted thinking, in which there is not even a text, and the mark where a provider changed models
        // by itself.
        ("redacted_thinking" | "fallback", _) => reader.notes.nothing(at.field(&kind).anywhere()),
        ("compaction", _) => compaction(reader, at, fields, into),
        ("tool_addition" | "tool_removal", Role::System) => tool_change(reader, at, &kind, fields),
        (kind, _) => piece(reader.notes, at, kind, fields, into),
    }
    Ok(())
}

/// Blocks that may stand in a tool's result as well.
fn piece(notes: &mut Notes, at: &Place<'_>, kind: &str, fields: &Fields<'_>, into: &mut Vec<Block>) {
    match kind {
        "text" => into.extend(text(notes, at, fields)),
        "image" => into.extend(media::image(notes, at, fields)),
        "document" => media::document(notes, at, fields, into),
        "search_result" => into.push(search_result(notes, at, fields)),
        // A tool that was found for the model. Its definition stands in `tools` already.
        "tool_reference" => {
            if let Some(name) = fields.text("tool_name") {
                into.push(Block::Text(format!("The tool `{name}` is available.")));
            }
        }
        // What a host of its own made up, if it has a text; else a piece of the conversation is missing.
        _ => {
            let kind = plain(if kind.is_empty() { "type" } else { kind });
            match fields.text("text") {
                Some(text) => {
                    notes.told(at.field(&kind).anywhere());
                    into.push(Block::Text(text.into_owned()));
                }
                None => notes.meaning(at.field(&kind)),
            }
        }
    }
}

/// What loses nothing wherever it stands, and what nobody here has heard of.
fn rest(notes: &mut Notes, at: &Place<'_>, bookkeeping: &[(&str, Option<Raw<'_>>)], unknown: &[String]) {
    for (name, value) in bookkeeping {
        notes.note_if(*value, name, Loss::Nothing);
    }
    for name in unknown {
        notes.unknown_field(at, name);
    }
}

fn text(notes: &mut Notes, at: &Place<'_>, fields: &Fields<'_>) -> Option<Block> {
    let wire::Text { kind: _, text, cache_control, citations, rest: unknown } = wire::Text::read(fields);
    // References of an earlier answer; the text itself says what was said.
    rest(notes, at, &[("cache_control", cache_control), ("citations", citations)], &unknown);
    let text = text.and_then(json::text).filter(|text| !text.is_empty())?;
    Some(Block::Text(text.into_owned()))
}

fn thinking(notes: &mut Notes, at: &Place<'_>, fields: &Fields<'_>) -> Block {
    let wire::Thinking { kind: _, thinking, signature, rest: unknown } = wire::Thinking::read(fields);
    rest(notes, at, &[("signature", signature)], &unknown);
    Block::Thinking(thinking.and_then(json::text).unwrap_or_default().into_owned())
}

/// As text that names its source, the way a person would paste it.
fn search_result(notes: &mut Notes, at: &Place<'_>, fields: &Fields<'_>) -> Block {
    let wire::SearchResult { kind: _, title, source, content, citations, cache_control, rest: unknown } =
        wire::SearchResult::read(fields);
    rest(notes, at, &[("cache_control", cache_control)], &unknown);
    media::citations(notes, at, citations);
    let title = title.and_then(json::text).unwrap_or_default();
    let source = source.and_then(json::text).unwrap_or_default();
    let mut whole = format!("Search result: {title}\nSource: {source}\n");
    for item in content.and_then(json::objects).unwrap_or_default() {
        if let Some(text) = item.text("text") {
            whole.extend(["\n", &text]);
        }
    }
    Block::Text(whole)
}

fn tool_use(reader: &mut Reader<'_>, at: &Place<'_>, fields: &Fields<'_>) -> Result<ToolCall, AskError> {
    let wire::ToolUse { kind: _, id, name, input, cache_control, caller, toolset_name, rest: unknown } =
        wire::ToolUse::read(fields);
    let bookkeeping = [("cache_control", cache_control), ("toolset_name", toolset_name)];
    rest(reader.notes, at, &bookkeeping, &unknown);
    let caller = caller.and_then(Fields::of).and_then(|caller| caller.text("type").map(String::from));
    if caller.is_some_and(|caller| caller != "direct") {
        // The call was made by code that runs at the provider.
        reader.notes.meaning(at.field("caller"));
    }
    let name = name.and_then(json::text).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| AskError::missing(at.field("name"), "the tool's name"))?;
    let id = id.and_then(json::text).unwrap_or_default().into_owned();
    reader.call(&id);
    // Some clients send the object as a string.
    let arguments = input.map(|input| match json::text(input) {
        Some(text) => text.into_owned(),
        None => json::paired(input.get()).into_owned(),
    });
    Ok(ToolCall { id, name: name.into_owned(), arguments: arguments.unwrap_or_default() })
}

fn tool_result(reader: &mut Reader<'_>, at: &Place<'_>, fields: &Fields<'_>) -> Result<ToolResult, AskError> {
    let wire::ToolResult {
        kind: _,
        tool_use_id,
        content,
        is_error,
        cache_control,
        toolset_name,
        rest: unknown,
    } = wire::ToolResult::read(fields);
    let bookkeeping = [("cache_control", cache_control), ("toolset_name", toolset_name)];
    rest(reader.notes, at, &bookkeeping, &unknown);
    let id = tool_use_id.and_then(json::text).unwrap_or_default().into_owned();
    if !reader.was_called(&id) {
        let message = format!(
            "`{at}` is the result of a tool call that does not stand before it (tool_use_id {}). Send the \
             assistant's message with that tool_use block first.",
            json::quoted(&id)
        );
        return Err(AskError::of(at.field("tool_use_id"), message));
    }
    let mut blocks = Vec::new();
    if let Some(content) = content {
        let within = at.field("content");
        match (json::text(content), json::objects(content)) {
            (Some(text), _) if text.is_empty() => {}
            (Some(text), _) => blocks.push(Block::Text(text.into_owned())),
            (None, Some(items)) => {
                for (inner, fields) in items.iter().enumerate() {
                    let kind = fields.text("type").unwrap_or_default();
                    piece(reader.notes, &within.element(inner), &kind, fields, &mut blocks);
                }
            }
            // An object, a number, a list of such: what a tool gave back, as it stands.
            (None, None) => blocks.push(Block::Text(json::paired(content.get()).into_owned())),
        }
    }
    let is_error = is_error.is_some_and(Raw::is_true);
    Ok(ToolResult { id, content: blocks, is_error })
}

/// A summary that stands for earlier messages. Read, if it can be read; the encrypted form is one provider's.
fn compaction(reader: &mut Reader<'_>, at: &Place<'_>, fields: &Fields<'_>, into: &mut Vec<Block>) {
    let wire::Compaction {
        kind: _,
        content,
        cache_control,
        encrypted_content,
        signature,
        tool_changes,
        rest: unknown,
    } = wire::Compaction::read(fields);
    rest(reader.notes, at, &[("cache_control", cache_control), ("signature", signature)], &unknown);
    for change in tool_changes.and_then(json::objects).unwrap_or_default() {
        tool_change(reader, at, &change.text("type").unwrap_or_default(), &change);
    }
    match content.and_then(json::text).filter(|text| !text.is_empty()) {
        Some(summary) => {
            into.push(Block::Text(format!("Summary of the conversation up to here:\n{summary}")));
        }
        None => reader.notes.note_if(encrypted_content, at.field("compaction"), Loss::Meaning),
    }
}

fn tool_change(reader: &mut Reader<'_>, at: &Place<'_>, kind: &str, fields: &Fields<'_>) {
    let wire::ToolChange { kind: _, tool, cache_control, rest: unknown } = wire::ToolChange::read(fields);
    rest(reader.notes, at, &[("cache_control", cache_control)], &unknown);
    let Some(tool) = tool.and_then(Fields::of) else { return };
    let wire::ToolReference { kind: of, name, tool_name, definition, rest: unknown } =
        wire::ToolReference::read(&tool);
    let at = at.field("tool");
    rest(reader.notes, &at, &[], &unknown);
    if of.and_then(json::text).is_some_and(|of| of.starts_with("mcp_")) {
        reader.notes.meaning(at);
        return;
    }
    if kind == "tool_addition"
        && let Some(definition) = definition
    {
        reader.changes.define(at.field("definition").to_string(), definition);
        return;
    }
    if let Some(name) = name.or(tool_name).and_then(json::text) {
        reader.changes.offer(&name, kind == "tool_addition");
    }
}
