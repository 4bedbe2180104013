//! What OpenAI refuses in a request for a response although it could be understood.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    ask::json::{given, string},
    openai::{
        chat::check_named_schema,
        field::{self, missing, unsupported},
        model,
        tools::{self, Style},
    },
    refusal::Refusal,
};

/// Every field that the API knows.
const FIELDS: [&str; 35] = [
    "access_programs",
    "background",
    "background_options",
    "context_management",
    "conversation",
    "image",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    "client_metadata",
];

pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    field::only(body, "", &FIELDS)?;
    field::decimal(body, "top_p", 0.0, 1.0)?;
    field::integer(body, "top_logprobs", 0, Some(20))?;
    field::word(body, "truncation", "truncation", &["auto", "disabled"])?;
    model::check_responses(body)?;
    tools::check(body, Style::Flat)?;
    match body.pointer("/text/format") {
        None | Some(Value::Null) => Ok(()),
        Some(format) => check_format(format, body),
    }
}

fn check_format(format: &Value, body: &Value) -> Result<(), Refusal> {
    match string(format, "type") {
        None => Err(missing("text.format.type")),
        Some("text") => Ok(()),
        Some("json_schema") => check_named_schema(format, "text.format", "text.format"),
        Some("json_object") => {
            let said = given(body, "input").map(Value::to_string).unwrap_or_default();
            if said.to_ascii_lowercase().contains("json") {
                return Ok(());
            }
            let message = "Response input messages must contain the word 'json' in some form to use 'text.format' of \
                           type 'json_object'.";
            Err(Refusal::invalid(message).param("input"))
        }
        Some(other) => Err(unsupported("text.format.type", other, &["json_object", "json_schema", "text"])),
    }
}

/// Every call has an output and every output a call, wherever in the conversation they stand.
pub(super) fn check_pairs(items: &[Value]) -> Result<(), Refusal> {
    let ids = |kind: &'static str| {
        let items = items.iter().filter(move |item| string(item, "type") == Some(kind));
        items.filter_map(|item| string(item, "call_id"))
    };
    let calls: HashSet<&str> = ids("function_call").collect();
    let outputs: HashSet<&str> = ids("function_call_output").collect();
    let wrong = |message: String| Err(Refusal::invalid(message).param("input"));
    if let Some(orphan) = ids("function_call_output").find(|output| !calls.contains(output)) {
        return wrong(format!("No tool call found for function call output with call_id {orphan}."));
    }
    if let Some(open) = ids("function_call").find(|call| !outputs.contains(call)) {
        return wrong(format!("No tool output found for function call {open}."));
    }
    Ok(())
}
