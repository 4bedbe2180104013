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
            state: earlier_response(fields),
            hosted: has_hosted_tool(fields),
            background: flag(fields, "background", "background")?,
        },
        Api::Messages => Memory { state: thread(fields), ..Memory::default() },
    })
}

/// The id of what a Responses request goes on from.
fn earlier_response(fields: &Fields<'_>) -> Option<String> {
    let conversation = || match fields.object("conversation") {
        Some(object) => object.text("id"),
        None => fields.text("conversation"),
    };
    let known = fields.text("previous_response_id").or_else(conversation);
    known.or_else(|| referenced_item(fields.get("input")?)).map(Cow::into_owned)
}

/// The first item that is only named, if there is one. Looked for only where the word occurs at all: reading
/// the kind of every item costs as much as reading the whole request does.
fn referenced_item(input: Raw<'_>) -> Option<Cow<'_, str>> {
    if !input.get().contains("item_reference") {
        return None;
    }
    let items = json::items(input)?;
    let mut references = items
        .objects()
        .filter(|item| item.text("type").as_deref() == Some("item_reference") && !super::own::is_ours(item));
    references.find_map(|item| item.text("id"))
}

fn has_hosted_tool(fields: &Fields<'_>) -> bool {
    let tools = fields.items("tools").unwrap_or_default();
    let mut kinds = tools.objects().filter_map(|tool| tool.text("type"));
    let chosen = fields.object("tool_choice").and_then(|choice| choice.text("type"));
    kinds.any(|kind| is_hosted(&kind)) || chosen.is_some_and(|kind| is_web_search(&kind) || is_hosted(&kind))
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
