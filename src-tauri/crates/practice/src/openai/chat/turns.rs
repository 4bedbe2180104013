//! The messages of a chat as turns.

use serde_json::Value;

use crate::{
    ask::{
        json::{list, string},
        turn::{Piece, Role, Turn},
    },
    openai::{
        field::{empty_array, missing, wrong_type},
        files,
    },
    refusal::Refusal,
};

/// The messages, of which there must be some.
pub(super) fn messages(body: &Value) -> Result<&[Value], Refusal> {
    let messages = match body.get("messages") {
        None | Some(Value::Null) => return Err(missing("messages")),
        Some(Value::Array(messages)) => messages,
        Some(other) => return Err(wrong_type("messages", "an array of objects", other)),
    };
    if messages.is_empty() {
        return Err(empty_array("messages"));
    }
    if let Some(at) = messages.iter().position(|message| string(message, "role").is_none()) {
        return Err(missing(&format!("messages[{at}].role")));
    }
    Ok(messages)
}

pub(super) fn read(messages: &[Value]) -> Result<Vec<Turn>, Refusal> {
    messages.iter().enumerate().map(|(at, message)| turn(message, at)).collect()
}

fn turn(message: &Value, at: usize) -> Result<Turn, Refusal> {
    let mut pieces = content(message, at)?;
    let role = match string(message, "role") {
        Some("system" | "developer") => Role::System,
        Some("assistant") => {
            if let Some(refusal) = string(message, "refusal") {
                pieces.push(Piece::Refusal(refusal.to_owned()));
            }
            pieces.extend(list(message, "tool_calls").iter().map(call));
            Role::Assistant
        }
        Some("tool") => {
            let id = string(message, "tool_call_id").unwrap_or_default().to_owned();
            pieces = vec![Piece::Result { id, content: pieces, failed: false }];
            Role::User
        }
        _ => Role::User,
    };
    Ok(Turn { role, pieces })
}

fn content(message: &Value, at: usize) -> Result<Vec<Piece>, Refusal> {
    let parts = match message.get("content") {
        Some(Value::String(text)) => return Ok(vec![Piece::Text(text.clone())]),
        Some(Value::Array(parts)) => parts,
        _ => return Ok(Vec::new()),
    };
    let mut pieces = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let path = format!("messages[{at}].content[{index}]");
        pieces.extend(piece(part, &path)?);
    }
    Ok(pieces)
}

fn piece(part: &Value, path: &str) -> Result<Option<Piece>, Refusal> {
    Ok(match string(part, "type") {
        Some("text") => part.get("text").and_then(Value::as_str).map(|text| Piece::Text(text.to_owned())),
        Some("refusal") => string(part, "refusal").map(|text| Piece::Refusal(text.to_owned())),
        Some("image_url") => {
            let url = part.get("image_url").and_then(|image| string(image, "url").or_else(|| image.as_str()));
            let path = format!("{path}.image_url.url");
            let Some(url) = url else { return Err(missing(&path)) };
            Some(Piece::File(files::image(url, &path)?))
        }
        Some("file") => {
            let path = format!("{path}.file");
            let Some(file) = part.get("file") else { return Err(missing(&path)) };
            Some(Piece::File(files::document(file, &path)?))
        }
        _ => None,
    })
}

fn call(call: &Value) -> Piece {
    let function = call.get("function").unwrap_or(&Value::Null);
    let text = |holder, field| string(holder, field).unwrap_or_default().to_owned();
    Piece::Call { id: text(call, "id"), tool: text(function, "name"), arguments: text(function, "arguments") }
}
