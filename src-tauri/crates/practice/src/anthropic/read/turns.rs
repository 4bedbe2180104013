//! The messages of a request as turns.

use serde_json::Value;

use crate::{
    anthropic::files,
    ask::{
        json::{flag, given, string},
        turn::{Piece, Role, Turn},
    },
    refusal::Refusal,
};

/// The instructions, a text or a list of texts.
pub(super) fn system(body: &Value) -> Option<Turn> {
    let pieces = match given(body, "system")? {
        Value::String(text) => vec![Piece::Text(text.clone())],
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| string(block, "text"));
            texts.map(|text| Piece::Text(text.to_owned())).collect()
        }
        _ => return None,
    };
    Some(Turn { role: Role::System, pieces })
}

pub(super) fn read(messages: &[Value]) -> Result<Vec<Turn>, Refusal> {
    messages.iter().enumerate().map(|(at, message)| turn(message, at)).collect()
}

fn turn(message: &Value, at: usize) -> Result<Turn, Refusal> {
    let role = match string(message, "role") {
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => Role::User,
    };
    let content = message.get("content").unwrap_or(&Value::Null);
    Ok(Turn { role, pieces: content_of(content, &format!("messages.{at}.content"))? })
}

fn content_of(content: &Value, path: &str) -> Result<Vec<Piece>, Refusal> {
    let blocks = match content {
        Value::String(text) => return Ok(vec![Piece::Text(text.clone())]),
        Value::Array(blocks) => blocks,
        _ => return Ok(Vec::new()),
    };
    let mut pieces = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        pieces.extend(piece(block, &format!("{path}.{index}"))?);
    }
    Ok(pieces)
}

fn piece(block: &Value, path: &str) -> Result<Option<Piece>, Refusal> {
    let text = |field| string(block, field).unwrap_or_default().to_owned();
    Ok(match string(block, "type") {
        Some("text") => block.get("text").and_then(Value::as_str).map(|text| Piece::Text(text.to_owned())),
        Some("image") => Some(Piece::File(files::image(block, &format!("{path}.image.source"))?)),
        Some("document") => Some(Piece::File(files::document(block, &format!("{path}.document.source"))?)),
        Some("tool_use") => {
            let arguments = block.get("input").map_or_else(|| "{}".to_owned(), Value::to_string);
            Some(Piece::Call { id: text("id"), tool: text("name"), arguments })
        }
        Some("tool_result") => {
            let content = block.get("content").unwrap_or(&Value::Null);
            let content = content_of(content, &format!("{path}.tool_result.content"))?;
            Some(Piece::Result { id: text("tool_use_id"), content, failed: flag(block, "is_error") })
        }
        // Thinking is checked by its signature and means nothing to the answer; the rest is of no use here.
        _ => None,
    })
}
