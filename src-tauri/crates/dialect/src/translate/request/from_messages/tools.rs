//! `tools`, and what became of them in the course of the conversation.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::notes::Notes;
use super::{invalid, objects, wire};
use crate::ask::AskError;
use crate::canon::{Json, Tool};
use crate::json::{self, Fields};

/// Tools that came and went in the middle of the conversation. What counts is how it stands at the end.
#[derive(Debug, Default)]
pub(super) struct Changes {
    defined: Vec<(String, Json)>,
    offered: HashMap<String, bool>,
}

impl Changes {
    pub(super) fn define(&mut self, at: &str, definition: &RawValue) {
        if let Some(name) = Fields::of(definition).and_then(|tool| tool.text("name").map(String::from)) {
            self.offered.insert(name, true);
        }
        self.defined.push((at.to_owned(), definition.to_owned()));
    }

    pub(super) fn offer(&mut self, name: &str, offered: bool) {
        self.offered.insert(name.to_owned(), offered);
    }

    fn withdrew(&self, name: &str) -> bool {
        self.offered.get(name) == Some(&false)
    }
}

pub(super) fn read(
    tools: Option<&RawValue>,
    changes: &Changes,
    notes: &mut Notes,
) -> Result<Vec<Tool>, AskError> {
    let listed = match tools {
        Some(tools) => objects("tools", tools, "a list of tools")?,
        None => Vec::new(),
    };
    let mut read = Vec::with_capacity(listed.len());
    for (n, fields) in listed.iter().enumerate() {
        read.extend(tool(&format!("tools[{n}]"), fields, notes)?);
    }
    for (at, definition) in &changes.defined {
        if let Some(fields) = Fields::of(definition) {
            read.extend(tool(at, &fields, notes)?);
        }
    }
    read.retain(|tool| !changes.withdrew(&tool.name));
    Ok(read)
}

fn tool(at: &str, fields: &Fields<'_>, notes: &mut Notes) -> Result<Option<Tool>, AskError> {
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
        notes.meaning(&format!("{at} ({kind})"));
        return Ok(None);
    }
    notes.nothing_if(cache_control, "cache_control");
    // The model sees the tool from the beginning instead of once it was searched for.
    notes.nothing_if(defer_loading, "tools[].defer_loading");
    notes.nothing_if(eager_input_streaming, "tools[].eager_input_streaming");
    notes.told_if(input_examples, "tools[].input_examples");
    notes.rest("tools[].", &rest);
    if let Some(callers) = allowed_callers
        && !super::texts(callers).iter().any(|caller| caller == "direct")
    {
        notes.told("tools[].allowed_callers");
    }
    let name = name.and_then(json::text).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid(Some(format!("{at}.name")), format!("`{at}.name` is missing.")))?;
    Ok(Some(Tool {
        name: name.into_owned(),
        description: description.and_then(json::text).filter(|text| !text.is_empty()).map(String::from),
        parameters: input_schema.map(ToOwned::to_owned),
        strict: strict.map(|strict| strict.get() == "true"),
    }))
}
