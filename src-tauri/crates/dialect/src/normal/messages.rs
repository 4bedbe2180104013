//! A request of the Messages API in the normal form.

use super::block::Block;
use super::object::{Object, is_bool, is_empty, is_only};
use super::question::Question;
use super::talk::{Call, Talk};
use super::{format, tools};
use crate::Api;
use crate::json::Tree;

const API: Api = Api::Messages;

/// Claude Code puts a line of accounting in front of its system prompt. It is not meant for a model, and it
/// changes with every build.
const ACCOUNTING: &str = "x-anthropic-billing-header:";

pub(super) fn read<'a>(body: &mut Object<'a>) -> Question<'a> {
    let mut question = Question::default();
    let mut talk = Talk::of(API);
    if let Some(system) = body.take_if("system", |system| matches!(system, Tree::Text(_) | Tree::List(_))) {
        system_of(system, &mut talk);
    }
    for message in body.take_list("messages").unwrap_or_default() {
        match Object::from_tree(message) {
            Ok(fields) => message_of(fields, &mut talk),
            Err(other) => talk.raw("message", other),
        }
    }
    question.set("messages", Some(talk.into_tree()));
    tools::messages(body, &mut question);
    // The newer place first, so that of two formats the older one is left as it stands.
    if let Some(mut config) = body.take_object("output_config") {
        format_of(&mut config, "format", &mut question);
        body.put_back("output_config", config.rest());
    }
    format_of(body, "output_format", &mut question);
    question.max_output(body, "max_tokens");
    question.stop(body, "stop_sequences");
    question.sampling(body);
    body.forget_default("mcp_servers", is_empty);
    question
}

fn format_of<'a>(object: &mut Object<'a>, name: &'static str, question: &mut Question<'a>) {
    if question.has("format") {
        return;
    }
    if let Some(format) = object.take(name) {
        let (format, other) = format::messages(format);
        question.set("format", format);
        object.put_back(name, other);
    }
}

fn system_of<'a>(system: Tree<'a>, talk: &mut Talk<'a>) {
    let mut blocks = Block::list(API, Some(system));
    blocks.retain(|block| match block {
        Block::Text { text, other: None } => !text.starts_with(ACCOUNTING) || text.trim_end().contains('\n'),
        _ => true,
    });
    if blocks.iter().any(|block| !block.is_nothing()) {
        talk.say("system", blocks);
    }
}

fn message_of<'a>(mut message: Object<'a>, talk: &mut Talk<'a>) {
    let Some(role) = message.take_text("role") else {
        return talk.raw("message", message.rest().unwrap_or(Tree::Null));
    };
    let role = match role.as_ref() {
        "user" => "user",
        "assistant" => "assistant",
        "system" => "system",
        "developer" => "developer",
        _ => {
            message.put_back("role", Some(Tree::Text(role)));
            return talk.raw("message", message.rest().unwrap_or(Tree::Null));
        }
    };
    message.forget(&["cache_control"]);
    let content = match message.take("content") {
        None => Vec::new(),
        Some(Tree::List(parts)) => parts.into_iter().map(|part| Piece::of(role, part)).collect(),
        Some(Tree::Text(text)) => vec![Piece::Said(Block::plain(text))],
        Some(other) => vec![Piece::Said(Block::odd(API, other))],
    };
    if role == "assistant" {
        talk.next_message();
    }
    talk.of_message(message.rest());
    let mut said = Vec::new();
    let mut only_said = true;
    for piece in content {
        match piece {
            Piece::Said(block) => said.push(block),
            Piece::Call(call) => {
                only_said = false;
                flush(role, &mut said, talk);
                call_of(call, talk);
            }
            Piece::Result(result) => {
                only_said = false;
                flush(role, &mut said, talk);
                result_of(result, talk);
            }
        }
    }
    if only_said {
        talk.say(role, said);
    } else {
        flush(role, &mut said, talk);
    }
}

fn flush<'a>(role: &'static str, said: &mut Vec<Block<'a>>, talk: &mut Talk<'a>) {
    let said = std::mem::take(said);
    if said.iter().any(|block| !block.is_nothing()) {
        talk.say(role, said);
    }
}

enum Piece<'a> {
    Said(Block<'a>),
    Call(Object<'a>),
    Result(Object<'a>),
}

impl<'a> Piece<'a> {
    fn of(role: &str, part: Tree<'a>) -> Self {
        match Object::from_tree(part) {
            Ok(part) if role == "assistant" && part.says("type", "tool_use") && is_call(&part) => {
                Self::Call(part)
            }
            Ok(part) if role == "user" && part.says("type", "tool_result") => Self::Result(part),
            Ok(part) => Self::Said(Block::of_object(API, part)),
            Err(other) => Self::Said(Block::raw(API, other)),
        }
    }
}

fn is_call(part: &Object<'_>) -> bool {
    part.is_text("name")
}

fn call_of<'a>(mut part: Object<'a>, talk: &mut Talk<'a>) {
    part.forget(&["type", "cache_control"]);
    let name = part.take_text("name").unwrap_or_default();
    let id = part.take_text("id").filter(|id| !id.is_empty());
    let arguments = part.take("input");
    // By the model itself, and not by code that runs at the provider.
    part.forget_default("caller", |caller| is_only(caller, "type", "direct"));
    talk.call(Call { id, name, arguments, other: part.rest() });
}

fn result_of<'a>(mut part: Object<'a>, talk: &mut Talk<'a>) {
    part.forget(&["type", "cache_control"]);
    let id = part.take_text("tool_use_id");
    let blocks = Block::list(API, part.take("content"));
    part.forget_default("is_error", |failed| is_bool(failed, false));
    let is_error = part.take_if("is_error", |failed| is_bool(failed, true)).is_some();
    talk.result(id, blocks, is_error, part.rest());
}
