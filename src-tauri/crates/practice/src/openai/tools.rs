//! Functions that the client offers. Chat completions hold each in a `function` of its own, responses don't.

use serde_json::{Value, json};

use super::{
    field::{empty_array, invalid, long_string, missing, unsupported, wrong_type},
    schema,
};
use crate::{
    ask::{
        Demand, Tool,
        json::{flag, given, is_plain_name, list, string},
    },
    refusal::Refusal,
};

/// Where the name and the parameters of a function stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `{type, function: {name, …}}`
    Nested,
    /// `{type, name, …}`
    Flat,
}

impl Style {
    fn function(self, tool: &Value) -> Option<&Value> {
        match self {
            Self::Nested => tool.get("function"),
            Self::Flat => (string(tool, "type") == Some("function")).then_some(tool),
        }
    }

    fn path(self, at: usize, field: &str) -> String {
        match self {
            Self::Nested => format!("tools[{at}].function.{field}"),
            Self::Flat => format!("tools[{at}].{field}"),
        }
    }
}

/// The functions. Tools that the vendor runs itself are left out: nothing here runs them.
pub(super) fn read(body: &Value, style: Style) -> Vec<Tool> {
    let functions = list(body, "tools").iter().filter_map(|tool| style.function(tool));
    functions
        .filter_map(|function| {
            Some(Tool {
                name: string(function, "name")?.to_owned(),
                schema: given(function, "parameters").cloned().unwrap_or_else(|| json!({})),
            })
        })
        .collect()
}

/// What `tool_choice` says, which must name a tool that is there.
pub(super) fn demand(body: &Value, tools: &[Tool], style: Style) -> Result<Demand, Refusal> {
    let demand = match given(body, "tool_choice") {
        None => Demand::Free,
        Some(Value::String(choice)) => match choice.as_str() {
            "none" => Demand::Never,
            "auto" => Demand::Free,
            "required" => Demand::Any,
            other => return Err(unsupported("tool_choice", other, &["none", "auto", "required"])),
        },
        Some(choice) => named(choice, style),
    };
    match &demand {
        Demand::Named(name) if !tools.iter().any(|tool| tool.name == *name) => {
            let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
            Err(Refusal::invalid(message).param("tool_choice"))
        }
        _ => Ok(demand),
    }
}

fn named(choice: &Value, style: Style) -> Demand {
    if let Some(name) = style.function(choice).and_then(|function| string(function, "name")) {
        return Demand::Named(name.to_owned());
    }
    let allowed = choice.get("allowed_tools").unwrap_or(choice);
    if string(allowed, "mode") == Some("required") { Demand::Any } else { Demand::Free }
}

/// Whether at most one call is wanted.
pub(super) fn one_call(body: &Value) -> bool {
    body.get("parallel_tool_calls") == Some(&json!(false))
}

/// The vendor's rules for tools.
pub(super) fn check(body: &Value, style: Style) -> Result<(), Refusal> {
    let tools = match given(body, "tools") {
        None => &[],
        Some(Value::Array(tools)) => tools.as_slice(),
        Some(other) => return Err(wrong_type("tools", "an array of objects", other)),
    };
    if tools.is_empty() {
        // Responses takes an empty list, and what belongs to it.
        return if style == Style::Flat { Ok(()) } else { check_without(body) };
    }
    for (at, tool) in tools.iter().enumerate() {
        if given(tool, "type").is_none() {
            return Err(missing(&format!("tools[{at}].type")));
        }
        if string(tool, "type") == Some("function") {
            let function = style.function(tool).ok_or_else(|| missing(&format!("tools[{at}].function")))?;
            check_function(function, at, style)?;
        }
    }
    Ok(())
}

fn check_without(body: &Value) -> Result<(), Refusal> {
    if given(body, "tools").is_some() {
        return Err(empty_array("tools"));
    }
    for field in ["tool_choice", "parallel_tool_calls"] {
        if given(body, field).is_some() {
            let message =
                format!("Invalid value for '{field}': '{field}' is only allowed when 'tools' are specified.");
            return Err(Refusal::invalid(message).param(field));
        }
    }
    Ok(())
}

fn check_function(function: &Value, at: usize, style: Style) -> Result<(), Refusal> {
    let path = style.path(at, "name");
    let Some(name) = string(function, "name") else { return Err(missing(&path)) };
    if name.len() > 64 {
        return Err(long_string(&path, 64, name.len()));
    }
    if !is_plain_name(name) {
        let message = format!(
            "Invalid '{path}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$'."
        );
        return Err(invalid(&path, message));
    }
    let Some(parameters) = given(function, "parameters") else { return Ok(()) };
    let checked = if flag(function, "strict") {
        schema::check_strict(parameters)
    } else {
        schema::check_object(parameters)
    };
    checked.map_err(|reason| {
        Refusal::invalid(format!("Invalid schema for function '{name}': {reason}"))
            .param(style.path(at, "parameters"))
            .code("invalid_function_parameters")
    })
}
