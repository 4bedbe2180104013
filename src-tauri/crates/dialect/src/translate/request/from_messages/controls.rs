//! The switches beside the conversation: how to answer, how long to think, which tools to call.

use serde_json::value::RawValue;

use super::notes::Notes;
use super::{invalid, wire};
use crate::ask::AskError;
use crate::canon::{Format, Reasoning, ToolChoice};
use crate::json::{self, Fields};

/// Clearing old thinking costs nothing here, for none is sent across. Other edits keep a history short.
pub(super) fn context_management(value: Option<&RawValue>, notes: &mut Notes) {
    let Some(value) = value else { return };
    let edits =
        Fields::of(value).and_then(|value| value.get("edits")).and_then(json::items).unwrap_or_default();
    let only_thinking = edits.iter().all(|edit| {
        let kind = Fields::of(edit).and_then(|edit| edit.text("type").map(String::from));
        kind.is_some_and(|kind| kind.starts_with("clear_thinking"))
    });
    if only_thinking {
        notes.nothing("context_management");
    } else {
        notes.told("context_management");
    }
}

pub(super) fn speed(value: Option<&RawValue>, notes: &mut Notes) {
    if value.and_then(json::text).is_some_and(|speed| speed != "standard") {
        notes.told("speed");
    }
}

/// Whether the history lives at the provider, under the id of an earlier answer.
pub(super) fn continues_thread(thread: Option<&RawValue>, notes: &mut Notes) -> bool {
    let Some(thread) = thread else { return false };
    let creates = Fields::of(thread).is_some_and(|thread| {
        thread.text("type").as_deref() == Some("create") && !thread.has_text("previous_message_id")
    });
    if creates {
        notes.nothing("thread");
    } else {
        notes.meaning("thread");
    }
    !creates
}

pub(super) fn user(metadata: Option<&RawValue>, notes: &mut Notes) -> Option<String> {
    let fields = metadata.and_then(Fields::of)?;
    let wire::Metadata { user_id, rest } = wire::Metadata::read(&fields);
    notes.rest("metadata.", &rest);
    user_id.and_then(json::text).filter(|id| !id.is_empty()).map(String::from)
}

/// Which tool must be called, and whether several may be.
pub(super) fn tool_choice(value: Option<&RawValue>, notes: &mut Notes) -> (Option<ToolChoice>, Option<bool>) {
    let Some(value) = value else { return (None, None) };
    // `"auto"` instead of `{"type":"auto"}` is seen from clients that were written for OpenAI.
    let word = json::text(value).map(String::from);
    let choice = Fields::of(value).map(|fields| wire::ToolChoice::read(&fields)).unwrap_or_default();
    let wire::ToolChoice { kind, name, disable_parallel_tool_use, rest } = choice;
    notes.rest("tool_choice.", &rest);
    let word = kind.and_then(json::text).map(String::from).or(word);
    let name = name.and_then(json::text).map(String::from);
    let choice = match (word.as_deref(), name) {
        (Some("auto"), _) => Some(ToolChoice::Auto),
        (Some("any"), _) => Some(ToolChoice::Required),
        (Some("none"), _) => Some(ToolChoice::None),
        (Some("tool"), Some(name)) => Some(ToolChoice::Function(name)),
        _ => {
            notes.told("tool_choice");
            None
        }
    };
    let parallel = disable_parallel_tool_use.map(|disabled| disabled.get() != "true");
    (choice, parallel)
}

/// `output_config`, its older spelling `output_format`, and `thinking`: an effort may stand in the first and
/// belongs to the last.
pub(super) fn output(
    output_config: Option<&RawValue>,
    output_format: Option<&RawValue>,
    thinking: Option<&RawValue>,
    notes: &mut Notes,
) -> Result<(Format, Option<Reasoning>), AskError> {
    let config = output_config.and_then(Fields::of).map(|config| wire::OutputConfig::read(&config));
    let wire::OutputConfig { effort, format: newer, task_budget, rest } = config.unwrap_or_default();
    notes.told_if(task_budget, "output_config.task_budget");
    notes.rest("output_config.", &rest);
    let format = match (newer, output_format) {
        (Some(newer), _) => format("output_config.format", newer, notes)?,
        (None, Some(older)) => format("output_format", older, notes)?,
        (None, None) => Format::Text,
    };
    let effort = effort.and_then(json::text).map(String::from);
    Ok((format, reasoning(thinking, effort, notes)))
}

fn format(at: &str, value: &RawValue, notes: &mut Notes) -> Result<Format, AskError> {
    let fields = Fields::of(value)
        .ok_or_else(|| invalid(Some(at.to_owned()), format!("`{at}` must be an object.")))?;
    let wire::OutputFormat { kind, schema, name, rest } = wire::OutputFormat::read(&fields);
    notes.rest(&format!("{at}."), &rest);
    match kind.and_then(json::text).as_deref() {
        Some("json_schema") | None => {}
        Some("text") => return Ok(Format::Text),
        Some(kind) => {
            notes.meaning(&format!("{at} ({kind})"));
            return Ok(Format::Text);
        }
    }
    let schema = schema.filter(|schema| schema.get().starts_with('{'));
    let schema = schema.ok_or_else(|| {
        invalid(Some(format!("{at}.schema")), format!("`{at}.schema` is missing; it must be a JSON Schema."))
    })?;
    let name = name.and_then(json::text).filter(|name| !name.is_empty()).map(String::from);
    // There is no flag for it: the answer always matches. Whether another vendor's stricter mode takes this
    // schema is for its writer to see.
    Ok(Format::JsonSchema { name, description: None, schema: schema.to_owned(), strict: None })
}

/// An effort says the same as adaptive thinking with that effort; a budget is more exact than both.
fn reasoning(thinking: Option<&RawValue>, effort: Option<String>, notes: &mut Notes) -> Option<Reasoning> {
    let config = thinking.and_then(Fields::of).map(|thinking| wire::ThinkingConfig::read(&thinking));
    let wire::ThinkingConfig { kind, budget_tokens, display, block_binding, rest } =
        config.unwrap_or_default();
    notes.nothing_if(display, "thinking.display");
    notes.nothing_if(block_binding, "thinking.block_binding");
    notes.rest("thinking.", &rest);
    let budget = budget_tokens.and_then(json::count);
    match (kind.and_then(json::text).as_deref(), budget, effort) {
        (None, _, effort) => effort.map(Reasoning::Effort),
        (Some("disabled" | "between_tools"), _, effort) => {
            if effort.is_some() {
                notes.told("output_config.effort");
            }
            Some(Reasoning::Off)
        }
        (Some("enabled"), Some(budget), effort) => {
            if effort.is_some() {
                notes.told("output_config.effort");
            }
            Some(Reasoning::Budget(budget))
        }
        (Some(_), _, Some(effort)) => Some(Reasoning::Effort(effort)),
        (Some(_), _, None) => Some(Reasoning::Adaptive),
    }
}
