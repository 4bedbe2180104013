//! Reads and checks a chat completion request.

use serde_json::{Map, Value, json};

use super::{invalid, missing, not_json, served};
use crate::{
    ask::{self, Ask, Demand, Tool, ToolResult, flag, list, string},
    refusal::Refusal,
};

/// The most answers that one request may ask for.
const MOST_CHOICES: u64 = 128;

pub(super) fn read(body: &[u8]) -> Result<Ask, Refusal> {
    let body = object(body)?;
    let model = model(&body)?;
    let messages = messages(&body)?;
    let tools = tools(&body);
    let demand = demand(&body)?;
    if let Demand::Named(name) = &demand
        && !tools.iter().any(|tool| tool.name == *name)
    {
        let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
        return Err(Refusal::invalid(message).param("tool_choice"));
    }
    Ok(Ask {
        text: ask::last_user_text(messages).to_owned(),
        input_tokens: ask::input_tokens(&body),
        stream: flag(&body, "stream"),
        include_usage: body.get("stream_options").is_some_and(|options| flag(options, "include_usage")),
        choices: choices(&body)?,
        limit: limit(&body)?,
        stops: stops(&body),
        demand,
        one_call: body.get("parallel_tool_calls") == Some(&json!(false)),
        results: results(messages),
        shape: shape(&body),
        tools,
        model,
    })
}

/// The body as an object, or the vendor's word for what it is instead.
pub(super) fn object(body: &[u8]) -> Result<Value, Refusal> {
    ask::object(body).map(Value::Object).map_err(|reason| not_json(&reason))
}

/// The model's name, if it is one that is served.
pub(super) fn model(body: &Value) -> Result<String, Refusal> {
    let model = match body.get("model") {
        None | Some(Value::Null) => "",
        Some(Value::String(model)) => model,
        Some(_) => return Err(invalid("model", "a string")),
    };
    if model.is_empty() {
        return Err(Refusal::invalid("you must provide a model parameter"));
    }
    served(model).map(|()| model.to_owned())
}

fn messages(body: &Value) -> Result<&[Value], Refusal> {
    let messages = match body.get("messages") {
        None | Some(Value::Null) => return Err(missing("messages")),
        Some(Value::Array(messages)) => messages,
        Some(_) => return Err(invalid("messages", "an array of objects")),
    };
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        return Err(Refusal::invalid(message).param("messages").code("empty_array"));
    }
    if let Some(at) = messages.iter().position(|message| string(message, "role").is_none()) {
        let message = format!("Missing required parameter: 'messages[{at}].role'.");
        return Err(Refusal::invalid(message).param("messages").code("missing_required_parameter"));
    }
    Ok(messages)
}

fn choices(body: &Value) -> Result<usize, Refusal> {
    match body.get("n") {
        None | Some(Value::Null) => Ok(1),
        Some(n) => n
            .as_u64()
            .filter(|n| (1..=MOST_CHOICES).contains(n))
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| invalid("n", "an integer from 1 to 128")),
    }
}

fn limit(body: &Value) -> Result<Option<u64>, Refusal> {
    for field in ["max_completion_tokens", "max_tokens"] {
        match body.get(field) {
            None | Some(Value::Null) => {}
            Some(limit) => {
                let limit = limit.as_u64().filter(|limit| *limit > 0);
                return limit.map(Some).ok_or_else(|| invalid(field, "an integer of at least 1"));
            }
        }
    }
    Ok(None)
}

fn stops(body: &Value) -> Vec<String> {
    match body.get("stop") {
        Some(Value::String(stop)) => vec![stop.clone()],
        _ => list(body, "stop").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
    .into_iter()
    .filter(|stop| !stop.is_empty())
    .collect()
}

fn tools(body: &Value) -> Vec<Tool> {
    let functions = list(body, "tools").iter().filter_map(|tool| tool.get("function"));
    functions
        .filter_map(|function| {
            Some(Tool {
                name: string(function, "name")?.to_owned(),
                schema: function.get("parameters").cloned().unwrap_or_else(|| json!({})),
            })
        })
        .collect()
}

fn demand(body: &Value) -> Result<Demand, Refusal> {
    match body.get("tool_choice") {
        None | Some(Value::Null) => Ok(Demand::Free),
        Some(Value::String(choice)) => match choice.as_str() {
            "none" => Ok(Demand::Never),
            "auto" => Ok(Demand::Free),
            "required" => Ok(Demand::Any),
            _ => {
                let message = format!(
                    "Invalid value: '{choice}'. Supported values are: 'none', 'auto', and 'required'."
                );
                Err(Refusal::invalid(message).param("tool_choice").code("invalid_value"))
            }
        },
        Some(choice) => Ok(named(choice)),
    }
}

fn named(choice: &Value) -> Demand {
    if let Some(name) = choice.get("function").and_then(|function| string(function, "name")) {
        return Demand::Named(name.to_owned());
    }
    let mode = choice.get("allowed_tools").and_then(|allowed| string(allowed, "mode"));
    if mode == Some("required") { Demand::Any } else { Demand::Free }
}

/// The tool messages at the end, each with the name that the call before it had.
fn results(messages: &[Value]) -> Vec<ToolResult> {
    let mut results: Vec<ToolResult> = messages
        .iter()
        .rev()
        .take_while(|message| string(message, "role") == Some("tool"))
        .map(|message| {
            let id = string(message, "tool_call_id").unwrap_or_default();
            let text = message.get("content").and_then(ask::last_text).unwrap_or_default();
            ToolResult { tool: tool_of(messages, id), text: text.to_owned() }
        })
        .collect();
    results.reverse();
    results
}

fn tool_of(messages: &[Value], id: &str) -> String {
    let mut calls = messages.iter().flat_map(|message| list(message, "tool_calls"));
    calls
        .find(|call| string(call, "id") == Some(id))
        .and_then(|call| string(call.get("function")?, "name"))
        .unwrap_or("a tool")
        .to_owned()
}

fn shape(body: &Value) -> Option<Value> {
    let format = body.get("response_format")?;
    match string(format, "type")? {
        "json_schema" => Some(format.pointer("/json_schema/schema").cloned().unwrap_or_default()),
        "json_object" => Some(Value::Object(Map::new())),
        _ => None,
    }
}
