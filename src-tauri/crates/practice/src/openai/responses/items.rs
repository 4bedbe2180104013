//! The items of a conversation as turns.

use http::StatusCode;
use serde_json::Value;

use crate::{
    ask::{
        json::{list, string},
        turn::{Attachment, Kind, Origin, Piece, Role, Turn},
    },
    openai::{field::missing, files},
    provider::Provider,
    refusal::Refusal,
    thinking::Seal,
};

/// The item itself, where only its id was sent.
pub(super) fn resolved(provider: &Provider, item: &Value, at: usize) -> Result<Value, Refusal> {
    if string(item, "type") != Some("item_reference") {
        return Ok(item.clone());
    }
    let id = string(item, "id").ok_or_else(|| missing(&format!("input[{at}].id")))?;
    provider.stored().lock().item(id).ok_or_else(|| lost(id))
}

pub(super) fn read(provider: &Provider, items: &[Value]) -> Result<Vec<Turn>, Refusal> {
    let mut turns = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        turns.extend(turn(provider, item, at)?);
    }
    Ok(turns)
}

fn turn(provider: &Provider, item: &Value, at: usize) -> Result<Option<Turn>, Refusal> {
    let text = |field| string(item, field).unwrap_or_default().to_owned();
    let turn = match string(item, "type") {
        Some("function_call") => {
            let call = Piece::Call { id: text("call_id"), tool: text("name"), arguments: text("arguments") };
            Turn { role: Role::Assistant, pieces: vec![call] }
        }
        Some("function_call_output") => {
            let content = content(item.get("output"), &format!("input[{at}].output"))?;
            let result = Piece::Result { id: text("call_id"), content, failed: false };
            Turn { role: Role::User, pieces: vec![result] }
        }
        Some("reasoning") => {
            check_reasoning(provider, item)?;
            return Ok(None);
        }
        None | Some("message") => {
            let role = match string(item, "role") {
                None => return Err(missing(&format!("input[{at}].role"))),
                Some("system" | "developer") => Role::System,
                Some("assistant") => Role::Assistant,
                Some(_) => Role::User,
            };
            Turn { role, pieces: content(item.get("content"), &format!("input[{at}].content"))? }
        }
        // Calls of tools that the vendor runs itself, and what else is of no use here.
        Some(_) => return Ok(None),
    };
    Ok(Some(turn))
}

fn content(content: Option<&Value>, path: &str) -> Result<Vec<Piece>, Refusal> {
    let parts = match content {
        Some(Value::String(text)) => return Ok(vec![Piece::Text(text.clone())]),
        Some(Value::Array(parts)) => parts,
        _ => return Ok(Vec::new()),
    };
    let mut pieces = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        pieces.extend(piece(part, &format!("{path}[{index}]"))?);
    }
    Ok(pieces)
}

fn piece(part: &Value, path: &str) -> Result<Option<Piece>, Refusal> {
    Ok(match string(part, "type") {
        Some("input_text" | "output_text" | "text") => {
            part.get("text").and_then(Value::as_str).map(|text| Piece::Text(text.to_owned()))
        }
        Some("refusal") => string(part, "refusal").map(|text| Piece::Refusal(text.to_owned())),
        Some("input_image") => {
            Some(Piece::File(match (string(part, "image_url"), string(part, "file_id")) {
                (Some(url), _) => files::image(url, &format!("{path}.image_url"))?,
                (None, Some(id)) => {
                    Attachment { kind: Kind::Image, origin: Origin::Stored(id.to_owned()), name: None }
                }
                (None, None) => return Err(missing(&format!("{path}.image_url"))),
            }))
        }
        Some("input_file") => Some(Piece::File(files::document(part, path)?)),
        _ => None,
    })
}

/// Reasoning comes back either by its id, if the vendor kept it, or as what the vendor handed out.
fn check_reasoning(provider: &Provider, item: &Value) -> Result<(), Refusal> {
    let id = string(item, "id").unwrap_or_default();
    match string(item, "encrypted_content") {
        Some(content) if provider.signer().verifies(Seal::Reasoning, content, "") => Ok(()),
        Some(_) => {
            let message = format!(
                "The encrypted content for item {id} could not be verified. Reason: Encrypted content could not be \
                 decrypted or parsed."
            );
            Err(Refusal::invalid(message).code("invalid_encrypted_content"))
        }
        // Who runs a model at home and shows its thoughts in plain words keeps nothing either.
        None if !list(item, "content").is_empty() && !provider.is_strict() => Ok(()),
        None if provider.stored().lock().item(id).is_some() => Ok(()),
        None => Err(lost(id)),
    }
}

fn lost(id: &str) -> Refusal {
    let message = format!(
        "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` \
         set to true, or remove this item from your input."
    );
    Refusal::new(StatusCode::NOT_FOUND, "invalid_request_error", message).param("input")
}
