//! What a Messages client says, in the canonical form.

use serde_json::{Value, json};

use super::*;
use crate::ask::body_fields;
use crate::canon::Block;

mod blocks;
mod clients;
mod controls;
mod laws;

fn read(body: &[u8]) -> Result<Conversation, AskError> {
    super::read(&body_fields(body)?)
}

fn read_json(body: &Value) -> Conversation {
    read(body.to_string().as_bytes()).unwrap()
}

/// A request with one more field.
fn with(field: &str, value: Value) -> Conversation {
    let mut body =
        json!({"model": "claude-x", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]});
    body[field] = value;
    read_json(&body)
}

/// A conversation with these messages.
fn talk(messages: Value) -> Conversation {
    with("messages", messages)
}

fn refused(body: &Value) -> AskError {
    read(body.to_string().as_bytes()).expect_err("the request is wrong")
}

fn lost(conversation: &Conversation, loss: Loss) -> Vec<&str> {
    let fields = conversation.unmapped.iter().filter(|unmapped| unmapped.loss == loss);
    fields.map(|unmapped| unmapped.field.as_str()).collect()
}

fn told(conversation: &Conversation) -> Vec<&str> {
    assert_eq!(lost(conversation, Loss::Meaning), Vec::<&str>::new());
    lost(conversation, Loss::Told)
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}
