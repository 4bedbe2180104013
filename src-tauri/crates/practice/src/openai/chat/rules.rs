//! What OpenAI refuses in a chat although it could be understood. A host that is lax answers all of it.

mod messages;

use serde_json::Value;

use crate::{
    ask::json::{flag, given, is_plain_name, string},
    openai::{
        field::{self, invalid, missing, unsupported},
        model, schema,
        tools::{self, Style},
    },
    refusal::Refusal,
};

/// Every field that the API knows, those that are no longer recommended included.
const FIELDS: [&str; 37] = [
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// The most stop sequences.
const MOST_STOPS: usize = 4;

pub(super) fn check(body: &Value, messages: &[Value]) -> Result<(), Refusal> {
    field::only(body, "", &FIELDS)?;
    if given(body, "max_tokens").is_some() && given(body, "max_completion_tokens").is_some() {
        let message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        return Err(Refusal::invalid(message).param("max_tokens").code("invalid_parameter_combination"));
    }
    field::decimal(body, "top_p", 0.0, 1.0)?;
    field::decimal(body, "presence_penalty", -2.0, 2.0)?;
    field::decimal(body, "frequency_penalty", -2.0, 2.0)?;
    model::check_chat(body)?;
    check_stops(body)?;
    if given(body, "stream_options").is_some() && !flag(body, "stream") {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Refusal::invalid(message).param("stream_options"));
    }
    if given(body, "top_logprobs").is_some() && !flag(body, "logprobs") {
        let message = "Invalid value for 'top_logprobs': must be used with 'logprobs' set to true.";
        return Err(Refusal::invalid(message).param("top_logprobs"));
    }
    tools::check(body, Style::Nested)?;
    messages::check(messages)?;
    if let Some(format) = given(body, "response_format") {
        check_format(format, messages)?;
    }
    Ok(())
}

fn check_stops(body: &Value) -> Result<(), Refusal> {
    match body.get("stop").and_then(Value::as_array) {
        Some(stops) if stops.len() > MOST_STOPS => {
            let message = format!(
                "Invalid 'stop': array too long. Expected an array with maximum length {MOST_STOPS}, but got an array \
                 with length {} instead.",
                stops.len()
            );
            Err(Refusal::invalid(message).param("stop").code("array_above_max_length"))
        }
        _ => Ok(()),
    }
}

fn check_format(format: &Value, messages: &[Value]) -> Result<(), Refusal> {
    match string(format, "type") {
        None => Err(missing("response_format.type")),
        Some("text") => Ok(()),
        Some("json_object") => check_json_is_named(messages),
        Some("json_schema") => match given(format, "json_schema") {
            None => Err(missing("response_format.json_schema")),
            Some(named) => check_named_schema(named, "response_format", "response_format.json_schema"),
        },
        Some(other) => {
            Err(unsupported("response_format.type", other, &["json_object", "json_schema", "text"]))
        }
    }
}

/// A schema with a name, as chat completions and responses both have it.
pub(in crate::openai) fn check_named_schema(named: &Value, what: &str, path: &str) -> Result<(), Refusal> {
    let path_of_name = format!("{path}.name");
    let Some(name) = string(named, "name") else { return Err(missing(&path_of_name)) };
    if !is_plain_name(name) {
        let message = format!(
            "Invalid '{path_of_name}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$'."
        );
        return Err(invalid(&path_of_name, message));
    }
    let Some(schema) = given(named, "schema") else { return Err(missing(&format!("{path}.schema"))) };
    let checked =
        if flag(named, "strict") { schema::check_strict(schema) } else { schema::check_object(schema) };
    checked.map_err(|reason| {
        Refusal::invalid(format!("Invalid schema for response_format '{name}': {reason}")).param(what)
    })
}

/// Without the word a model may write white space for ever, so the vendor insists on it.
fn check_json_is_named(messages: &[Value]) -> Result<(), Refusal> {
    if messages.iter().any(|message| message.to_string().to_ascii_lowercase().contains("json")) {
        return Ok(());
    }
    let message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type \
                   'json_object'.";
    Err(Refusal::invalid(message).param("messages"))
}
