//! What is said: text, system prompts, turns.

use serde_json::{Value, json};

use crate::cell::row;
use crate::provider::{Answer, Said, Stop};

#[test]
fn text() {
    let parts = json!([{"type": "text", "text": "What is"}, {"type": "text", "text": "a keel?"}]);
    let input = json!([{"type": "input_text", "text": "What is"}, {"type": "input_text", "text": "a keel?"}]);
    row("text")
        .ask(
            "a string",
            json!({"messages": [{"role": "user", "content": "What is a keel?"}]}),
            json!({"input": "What is a keel?"}),
            json!({"messages": [{"role": "user", "content": "What is a keel?"}]}),
        )
        .ask(
            "parts",
            json!({"messages": [{"role": "user", "content": parts}]}),
            json!({"input": [{"role": "user", "content": input}]}),
            json!({"messages": [{"role": "user", "content": parts}]}),
        )
        .answer(Answer::of(&[Said::Text("A beam.\nAt the bottom.")], Stop::Done))
        .check();
}

#[test]
fn system() {
    let hi = json!({"role": "user", "content": "Hi"});
    let system = |role: &str, text: &str| json!({"role": role, "content": text});
    row("system")
        .ask(
            "one",
            json!({"messages": [system("system", "Be brief."), hi]}),
            json!({"instructions": "Be brief."}),
            json!({"system": "Be brief."}),
        )
        .ask(
            "several, with marks for a cache",
            json!({"messages": [system("system", "Be brief."), system("developer", "Be kind."), hi]}),
            json!({"instructions": "Be brief.", "input": [system("developer", "Be kind."), hi]}),
            json!({"system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "Be kind."}]}),
        )
        .ask(
            "in the middle",
            json!({"messages": [hi, system("assistant", "Hello."), system("system", "Now be formal."), system("user", "Who are you?")]}),
            json!({"input": [hi, system("assistant", "Hello."), system("developer", "Now be formal."), system("user", "Who are you?")]}),
            json!({"messages": [hi, system("assistant", "Hello."), system("system", "Now be formal."), system("user", "Who are you?")]}),
        )
        .ask(
            "alone",
            json!({"messages": [system("system", "Tell a joke.")]}),
            json!({"input": [system("system", "Tell a joke.")]}),
            Value::Null,
        )
        .check();
}

#[test]
fn turns() {
    let said = |role: &str, text: &str| json!({"role": role, "content": text});
    let turns = json!([
        said("user", "Hi"),
        said("assistant", "Hello."),
        said("user", "Who"),
        said("user", "are you?")
    ]);
    let began = json!([said("assistant", "Ask me."), said("user", "Hi"), said("assistant", "")]);
    let prefilled = json!([said("user", "A list:"), said("assistant", "1. ")]);
    row("turns")
        .ask("", json!({"messages": turns}), json!({"input": turns}), json!({"messages": turns}))
        .ask(
            "the assistant first, and saying nothing",
            json!({"messages": began}),
            json!({"input": began}),
            json!({"messages": began}),
        )
        .ask(
            "the assistant last",
            json!({"messages": prefilled}),
            json!({"input": prefilled}),
            json!({"messages": prefilled}),
        )
        .check();
}
