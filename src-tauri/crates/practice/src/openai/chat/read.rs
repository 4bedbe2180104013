//! Reads a chat completion request.

use serde_json::{Map, Value};

use super::{rules, turns};
use crate::{
    ask::{
        Ask, Thinking,
        json::{flag, given, list, string},
    },
    cache::Segment,
    openai::{
        field::{decimal, integer, model, object, word, wrong_type},
        tools::{self, Style},
    },
    provider::Provider,
    refusal::Refusal,
};

/// How hard a model may be asked to reason.
pub(in crate::openai) const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// The most answers that one request may ask for.
const MOST_CHOICES: u64 = 8;

pub(super) fn read(provider: &Provider, body: &[u8]) -> Result<Ask, Refusal> {
    let body = object(body)?;
    let model = model(&body)?;
    let messages = turns::messages(&body)?;
    if provider.is_strict() {
        rules::check(&body, messages)?;
    }
    let turns = turns::read(messages)?;
    let tools = tools::read(&body, Style::Nested);
    let temperature = decimal(&body, "temperature", 0.0, 2.0)?;
    let ask = Ask {
        stream: flag(&body, "stream"),
        include_usage: body.get("stream_options").is_some_and(|options| flag(options, "include_usage")),
        choices: integer(&body, "n", 1, Some(MOST_CHOICES))?
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(1),
        limit: limit(&body)?,
        stops: stops(&body)?,
        temperature,
        demand: tools::demand(&body, &tools, Style::Nested)?,
        one_call: tools::one_call(&body),
        shape: shape(&body),
        thinking: effort(word(&body, "reasoning_effort", "reasoning_effort", &EFFORTS)?),
        logprobs: logprobs(&body)?,
        // Last of all, for a request that is refused must leave no trace in the cache.
        input: provider.cached(&model, &segments(&body, messages)),
        tools,
        turns,
        model,
    };
    Ok(ask)
}

/// What the vendor reads, in the order in which it reads it.
fn segments(body: &Value, messages: &[Value]) -> Vec<Segment> {
    let tools = list(body, "tools").iter().map(Segment::verbatim);
    tools.chain(messages.iter().map(Segment::of)).collect()
}

/// The tokens that a level of effort costs; always the same, so that usage can be foretold.
pub(in crate::openai) fn effort(level: Option<&str>) -> Option<Thinking> {
    let tokens = match level? {
        "minimal" => 16,
        "low" => 32,
        "medium" => 64,
        "high" => 128,
        "xhigh" => 192,
        "max" => 256,
        _ => return None,
    };
    Some(Thinking::Hidden { tokens })
}

fn limit(body: &Value) -> Result<Option<u64>, Refusal> {
    let new = integer(body, "max_completion_tokens", 1, None)?;
    let old = integer(body, "max_tokens", 1, None)?;
    Ok(new.or(old))
}

fn stops(body: &Value) -> Result<Vec<String>, Refusal> {
    let stops = match given(body, "stop") {
        None => Vec::new(),
        Some(Value::String(stop)) => vec![stop.clone()],
        Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(other) => return Err(wrong_type("stop", "a string or an array of strings", other)),
    };
    Ok(stops.into_iter().filter(|stop| !stop.is_empty()).collect())
}

fn shape(body: &Value) -> Option<Value> {
    let format = body.get("response_format")?;
    match string(format, "type")? {
        "json_schema" => Some(format.pointer("/json_schema/schema").cloned().unwrap_or_default()),
        "json_object" => Some(Value::Object(Map::new())),
        _ => None,
    }
}

fn logprobs(body: &Value) -> Result<Option<usize>, Refusal> {
    let alternatives = integer(body, "top_logprobs", 0, Some(20))?.unwrap_or(0);
    Ok(flag(body, "logprobs").then(|| usize::try_from(alternatives).unwrap_or_default()))
}
