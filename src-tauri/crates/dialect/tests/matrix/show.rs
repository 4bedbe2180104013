//! Requests and answers as a reviewer wants to read them: one thing a line, without what is always the same.

use std::fmt::Write as _;

use evenkeel_dialect::Api;
use serde_json::{Value, json};

use crate::provider;

/// The limit of requests that are not about limits.
pub(crate) const USUAL_LIMIT: u64 = 100;

pub(crate) fn api(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "chat",
        Api::Responses => "responses",
        Api::Messages => "messages",
        Api::Embeddings => "embeddings",
    }
}

/// What the provider calls its model.
pub(crate) fn model(provider: Api) -> &'static str {
    if provider == Api::Messages { "claude-theirs" } else { "gpt-theirs" }
}

/// The conversation of requests that are not about it.
pub(crate) fn usual(client: Api) -> (&'static str, Value) {
    match client {
        Api::Responses => ("input", json!("Hi")),
        _ => ("messages", json!([{"role": "user", "content": "Hi"}])),
    }
}

/// A request, one field a line, and one element of a list.
pub(crate) fn request(body: &Value) -> String {
    let mut shown = String::new();
    for (name, value) in body.as_object().expect("an object") {
        let is_usual = match name.as_str() {
            "model" | "stream" => true,
            "messages" => *value == usual(Api::Messages).1,
            "input" => *value == usual(Api::Responses).1,
            "max_tokens" => *value == USUAL_LIMIT,
            _ => false,
        };
        match value {
            _ if is_usual => {}
            Value::Array(items) if items.len() > 1 || items.iter().any(Value::is_object) => {
                let _ = writeln!(shown, "  {name}");
                for item in items {
                    let _ = writeln!(shown, "    {item}");
                }
            }
            value => {
                let _ = writeln!(shown, "  {name} {value}");
            }
        }
    }
    shown
}

/// An answer without what the client sent itself and what is the same in every answer.
pub(crate) fn whole(client: Api, body: &Value, with_usage: bool) -> String {
    let mut shown = comparable(client, body);
    if !with_usage {
        shown.as_object_mut().expect("an object").shift_remove("usage");
    }
    let only_choice = shown.pointer_mut("/choices/0").map(Value::take);
    only_choice.map_or(shown.to_string(), |choice| joined(choice, shown.get("usage")))
}

/// The only choice without its wrapping, and the usage.
fn joined(mut choice: Value, usage: Option<&Value>) -> String {
    let fields = choice.as_object_mut().expect("a choice");
    fields.shift_remove("index");
    if let Some(usage) = usage {
        fields.insert("usage".to_owned(), usage.clone());
    }
    choice.to_string()
}

/// The part of an answer that a stream says, too.
pub(crate) fn comparable(client: Api, body: &Value) -> Value {
    let mut kept = body.clone();
    let fields = kept.as_object_mut().expect("an object");
    match client {
        Api::Responses => {
            fields.retain(|name, _| {
                ["status", "incomplete_details", "output", "usage", "error"].contains(&name.as_str())
            });
        }
        Api::Messages => fields.retain(|name, _| !["id", "type", "role", "model"].contains(&name.as_str())),
        _ => {
            fields.retain(|name, _| ["choices", "usage"].contains(&name.as_str()));
            for of_whole_ones in ["annotations", "role"] {
                fields["choices"][0]["message"]
                    .as_object_mut()
                    .expect("a message")
                    .shift_remove(of_whole_ones);
            }
        }
    }
    without_nothing(&mut kept);
    kept
}

/// A stream, one event a line.
pub(crate) fn stream(client: Api, stream: &str, with_usage: bool) -> String {
    let mut shown = String::new();
    for frame in provider::frames(stream) {
        let line = match serde_json::from_slice(&frame.data) {
            Ok(event) => event_of(client, event, with_usage),
            Err(_) => Some(String::from_utf8_lossy(&frame.data).into_owned()),
        };
        if let Some(line) = line {
            let _ = writeln!(shown, "  {line}");
        }
    }
    shown
}

fn event_of(client: Api, mut event: Value, with_usage: bool) -> Option<String> {
    without_nothing(&mut event);
    let fields = event.as_object_mut().expect("an object");
    if !with_usage {
        fields.shift_remove("usage");
    }
    if client == Api::ChatCompletions {
        return match fields.get_mut("choices").map(Value::take) {
            Some(Value::Array(choices)) if choices.is_empty() => {
                fields.get("usage").map(|usage| format!("usage {usage}"))
            }
            Some(mut choices) => Some(joined(choices[0].take(), None)),
            None => Some(event.to_string()),
        };
    }
    let kind = fields.shift_remove("type").unwrap_or_default();
    let kind = kind.as_str().unwrap_or("").trim_start_matches("response.").to_owned();
    if let Some(message) = fields.get_mut("message") {
        *message = json!({ "usage": message.get("usage").filter(|_| with_usage) });
    }
    if client == Api::Responses {
        // What is whole in an event is compared with the whole answer, so that it needn't be looked at.
        let is_short = ["output_index", "content_index", "summary_index", "delta"];
        let failure = fields.get("response").and_then(|response| response.get("error")).cloned();
        fields.retain(|name, _| is_short.contains(&name.as_str()));
        fields.extend(failure.map(|error| ("error".to_owned(), error)));
    }
    without_nothing(&mut event);
    Some(if event == json!({}) { kind } else { format!("{kind} {event}") })
}

/// Takes out what says nothing: nulls, and empty lists of a vendor's own.
fn without_nothing(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_nothing),
        Value::Object(fields) => {
            fields.retain(|name, value| {
                let empty_list = ["logprobs", "annotations"].contains(&name.as_str()) && *value == json!([]);
                !value.is_null() && !empty_list
            });
            fields.values_mut().for_each(without_nothing);
        }
        _ => {}
    }
}
