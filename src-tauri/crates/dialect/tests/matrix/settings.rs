//! Limits, stop texts, sampling, thinking.

use evenkeel_dialect::translate::{ModelTraits, Thinking};
use serde_json::{Value, json};

use crate::cell::{Row, row};

#[test]
fn limits() {
    row("limits")
        .ask("none", json!({}), json!({}), Value::Null)
        .ask("", json!({"max_tokens": 500}), json!({"max_output_tokens": 500}), json!({"max_tokens": 500}))
        .ask("the newer name", json!({"max_completion_tokens": 500}), Value::Null, Value::Null)
        .ask("both", json!({"max_tokens": 400, "max_completion_tokens": 500}), Value::Null, Value::Null)
        .check();
    row("limits_of_a_model")
        .traits(ModelTraits { max_output: Some(400), max_completion_tokens: true, ..ModelTraits::default() })
        .ask("none", json!({}), json!({}), Value::Null)
        .ask(
            "above",
            json!({"max_tokens": 500}),
            json!({"max_output_tokens": 500}),
            json!({"max_tokens": 500}),
        )
        .check();
}

#[test]
fn stop_texts() {
    row("stop_texts")
        .ask("one", json!({"stop": "END"}), Value::Null, Value::Null)
        .ask(
            "several, one of them blank",
            json!({"stop": ["END", "\n\n", ""]}),
            Value::Null,
            json!({"stop_sequences": ["END", "STOP"]}),
        )
        .ask("five", Value::Null, Value::Null, json!({"stop_sequences": ["1", "2", "3", "4", "5"]}))
        .check();
}

#[test]
fn sampling() {
    row("sampling")
        .ask(
            "",
            json!({"temperature": 0.2, "top_p": 0.9}),
            json!({"temperature": 0.2, "top_p": 0.9}),
            json!({"temperature": 0.2, "top_p": 0.9, "top_k": 40}),
        )
        .ask("out of range", json!({"temperature": 1.7}), json!({"temperature": 1.7}), Value::Null)
        .check();
    row("sampling_of_one_kind")
        .traits(ModelTraits { one_of_temperature_and_top_p: true, ..ModelTraits::default() })
        .ask(
            "",
            json!({"temperature": 0.2, "top_p": 0.9}),
            json!({"temperature": 0.2, "top_p": 0.9}),
            json!({"temperature": 0.2, "top_p": 0.9}),
        )
        .check();
    row("sampling_refused")
        .traits(ModelTraits { sampling: false, ..ModelTraits::default() })
        .ask(
            "",
            json!({"temperature": 0.2, "top_p": 1}),
            json!({"temperature": 0.2, "top_p": 1}),
            json!({"temperature": 0.2, "top_k": 40}),
        )
        .check();
}

fn thinking(row: Row) -> Row {
    let effort = |level: &str| (json!({"reasoning_effort": level}), json!({"reasoning": {"effort": level}}));
    let budget =
        |budget: u64| json!({"max_tokens": 20_000, "thinking": {"type": "enabled", "budget_tokens": budget}});
    let (low, low_too) = effort("low");
    let (high, high_too) = effort("xhigh");
    let (off, off_too) = effort("none");
    let adaptive =
        |level: &str| json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": level}});
    row.ask("a little", low, low_too, adaptive("low"))
        .ask("much", high, high_too, adaptive("xhigh"))
        .ask("not at all", off, off_too, json!({"thinking": {"type": "disabled"}}))
        .ask("a budget", Value::Null, Value::Null, budget(10_000))
}

#[test]
fn thinking_by_level() {
    let efforts = ["low", "medium", "high", "xhigh"].map(str::to_owned).to_vec();
    let traits =
        ModelTraits { thinking: Thinking::Effort, max_output: Some(64_000), ..ModelTraits::default() };
    thinking(row("thinking_by_level").traits(ModelTraits { efforts, ..traits.clone() })).check();
    thinking(row("thinking_by_unknown_levels").traits(traits)).check();
}

#[test]
fn thinking_by_budget() {
    let traits =
        ModelTraits { thinking: Thinking::Budget, max_output: Some(64_000), ..ModelTraits::default() };
    thinking(row("thinking_by_budget").traits(traits)).check();
}

#[test]
fn thinking_of_a_model_that_does_not() {
    thinking(row("thinking_of_a_model_that_does_not")).check();
}

#[test]
fn users() {
    row("users")
        .ask(
            "",
            json!({"user": "u-1"}),
            json!({"safety_identifier": "u-1"}),
            json!({"metadata": {"user_id": "u-1"}}),
        )
        .ask(
            "a person's address",
            json!({"user": "a@keel.example"}),
            json!({"user": "a@keel.example"}),
            Value::Null,
        )
        .check();
}
