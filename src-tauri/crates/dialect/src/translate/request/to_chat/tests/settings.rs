//! The limit, stop texts, sampling, reasoning, the form of the answer.

use super::*;
use crate::canon::{Format, Reasoning, Sampling};

#[test]
fn case_20_exactly_one_limit_is_sent_under_the_name_that_the_model_knows() {
    let limit = |asked: Option<u64>, newer: bool| {
        let traits =
            ModelTraits { max_output: Some(8192), max_completion_tokens: newer, ..ModelTraits::default() };
        let (body, dropped) = written_with(Conversation { max_output: asked, ..conversation() }, &traits);
        let sent = (body.get("max_tokens").cloned(), body.get("max_completion_tokens").cloned());
        (sent, dropped.len())
    };
    assert_eq!(limit(Some(100), false), ((Some(json!(100)), None), 0));
    assert_eq!(limit(Some(100), true), ((None, Some(json!(100))), 0));
    assert_eq!(limit(None, true), ((None, None), 0), "the host's own default");
    assert_eq!(limit(Some(32000), true), ((None, Some(json!(8192))), 1), "capped, and told");
    let unknown = written(Conversation { max_output: Some(32000), ..conversation() });
    assert_eq!((&unknown.0["max_tokens"], unknown.1.len()), (&json!(32000), 0));
}

#[test]
fn case_38_four_stop_texts_are_sent_and_more_are_told() {
    let stop = |count: usize| {
        let stop = (0..count).map(|number| format!("S{number}")).collect();
        let (body, dropped) = written(Conversation { stop, ..conversation() });
        (body.get("stop").cloned(), dropped)
    };
    assert_eq!(stop(0), (None, vec![]));
    assert_eq!(stop(4), (Some(json!(["S0", "S1", "S2", "S3"])), vec![]));
    assert_eq!(stop(5), (Some(json!(["S0", "S1", "S2", "S3"])), vec!["stop_sequences".to_owned()]));
}

#[test]
fn case_21_sampling_is_sent_to_models_that_take_it_and_told_for_others() {
    let sampling = |sampling: Sampling, traits: &ModelTraits| {
        let (body, dropped) = written_with(Conversation { sampling, ..conversation() }, traits);
        (body.get("temperature").cloned(), body.get("top_p").cloned(), dropped)
    };
    let all = Sampling { temperature: Some(0.2), top_p: Some(0.9), top_k: Some(5) };
    let takes = ModelTraits::default();
    assert_eq!(sampling(all.clone(), &takes), (Some(json!(0.2)), Some(json!(0.9)), vec!["top_k".to_owned()]));
    let one = ModelTraits { one_of_temperature_and_top_p: true, ..ModelTraits::default() };
    let (temperature, top_p, dropped) = sampling(all.clone(), &one);
    assert_eq!((temperature, top_p), (Some(json!(0.2)), None));
    assert_eq!(dropped, ["top_k", "top_p"]);
    let only = Sampling { temperature: None, top_p: Some(0.9), top_k: None };
    assert_eq!(sampling(only, &one).1, Some(json!(0.9)));
    let refuses = ModelTraits { sampling: false, ..ModelTraits::default() };
    let (temperature, top_p, dropped) = sampling(all, &refuses);
    assert_eq!((temperature, top_p), (None, None));
    assert_eq!(dropped, ["top_k", "temperature", "top_p"]);
    let neutral = Sampling { temperature: Some(1.0), top_p: Some(1.0), top_k: None };
    assert_eq!(sampling(neutral, &refuses), (None, None, vec![]), "1 is what happens anyway");
}

#[test]
fn case_19_reasoning_becomes_a_level_that_every_model_knows() {
    let effort = |reasoning: Reasoning| {
        let traits = ModelTraits { thinking: Thinking::Effort, ..ModelTraits::default() };
        let (body, dropped) =
            written_with(Conversation { reasoning: Some(reasoning), ..conversation() }, &traits);
        (body.get("reasoning_effort").map(|level| level.as_str().unwrap().to_owned()), !dropped.is_empty())
    };
    let level = |level: &str| effort(Reasoning::Effort(level.to_owned()));
    let (low, medium, high) = (Some("low".to_owned()), Some("medium".to_owned()), Some("high".to_owned()));
    assert_eq!(level("low"), (low.clone(), false));
    assert_eq!(level("medium"), (medium.clone(), false));
    assert_eq!(level("high"), (high.clone(), false));
    assert_eq!(level("minimal"), (low.clone(), false), "a little more than hardly any");
    assert_eq!(level("xhigh"), (high.clone(), true));
    assert_eq!(level("max"), (high.clone(), true));
    assert_eq!(level("galactic"), (None, true));
    assert_eq!(effort(Reasoning::Off), (low.clone(), true), "the least that is sure to be known");
    assert_eq!(effort(Reasoning::Adaptive), (None, false));
    let budget = |tokens: u64| effort(Reasoning::Budget(tokens));
    assert_eq!([budget(1024), budget(4095)], [(low.clone(), false), (low, false)]);
    assert_eq!([budget(4096), budget(16383)], [(medium.clone(), false), (medium, false)]);
    assert_eq!([budget(16384), budget(u64::MAX)], [(high.clone(), false), (high, false)]);
}

#[test]
fn case_19_a_model_without_levels_gets_none_and_the_client_is_told_of_a_wish() {
    for thinking in [Thinking::None, Thinking::Budget] {
        let traits = ModelTraits { thinking, ..ModelTraits::default() };
        let told = |reasoning: Reasoning| {
            let (body, dropped) =
                written_with(Conversation { reasoning: Some(reasoning), ..conversation() }, &traits);
            assert!(body.get("reasoning_effort").is_none());
            dropped
        };
        assert_eq!(told(Reasoning::Budget(4000)), ["thinking"]);
        assert_eq!(told(Reasoning::Effort("high".to_owned())), ["thinking"]);
        assert!(told(Reasoning::Off).is_empty());
        assert!(told(Reasoning::Adaptive).is_empty());
    }
}

fn schema(name: Option<&str>) -> Format {
    Format::JsonSchema {
        name: name.map(str::to_owned),
        description: None,
        schema: raw(r#"{ "type":"object","x":1.0 }"#),
        strict: None,
    }
}

#[test]
fn case_23_a_schema_is_sent_as_it_is_under_a_name() {
    let body = |format: Format| {
        let body =
            with_traits(Conversation { format, ..conversation() }, &ModelTraits::default()).unwrap().body;
        String::from_utf8(body.to_vec()).unwrap()
    };
    let expected = r#""response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{ "type":"object","x":1.0 }}}"#;
    assert!(body(schema(None)).contains(expected));
    assert!(body(schema(Some("Dear event!"))).contains(r#""name":"Dear_event_""#));
    assert!(body(Format::JsonObject).contains(r#""response_format":{"type":"json_object"}"#));
    assert!(!body(Format::Text).contains("response_format"));
}

#[test]
fn case_23_a_model_that_knows_no_schemas_is_shown_it_and_the_client_told() {
    let traits = ModelTraits { structured_output: false, ..ModelTraits::default() };
    let (body, dropped) = written_with(Conversation { format: schema(None), ..conversation() }, &traits);
    let words = "Give your answer as one JSON value that matches this JSON Schema, with nothing before or after it and no code fence:\n{ \"type\":\"object\",\"x\":1.0 }";
    let expected = json!([{"role": "system", "content": words}, {"role": "user", "content": "hi"}]);
    assert_eq!((&body["messages"], &body["response_format"]), (&expected, &json!({"type": "json_object"})));
    assert_eq!(dropped, ["output_config.format"]);

    let mut asked = Conversation { format: schema(None), ..conversation() };
    asked.turns.insert(0, Turn { role: Role::System, blocks: vec![text("Be brief.")] });
    let (body, _) = written_with(asked, &traits);
    assert_eq!(body["messages"][0]["content"], format!("Be brief.\n\n{words}"));
    assert_eq!(body["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn a_long_user_id_is_shortened_and_stays_the_same() {
    let user = |user: &str| {
        let asked = Conversation { user: Some(user.to_owned()), ..conversation() };
        written(asked).0["user"].as_str().unwrap().to_owned()
    };
    assert_eq!(user("ann"), "ann");
    let long = format!("user_{}_session_1", "é".repeat(80));
    let short = user(&long);
    assert_eq!(short.chars().count(), 64);
    assert!(short.starts_with("user_é"));
    assert_eq!(short, user(&long));
    assert_ne!(short, user(&format!("{long}2")));
}

#[test]
fn case_19_levels_are_those_that_the_model_is_known_to_have() {
    let sent = |reasoning: Reasoning, efforts: &[&str]| {
        let efforts = efforts.iter().map(|level| (*level).to_owned()).collect();
        let traits = ModelTraits { thinking: Thinking::Effort, efforts, ..ModelTraits::default() };
        let (body, dropped) =
            written_with(Conversation { reasoning: Some(reasoning), ..conversation() }, &traits);
        (body.get("reasoning_effort").and_then(Value::as_str).map(str::to_owned), dropped.is_empty())
    };
    let effort = |level: &str| Reasoning::Effort(level.to_owned());
    let said = |level: &str| Some(level.to_owned());
    let newest = ["none", "low", "medium", "high", "xhigh"];
    assert_eq!(sent(effort("xhigh"), &newest), (said("xhigh"), true));
    assert_eq!(sent(effort("max"), &newest), (said("xhigh"), false));
    assert_eq!(sent(Reasoning::Off, &newest), (said("none"), true));
    assert_eq!(sent(Reasoning::Budget(2_000), &newest), (said("low"), true));
    let coarse = ["none", "high"];
    assert_eq!(sent(effort("low"), &coarse), (said("high"), false), "never taken for not at all");
    assert_eq!(sent(Reasoning::Budget(10_000), &coarse), (said("high"), false));
    assert_eq!(sent(Reasoning::Off, &["low", "high"]), (said("low"), false));
}

#[test]
fn a_guardrails_cap_counts_whatever_the_client_asked() {
    let limit = |asked: Option<u64>, cap: Option<u64>| {
        let traits = ModelTraits { max_output: Some(8192), ..ModelTraits::default() };
        let question = Question { max_output: cap, ..asking(&traits, false) };
        let translated = write(Conversation { max_output: asked, ..conversation() }, &question).unwrap();
        let body: Value = serde_json::from_slice(&translated.body).unwrap();
        (body.get("max_tokens").and_then(Value::as_u64), translated.dropped.len())
    };
    assert_eq!(limit(None, Some(50)), (Some(50), 0));
    assert_eq!(limit(Some(100), Some(50)), (Some(50), 0), "which the guardrail tells itself");
    assert_eq!(limit(Some(20), Some(50)), (Some(20), 0));
    assert_eq!(limit(None, Some(100_000)), (Some(8192), 0));
}

#[test]
fn case_23_a_schema_of_the_messages_api_is_exact_where_openai_takes_it_so() {
    let asked = |schema: &str| {
        let format = Format::JsonSchema { name: None, description: None, schema: raw(schema), strict: None };
        let (mut body, dropped) = written(Conversation { format, ..conversation() });
        (body["response_format"]["json_schema"]["strict"].take(), dropped)
    };
    let closed = r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#;
    assert_eq!(asked(closed), (json!(true), vec![]));
    assert_eq!(asked(r#"{"type":"object"}"#), (Value::Null, vec!["output_config.format".to_owned()]));
}
