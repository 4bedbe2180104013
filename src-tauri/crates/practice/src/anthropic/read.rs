//! Reads a messages request, and one to count its tokens.

mod segments;
mod turns;

use serde_json::{Value, json};

use super::{model, rules, served};
use crate::{
    ask::{
        Ask, Demand, Thinking, Tool,
        cues::Cues,
        json::{self, flag, given, list, string},
        turn::{self, Turn},
    },
    cache,
    exchange::Received,
    provider::Provider,
    refusal::Refusal,
};

/// The budget for which thinking comes encrypted, so that a test can ask for that without a magic string.
const REDACTED_BUDGET: u64 = 1031;

/// Reads and checks a request that is to be answered.
pub(super) fn read(provider: &Provider, received: Received<'_>) -> Result<Ask, Refusal> {
    let body = object(received.body)?;
    let limit = limit(&body)?;
    let mut ask = common(provider, received, &body, rules::For::Answering)?;
    ask.limit = Some(limit);
    ask.stream = flag(&body, "stream");
    ask.stops = stops(&body);
    ask.temperature = body.get("temperature").and_then(Value::as_f64);
    // Last of all, for a request that is refused must leave no trace in the cache.
    ask.input = provider.cached_by_marks(&ask.model, &segments::of(&body), model::min_cacheable(&ask.model));
    Ok(ask)
}

/// The tokens of a request, which need not be complete.
pub(super) fn count(provider: &Provider, received: Received<'_>) -> Result<u64, Refusal> {
    let body = object(received.body)?;
    common(provider, received, &body, rules::For::Counting)?;
    Ok(cache::tokens(&segments::of(&body)))
}

fn object(body: &[u8]) -> Result<Value, Refusal> {
    json::object(body)
        .map(Value::Object)
        .map_err(|reason| Refusal::invalid(format!("The request body is not valid JSON: {reason}")))
}

fn common(
    provider: &Provider,
    received: Received<'_>,
    body: &Value,
    purpose: rules::For,
) -> Result<Ask, Refusal> {
    threadless(body)?;
    let model = named_model(body)?;
    let messages = messages(body)?;
    if provider.is_strict() {
        let betas = received.headers.contains_key("anthropic-beta");
        rules::check(provider, body, messages, &rules::Context { purpose, betas })?;
    }
    let mut turns: Vec<Turn> = turns::system(body).into_iter().collect();
    turns.extend(turns::read(messages)?);
    let tools = tools(body);
    let (demand, one_call) = demand(body, &tools)?;
    Ok(Ask {
        include_usage: true,
        choices: 1,
        thinking: thinking(body, &model, &turns),
        shape: shape(body),
        demand,
        one_call,
        tools,
        turns,
        model,
        ..Ask::default()
    })
}

/// Message threads live at the vendor, and nothing of a prompt is kept here. The SDKs know this refusal and send
/// the whole conversation instead; without it they would send the rest of one that nobody remembers.
fn threadless(body: &Value) -> Result<(), Refusal> {
    if given(body, "thread").is_none() {
        return Ok(());
    }
    let details = json!({ "error_code": "thread_unsupported_request", "unsupported": ["thread"] });
    let refusal = Refusal::invalid("thread: practice providers keep no message threads");
    Err(Refusal { details: Some(Box::new(details)), ..refusal })
}

fn named_model(body: &Value) -> Result<String, Refusal> {
    match body.get("model") {
        None | Some(Value::Null) => Err(Refusal::invalid("model: Field required")),
        Some(Value::String(model)) if model.is_empty() => {
            Err(Refusal::invalid("model: String should have at least 1 character"))
        }
        Some(Value::String(model)) => served(model).map(|()| model.clone()),
        Some(_) => Err(Refusal::invalid("model: Input should be a valid string")),
    }
}

fn limit(body: &Value) -> Result<u64, Refusal> {
    match given(body, "max_tokens") {
        None => Err(Refusal::invalid("max_tokens: Field required")),
        Some(limit) => limit
            .as_u64()
            .filter(|limit| *limit > 0)
            .ok_or_else(|| Refusal::invalid("max_tokens: must be greater than or equal to 1")),
    }
}

fn messages(body: &Value) -> Result<&[Value], Refusal> {
    let messages = match given(body, "messages") {
        None => return Err(Refusal::invalid("messages: Field required")),
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

fn demand(body: &Value, tools: &[Tool]) -> Result<(Demand, bool), Refusal> {
    let Some(choice) = given(body, "tool_choice") else {
        return Ok((Demand::Free, false));
    };
    let demand = match string(choice, "type") {
        Some("auto") => Demand::Free,
        Some("any") => Demand::Any,
        Some("none") => Demand::Never,
        Some("tool") => match string(choice, "name") {
            Some(name) if tools.iter().any(|tool| tool.name == name) => Demand::Named(name.to_owned()),
            Some(name) => {
                let message = format!("tool_choice: Tool '{name}' not found in provided tools");
                return Err(Refusal::invalid(message));
            }
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

fn thinking(body: &Value, model: &str, turns: &[Turn]) -> Option<Thinking> {
    let asked = given(body, "thinking").unwrap_or(&Value::Null);
    match string(asked, "type") {
        Some("enabled" | "adaptive") => {}
        Some("between_tools") if !turn::results(turns).is_empty() => {}
        None if model::thinks_unasked(model) => {}
        _ => return None,
    }
    let budget = asked.get("budget_tokens").and_then(Value::as_u64);
    if budget == Some(REDACTED_BUDGET) || Cues::of(turn::last_text(turns)).redact {
        return Some(Thinking::Redacted);
    }
    let omitted = match string(asked, "display") {
        None => model::omits_thinking(model),
        Some(display) => display == "omitted",
    };
    Some(if omitted { Thinking::Omitted } else { Thinking::Shown })
}

/// The schema of the answer, in its place of today or in that of the beta.
fn shape(body: &Value) -> Option<Value> {
    let format = body.pointer("/output_config/format").or_else(|| body.get("output_format"))?;
    (string(format, "type") == Some("json_schema")).then(|| format.get("schema").cloned().unwrap_or_default())
}
