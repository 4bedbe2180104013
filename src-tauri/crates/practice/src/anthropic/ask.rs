//! Reads and checks a messages request.

use serde_json::{Value, json};

use super::served;
use crate::{
    ask::{self, Ask, Demand, Tool, ToolResult, flag, list, string},
    refusal::Refusal,
};

/// What the request is read for; counting demands less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Answering,
    Counting,
}

pub(super) fn read(body: &[u8], purpose: For) -> Result<Ask, Refusal> {
    let body = ask::object(body)
        .map(Value::Object)
        .map_err(|reason| Refusal::invalid(format!("The request body is not valid JSON: {reason}")))?;
    threadless(&body)?;
    let model = model(&body)?;
    let limit = limit(&body, purpose)?;
    let messages = messages(&body)?;
    let tools = tools(&body);
    let (demand, one_call) = demand(&body)?;
    if let Demand::Named(name) = &demand
        && !tools.iter().any(|tool| tool.name == *name)
    {
        return Err(Refusal::invalid(format!("tool_choice: Tool '{name}' not found in provided tools")));
    }
    Ok(Ask {
        text: ask::last_user_text(messages).to_owned(),
        input_tokens: ask::input_tokens(&body),
        stream: flag(&body, "stream"),
        include_usage: true,
        choices: 1,
        limit,
        stops: stops(&body),
        demand,
        one_call,
        results: results(messages),
        shape: shape(&body),
        tools,
        model,
    })
}

/// Message threads live at the vendor, and nothing of a prompt is kept here. The SDKs know this refusal and send
/// the whole conversation instead; without it they would send the rest of one that nobody remembers.
fn threadless(body: &Value) -> Result<(), Refusal> {
    if body.get("thread").is_none_or(Value::is_null) {
        return Ok(());
    }
    let details = json!({ "error_code": "thread_unsupported_request", "unsupported": ["thread"] });
    let refusal = Refusal::invalid("thread: practice providers keep no message threads");
    Err(Refusal { details: Some(Box::new(details)), ..refusal })
}

fn model(body: &Value) -> Result<String, Refusal> {
    match body.get("model") {
        None | Some(Value::Null) => Err(Refusal::invalid("model: Field required")),
        Some(Value::String(model)) if model.is_empty() => {
            Err(Refusal::invalid("model: String should have at least 1 character"))
        }
        Some(Value::String(model)) => served(model).map(|()| model.clone()),
        Some(_) => Err(Refusal::invalid("model: Input should be a valid string")),
    }
}

fn limit(body: &Value, purpose: For) -> Result<Option<u64>, Refusal> {
    match body.get("max_tokens") {
        None | Some(Value::Null) if purpose == For::Counting => Ok(None),
        None | Some(Value::Null) => Err(Refusal::invalid("max_tokens: Field required")),
        Some(limit) => match limit.as_u64().filter(|limit| *limit > 0) {
            Some(limit) => Ok(Some(limit)),
            None => Err(Refusal::invalid("max_tokens: must be greater than or equal to 1")),
        },
    }
}

fn messages(body: &Value) -> Result<&[Value], Refusal> {
    let messages = match body.get("messages") {
        None | Some(Value::Null) => return Err(Refusal::invalid("messages: Field required")),
        Some(Value::Array(messages)) => messages,
        Some(_) => return Err(Refusal::invalid("messages: Input should be a valid list")),
    };
    if messages.is_empty() {
        return Err(Refusal::invalid("messages: at least one message is required"));
    }
    for (at, message) in messages.iter().enumerate() {
        for field in ["role", "content"] {
            if message.get(field).is_none() {
                return Err(Refusal::invalid(format!("messages.{at}.{field}: Field required")));
            }
        }
    }
    Ok(messages)
}

fn stops(body: &Value) -> Vec<String> {
    let stops = list(body, "stop_sequences").iter().filter_map(Value::as_str);
    stops.filter(|stop| !stop.is_empty()).map(str::to_owned).collect()
}

/// The client's own tools. Those that the vendor runs itself have no schema, and nothing here runs them.
fn tools(body: &Value) -> Vec<Tool> {
    let tools = list(body, "tools").iter();
    tools
        .filter_map(|tool| {
            Some(Tool { name: string(tool, "name")?.to_owned(), schema: tool.get("input_schema")?.clone() })
        })
        .collect()
}

fn demand(body: &Value) -> Result<(Demand, bool), Refusal> {
    let Some(choice) = body.get("tool_choice").filter(|choice| !choice.is_null()) else {
        return Ok((Demand::Free, false));
    };
    let demand = match string(choice, "type") {
        Some("auto") => Demand::Free,
        Some("any") => Demand::Any,
        Some("none") => Demand::Never,
        Some("tool") => match string(choice, "name") {
            Some(name) => Demand::Named(name.to_owned()),
            None => return Err(Refusal::invalid("tool_choice.tool.name: Field required")),
        },
        _ => {
            return Err(Refusal::invalid(
                "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
            ));
        }
    };
    Ok((demand, flag(choice, "disable_parallel_tool_use")))
}

/// The tool results of the last message, each with the name that the call before it had.
fn results(messages: &[Value]) -> Vec<ToolResult> {
    let Some(last) = messages.last().filter(|last| string(last, "role") == Some("user")) else {
        return Vec::new();
    };
    list(last, "content")
        .iter()
        .filter(|block| string(block, "type") == Some("tool_result"))
        .map(|block| {
            let id = string(block, "tool_use_id").unwrap_or_default();
            let text = block.get("content").and_then(ask::last_text).unwrap_or_default();
            ToolResult { tool: tool_of(messages, id), text: text.to_owned() }
        })
        .collect()
}

fn tool_of(messages: &[Value], id: &str) -> String {
    let mut blocks = messages.iter().flat_map(|message| list(message, "content"));
    blocks
        .find(|block| string(block, "type") == Some("tool_use") && string(block, "id") == Some(id))
        .and_then(|block| string(block, "name"))
        .unwrap_or("a tool")
        .to_owned()
}

fn shape(body: &Value) -> Option<Value> {
    let format = body.pointer("/output_config/format").or_else(|| body.get("output_format"))?;
    (string(format, "type") == Some("json_schema")).then(|| format.get("schema").cloned().unwrap_or_default())
}
