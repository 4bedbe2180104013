//! What a request needs of one provider alone: its memory, or the tools that it runs itself.
//!
//! Such a request must go where the memory is, and nowhere else: any other provider would answer something,
//! without the conversation so far.

use std::borrow::Cow;

use super::{AskError, flag};
use crate::Api;
use crate::json::{self, Fields, Raw};

/// See the fields of the same names in [`super::Ask`].
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) state: Option<String>,
    pub(super) hosted: bool,
    pub(super) background: bool,
}

pub(super) fn read(api: Api, fields: &Fields<'_>) -> Result<Memory, AskError> {
    Ok(match api {
        Api::ChatCompletions | Api::Embeddings => Memory::default(),
        Api::Responses => Memory {
            state: earlier_response(fields)?,
            hosted: has_hosted_tool(fields),
            background: flag(fields, "background", "background")?,
        },
        Api::Messages => Memory { state: thread(fields), ..Memory::default() },
    })
}

/// The id of what a Responses request goes on from.
fn earlier_response(fields: &Fields<'_>) -> Result<Option<String>, AskError> {
    let conversation = || match fields.object("conversation") {
        Some(object) => object.text("id"),
        None => fields.text("conversation"),
    };
    let known = fields.text("previous_response_id").or_else(conversation);
    let named = fields.get("input").map_or(Ok(None), referenced_item)?;
    Ok(known.or(named).map(Cow::into_owned))
}

/// The first item that is only named, if there is one. Looked for only where the word occurs at all: reading
/// the kind of every item costs as much as reading the whole request does.
///
/// Refuses what is known to be nowhere: items of a translated answer, but for the reasoning among them, which
/// the answer does without.
fn referenced_item(input: Raw<'_>) -> Result<Option<Cow<'_, str>>, AskError> {
    if !input.get().contains("item_reference") {
        return Ok(None);
    }
    let mut first = None;
    for (index, item) in json::items(input).unwrap_or_default().enumerate() {
        let Some(item) = Fields::of(item) else { continue };
        if item.text("type").as_deref() != Some("item_reference") || super::own::is_ours(&item) {
            continue;
        }
        let Some(id) = item.text("id") else { continue };
        if super::own::is_made_up(&id) {
            let at = format!("input[{index}].id");
            let message = format!(
                "`{at}` names `{id}`, an item of an answer that was translated from another provider's and is \
                 stored nowhere. Send the item itself; with `store: false`, SDKs do."
            );
            return Err(AskError::of(&at, message));
        }
        first = first.or(Some(id));
    }
    Ok(first)
}

fn has_hosted_tool(fields: &Fields<'_>) -> bool {
    let tools = fields.items("tools").unwrap_or_default();
    let (mut hosted, mut by_the_way, mut functions) = (false, false, false);
    for kind in tools.objects().filter_map(|tool| tool.text("type")) {
        match kind.as_ref() {
            "function" | "custom" | "namespace" => functions = true,
            kind if left_out_beside_functions(kind) => by_the_way = true,
            kind => hosted |= is_hosted(kind),
        }
    }
    let chosen = fields.object("tool_choice").and_then(|choice| choice.text("type"));
    hosted
        || (by_the_way && !functions)
        || chosen.is_some_and(|kind| is_web_search(&kind) || is_hosted(&kind))
}

/// Tools that a client with functions of its own offers by the way, with every request (Codex: pictures).
/// Without such functions, they are what the request is about.
pub(crate) fn left_out_beside_functions(kind: &str) -> bool {
    kind == "image_generation"
}

/// Tools that the provider runs, or that its own models alone know how to use. Web search is told apart, see
/// [`is_web_search`].
fn is_hosted(kind: &str) -> bool {
    let known =
        ["file_search", "code_interpreter", "image_generation", "mcp", "local_shell", "shell", "apply_patch"];
    known.contains(&kind) || kind.starts_with("computer")
}

/// `web_search`, and the dated names of its previews.
pub(crate) fn is_web_search(kind: &str) -> bool {
    kind.starts_with("web_search")
}

/// The reply that a thread of the Messages API is continued from.
fn thread(fields: &Fields<'_>) -> Option<String> {
    let thread = fields.object("thread")?;
    if thread.text("type").as_deref() != Some("continue") {
        return None;
    }
    Some(thread.text("previous_message_id").map(Cow::into_owned).unwrap_or_default())
}
