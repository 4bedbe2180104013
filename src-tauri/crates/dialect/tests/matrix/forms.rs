//! The form of the answer.

use evenkeel_dialect::translate::ModelTraits;
use serde_json::{Value, json};

use crate::cell::row;
use crate::provider::{Answer, Said, Stop};

fn schema() -> Value {
    json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}}, "required": ["name", "age"]})
}

fn asked() -> [Value; 3] {
    [
        json!({"response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": schema(), "strict": true}}}),
        json!({"text": {"format": {"type": "json_schema", "name": "person", "schema": schema(), "strict": true}}}),
        json!({"output_config": {"format": {"type": "json_schema", "schema": schema()}}}),
    ]
}

const PERSON: &str = r#"{"name":"Ada","age":36}"#;

#[test]
fn a_schema() {
    let [chat, responses, messages] = asked();
    row("a_schema")
        .ask("", chat, responses, messages)
        .answer(Answer::of(&[Said::Text(PERSON)], Stop::Done))
        .check();
}

#[test]
fn a_schema_for_a_model_that_knows_none() {
    let [chat, responses, messages] = asked();
    row("a_schema_for_a_model_that_knows_none")
        .traits(ModelTraits { structured_output: false, ..ModelTraits::default() })
        .ask("", chat, Value::Null, messages)
        .ask("responses", Value::Null, responses, Value::Null)
        .answer(Answer::of(&[Said::Call("person", PERSON)], Stop::Calls))
        .check();
}

#[test]
fn any_json() {
    row("any_json")
        .ask(
            "",
            json!({"response_format": {"type": "json_object"}}),
            json!({"text": {"format": {"type": "json_object"}}}),
            Value::Null,
        )
        .answer(Answer::of(&[Said::Text(PERSON)], Stop::Done))
        .check();
}
