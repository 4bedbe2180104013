//! A Chat Completions request in the normal form.

use super::block::{self, Block};
use super::object::{Object, is_bool, is_empty, is_number, is_text};
use super::question::Question;
use super::talk::{Call, Talk};
use super::{format, tools};
use crate::Api;
use crate::json::Tree;

const API: Api = Api::ChatCompletions;

pub(super) fn read<'a>(body: &mut Object<'a>) -> Question<'a> {
    let mut question = Question::default();
    let mut talk = Talk::of(API);
    for message in body.take_list("messages").unwrap_or_default() {
        match Object::from_tree(message) {
            Ok(fields) => message_of(fields, &mut talk),
            Err(other) => talk.raw("message", other),
        }
    }
    question.set("messages", Some(talk.into_tree()));
    tools::chat(body, &mut question);
    if let Some(format) = body.take("response_format") {
        let (format, other) = format::chat(format);
        question.set("format", format);
        body.put_back("response_format", other);
    }
    question.max_output(body, "max_completion_tokens");
    question.max_output(body, "max_tokens");
    question.stop(body, "stop");
    question.sampling(body);
    question.set("effort", body.take_if("reasoning_effort", |effort| matches!(effort, Tree::Text(_))));
    question.verbosity(body);
    body.forget_default("n", |n| is_number(n, 1.0));
    for penalty in ["presence_penalty", "frequency_penalty", "top_logprobs"] {
        body.forget_default(penalty, |penalty| is_number(penalty, 0.0));
    }
    body.forget_default("logprobs", |wanted| is_bool(wanted, false));
    body.forget_default("logit_bias", is_empty);
    body.forget_default(
        "modalities",
        |listed| matches!(listed, Tree::List(listed) if matches!(&listed[..], [one] if is_text(one, "text"))),
    );
    question
}

fn message_of<'a>(mut message: Object<'a>, talk: &mut Talk<'a>) {
    let Some(role) = message.take_text("role") else {
        return talk.raw("message", message.rest().unwrap_or(Tree::Null));
    };
    let role = match role.as_ref() {
        "system" => "system",
        "developer" => "developer",
        "user" => "user",
        "assistant" => "assistant",
        "tool" if message.has("tool_call_id") => return result_of(message, talk),
        // The older `function`, and roles of hosts of their own.
        _ => {
            message.put_back("role", Some(Tree::Text(role)));
            return talk.raw("message", message.rest().unwrap_or(Tree::Null));
        }
    };
    message.forget(&["cache_control"]);
    let mut blocks = Block::list(API, message.take("content"));
    let mut calls = Vec::new();
    if role == "assistant" {
        talk.next_message();
        // An answer that is sent back has these even where they say nothing.
        message.forget_default("annotations", is_empty);
        if let Some(refusal) = message.take_text("refusal") {
            blocks.push(block::refused(API, refusal, None));
        }
        calls = message.take_list("tool_calls").unwrap_or_default();
    }
    talk.of_message(message.rest());
    // Empty words beside calls are no words: some clients write null there, some an empty text.
    let nothing = blocks.iter().all(Block::is_nothing);
    if !nothing || calls.is_empty() {
        talk.say(role, blocks);
    }
    for call in calls {
        call_of(call, talk);
    }
}

fn call_of<'a>(call: Tree<'a>, talk: &mut Talk<'a>) {
    let mut call = match Object::from_tree(call) {
        Ok(call) => call,
        Err(other) => return talk.raw("call", other),
    };
    let is_function = call.says("type", "function") || !call.has("type");
    let function = if is_function { call.take_object("function") } else { None };
    let Some(mut function) = function else { return talk.raw("call", call.rest().unwrap_or(Tree::Null)) };
    let Some(name) = function.take_text("name") else {
        call.put_back("function", function.rest());
        return talk.raw("call", call.rest().unwrap_or(Tree::Null));
    };
    // Where it stands in the list says the same.
    call.forget(&["type", "index"]);
    let arguments = function.take("arguments");
    call.put_back("function", function.rest());
    let id = call.take_text("id").filter(|id| !id.is_empty());
    talk.call(Call { id, name, arguments, other: call.rest() });
}

fn result_of<'a>(mut message: Object<'a>, talk: &mut Talk<'a>) {
    message.forget(&["cache_control"]);
    let blocks = Block::list(API, message.take("content"));
    let id = message.take_text("tool_call_id");
    // The function's name, which its call has already.
    let name = id.as_deref().and_then(|id| talk.called(id));
    message.forget_default("name", |given| name.is_some_and(|name| is_text(given, name)));
    talk.result(id, blocks, false, message.rest());
}
