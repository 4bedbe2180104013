//! Limits, sampling, thinking, stops and users.

use serde_json::json;

use super::*;
use crate::canon::{Loss, Reasoning, Sampling, Tool, ToolChoice, Unmapped};
use crate::translate::Thinking;

fn plain() -> Conversation {
    Conversation { turns: hello(), ..Conversation::default() }
}

fn thinks(thinking: Thinking) -> ModelTraits {
    ModelTraits { thinking, max_output: Some(64_000), ..ModelTraits::default() }
}

#[test]
fn case_20_max_tokens_is_the_clients_else_the_models_else_a_default() {
    let max_tokens = |asked, known| {
        let traits = ModelTraits { max_output: known, ..ModelTraits::default() };
        send_to(Conversation { max_output: asked, ..plain() }, &traits).body["max_tokens"].as_u64().unwrap()
    };
    assert_eq!(max_tokens(Some(100), Some(64_000)), 100);
    assert_eq!(max_tokens(None, Some(64_000)), 64_000);
    assert_eq!(max_tokens(None, None), 8192);
    assert_eq!(max_tokens(Some(200_000), Some(64_000)), 64_000, "the API refuses more than the model can");
    let traits = ModelTraits { max_output: Some(64_000), ..ModelTraits::default() };
    let too_much = send_to(Conversation { max_output: Some(200_000), ..plain() }, &traits);
    assert_eq!(too_much.dropped, ["max_tokens"], "and the client is told");
    assert_eq!(max_tokens(Some(200_000), None), 200_000);
    assert_eq!(max_tokens(Some(0), None), 1);
}

#[test]
fn case_21_a_temperature_above_one_is_clamped_and_told() {
    let sent = |temperature| {
        let sampling = Sampling { temperature: Some(temperature), ..Sampling::default() };
        let sent = send(Conversation { sampling, ..plain() });
        (sent.body["temperature"].as_f64(), sent.dropped)
    };
    assert_eq!(sent(0.7), (Some(0.7), vec![]));
    assert_eq!(sent(1.0), (Some(1.0), vec![]));
    assert_eq!(sent(1.8), (Some(1.0), vec!["temperature".to_owned()]));
    assert_eq!(sent(-1.0), (Some(0.0), vec!["temperature".to_owned()]));
}

#[test]
fn case_21_models_without_sampling_get_none_and_defaults_are_not_worth_a_word() {
    let traits = ModelTraits { sampling: false, ..ModelTraits::default() };
    let sent = |temperature, top_p, top_k| {
        let sent =
            send_to(Conversation { sampling: Sampling { temperature, top_p, top_k }, ..plain() }, &traits);
        for field in ["temperature", "top_p", "top_k"] {
            assert_eq!(sent.body.get(field), None);
        }
        sent.dropped
    };
    assert_eq!(sent(Some(0.2), Some(0.9), Some(40)), ["temperature", "top_p", "top_k"]);
    assert_eq!(sent(Some(1.0), Some(1.0), None), Vec::<String>::new());
}

#[test]
fn no_limit_on_top_k_is_said_by_leaving_it_out() {
    let sent = |top_k| {
        let sampling = Sampling { top_k: Some(top_k), ..Sampling::default() };
        send(Conversation { sampling, ..plain() }).body.get("top_k").cloned()
    };
    assert_eq!((sent(40), sent(0)), (Some(json!(40)), None));
}

#[test]
fn case_21_some_models_take_temperature_or_top_p_but_not_both() {
    let traits = ModelTraits { one_of_temperature_and_top_p: true, ..ModelTraits::default() };
    let sent = |temperature, top_p| {
        let sampling = Sampling { temperature, top_p, top_k: None };
        let sent = send_to(Conversation { sampling, ..plain() }, &traits);
        (sent.body["temperature"].as_f64(), sent.body["top_p"].as_f64(), sent.dropped)
    };
    assert_eq!(sent(Some(0.2), Some(0.9)), (Some(0.2), None, vec!["top_p".to_owned()]));
    assert_eq!(sent(Some(0.2), Some(1.0)), (Some(0.2), None, vec![]));
    assert_eq!(sent(Some(1.0), Some(0.9)), (None, Some(0.9), vec![]));
    assert_eq!(sent(None, Some(0.9)), (None, Some(0.9), vec![]));
}

#[test]
fn case_22_fields_without_a_word_for_them_are_told_or_refused() {
    let unmapped = |field: &str, loss| Unmapped { field: field.to_owned(), loss };
    let sent = send(Conversation {
        unmapped: vec![
            unmapped("logprobs", Loss::Told),
            unmapped("store", Loss::Nothing),
            unmapped("seed", Loss::Told),
        ],
        ..plain()
    });
    assert_eq!(sent.dropped, ["logprobs", "seed"]);

    let several = Conversation { unmapped: vec![unmapped("n", Loss::Meaning)], ..plain() };
    let refused = try_send(several, Api::ChatCompletions, &ModelTraits::default());
    assert!(matches!(refused, Err(TranslateError::Untranslatable { field, .. }) if field == "n"));
}

#[test]
fn case_38_blank_stop_sequences_are_dropped_and_told() {
    let stop = |texts: &[&str], from| {
        let stop = texts.iter().map(|text| (*text).to_owned()).collect();
        let sent = try_send(Conversation { stop, ..plain() }, from, &ModelTraits::default()).unwrap();
        (sent.body.get("stop_sequences").cloned(), sent.dropped)
    };
    assert_eq!(stop(&["END", "\nUser:"], Api::ChatCompletions), (Some(json!(["END", "\nUser:"])), vec![]));
    assert_eq!(
        stop(&["\n\n", "END", ""], Api::ChatCompletions),
        (Some(json!(["END"])), vec!["stop".to_owned()])
    );
    assert_eq!(stop(&[" "], Api::Messages), (None, vec!["stop_sequences".to_owned()]));
}

#[test]
fn a_user_is_named_unless_the_id_looks_like_personal_data() {
    let user = |user: &str| {
        let sent = send(Conversation { user: Some(user.to_owned()), ..plain() });
        (sent.body["metadata"]["user_id"].as_str().map(str::to_owned), sent.dropped)
    };
    assert_eq!(user("u-42"), (Some("u-42".to_owned()), vec![]));
    assert_eq!(user("4711"), (Some("4711".to_owned()), vec![]));
    for personal in ["anna@example.com", "+49 731 123456", &"x".repeat(300)] {
        assert_eq!(user(personal), (None, vec!["user".to_owned()]), "{personal}");
    }
}

#[test]
fn case_19_budgets_stay_between_the_smallest_and_max_tokens() {
    let thought = |effort: &str, max_output, limit| {
        let traits = ModelTraits { max_output: limit, ..thinks(Thinking::Budget) };
        let reasoning = Some(Reasoning::Effort(effort.to_owned()));
        let sent = send_to(Conversation { max_output, reasoning, ..plain() }, &traits);
        let budget = sent.body["thinking"]["budget_tokens"].as_u64();
        (budget, sent.body["max_tokens"].as_u64().unwrap(), sent.dropped.len())
    };
    assert_eq!(thought("minimal", None, Some(64_000)), (Some(1024), 64_000, 0));
    assert_eq!(thought("low", None, Some(64_000)), (Some(2048), 64_000, 0));
    assert_eq!(thought("medium", None, Some(64_000)), (Some(8192), 64_000, 0));
    assert_eq!(thought("high", None, Some(64_000)), (Some(16_384), 64_000, 0));
    assert_eq!(thought("high", Some(500), Some(64_000)), (None, 500, 1), "the client's limit is one");
    assert_eq!(thought("high", Some(16_400), Some(64_000)), (Some(8200), 16_400, 0), "room for an answer");
    assert_eq!(thought("high", Some(4096), Some(4096)), (Some(2048), 4096, 0), "what there is is shared");
    assert_eq!(thought("high", Some(500), Some(1024)), (None, 500, 1), "no room at all");
    assert_eq!(thought("high", Some(500), None), (None, 500, 1));
    assert_eq!(thought("high", None, None), (Some(4096), 8192, 0));
    assert_eq!(thought("low", Some(1500), None), (Some(1024), 1500, 0), "the smallest there is");
    assert_eq!(thought("none", None, Some(64_000)), (None, 64_000, 0));
    assert_eq!(thought("ultra", None, Some(64_000)), (Some(8192), 64_000, 1), "an unknown word is told");
}

#[test]
fn no_request_asks_for_more_output_than_its_client_allowed_however_long_it_is_to_think() {
    for known in [None, Some(64_000)] {
        for max_output in [1, 16, 1024, 1025, 2000, 9000, 50_000] {
            for reasoning in [
                Reasoning::Effort("max".to_owned()),
                Reasoning::Effort("minimal".to_owned()),
                Reasoning::Budget(1024),
                Reasoning::Budget(100_000),
                Reasoning::Adaptive,
            ] {
                let traits = ModelTraits { max_output: known, ..thinks(Thinking::Budget) };
                let asked = Conversation {
                    max_output: Some(max_output),
                    reasoning: Some(reasoning.clone()),
                    ..plain()
                };
                let sent = send_to(asked, &traits).body;
                assert_eq!(sent["max_tokens"], max_output, "{reasoning:?} of {known:?}");
                if let Some(budget) = sent["thinking"]["budget_tokens"].as_u64() {
                    assert!((1024..max_output).contains(&budget), "{budget} of {max_output}: {reasoning:?}");
                }
            }
        }
    }
}

#[test]
fn case_19_newer_models_take_a_level() {
    let thought = |reasoning| {
        let sent = send_to(Conversation { reasoning: Some(reasoning), ..plain() }, &thinks(Thinking::Effort));
        let effort = sent.body["output_config"]["effort"].as_str().map(str::to_owned);
        (sent.body["thinking"]["type"].as_str() == Some("adaptive"), effort, sent.dropped)
    };
    let effort = |word: &str| Reasoning::Effort(word.to_owned());
    let level = |word: &str| Some(word.to_owned());
    let told = || vec!["reasoning_effort".to_owned()];
    assert_eq!(thought(effort("minimal")), (true, level("low"), vec![]));
    assert_eq!(thought(effort("medium")), (true, level("medium"), vec![]));
    assert_eq!(thought(effort("xhigh")), (true, level("high"), told()));
    assert_eq!(thought(effort("max")), (true, level("max"), vec![]));
    assert_eq!(thought(effort("ultra")), (true, None, told()));
    assert_eq!(thought(Reasoning::Adaptive), (true, None, vec![]));
    assert_eq!(thought(Reasoning::Budget(2000)), (true, level("low"), vec![]));
    assert_eq!(thought(Reasoning::Budget(10_000)), (true, level("medium"), vec![]));
    assert_eq!(thought(Reasoning::Budget(31_999)), (true, level("high"), vec![]));
    assert_eq!(thought(Reasoning::Off), (false, level("low"), told()));
}

#[test]
fn case_19_a_model_is_asked_for_a_level_that_it_has() {
    let thought = |reasoning, levels: &[&str]| {
        let efforts = levels.iter().map(|level| (*level).to_owned()).collect();
        let traits = ModelTraits { efforts, ..thinks(Thinking::Effort) };
        let sent = send_to(Conversation { reasoning: Some(reasoning), ..plain() }, &traits);
        (sent.body["output_config"]["effort"].as_str().map(str::to_owned), sent.dropped.len())
    };
    let effort = |word: &str| Reasoning::Effort(word.to_owned());
    let level = |word: &str| Some(word.to_owned());
    let all = ["low", "medium", "high", "xhigh", "max"];
    assert_eq!(thought(effort("xhigh"), &all), (level("xhigh"), 0));
    assert_eq!(thought(effort("XHigh"), &all), (level("xhigh"), 0));
    assert_eq!(thought(effort("max"), &["low", "medium", "high"]), (level("high"), 1));
    assert_eq!(thought(effort("medium"), &["low", "high"]), (level("low"), 1));
    assert_eq!(thought(effort("minimal"), &all), (level("low"), 0));
    assert_eq!(thought(effort("ultra"), &["low", "ultra"]), (level("ultra"), 0));
    assert_eq!(thought(Reasoning::Off, &["low", "none"]), (level("none"), 0));
    assert_eq!(thought(Reasoning::Off, &["medium", "low"]), (level("low"), 1));
}

#[test]
fn case_19_a_model_that_does_not_think_is_not_told_to() {
    let reasoning = Some(Reasoning::Effort("high".to_owned()));
    let sent = send_to(Conversation { reasoning, ..plain() }, &thinks(Thinking::None));
    assert_eq!((sent.body.get("thinking"), sent.body.get("output_config")), (None, None));
    assert_eq!(sent.dropped, ["reasoning_effort"]);
    let off = Conversation { reasoning: Some(Reasoning::Off), ..plain() };
    assert_eq!(send_to(off, &thinks(Thinking::None)).dropped, Vec::<String>::new());
}

#[test]
fn case_19_thinking_leaves_no_sampling() {
    let conversation = Conversation {
        reasoning: Some(Reasoning::Budget(2000)),
        sampling: Sampling { temperature: Some(0.3), top_p: Some(0.9), top_k: Some(5) },
        ..plain()
    };
    let sent = send_to(conversation, &thinks(Thinking::Budget));
    assert_eq!(sent.body["thinking"], json!({"type": "enabled", "budget_tokens": 2000}));
    assert_eq!(sent.body.get("temperature"), None);
    assert_eq!(sent.dropped, ["temperature", "top_p", "top_k"]);
}

#[test]
fn case_19_a_tool_that_must_be_called_leaves_no_thinking() {
    let conversation = || Conversation {
        reasoning: Some(Reasoning::Effort("high".to_owned())),
        tools: vec![Tool { name: "f".to_owned(), description: None, parameters: None, strict: None }],
        tool_choice: Some(ToolChoice::Required),
        sampling: Sampling { temperature: Some(0.3), ..Sampling::default() },
        ..plain()
    };
    for thinking in [Thinking::Budget, Thinking::Effort] {
        let sent = send_to(conversation(), &thinks(thinking));
        assert_eq!(sent.body.get("thinking"), None);
        assert_eq!(sent.body["tool_choice"], json!({"type": "any"}));
        assert_eq!(sent.body["temperature"], 0.3, "without thinking it may stay");
        assert_eq!(sent.dropped, ["reasoning_effort"]);
    }
}

#[test]
fn case_18_a_tool_loop_that_began_elsewhere_goes_on_without_thinking() {
    let looping = |after: Option<&str>, from| {
        let mut turns = vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", "f", "{}")]),
            turn(Role::User, vec![result("a", "ok")]),
        ];
        turns.extend(
            after.into_iter().flat_map(|text| [says(Role::Assistant, "Done."), says(Role::User, text)]),
        );
        let reasoning = Some(Reasoning::Effort("high".to_owned()));
        let tools = vec![Tool { name: "f".to_owned(), description: None, parameters: None, strict: None }];
        let conversation = Conversation { turns, tools, reasoning, ..Conversation::default() };
        try_send(conversation, from, &thinks(Thinking::Budget)).unwrap()
    };
    let in_the_loop = looping(None, Api::Responses);
    assert_eq!(in_the_loop.body.get("thinking"), None, "the API wants signed thinking before the call");
    assert_eq!(in_the_loop.dropped, ["reasoning.effort"]);
    let after_it = looping(Some("Thanks. And now?"), Api::Responses);
    assert_eq!(after_it.body["thinking"]["type"], "enabled");
    assert_eq!(after_it.dropped, Vec::<String>::new());
}

#[test]
fn case_18_a_model_that_thinks_as_it_sees_fit_does_so_in_a_tool_loop_that_began_elsewhere() {
    let turns = vec![
        says(Role::User, "Go"),
        turn(Role::Assistant, vec![call("a", "f", "{}")]),
        turn(Role::User, vec![result("a", "ok")]),
    ];
    let tools = vec![Tool { name: "f".to_owned(), description: None, parameters: None, strict: None }];
    let reasoning = Some(Reasoning::Effort("high".to_owned()));
    let conversation = Conversation { turns, tools, reasoning, ..Conversation::default() };
    let sent = send_to(conversation.clone(), &thinks(Thinking::Effort));
    assert_eq!(sent.body["thinking"]["type"], "adaptive");
    assert_eq!(sent.dropped, Vec::<String>::new());
    let forced = Conversation { tool_choice: Some(ToolChoice::Required), ..conversation };
    let sent = send_to(forced, &thinks(Thinking::Effort));
    assert_eq!((sent.body.get("thinking"), sent.dropped), (None, vec!["reasoning_effort".to_owned()]));
}

#[test]
fn the_target_decides_about_model_and_stream() {
    let traits = ModelTraits::default();
    let conversation = Conversation { model: "gpt-5".to_owned(), stream: false, ..plain() };
    let question = Question {
        from: Api::ChatCompletions,
        to: Api::Messages,
        body: b"",
        model: "claude-sonnet-5-5",
        traits: &traits,
        stream: true,
        max_output: None,
    };
    let body: Value = serde_json::from_slice(&write(conversation, &question).unwrap().body).unwrap();
    assert_eq!((&body["model"], &body["stream"]), (&json!("claude-sonnet-5-5"), &json!(true)));
}

#[test]
fn a_guardrails_cap_counts_whatever_the_client_asked() {
    let sent = |max_output, cap, reasoning, known| {
        let traits = ModelTraits { max_output: known, ..thinks(Thinking::Budget) };
        let body = Conversation { max_output, reasoning, ..plain() };
        let question = Question {
            from: Api::ChatCompletions,
            to: Api::Messages,
            body: b"",
            model: "claude-x",
            traits: &traits,
            stream: false,
            max_output: cap,
        };
        let sent: Value = serde_json::from_slice(&write(body, &question).unwrap().body).unwrap();
        (sent["max_tokens"].as_u64(), sent["thinking"]["budget_tokens"].as_u64())
    };
    let high = || Some(Reasoning::Effort("high".to_owned()));
    assert_eq!(sent(None, Some(50), None, Some(64_000)), (Some(50), None));
    assert_eq!(sent(Some(100), Some(50), None, None), (Some(50), None));
    assert_eq!(sent(Some(20), Some(50), None, None), (Some(20), None));
    assert_eq!(
        sent(Some(4_000), Some(6_000), high(), Some(64_000)),
        (Some(4_000), Some(2_000)),
        "thinking included"
    );
    assert_eq!(sent(None, Some(50), high(), Some(64_000)), (Some(50), None), "too little to think with");
}
