//! The functions on offer, and which of them must be called.
//!
//! `functions` and `function_call` are the older spelling of `tools` and `tool_choice`; both are read.

use std::collections::HashSet;

use super::settings::strict;
use crate::ask::AskError;
use crate::canon::{Tool, ToolChoice};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// What the model may call, and must.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) tools: Vec<Tool>,
    pub(super) choice: Option<ToolChoice>,
}

pub(super) fn read(fields: &Fields<'_>, notes: &mut Notes) -> Result<Offer, AskError> {
    let mut tools = Vec::new();
    for name in ["tools", "functions"] {
        let Some(value) = fields.get(name) else { continue };
        let at = Place::of(name);
        for tool in values::objects(&at, value, "an object that describes a function")? {
            let (index, tool) = tool?;
            let at = at.element(index);
            tools.extend(tool_of(&tool, &at, notes)?);
        }
    }
    let mut offer = Offer { tools, choice: None };
    if let Some(choice) = fields.get("tool_choice") {
        offer.choose("tool_choice", choice, notes);
    } else if let Some(choice) = fields.get("function_call") {
        offer.choose("function_call", choice, notes);
    }
    Ok(offer)
}

/// `None` for a tool that only its own provider has.
fn tool_of(tool: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Option<Tool>, AskError> {
    let kind = tool.text("type").unwrap_or("function".into());
    if kind != "function" {
        notes.meaning(at.field(&plain(&kind)));
        return Ok(None);
    }
    if let Some(function) = tool.object("function") {
        notes.unknown(at, tool, &["type", "function"]);
        return function_of(&function, &at.field("function"), notes).map(Some);
    }
    // The flat form of the Responses API, which several hosts take here too, and the older `functions`.
    function_of(tool, at, notes).map(Some)
}

fn function_of(function: &Fields<'_>, at: &Place<'_>, notes: &mut Notes) -> Result<Tool, AskError> {
    notes.unknown(at, function, &["type", "name", "description", "parameters", "strict"]);
    let name = function.text("name");
    let name = name.ok_or_else(|| AskError::must_be(at.field("name"), "a non-empty string"))?;
    let parameters = function.get("parameters");
    let parameters = parameters.map(|schema| values::schema(at.field("parameters"), Some(schema)));
    Ok(Tool {
        name: name.into_owned(),
        description: function.text("description").map(Into::into),
        parameters: parameters.transpose()?,
        strict: strict(at, function.get("strict"))?,
    })
}

impl Offer {
    /// A choice that isn't understood must not be guessed at: whether a tool is called is the meaning.
    fn choose(&mut self, name: &str, value: Raw<'_>, notes: &mut Notes) {
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
        let listed = allowed.items("tools")?;
        let names: Option<HashSet<String>> = listed.map(|tool| name_of(&Fields::of(tool)?)).collect();
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
