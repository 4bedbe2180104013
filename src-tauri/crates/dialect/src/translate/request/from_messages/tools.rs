//! `tools`, and what became of them in the course of the conversation.

use std::collections::HashMap;

use super::wire;
use crate::ask::AskError;
use crate::canon::{Json, Loss, Tool};
use crate::json::{self, Fields, Raw};
use crate::translate::request::notes::{Notes, plain};
use crate::translate::request::place::Place;
use crate::translate::request::values;

/// Tools that came and went in the middle of the conversation. What counts is how it stands at the end.
#[derive(Debug, Default)]
pub(super) struct Changes {
    defined: Vec<(String, Json)>,
    offered: HashMap<String, bool>,
}

impl Changes {
    pub(super) fn define(&mut self, at: String, definition: Raw<'_>) {
        if let Some(name) = Fields::of(definition).and_then(|tool| tool.text("name").map(String::from)) {
            self.offered.insert(name, true);
        }
        self.defined.push((at, definition.to_json()));
    }

    pub(super) fn offer(&mut self, name: &str, offered: bool) {
        self.offered.insert(name.to_owned(), offered);
    }

    fn withdrew(&self, name: &str) -> bool {
        self.offered.get(name) == Some(&false)
    }
}

pub(super) fn read(
    tools: Option<Raw<'_>>,
    changes: &Changes,
    notes: &mut Notes,
) -> Result<Vec<Tool>, AskError> {
    let mut read = Vec::new();
    let at = Place::of("tools");
    if let Some(tools) = tools {
        for listed in values::objects(&at, tools, "an object with a `name`")? {
            let (n, listed) = listed?;
            read.extend(tool(&at.element(n), &listed, notes)?);
        }
    }
    for (at, definition) in &changes.defined {
        if let Some(fields) = Fields::of(Raw::from(&**definition)) {
            read.extend(tool(&Place::of(at), &fields, notes)?);
        }
    }
    read.retain(|tool| !changes.withdrew(&tool.name));
    Ok(read)
}

fn tool(at: &Place<'_>, fields: &Fields<'_>, notes: &mut Notes) -> Result<Option<Tool>, AskError> {
    let wire::Tool {
        kind,
        name,
        description,
        input_schema,
        strict,
        cache_control,
        defer_loading,
        eager_input_streaming,
        allowed_callers,
        input_examples,
        rest,
    } = wire::Tool::read(fields);
    if let Some(kind) = kind.and_then(json::text).filter(|kind| kind != "custom") {
        notes.meaning(at.field(&plain(&kind)));
        return Ok(None);
    }
    notes.note_if(cache_control, "cache_control", Loss::Nothing);
    // The model sees the tool from the beginning instead of once it was searched for.
    notes.note_if(defer_loading, at.field("defer_loading").anywhere(), Loss::Nothing);
    notes.note_if(eager_input_streaming, at.field("eager_input_streaming").anywhere(), Loss::Nothing);
    notes.note_if(input_examples, at.field("input_examples").anywhere(), Loss::Told);
    for name in &rest {
        notes.unknown_field(at, name);
    }
    let mut callers = allowed_callers.and_then(json::items).into_iter().flatten().filter_map(json::text);
    if allowed_callers.is_some() && !callers.any(|caller| caller == "direct") {
        notes.told(at.field("allowed_callers").anywhere());
    }
    let name = name.and_then(json::text).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| AskError::missing(at.field("name"), "the tool's name"))?;
    Ok(Some(Tool {
        name: name.into_owned(),
        description: description.and_then(json::text).filter(|text| !text.is_empty()).map(String::from),
        parameters: input_schema.map(Raw::to_json),
        strict: strict.map(Raw::is_true),
    }))
}
