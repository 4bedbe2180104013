//! Anthropic's rules for tools, and for the choice among them.

use std::collections::HashSet;

use serde_json::Value;

use super::{Context, only, schema};
use crate::{
    ask::json::{flag, given, is_plain_name, list, string},
    refusal::Refusal,
};

const FIELDS: [&str; 10] = [
    "name",
    "description",
    "input_schema",
    "type",
    "cache_control",
    "strict",
    "allowed_callers",
    "defer_loading",
    "eager_input_streaming",
    "input_examples",
];
const LONGEST_NAME: usize = 128;

pub(super) fn check(body: &Value, context: &Context) -> Result<(), Refusal> {
    let tools = list(body, "tools");
    let mut names = HashSet::new();
    for (at, tool) in tools.iter().enumerate() {
        if string(tool, "type").is_none_or(|kind| kind == "custom") {
            check_custom(tool, at, context)?;
        }
        if let Some(name) = string(tool, "name")
            && !names.insert(name)
        {
            return Err(Refusal::invalid("tools: Tool names must be unique."));
        }
    }
    if tools.is_empty() && given(body, "tool_choice").is_some() {
        return Err(Refusal::invalid("tool_choice may only be specified while providing tools."));
    }
    match given(body, "tool_choice") {
        Some(choice) => only(choice, "tool_choice", &["type", "name", "disable_parallel_tool_use"], context),
        None => Ok(()),
    }
}

fn check_custom(tool: &Value, at: usize, context: &Context) -> Result<(), Refusal> {
    let path = format!("tools.{at}.custom");
    let wrong = |what: &str| Err(Refusal::invalid(format!("{path}.{what}")));
    let Some(name) = string(tool, "name") else { return wrong("name: Field required") };
    if !is_plain_name(name) || name.len() > LONGEST_NAME {
        return wrong("name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    only(tool, &path, &FIELDS, context)?;
    let Some(schema) = given(tool, "input_schema") else { return wrong("input_schema: Field required") };
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "object" => {}
        None | Some(Value::Null) => return wrong("input_schema.type: Field required"),
        Some(_) => return wrong("input_schema.type: Input should be 'object'"),
    }
    if ["oneOf", "allOf", "anyOf"].iter().any(|field| schema.get(field).is_some()) {
        return wrong("input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level");
    }
    if flag(tool, "strict") {
        return schema::check(schema).map_err(|reason| Refusal::invalid(format!("{path}: {reason}")));
    }
    Ok(())
}
