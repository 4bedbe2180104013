//! How answers end, and what they cost.

use serde_json::{Value, json};

use crate::cell::row;
use crate::provider::{Answer, Said, Stop};

fn plain(name: &'static str) -> crate::cell::Row {
    row(name).ask("", json!({}), json!({}), json!({}))
}

#[test]
fn a_refusal() {
    plain("a_refusal").answer(Answer::of(&[Said::Refusal("I won't.")], Stop::Refused)).check();
}

#[test]
fn the_limit_on_the_output() {
    plain("the_limit_on_the_output").answer(Answer::of(&[Said::Text("A keel is")], Stop::Length)).check();
}

#[test]
fn the_limit_within_a_call() {
    plain("the_limit_within_a_call")
        .answer(Answer::of(&[Said::Call("weather", r#"{"city": "Ki"#)], Stop::Length))
        .check();
}

#[test]
fn a_stop_text() {
    row("a_stop_text")
        .ask("", json!({"stop": "END"}), Value::Null, json!({"stop_sequences": ["END"]}))
        .answer(Answer::of(&[Said::Text("A beam.")], Stop::Text("END")))
        .check();
}

#[test]
fn cached_and_thought_tokens() {
    let mut answer = Answer::of(&[Said::Text("A beam.")], Stop::Done);
    answer.tokens = [1000, 600, 300, 70, 50];
    plain("cached_and_thought_tokens").answer(answer).check();
}

#[test]
fn thinking_shown() {
    let said = [Said::Thinking("Ships have one."), Said::Text("A beam."), Said::Call("weather", "{}")];
    plain("thinking_shown").answer(Answer::of(&said, Stop::Calls)).check();
}

#[test]
fn nothing_said() {
    plain("nothing_said").answer(Answer::of(&[], Stop::Done)).check();
}
