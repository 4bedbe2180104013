//! The functions on offer, and which of them must be called.
//!
//! `functions` and `function_call` are the older spelling of `tools` and `tool_choice`; both are read.

use serde_json::value::RawValue;

use super::invalid;
use super::notes::{Notes, shown};
use super::settings::flag;
use crate::ask::AskError;
use crate::canon::{Tool, ToolChoice};
use crate::json::{self, Fields};

/// What the model may call, and must.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) tools: Vec<Tool>,
    pub(super) choice: Option<ToolChoice>,
}

pub(super) fn read(fields: &Fields<'_>, notes: &mut Notes) -> Result<Offer, AskError> {
    let mut tools = Vec::new();
    for (index, tool) in list(fields, "tools")?.into_iter().enumerate() {
        tools.extend(tool_of(tool, index, notes)?);
    }
    for (index, function) in list(fields, "functions")?.into_iter().enumerate() {
        let place = format!("functions[{index}]");
        let function = Fields::of(function)
            .ok_or_else(|| invalid(&place, format!("`{place}` must be an object with a `name`.")))?;
        tools.push(function_of(&function, &place, "functions[]", notes)?);
    }
    let mut offer = Offer { tools, choice: None };
    if let Some(choice) = fields.get("tool_choice") {
        offer.choose("tool_choice", choice, notes);
    } else if let Some(choice) = fields.get("function_call") {
        offer.choose("function_call", choice, notes);
    }
    Ok(offer)
}

fn list<'a>(fields: &Fields<'a>, name: &str) -> Result<Vec<&'a RawValue>, AskError> {
    let Some(value) = fields.get(name) else { return Ok(Vec::new()) };
    json::items(value).ok_or_else(|| invalid(name, format!("`{name}` must be a list.")))
}

/// `None` for a tool that only its own provider has.
fn tool_of(tool: &RawValue, index: usize, notes: &mut Notes) -> Result<Option<Tool>, AskError> {
    let place = format!("tools[{index}]");
    let tool = Fields::of(tool)
        .ok_or_else(|| invalid(&place, format!("`{place}` must be an object with a `function`.")))?;
    let kind = tool.text("type").unwrap_or("function".into());
    if kind != "function" {
        notes.meaning(&format!("{place}.{}", shown(&kind)));
        return Ok(None);
    }
    if let Some(function) = tool.object("function") {
        notes.rest("tools[]", &tool, &["type", "function"]);
        return function_of(&function, &format!("{place}.function"), "tools[].function", notes).map(Some);
    }
    // The flat form of the Responses API, which several hosts take here too.
    function_of(&tool, &place, "tools[]", notes).map(Some)
}

fn function_of(
    function: &Fields<'_>,
    place: &str,
    places: &str,
    notes: &mut Notes,
) -> Result<Tool, AskError> {
    notes.rest(places, function, &["type", "name", "description", "parameters", "strict"]);
    let name = function.text("name").ok_or_else(|| {
        invalid(&format!("{place}.name"), format!("`{place}.name` must be a non-empty string."))
    })?;
    let parameters = function.get("parameters");
    if parameters.is_some_and(|schema| !schema.get().starts_with('{')) {
        let place = format!("{place}.parameters");
        return Err(invalid(&place, format!("`{place}` must be a JSON Schema, an object.")));
    }
    Ok(Tool {
        name: name.into_owned(),
        description: function.text("description").map(Into::into),
        parameters: parameters.map(ToOwned::to_owned),
        strict: flag(function, "strict")
            .map_err(|_| invalid(place, format!("`{place}.strict` must be true or false.")))?,
    })
}

impl Offer {
    /// A choice that isn't understood must not be guessed at: whether a tool is called is the meaning.
    fn choose(&mut self, name: &str, value: &RawValue, notes: &mut Notes) {
        let choice = match Fields::of(value) {
            Some(choice) => self.object(&choice),
            None => json::text(value).and_then(|word| word_of(&word)),
        };
        match choice {
            Some(choice) => self.choice = Some(choice),
            None => notes.meaning(name),
        }
    }

    fn object(&mut self, choice: &Fields<'_>) -> Option<ToolChoice> {
        match choice.text("type").as_deref() {
            Some("allowed_tools") => self.allow(choice.object("allowed_tools").as_ref().unwrap_or(choice)),
            None | Some("function") => name_of(choice).map(ToolChoice::Function),
            Some(word) => word_of(word),
        }
    }

    /// Only some of the tools may be called: the others aren't offered, which says the same.
    fn allow(&mut self, allowed: &Fields<'_>) -> Option<ToolChoice> {
        let listed = json::items(allowed.get("tools")?)?;
        let names: Option<std::collections::HashSet<String>> =
            listed.into_iter().map(|tool| name_of(&Fields::of(tool)?)).collect();
        let names = names?;
        let mode = word_of(allowed.text("mode").as_deref().unwrap_or("auto"))?;
        self.tools.retain(|tool| names.contains(&tool.name));
        Some(if self.tools.is_empty() { ToolChoice::None } else { mode })
    }
}

/// The name in `{"type":"function","function":{"name":…}}`, or the flat form of it.
fn name_of(choice: &Fields<'_>) -> Option<String> {
    if choice.text("type").is_some_and(|kind| kind != "function") {
        return None;
    }
    let function = choice.object("function");
    function.as_ref().unwrap_or(choice).text("name").map(Into::into)
}

/// `any` is what Mistral's hosts say for `required`.
fn word_of(word: &str) -> Option<ToolChoice> {
    match word {
        "auto" => Some(ToolChoice::Auto),
        "required" | "any" => Some(ToolChoice::Required),
        "none" => Some(ToolChoice::None),
        _ => None,
    }
}
