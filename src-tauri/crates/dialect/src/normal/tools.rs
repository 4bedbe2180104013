//! What the model may call, and whether it must.

use std::borrow::Cow;

use super::object::{Object, is_bool, is_empty, object, text};
use super::prose::{self, End};
use super::question::Question;
use crate::Api;
use crate::json::Tree;

pub(super) fn chat<'a>(body: &mut Object<'a>, question: &mut Question<'a>) {
    let offered = list(Api::ChatCompletions, body, question, |mut tool| {
        let function = if tool.says("type", "function") { tool.take_object("function") } else { None };
        let Some(function) = function else { return Err(tool) };
        tool.forget(&["type", "cache_control"]);
        Ok(function_of(Api::ChatCompletions, function, "parameters", tool.rest()))
    });
    word_or_function(Api::ChatCompletions, offered, body, question);
}

pub(super) fn responses<'a>(body: &mut Object<'a>, question: &mut Question<'a>) {
    let offered = list(Api::Responses, body, question, |mut tool| {
        if !tool.says("type", "function") || tool.has("function") {
            return Err(tool);
        }
        tool.forget(&["type"]);
        Ok(function_of(Api::Responses, tool, "parameters", None))
    });
    word_or_function(Api::Responses, offered, body, question);
}

pub(super) fn messages<'a>(body: &mut Object<'a>, question: &mut Question<'a>) {
    let offered = list(Api::Messages, body, question, |mut tool| {
        if tool.has("type") && !tool.says("type", "custom") {
            return Err(tool);
        }
        tool.forget(&["type"]);
        Ok(function_of(Api::Messages, tool, "input_schema", None))
    });
    let Some(mut choice) = body.take_object("tool_choice") else { return };
    choice.forget_default("disable_parallel_tool_use", |never| is_bool(never, false));
    let one_at_a_time = choice.take_if("disable_parallel_tool_use", |never| is_bool(never, true));
    question.set("parallel_tools", one_at_a_time.map(|_| Tree::Bool(false)));
    let word = ["auto", "any", "none"].into_iter().find(|word| choice.says("type", word));
    let named = if choice.says("type", "tool") { choice.take_text("name") } else { None };
    if word.is_some() || named.is_some() {
        let kind = choice.take("type");
        if !choice.is_spent() {
            choice.put_back("type", kind);
        }
    }
    let word = word.map(|word| if word == "any" { "required" } else { word });
    question.set("tool_choice", chosen(word, named, offered));
    body.put_back("tool_choice", choice.rest());
}

/// Takes the list of tools, each through `known`, which gives back what is no function. Whether there are any.
fn list<'a>(
    api: Api,
    body: &mut Object<'a>,
    question: &mut Question<'a>,
    known: impl Fn(Object<'a>) -> Result<Tree<'a>, Object<'a>>,
) -> bool {
    body.forget_default("tools", is_empty);
    let Some(tools) = body.take_list("tools") else { return body.has("tools") };
    let tools = tools.into_iter().map(|tool| {
        let raw = |tool| object([("raw", Some(super::tagged(api, tool)))]);
        match Object::from_tree(tool) {
            Ok(tool) => known(tool).unwrap_or_else(|mut tool| {
                tool.forget(&["cache_control"]);
                raw(tool.rest().unwrap_or(Tree::Null))
            }),
            Err(other) => raw(other),
        }
    });
    question.set("tools", Some(Tree::List(tools.collect())));
    true
}

/// A function. `around` is what is left of the object that it stands in.
fn function_of<'a>(
    api: Api,
    mut function: Object<'a>,
    schema: &'static str,
    around: Option<Tree<'a>>,
) -> Tree<'a> {
    function.forget(&["cache_control"]);
    let name = function.take("name");
    let about = function.take_text("description");
    let about = about.map(|about| prose::normal(about, End::Here)).filter(|about| !about.is_empty());
    // No schema is that of no arguments, which the Messages API wants spelt out.
    let nothing = || {
        let none = Tree::Object(Vec::new());
        object([("type", Some(text("object"))), ("properties", Some(none))])
    };
    let parameters = function.take(schema).unwrap_or_else(nothing);
    let strict = match function.take_if("strict", |strict| matches!(strict, Tree::Bool(_))) {
        Some(Tree::Bool(false)) => None,
        // OpenAI makes schemas strict in Responses where it can unless told not to, and nowhere else.
        None if api == Api::Responses => Some(text("if possible")),
        other => other,
    };
    object([
        ("name", name),
        ("description", about.map(text)),
        ("parameters", Some(parameters)),
        ("strict", strict),
        ("other", function.rest().map(|other| super::tagged(api, other))),
        ("around", around),
    ])
}

/// `tool_choice` and `parallel_tool_calls` as OpenAI has them.
fn word_or_function<'a>(api: Api, offered: bool, body: &mut Object<'a>, question: &mut Question<'a>) {
    body.forget_default("parallel_tool_calls", |several| is_bool(several, true));
    let one_at_a_time = body.take_if("parallel_tool_calls", |several| is_bool(several, false));
    question.set("parallel_tools", one_at_a_time);
    if let Some(mut choice) = body.take_object("tool_choice") {
        let is_function = choice.says("type", "function");
        let named = if !is_function {
            None
        } else if api == Api::Responses {
            choice.take_text("name")
        } else {
            choice.take_object("function").and_then(|mut function| {
                let name = function.take_text("name");
                choice.put_back("function", function.rest());
                name
            })
        };
        if named.is_some() {
            choice.forget(&["type"]);
        }
        question.set("tool_choice", chosen(None, named, offered));
        body.put_back("tool_choice", choice.rest());
        return;
    }
    let word = ["auto", "required", "none"].into_iter().find(|word| body.says("tool_choice", word));
    if word.is_some() {
        body.forget(&["tool_choice"]);
    }
    question.set("tool_choice", chosen(word, None, offered));
}

/// Without tools none can be called; with tools the model may unless something else is said.
fn chosen<'a>(word: Option<&'static str>, named: Option<Cow<'a, str>>, offered: bool) -> Option<Tree<'a>> {
    match (word, named) {
        (_, Some(name)) => Some(object([("function", Some(text(name)))])),
        (Some("auto") | None, None) => None,
        (Some("none"), None) if !offered => None,
        (Some(word), None) => Some(text(word)),
    }
}
