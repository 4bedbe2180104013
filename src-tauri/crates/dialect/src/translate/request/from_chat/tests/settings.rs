//! Numbers, switches, stop texts, the form of the answer, reasoning, and what is lost.

use super::*;
use crate::canon::{Format, Reasoning};

#[test]
fn case_20_both_names_of_the_limit_are_read_and_the_newer_one_counts() {
    let limit = |fields: Value| with(&fields).unwrap();
    assert_eq!(limit(json!({"max_tokens": 100})).max_output, Some(100));
    assert_eq!(limit(json!({"max_completion_tokens": "200"})).max_output, Some(200));
    assert_eq!(limit(json!({})).max_output, None);
    assert_eq!(limit(json!({"max_tokens": -1})).max_output, None, "no limit, as local clients say it");
    let both = limit(json!({"max_tokens": 100, "max_completion_tokens": 200}));
    assert_eq!((both.max_output, lost(&both, Loss::Told)), (Some(200), vec!["max_tokens"]));
    assert!(limit(json!({"max_tokens": 200, "max_completion_tokens": 200})).unmapped.is_empty());
    assert_eq!(problem(with(&json!({"max_tokens": "many"}))).1, "`max_tokens` must be a whole number.");
}

#[test]
fn case_38_stop_is_a_text_or_a_list_of_texts() {
    let stop = |stop: Value| with(&json!({"stop": stop})).unwrap().stop;
    assert_eq!(stop(json!("\n\n")), ["\n\n"]);
    assert_eq!(stop(json!(["END", "", null, " "])), ["END", " "]);
    assert!(stop(json!(null)).is_empty());
    assert!(stop(json!("")).is_empty());
    assert_eq!(problem(with(&json!({"stop": [1]}))).0, "stop");
    assert_eq!(problem(with(&json!({"stop": {}}))).0, "stop");
}

#[test]
fn sampling_is_read_as_the_client_wrote_it() {
    let read = with(&json!({"temperature": 1.7, "top_p": "0.9", "top_k": 40.0})).unwrap().sampling;
    assert_eq!((read.temperature, read.top_p, read.top_k), (Some(1.7), Some(0.9), Some(40)));
    for off in [0, -1] {
        assert_eq!(with(&json!({"top_k": off})).unwrap().sampling.top_k, None);
    }
    for wrong in ["warm", "NaN", "inf", ""] {
        assert_eq!(problem(with(&json!({"temperature": wrong}))).1, "`temperature` must be a number.");
    }
}

#[test]
fn case_19_thinking_is_one_wish_in_whatever_words() {
    let wish = |fields: Value| with(&fields).unwrap().reasoning;
    let effort = |level: &str| Some(Reasoning::Effort(level.to_owned()));
    assert_eq!(wish(json!({})), None);
    assert_eq!(wish(json!({"reasoning_effort": "xhigh"})), effort("xhigh"));
    assert_eq!(wish(json!({"reasoning_effort": "none"})), Some(Reasoning::Off));
    assert_eq!(wish(json!({"reasoning": {"effort": "low"}})), effort("low"));
    assert_eq!(wish(json!({"reasoning": {"max_tokens": 2000}})), Some(Reasoning::Budget(2000)));
    assert_eq!(wish(json!({"reasoning": {"enabled": true}})), Some(Reasoning::Adaptive));
    assert_eq!(wish(json!({"reasoning": {"enabled": false}})), Some(Reasoning::Off));
    assert_eq!(
        wish(json!({"thinking": {"type": "enabled", "budget_tokens": 4000}})),
        Some(Reasoning::Budget(4000))
    );
    assert_eq!(wish(json!({"thinking": {"type": "enabled"}})), Some(Reasoning::Adaptive));
    assert_eq!(wish(json!({"thinking": {"type": "disabled"}})), Some(Reasoning::Off));
    assert_eq!(wish(json!({"enable_thinking": true, "thinking_budget": 512})), Some(Reasoning::Budget(512)));
    assert_eq!(wish(json!({"enable_thinking": true, "thinking_budget": -1})), Some(Reasoning::Adaptive));
    assert_eq!(wish(json!({"enable_thinking": false})), Some(Reasoning::Off));
    assert_eq!(wish(json!({"thinking_budget": 0})), Some(Reasoning::Off));
}

#[test]
fn case_19_of_several_wishes_off_wins_then_a_level_then_a_budget() {
    let wish = |fields: Value| with(&fields).unwrap().reasoning;
    let high = Some(Reasoning::Effort("high".to_owned()));
    assert_eq!(
        wish(json!({"thinking": {"type": "disabled"}, "reasoning_effort": "high"})),
        Some(Reasoning::Off)
    );
    assert_eq!(wish(json!({"thinking": {"type": "enabled"}, "reasoning_effort": "high"})), high);
    assert_eq!(
        wish(json!({"reasoning": {"effort": "low", "max_tokens": 9}, "reasoning_effort": "high"})),
        high
    );
    assert_eq!(
        wish(json!({"thinking": {"type": "enabled"}, "thinking_budget": 9})),
        Some(Reasoning::Budget(9))
    );
    let hidden = with(&json!({"reasoning": {"exclude": true, "effort": "low", "summary": "auto"}})).unwrap();
    assert_eq!(lost(&hidden, Loss::Told), ["reasoning.summary", "reasoning.exclude"]);
    assert_eq!(lost(&with(&json!({"thinking": true})).unwrap(), Loss::Told), ["thinking"]);
    assert_eq!(problem(with(&json!({"reasoning_effort": 3}))).0, "reasoning_effort");
}

#[test]
fn case_23_the_form_of_the_answer_is_read_with_its_schema_untouched() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema",
        "json_schema":{"name":"person","description":"Who.","strict":true,"schema":{ "type" : "object","x":1.0 }}}}"#;
    let Format::JsonSchema { name, description, schema, strict } = read(body.as_bytes()).unwrap().format
    else {
        panic!("a schema")
    };
    assert_eq!((name.as_deref(), description.as_deref(), strict), (Some("person"), Some("Who."), Some(true)));
    assert_eq!(schema.get(), r#"{ "type" : "object","x":1.0 }"#);

    let format = |format: Value| with(&json!({"response_format": format})).unwrap().format;
    assert!(matches!(format(json!({"type": "text"})), Format::Text));
    assert!(matches!(format(json!({"type": "json_object"})), Format::JsonObject));
    assert!(matches!(
        format(json!({"type": "json_schema", "json_schema": {"name": "any"}})),
        Format::JsonObject
    ));
    let hosts = format(json!({"type": "json_object", "schema": {"type": "object"}}));
    assert!(matches!(hosts, Format::JsonSchema { name: None, .. }));
}

#[test]
fn case_23_a_form_that_is_not_understood_is_never_dropped() {
    let read = with(&json!({"response_format": {"type": "grammar", "grammar": "root ::= x"}})).unwrap();
    assert_eq!(lost(&read, Loss::Meaning), ["response_format.grammar"]);
    let param = |format: Value| problem(with(&json!({"response_format": format}))).0;
    assert_eq!(param(json!("json")), "response_format");
    assert_eq!(param(json!({})), "response_format.type");
    assert_eq!(param(json!({"type": "json_schema"})), "response_format.json_schema");
    let wrong = json!({"type": "json_schema", "json_schema": {"schema": "x"}});
    assert_eq!(param(wrong), "response_format.json_schema.schema");
}

#[test]
fn the_users_id_is_the_newer_field_if_both_are_there() {
    let user = |fields: Value| with(&fields).unwrap().user;
    assert_eq!(user(json!({"user": "u"})).as_deref(), Some("u"));
    assert_eq!(user(json!({"user": "u", "safety_identifier": "s"})).as_deref(), Some("s"));
    assert_eq!(user(json!({"user": ""})), None);
}

#[test]
fn case_22_what_changes_the_meaning_is_named_as_such() {
    for fields in [
        json!({"n": 2}),
        json!({"n": "3"}),
        json!({"audio": {"voice": "alloy"}}),
        json!({"modalities": ["text", "audio"]}),
        json!({"modalities": "audio"}),
        json!({"web_search_options": {}}),
        json!({"plugins": [{"id": "web"}]}),
        json!({"guided_regex": "a+"}),
    ] {
        let read = with(&fields).unwrap();
        let names: Vec<_> = fields.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(lost(&read, Loss::Meaning), names);
    }
}

#[test]
fn case_22_what_is_worth_a_word_is_told_unless_it_says_what_happens_anyway() {
    let told = json!({
        "logprobs": true, "top_logprobs": 2, "seed": 1, "presence_penalty": 0.5, "frequency_penalty": -0.5,
        "logit_bias": {"50256": -100}, "verbosity": "low",
    });
    let read = with(&told).unwrap();
    assert_eq!(
        lost(&read, Loss::Told),
        [
            "logprobs",
            "top_logprobs",
            "seed",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "verbosity"
        ]
    );
    let said_anyway = json!({
        "logprobs": false, "top_logprobs": 0, "presence_penalty": 0, "frequency_penalty": 0.0, "logit_bias": {},
        "verbosity": "medium", "n": 1, "modalities": ["text"],
    });
    let read = with(&said_anyway).unwrap();
    assert_eq!(lost(&read, Loss::Told), [""; 0]);
    assert_eq!(lost(&read, Loss::Meaning), [""; 0]);
}

#[test]
fn case_22_bookkeeping_loses_nothing() {
    let fields = json!({
        "store": true, "metadata": {"a": "b"}, "prompt_cache_key": "k", "prompt_cache_retention": "24h",
        "service_tier": "flex", "stream_options": {"include_usage": true},
        "prediction": {"type": "content", "content": "x"},
    });
    let read = with(&fields).unwrap();
    assert_eq!(lost(&read, Loss::Nothing).len(), fields.as_object().unwrap().len());
    assert_eq!(read.unmapped.len(), lost(&read, Loss::Nothing).len());
}

#[test]
fn the_clients_wish_for_a_stream_is_kept() {
    assert!(with(&json!({"stream": true})).unwrap().stream);
    assert!(!with(&json!({"stream": false})).unwrap().stream);
    assert_eq!(problem(with(&json!({"stream": 1}))).0, "stream");
}
