//! An answer that says what was understood of the request, in the same words whatever the dialect.
//!
//! The strongest proof of a translation: if a request and its translation are recited alike, nothing was lost
//! on the way. Named are the things that both dialects can say; what only one of them has is left out.

use serde_json::{Map, Value};

use super::words;
use crate::ask::{
    Ask, Demand,
    turn::{self, Piece, Role, Turn},
};

pub(super) fn of(ask: &Ask) -> String {
    let mut lines = Vec::new();
    for turn in &ask.turns {
        for piece in &turn.pieces {
            lines.push(line(turn.role, piece, &ask.turns));
        }
    }
    lines.extend(settings(ask));
    lines.join("\n")
}

fn line(role: Role, piece: &Piece, turns: &[Turn]) -> String {
    let who = match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    match piece {
        Piece::Text(text) => format!("{who}: {text}"),
        Piece::Refusal(text) => format!("{who} declined: {text}"),
        Piece::File(file) => match &file.name {
            Some(name) => format!("{who}: {}, \"{name}\"", words::one(file)),
            None => format!("{who}: {}", words::one(file)),
        },
        Piece::Call { tool, arguments, .. } => format!("{who} calls {tool} with {}", sorted(arguments)),
        Piece::Result { id, content, failed } => {
            let inside: Vec<String> = content
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::File(file) => words::one(file),
                    Piece::Call { .. } | Piece::Result { .. } | Piece::Refusal(_) => String::new(),
                })
                .collect();
            let verb = if *failed { "failed with" } else { "gave" };
            format!("{} {verb}: {}", turn::tool_of(turns, id), inside.join(" + "))
        }
    }
}

/// Arguments with their keys in order, for a value has no order of its own.
fn sorted(arguments: &str) -> String {
    fn in_order(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> =
                    fields.into_iter().map(|(name, value)| (name, in_order(value))).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(fields.into_iter().collect::<Map<_, _>>())
            }
            Value::Array(items) => items.into_iter().map(in_order).collect(),
            other => other,
        }
    }
    serde_json::from_str(arguments).map_or_else(|_| arguments.to_owned(), |value| in_order(value).to_string())
}

fn settings(ask: &Ask) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |name: &str, value: String| lines.push(format!("{name}: {value}"));
    for tool in &ask.tools {
        say("tool", format!("{} {}", tool.name, sorted(&tool.schema.to_string())));
    }
    match &ask.demand {
        Demand::Free => {}
        Demand::Any => say("must call", "any".to_owned()),
        Demand::Named(name) => say("must call", name.clone()),
        Demand::Never => say("must call", "none".to_owned()),
    }
    if ask.one_call {
        say("calls at once", "1".to_owned());
    }
    if let Some(schema) = &ask.shape {
        say("answer fits", sorted(&schema.to_string()));
    }
    if let Some(limit) = ask.limit {
        say("at most", format!("{limit} tokens"));
    }
    for stop in &ask.stops {
        say("stops at", format!("{stop:?}"));
    }
    if let Some(temperature) = ask.temperature {
        say("temperature", temperature.to_string());
    }
    if ask.thinking.is_some() {
        say("thinks", "yes".to_owned());
    }
    lines
}
