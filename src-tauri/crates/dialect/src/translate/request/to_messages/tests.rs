//! What a provider of the Messages API gets.

use serde_json::Value;

use super::super::super::ModelTraits;
use super::*;
use crate::Api;
use crate::canon::{Block, Json, Role, ToolCall, ToolResult, Turn};

mod controls;
mod history;
mod laws;
mod media;
mod structured;
mod tools;

/// What was sent, what was dropped, what is to be remembered.
struct Sent {
    body: Value,
    dropped: Vec<String>,
    memory: Memory,
}

fn try_send(conversation: Conversation, from: Api, traits: &ModelTraits) -> Result<Sent, TranslateError> {
    let question = Question {
        from,
        to: Api::Messages,
        body: b"",
        model: "claude-x",
        traits,
        stream: false,
        max_output: None,
    };
    let Translated { body, dropped, memory } = write(conversation, &question)?;
    Ok(Sent { body: serde_json::from_slice(&body).unwrap(), dropped, memory })
}

fn send_to(conversation: Conversation, traits: &ModelTraits) -> Sent {
    try_send(conversation, Api::ChatCompletions, traits).unwrap()
}

fn send(conversation: Conversation) -> Sent {
    send_to(conversation, &ModelTraits::default())
}

fn messages(turns: Vec<Turn>) -> Value {
    send(Conversation { turns, ..Conversation::default() }).body["messages"].take()
}

fn turn(role: Role, blocks: Vec<Block>) -> Turn {
    Turn { role, blocks }
}

fn says(role: Role, text: &str) -> Turn {
    turn(role, vec![Block::Text(text.to_owned())])
}

fn hello() -> Vec<Turn> {
    vec![says(Role::User, "Hello")]
}

fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() })
}

fn result(id: &str, text: &str) -> Block {
    Block::ToolResult(ToolResult {
        id: id.to_owned(),
        content: vec![Block::Text(text.to_owned())],
        is_error: false,
    })
}

fn raw(json: &Value) -> Json {
    serde_json::value::to_raw_value(json).unwrap()
}
