//! What a client of Chat Completions says, as the canonical form has it.

use serde_json::{Value, json};

use super::*;
use crate::ask::body_fields;
use crate::canon::{Block, Loss, Role, Turn};

mod bodies;
mod messages;
mod never_panics;
mod settings;
mod tools;

fn read(body: &[u8]) -> Result<Conversation, AskError> {
    super::read(&body_fields(body)?)
}

/// A request with these fields beside a model and one message.
fn with(fields: &Value) -> Result<Conversation, AskError> {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    read(body.to_string().as_bytes())
}

/// A request with these messages.
fn saying(messages: &Value) -> Result<Conversation, AskError> {
    with(&json!({"messages": messages}))
}

fn turns(messages: &Value) -> Vec<Turn> {
    saying(messages).unwrap().turns
}

/// The field to blame, and the words.
fn problem(read: Result<Conversation, AskError>) -> (String, String) {
    let error = read.unwrap_err();
    (error.param.unwrap_or_default(), error.message)
}

/// What a request loses, by what that costs.
fn lost(conversation: &Conversation, loss: Loss) -> Vec<&str> {
    conversation.unmapped.iter().filter(|lost| lost.loss == loss).map(|lost| lost.field.as_str()).collect()
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn turn(role: Role, blocks: Vec<Block>) -> Turn {
    Turn { role, blocks }
}

#[test]
fn a_body_that_is_no_request_is_refused_with_the_field_to_blame() {
    assert!(problem(read(b"{\"model\":\"\xff\"}")).1.contains("not UTF-8 at byte 10"));
    assert!(problem(read(b"[]")).1.starts_with("The body must be a JSON object"));
    assert!(problem(read(b"")).1.starts_with("The body is empty; it must be a JSON object"));
    assert_eq!(problem(read(b"{\"messages\":[]}")).0, "model");
    let wrong = "`messages` must be a list with at least one message.";
    for messages in [json!(null), json!([]), json!("hi"), json!({})] {
        assert_eq!(problem(saying(&messages)), ("messages".to_owned(), wrong.to_owned()), "{messages}");
    }
}

#[test]
fn half_a_surrogate_pair_is_read_as_a_replacement_character() {
    let body = br#"{"model":"m","messages":[{"role":"user","content":"cut \ud83d"},{"role":"user","content":[{"type":"text","text":"\ude00 here"}]}]}"#;
    let said = read(body).unwrap().turns;
    let words = |turn: &Turn| match turn.blocks.as_slice() {
        [Block::Text(text)] => text.replace('\u{fffd}', ""),
        other => panic!("{other:?}"),
    };
    assert_eq!((words(&said[0]), words(&said[1])), ("cut ".to_owned(), " here".to_owned()));
}

#[test]
fn a_field_that_nobody_knows_is_told_and_null_is_as_if_it_were_not_there() {
    let read = with(&json!({"min_p": 0.1, "seed": null, "stop": null, "tools": null, "n": null})).unwrap();
    assert_eq!(lost(&read, Loss::Told), ["min_p"]);
    assert!(lost(&read, Loss::Nothing).is_empty());
}

#[test]
fn names_of_fields_are_fit_for_a_header_and_do_not_pile_up() {
    let mut fields = serde_json::Map::new();
    fields.insert("z".repeat(5000), json!(1));
    for number in 0..200 {
        fields.insert(format!("odd\r\n{number},x"), json!(1));
    }
    fields.insert("web_search_options".to_owned(), json!({}));
    let read = with(&Value::Object(fields)).unwrap();
    let told = lost(&read, Loss::Told);
    assert_eq!(told.len(), 65);
    assert!(
        told.iter().all(|name| name.len() <= 64 && name.chars().all(|c| c.is_ascii_graphic() && c != ','))
    );
    assert_eq!((told[1], told[64]), ("odd__0_x", "others"));
    assert_eq!(lost(&read, Loss::Meaning), ["web_search_options"], "however long the list");
}
