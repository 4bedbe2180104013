//! A request of the Responses API in the normal form.

use super::block::Block;
use super::object::{Object, is_bool, is_empty, is_number, is_text};
use super::question::Question;
use super::talk::{Call, Last, Talk};
use super::{format, tools};
use crate::Api;
use crate::json::Tree;

const API: Api = Api::Responses;

pub(super) fn read<'a>(body: &mut Object<'a>) -> Question<'a> {
    let mut question = Question::default();
    let mut talk = Talk::of(API);
    if let Some(instructions) = body.take_text("instructions").filter(|text| !text.is_empty()) {
        talk.say("system", vec![Block::plain(instructions)]);
    }
    match body.take_if("input", |input| matches!(input, Tree::Text(_) | Tree::List(_))) {
        Some(Tree::Text(text)) => talk.say("user", vec![Block::plain(text)]),
        Some(Tree::List(items)) => {
            for item in items {
                match Object::from_tree(item) {
                    Ok(item) => item_of(item, &mut talk),
                    Err(other) => talk.raw("message", other),
                }
            }
        }
        _ => {}
    }
    question.set("messages", Some(talk.into_tree()));
    tools::responses(body, &mut question);
    if let Some(mut form) = body.take_object("text") {
        if let Some(format) = form.take("format") {
            let (format, other) = format::responses(format);
            question.set("format", format);
            form.put_back("format", other);
        }
        question.verbosity(&mut form);
        body.put_back("text", form.rest());
    }
    if let Some(mut reasoning) = body.take_object("reasoning") {
        let effort = reasoning.take_if("effort", |effort| matches!(effort, Tree::Text(_)));
        question.set("effort", effort);
        body.put_back("reasoning", reasoning.rest());
    }
    question.max_output(body, "max_output_tokens");
    question.sampling(body);
    body.forget_default("truncation", |what| is_text(what, "disabled"));
    body.forget_default("background", |wanted| is_bool(wanted, false));
    body.forget_default("include", is_empty);
    body.forget_default("top_logprobs", |wanted| is_number(wanted, 0.0));
    question
}

fn item_of<'a>(mut item: Object<'a>, talk: &mut Talk<'a>) {
    let is_message = item.says("type", "message") || (!item.has("type") && item.has("role"));
    if is_message {
        message_of(item, talk);
    } else if item.says("type", "function_call") && item.is_text("name") {
        finished(&mut item);
        let name = item.take_text("name").unwrap_or_default();
        let arguments = item.take("arguments");
        let id = item.take_text("call_id");
        talk.call(Call { id, name, arguments, other: item.rest() });
    } else if item.says("type", "function_call_output") {
        finished(&mut item);
        let blocks = Block::list(API, item.take("output"));
        let id = item.take_text("call_id");
        talk.result(id, blocks, false, item.rest());
    } else {
        // Reasoning, references, calls of other kinds: with their ids, for those may be all that there is.
        talk.raw("message", item.rest().unwrap_or(Tree::Null));
    }
}

/// An item that is here in full needs no id of its own, and one that was cut off says so by its state.
fn finished(item: &mut Object<'_>) {
    item.forget(&["type"]);
    // Older tools have the call's id there.
    if item.has("call_id") || !item.has("id") || item.has("content") {
        item.forget(&["id"]);
    }
    item.forget_default("status", |status| is_text(status, "completed"));
}

fn message_of<'a>(mut item: Object<'a>, talk: &mut Talk<'a>) {
    let Some(role) = item.take_text("role") else {
        return talk.raw("message", item.rest().unwrap_or(Tree::Null));
    };
    let role = match role.as_ref() {
        "system" => "system",
        "developer" => "developer",
        "user" => "user",
        "assistant" => "assistant",
        _ => {
            item.put_back("role", Some(Tree::Text(role)));
            return talk.raw("message", item.rest().unwrap_or(Tree::Null));
        }
    };
    finished(&mut item);
    let blocks = Block::list(API, item.take("content"));
    // Words behind a call may be of the same turn: the list of items doesn't say.
    if role == "assistant" && talk.last() == Last::Words {
        talk.next_message();
    }
    talk.of_message(item.rest());
    talk.say(role, blocks);
}
