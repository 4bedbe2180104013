//! OpenAI's rules for the messages of a chat.

use serde_json::Value;

use crate::{
    ask::json::{given, list, string},
    openai::field::{empty_array, invalid, long_string, missing, only, unsupported, wrong_type},
    refusal::Refusal,
};

const ROLES: [&str; 6] = ["system", "assistant", "user", "function", "tool", "developer"];
const PARTS: [&str; 6] = ["text", "image_url", "input_audio", "refusal", "audio", "file"];
/// The longest id of a tool call.
const LONGEST_ID: usize = 40;

pub(super) fn check(messages: &[Value]) -> Result<(), Refusal> {
    for (at, message) in messages.iter().enumerate() {
        let role = string(message, "role").unwrap_or_default();
        if !ROLES.contains(&role) {
            return Err(unsupported(&format!("messages[{at}].role"), role, &ROLES));
        }
        check_content(message, role, at)?;
        if role == "assistant" {
            check_calls(message, at)?;
        }
    }
    check_pairs(messages)
}

fn check_content(message: &Value, role: &str, at: usize) -> Result<(), Refusal> {
    let path = format!("messages[{at}].content");
    match message.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(parts)) if parts.is_empty() => Err(empty_array(&path)),
        Some(Value::Array(parts)) => {
            parts.iter().enumerate().try_for_each(|(index, part)| check_part(part, role, at, index))
        }
        None | Some(Value::Null) => {
            let instead = ["tool_calls", "function_call", "refusal", "audio"];
            if role == "assistant" && instead.iter().any(|field| given(message, field).is_some()) {
                return Ok(());
            }
            let message = "Invalid value for 'content': expected a string, got null.";
            Err(Refusal::invalid(message).param(format!("messages.[{at}].content")))
        }
        Some(other) => Err(wrong_type(&path, "one of a string or array of objects", other)),
    }
}

fn check_part(part: &Value, role: &str, at: usize, index: usize) -> Result<(), Refusal> {
    let path = format!("messages[{at}].content[{index}]");
    let Some(kind) = string(part, "type") else { return Err(missing(&format!("{path}.type"))) };
    if !PARTS.contains(&kind) {
        return Err(unsupported(&format!("{path}.type"), kind, &PARTS));
    }
    let allowed: &[&str] = match role {
        "user" => &["text", "image_url", "input_audio", "file"],
        "assistant" => &["text", "refusal", "audio"],
        _ => &["text"],
    };
    if !allowed.contains(&kind) {
        let message = if kind == "image_url" {
            format!(
                "Invalid 'messages[{at}]'. Image URLs are only allowed for messages with role 'user', but this \
                 message with role '{role}' contains an image URL."
            )
        } else {
            format!(
                "Invalid 'messages[{at}]'. Content parts of type '{kind}' are not allowed for messages with role \
                 '{role}'."
            )
        };
        return Err(invalid(&format!("messages[{at}]"), message));
    }
    only(part, &path, &["type", kind, "prompt_cache_breakpoint"])?;
    match (kind, part.get(kind)) {
        ("text" | "refusal", Some(Value::String(_))) => Ok(()),
        ("text" | "refusal", Some(other)) => Err(wrong_type(&format!("{path}.{kind}"), "a string", other)),
        (_, Some(Value::Object(_))) => Ok(()),
        (_, Some(other)) => Err(wrong_type(&format!("{path}.{kind}"), "an object", other)),
        (_, None) => Err(missing(&format!("{path}.{kind}"))),
    }
}

fn check_calls(message: &Value, at: usize) -> Result<(), Refusal> {
    let path = format!("messages[{at}].tool_calls");
    let calls = match given(message, "tool_calls") {
        None => return Ok(()),
        Some(Value::Array(calls)) if calls.is_empty() => return Err(empty_array(&path)),
        Some(Value::Array(calls)) => calls,
        Some(other) => return Err(wrong_type(&path, "an array of objects", other)),
    };
    for (index, call) in calls.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let path_of_id = format!("{path}.id");
        let Some(id) = string(call, "id") else { return Err(missing(&path_of_id)) };
        if id.len() > LONGEST_ID {
            return Err(long_string(&path_of_id, LONGEST_ID, id.len()));
        }
        let kind = string(call, "type").ok_or_else(|| missing(&format!("{path}.type")))?;
        only(call, &path, &["id", "type", kind])?;
        if kind != "function" {
            continue;
        }
        let function = given(call, "function").ok_or_else(|| missing(&format!("{path}.function")))?;
        if string(function, "name").is_none() {
            return Err(missing(&format!("{path}.function.name")));
        }
        match function.get("arguments") {
            Some(Value::String(_)) => {}
            None => return Err(missing(&format!("{path}.function.arguments"))),
            Some(other) => {
                return Err(wrong_type(&format!("{path}.function.arguments"), "a string", other));
            }
        }
    }
    Ok(())
}

/// Every call is answered by a message of its own, right behind the message that calls.
fn check_pairs(messages: &[Value]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    let mut answered: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        if string(message, "role") == Some("tool") {
            let path = format!("messages[{at}].tool_call_id");
            let id = string(message, "tool_call_id").ok_or_else(|| missing(&path))?;
            let Some(place) = open.iter().position(|call| *call == id) else {
                if answered.contains(&id) {
                    // The vendor lets a second answer to the same call pass.
                    continue;
                }
                let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                               with 'tool_calls'.";
                return Err(Refusal::invalid(message).param(format!("messages.[{at}].role")));
            };
            answered.push(open.remove(place));
            continue;
        }
        check_answered(&open, at)?;
        answered.clear();
        open = list(message, "tool_calls").iter().filter_map(|call| string(call, "id")).collect();
    }
    check_answered(&open, messages.len())
}

fn check_answered(open: &[&str], at: usize) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. \
         The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(Refusal::invalid(message).param(format!("messages.[{at}].role")))
}
