//! The switches beside the conversation: how to answer, how long to think, which tools to call.

use super::wire;
use crate::ask::AskError;
use crate::canon::{Format, Loss, Reasoning, ToolChoice};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// Clearing old thinking costs nothing here, for none is sent across. Other edits keep a history short.
pub(super) fn context_management(value: Option<Raw<'_>>, notes: &mut Notes) {
    let Some(value) = value else { return };
    let mut edits =
        Fields::of(value).and_then(|value| value.get("edits")).and_then(json::items).unwrap_or_default();
    let only_thinking = edits.all(|edit| {
        let kind = Fields::of(edit).and_then(|edit| edit.text("type").map(String::from));
        kind.is_some_and(|kind| kind.starts_with("clear_thinking"))
    });
    if only_thinking {
        notes.nothing("context_management");
    } else {
        notes.told("context_management");
    }
}

pub(super) fn speed(value: Option<Raw<'_>>, notes: &mut Notes) {
    if value.and_then(json::text).is_some_and(|speed| speed != "standard") {
        notes.told("speed");
    }
}

/// Whether the history lives at the provider, under the id of an earlier answer.
pub(super) fn continues_thread(thread: Option<Raw<'_>>, notes: &mut Notes) -> bool {
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

pub(super) fn user(metadata: Option<Raw<'_>>, notes: &mut Notes) -> Option<String> {
    let fields = metadata.and_then(Fields::of)?;
    let wire::Metadata { user_id, rest } = wire::Metadata::read(&fields);
    unknown(notes, "metadata", &rest);
    user_id.and_then(json::text).filter(|id| !id.is_empty()).map(String::from)
}

/// Which tool must be called, and whether several may be.
pub(super) fn tool_choice(value: Option<Raw<'_>>, notes: &mut Notes) -> (Option<ToolChoice>, Option<bool>) {
    let Some(value) = value else { return (None, None) };
    // `"auto"` instead of `{"type":"auto"}` is seen from clients that were written for OpenAI.
    let word = json::text(value).map(String::from);
    let choice = Fields::of(value).map(|fields| wire::ToolChoice::read(&fields)).unwrap_or_default();
    let wire::ToolChoice { kind, name, disable_parallel_tool_use, rest } = choice;
    unknown(notes, "tool_choice", &rest);
    let word = kind.and_then(json::text).map(String::from).or(word);
    let name = name.and_then(json::text).map(String::from);
    let choice = match (word.as_deref(), name) {
        (Some("auto"), _) => Some(ToolChoice::Auto),
        (Some("any"), _) => Some(ToolChoice::Required),
        (Some("none"), _) => Some(ToolChoice::None),
        (Some("tool"), Some(name)) => Some(ToolChoice::Function(name)),
        // Whether a tool is called is the meaning.
        _ => {
            notes.meaning("tool_choice");
            None
        }
    };
    let parallel = disable_parallel_tool_use.map(|disabled| disabled.get() != "true");
    (choice, parallel)
}

/// `output_config`, its older spelling `output_format`, and `thinking`: an effort may stand in the first and
/// belongs to the last.
pub(super) fn output(
    output_config: Option<Raw<'_>>,
    output_format: Option<Raw<'_>>,
    thinking: Option<Raw<'_>>,
    notes: &mut Notes,
) -> Result<(Format, Option<Reasoning>), AskError> {
    let config = output_config.and_then(Fields::of).map(|config| wire::OutputConfig::read(&config));
    let wire::OutputConfig { effort, format: newer, task_budget, rest } = config.unwrap_or_default();
    notes.note_if(task_budget, "output_config.task_budget", Loss::Told);
    unknown(notes, "output_config", &rest);
    let format = match (newer, output_format) {
        (Some(newer), _) => format(&Place::of("output_config.format"), newer, notes)?,
        (None, Some(older)) => format(&Place::of("output_format"), older, notes)?,
        (None, None) => Format::Text,
    };
    let effort = effort.and_then(json::text).map(String::from);
    Ok((format, reasoning(thinking, effort, notes)))
}

fn format(at: &Place<'_>, value: Raw<'_>, notes: &mut Notes) -> Result<Format, AskError> {
    let fields = values::object(at, value, "an object with a `schema`")?;
    let wire::OutputFormat { kind, schema, name, rest } = wire::OutputFormat::read(&fields);
    for name in &rest {
        notes.unknown_field(at, name);
    }
    match kind.and_then(json::text).as_deref() {
        Some("json_schema") | None => {}
        Some("text") => return Ok(Format::Text),
        Some(kind) => {
            notes.meaning(at.field(&plain(kind)));
            return Ok(Format::Text);
        }
    }
    let schema = values::schema(at.field("schema"), schema)?;
    let name = name.and_then(json::text).filter(|name| !name.is_empty()).map(String::from);
    // There is no flag for it: the answer always matches. Whether another vendor's stricter mode takes this
    // schema is for its writer to see.
    Ok(Format::JsonSchema { name, description: None, schema, strict: None })
}

/// An effort says the same as adaptive thinking with that effort; a budget is more exact than both.
fn reasoning(thinking: Option<Raw<'_>>, effort: Option<String>, notes: &mut Notes) -> Option<Reasoning> {
    let config = thinking.and_then(Fields::of).map(|thinking| wire::ThinkingConfig::read(&thinking));
    let wire::ThinkingConfig { kind, budget_tokens, display, block_binding, rest } =
        config.unwrap_or_default();
    notes.note_if(display, "thinking.display", Loss::Nothing);
    notes.note_if(block_binding, "thinking.block_binding", Loss::Nothing);
    unknown(notes, "thinking", &rest);
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

/// Tells of fields of an object of the body's that nobody here has heard of.
fn unknown(notes: &mut Notes, object: &str, names: &[String]) {
    for name in names {
        notes.unknown_field(&Place::of(object), name);
    }
}
