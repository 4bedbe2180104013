//! Reads a request for a response.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{items, rules};
use crate::{
    ask::{
        Ask,
        json::{flag, given, list, string},
        turn::{Role, Turn},
    },
    cache::Segment,
    openai::{
        chat::{EFFORTS, effort},
        field::{decimal, integer, missing, model, object, word, wrong_type},
        tools::{self, Style},
    },
    provider::Provider,
    refusal::Refusal,
};

/// A request, and what of it is told back or kept.
pub(super) struct Request {
    pub(super) ask: Ask,
    /// The request as it came; much of it stands in the response.
    pub(super) body: Value,
    /// The whole conversation as items, without the instructions, which hold for one response only.
    pub(super) items: Vec<Value>,
    /// Whether the response is to be kept.
    pub(super) stores: bool,
    /// Whether reasoning is told in short.
    pub(super) summarises: bool,
    /// Whether reasoning is handed out for the client to keep.
    pub(super) encrypts: bool,
}

/// The shortest limit that the vendor takes.
const SHORTEST: u64 = 16;

pub(super) fn read(provider: &Provider, body: &[u8]) -> Result<Request, Refusal> {
    let body = object(body)?;
    let model = model(&body)?;
    if provider.is_strict() {
        rules::check(&body)?;
    }
    let items = conversation(provider, &body)?;
    if provider.is_strict() {
        rules::check_pairs(&items)?;
    }
    let mut turns: Vec<Turn> = Vec::new();
    if let Some(instructions) = string(&body, "instructions") {
        turns.push(Turn::text(Role::System, instructions));
    }
    turns.extend(items::read(provider, &items)?);
    let offered = tools::read(&body, Style::Flat);
    let reasoning = body.get("reasoning").unwrap_or(&Value::Null);
    let ask = Ask {
        stream: flag(&body, "stream"),
        include_usage: true,
        choices: 1,
        limit: integer(&body, "max_output_tokens", SHORTEST, None)?,
        temperature: decimal(&body, "temperature", 0.0, 2.0)?,
        demand: tools::demand(&body, &offered, Style::Flat)?,
        one_call: tools::one_call(&body),
        shape: shape(&body),
        thinking: effort(word(reasoning, "effort", "reasoning.effort", &EFFORTS)?),
        input: provider.cached(&model, &segments(&body, &items)),
        tools: offered,
        turns,
        model,
        ..Ask::default()
    };
    Ok(Request {
        stores: body.get("store") != Some(&json!(false)),
        summarises: string(reasoning, "summary").is_some(),
        encrypts: list(&body, "include").contains(&json!("reasoning.encrypted_content")),
        ask,
        body,
        items,
    })
}

/// What was said before, and what is new.
fn conversation(provider: &Provider, body: &Value) -> Result<Vec<Value>, Refusal> {
    if let Some(id) = body.get("conversation").and_then(|held| string(held, "id").or_else(|| held.as_str())) {
        let message = format!("Conversation with id '{id}' not found.");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message));
    }
    let mut items = match string(body, "previous_response_id") {
        None => Vec::new(),
        Some(id) => provider.stored().lock().conversation(id).ok_or_else(|| {
            Refusal::invalid(format!("Previous response with id '{id}' not found."))
                .param("previous_response_id")
                .code("previous_response_not_found")
        })?,
    };
    match given(body, "input") {
        None if items.is_empty() => return Err(missing("input")),
        None => {}
        Some(Value::String(text)) => {
            items.push(json!({ "type": "message", "role": "user", "content": text }));
        }
        Some(Value::Array(new)) => {
            for (at, item) in new.iter().enumerate() {
                items.push(items::resolved(provider, item, at)?);
            }
        }
        Some(other) => return Err(wrong_type("input", "one of a string or array of input items", other)),
    }
    Ok(items)
}

fn segments(body: &Value, items: &[Value]) -> Vec<Segment> {
    let tools = list(body, "tools").iter().map(Segment::verbatim);
    let instructions = given(body, "instructions").map(Segment::of);
    tools.chain(instructions).chain(items.iter().map(Segment::of)).collect()
}

fn shape(body: &Value) -> Option<Value> {
    let format = body.pointer("/text/format")?;
    match string(format, "type")? {
        "json_schema" => Some(format.get("schema").cloned().unwrap_or_default()),
        "json_object" => Some(Value::Object(Map::new())),
        _ => None,
    }
}
