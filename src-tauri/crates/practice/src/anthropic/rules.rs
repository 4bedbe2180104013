//! What Anthropic refuses in a request although it could be understood. A host that is lax answers all of it.

mod blocks;
mod marks;
mod pairs;
mod schema;
mod thinking;
mod tools;

use serde_json::Value;

use super::model;
use crate::{
    ask::json::{given, list, string},
    provider::Provider,
    refusal::Refusal,
};

/// What the request is read for; counting demands less, and takes less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Answering,
    Counting,
}

/// What of the rules depends on how the request came.
pub(super) struct Context {
    pub(super) purpose: For,
    /// A beta was asked for. Betas add fields everywhere, so unknown ones then pass.
    pub(super) betas: bool,
}

/// Fields of both kinds of request.
const COMMON: [&str; 10] = [
    "cache_control",
    "messages",
    "model",
    "output_config",
    "output_format",
    "speed",
    "system",
    "thinking",
    "tool_choice",
    "tools",
];
/// Fields of a request for an answer.
const ANSWERING: [&str; 13] = [
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
    "temperature",
    "top_k",
    "top_p",
    "user_profile_id",
    "workspace_id",
];
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

pub(super) fn check(
    provider: &Provider,
    body: &Value,
    messages: &[Value],
    context: &Context,
) -> Result<(), Refusal> {
    check_fields(body, context)?;
    for field in ["temperature", "top_p"] {
        check_range(body, field)?;
    }
    check_stops(body)?;
    tools::check(body, context)?;
    check_output(body)?;
    model::check(body, messages, context.purpose)?;
    blocks::check(body, messages, context)?;
    pairs::check(messages)?;
    marks::check(body)?;
    thinking::check(provider, body, messages)
}

fn check_fields(body: &Value, context: &Context) -> Result<(), Refusal> {
    let fields = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let known = |name: &str| {
        COMMON.contains(&name) || (context.purpose == For::Answering && ANSWERING.contains(&name))
    };
    for name in fields {
        // Even with a beta, what belongs to an answer does not belong to a count.
        let misplaced = context.purpose == For::Counting && ANSWERING.contains(&name);
        if !known(name) && (misplaced || !context.betas) {
            return Err(extra(name));
        }
    }
    if let Some(metadata) = given(body, "metadata") {
        only(metadata, "metadata", &["user_id"], context)?;
    }
    Ok(())
}

fn check_range(body: &Value, field: &str) -> Result<(), Refusal> {
    match given(body, field) {
        None => Ok(()),
        Some(value) => match value.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => Ok(()),
            Some(_) => Err(Refusal::invalid(format!("{field}: range: 0..1"))),
            None => Err(Refusal::invalid(format!("{field}: Input should be a valid number"))),
        },
    }
}

fn check_stops(body: &Value) -> Result<(), Refusal> {
    match given(body, "stop_sequences") {
        None => Ok(()),
        Some(Value::Array(stops)) => {
            let blank = |stop: &Value| stop.as_str().is_some_and(|stop| stop.trim().is_empty());
            if stops.iter().any(blank) {
                let message = "stop_sequences: each stop sequence must contain non-whitespace";
                return Err(Refusal::invalid(message));
            }
            Ok(())
        }
        Some(_) => Err(Refusal::invalid("stop_sequences: Input should be a valid list")),
    }
}

fn check_output(body: &Value) -> Result<(), Refusal> {
    let effort = body.get("output_config").and_then(|output| string(output, "effort"));
    if effort.is_some_and(|effort| !EFFORTS.contains(&effort)) {
        return Err(Refusal::invalid(
            "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
        ));
    }
    for (path, format) in [
        ("output_config.format", body.pointer("/output_config/format")),
        ("output_format", body.get("output_format")),
    ] {
        let Some(format) = format.filter(|format| !format.is_null()) else { continue };
        if string(format, "type") != Some("json_schema") {
            return Err(Refusal::invalid(format!("{path}.type: Input should be 'json_schema'")));
        }
        let schema = given(format, "schema")
            .ok_or_else(|| Refusal::invalid(format!("{path}.schema: Field required")))?;
        schema::check(schema).map_err(|reason| Refusal::invalid(format!("{path}.schema: {reason}")))?;
    }
    Ok(())
}

/// Refuses what an object has beside the fields it may have.
fn only(holder: &Value, path: &str, known: &[&str], context: &Context) -> Result<(), Refusal> {
    let Some(fields) = holder.as_object().filter(|_| !context.betas) else { return Ok(()) };
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(extra(&format!("{path}.{unknown}"))),
        None => Ok(()),
    }
}

fn extra(path: &str) -> Refusal {
    Refusal::invalid(format!("{path}: Extra inputs are not permitted"))
}

/// The blocks of a message; a text is none.
fn blocks_of(message: &Value) -> &[Value] {
    list(message, "content")
}

/// Whether a block is of this type.
fn is(block: &Value, kind: &str) -> bool {
    string(block, "type") == Some(kind)
}
