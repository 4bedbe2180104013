//! The tools on offer, and whether one must be called.

use std::collections::HashSet;

use super::Context;
use super::input_schema::{self, Taken};
use super::schema::Grammar;
use crate::canon::{Tool, ToolChoice};
use crate::translate::request::instructions;
use crate::wire::messages as wire;

/// A tool that is offered twice is written once: the API refuses a second one of the same name.
pub(super) fn write(offered: Vec<Tool>, grammar: &mut Grammar, context: &mut Context<'_>) -> Vec<wire::Tool> {
    let mut known = HashSet::new();
    let mut written = Vec::with_capacity(offered.len());
    for Tool { name, description, parameters, strict } in offered {
        if !known.insert(name.clone()) {
            continue;
        }
        let Taken { schema: mut input_schema, remark } = input_schema::read(parameters);
        let description = [description, remark].into_iter().flatten().reduce(|a, b| format!("{a}\n\n{b}"));
        let mut is_strict = false;
        if strict == Some(true) {
            match context.question.traits.structured_output.then(|| grammar.tool(&input_schema)).flatten() {
                Some(fitted) => {
                    context.tell_moved(context.terms.tool_schema, &fitted.moved);
                    input_schema = fitted.schema;
                    is_strict = true;
                }
                None => context.losses.tell(context.terms.strict_tool),
            }
        }
        let name = context.names.sent(&name).to_owned();
        written.push(wire::Tool { name, description, input_schema, strict: is_strict });
    }
    written
}

/// The tools of a history that comes without any: the API wants to know them, and none may be called.
pub(super) fn known_from(called: Vec<String>) -> Vec<wire::Tool> {
    let tool =
        |name| wire::Tool { name, description: None, input_schema: input_schema::nothing(), strict: false };
    called.into_iter().map(tool).collect()
}

pub(super) fn choose(
    choice: Option<ToolChoice>,
    parallel: Option<bool>,
    has_tools: bool,
    context: &mut Context<'_>,
) -> Option<wire::ToolChoice> {
    let disable_parallel_tool_use = parallel == Some(false);
    if !has_tools {
        if matches!(choice, Some(ToolChoice::Required | ToolChoice::Function(_))) {
            context.losses.tell("tool_choice");
        }
        return None;
    }
    let may_force = context.question.traits.forced_tools;
    let asked = match choice {
        None => {
            return disable_parallel_tool_use.then_some(wire::ToolChoice::Auto { disable_parallel_tool_use });
        }
        Some(ToolChoice::Auto) => return Some(wire::ToolChoice::Auto { disable_parallel_tool_use }),
        Some(ToolChoice::None) => return Some(wire::ToolChoice::None),
        Some(ToolChoice::Required) if may_force => {
            return Some(wire::ToolChoice::Any { disable_parallel_tool_use });
        }
        Some(ToolChoice::Function(name)) if may_force => {
            let name = context.names.sent(&name).to_owned();
            return Some(wire::ToolChoice::Tool { name, disable_parallel_tool_use });
        }
        Some(ToolChoice::Required) => instructions::ANY_TOOL.to_owned(),
        Some(ToolChoice::Function(name)) => instructions::this_tool(context.names.sent(&name)),
    };
    // A model that always thinks can't be forced, only asked.
    context.losses.tell("tool_choice");
    context.instructions.push(asked);
    Some(wire::ToolChoice::Auto { disable_parallel_tool_use })
}
