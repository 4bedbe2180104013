//! Token counts of both vendors in one convention.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(dialect: Dialect, usage: &serde_json::Value) -> Usage {
    Usage::read(dialect, &RawValue::from_string(usage.to_string()).unwrap())
}

fn counts(usage: Usage) -> [Option<u64>; 5] {
    [usage.input, usage.output, usage.cached, usage.cache_write, usage.reasoning]
}

#[test]
fn case_13_openais_prompt_includes_the_cache_and_ours_does_not() {
    let usage = json!({
        "prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
        "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 192, "audio_tokens": 0},
    });
    assert_eq!(counts(read(Dialect::OpenAi, &usage)), [Some(86), Some(300), Some(1920), None, Some(192)]);
}

#[test]
fn case_13_anthropics_input_excludes_both_kinds_of_cache_already() {
    let usage = json!({
        "input_tokens": 50, "cache_creation_input_tokens": 248, "cache_read_input_tokens": 1800, "output_tokens": 503,
        "cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100},
        "output_tokens_details": {"thinking_tokens": 77},
    });
    assert_eq!(
        counts(read(Dialect::Anthropic, &usage)),
        [Some(50), Some(503), Some(1800), Some(248), Some(77)]
    );
    let split =
        json!({"cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100}});
    assert_eq!(read(Dialect::Anthropic, &split).cache_write, Some(248));
}

#[test]
fn case_13_one_prompt_counts_the_same_in_both_dialects() {
    let openai = json!({"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30}, "completion_tokens": 5});
    let anthropic = json!({"input_tokens": 10, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30, "output_tokens": 5});
    assert_eq!(read(Dialect::OpenAi, &openai), read(Dialect::Anthropic, &anthropic));
}

#[test]
fn case_33_lax_hosts_are_understood() {
    let unknown = [
        json!({}),
        json!(null),
        json!([1]),
        json!("usage"),
        json!({"prompt_tokens": null, "completion_tokens": "many"}),
    ];
    for usage in unknown {
        assert!(read(Dialect::OpenAi, &usage).is_empty(), "{usage} says nothing, which is not zero");
        assert!(read(Dialect::Anthropic, &usage).is_empty(), "{usage}");
    }
    let strings = json!({"prompt_tokens": "12", "completion_tokens": 3.0, "prompt_cache_hit_tokens": "4"});
    assert_eq!(counts(read(Dialect::OpenAi, &strings)), [Some(8), Some(3), Some(4), None, None]);
    let negative = json!({"prompt_tokens": -1, "completion_tokens": 3});
    assert_eq!(read(Dialect::OpenAi, &negative).input, None);
}

/// xAI and others report completion tokens without the reasoning, as their total shows.
#[test]
fn case_16_reasoning_left_out_of_the_completion_is_added_back() {
    let apart = json!({"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 400, "completion_tokens_details": {"reasoning_tokens": 300}});
    assert_eq!(counts(read(Dialect::OpenAi, &apart)), [Some(90), Some(310), None, None, Some(300)]);
    let within = json!({"prompt_tokens": 90, "completion_tokens": 310, "total_tokens": 400, "completion_tokens_details": {"reasoning_tokens": 300}});
    assert_eq!(read(Dialect::OpenAi, &within).output, Some(310));
}

/// Gemini thinks, doesn't say so in its OpenAI dialect, and charges for it as output.
#[test]
fn case_16_thinking_that_only_the_total_tells_of_is_output() {
    let gemini = json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623});
    assert_eq!(counts(read(Dialect::OpenAi, &gemini)), [Some(20), Some(603), None, None, Some(405)]);
    let cached = json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623, "prompt_tokens_details": {"cached_tokens": 8}});
    assert_eq!(counts(read(Dialect::OpenAi, &cached)), [Some(12), Some(603), Some(8), None, Some(405)]);
    for plain in [
        json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 218}),
        json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 0}),
        json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 226, "prompt_tokens_details": {"cached_tokens": 8}}),
        json!({"completion_tokens": 198, "total_tokens": 623}),
        json!({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623, "completion_tokens_details": {"reasoning_tokens": 0}}),
    ] {
        let usage = read(Dialect::OpenAi, &plain);
        assert_eq!((usage.output, usage.reasoning.unwrap_or(0)), (Some(198), 0), "{plain}");
    }
}

#[test]
fn case_14_later_reports_replace_earlier_ones_and_are_never_added() {
    let mut usage = read(
        Dialect::Anthropic,
        &json!({"input_tokens": 472, "output_tokens": 2, "cache_read_input_tokens": 9}),
    );
    usage.update(read(Dialect::Anthropic, &json!({"output_tokens": 40})));
    usage.update(read(Dialect::Anthropic, &json!({"output_tokens": 89, "input_tokens": 0})));
    assert_eq!(counts(usage), [Some(472), Some(89), Some(9), None, None]);
    usage.update(read(Dialect::Anthropic, &json!({"input_tokens": 10682, "cache_creation_input_tokens": 0})));
    assert_eq!(counts(usage), [Some(10682), Some(89), Some(9), Some(0), None]);
}

#[test]
fn reasoning_stays_within_an_output_that_was_corrected_downwards() {
    let details = json!({"output_tokens": 50, "output_tokens_details": {"thinking_tokens": 40}});
    let mut usage = read(Dialect::Anthropic, &details);
    usage.update(read(Dialect::Anthropic, &json!({"output_tokens": 30})));
    assert_eq!((usage.output, usage.reasoning), (Some(30), Some(30)));
}

fn number() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(json!(null)),
        any::<u64>().prop_map(|n| json!(n)),
        (0u64..500).prop_map(|n| json!(n)),
        (0u64..500).prop_map(|n| json!(n.to_string()))
    ]
}

proptest! {
    #[test]
    fn parts_never_exceed_their_whole(n in prop::collection::vec(number(), 8)) {
        let openai = json!({
            "prompt_tokens": n[0], "completion_tokens": n[1], "total_tokens": n[2],
            "prompt_tokens_details": {"cached_tokens": n[3], "cache_write_tokens": n[4]},
            "completion_tokens_details": {"reasoning_tokens": n[5]},
        });
        let usage = read(Dialect::OpenAi, &openai);
        let prompt = n[0].as_u64().or_else(|| n[0].as_str()?.parse().ok());
        if let Some(prompt) = prompt {
            let parts = [usage.input, usage.cached, usage.cache_write].into_iter().flatten().map(u128::from).sum::<u128>();
            prop_assert_eq!(parts, u128::from(prompt), "the prompt's parts add up to it");
        }
        let anthropic = json!({"input_tokens": n[0], "output_tokens": n[1], "cache_creation": {"ephemeral_5m_input_tokens": n[6], "ephemeral_1h_input_tokens": n[7]}, "output_tokens_details": {"thinking_tokens": n[5]}});
        let mut both = usage;
        for usage in [usage, read(Dialect::Anthropic, &anthropic)] {
            both.update(usage);
            for usage in [usage, both] {
                prop_assert!(usage.output.is_none() || usage.reasoning <= usage.output);
            }
        }
    }
}

#[test]
fn a_prompt_that_turns_out_to_be_cached_as_a_whole_is_not_counted_twice() {
    let mut usage = read(Dialect::OpenAi, &json!({"prompt_tokens": 100, "completion_tokens": 0}));
    let cached = json!({"cached_tokens": 100});
    let later = json!({"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": cached});
    usage.update(read(Dialect::OpenAi, &later));
    assert_eq!((usage.input, usage.cached, usage.output), (Some(0), Some(100), Some(7)));
}
