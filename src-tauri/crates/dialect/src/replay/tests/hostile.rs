//! Stored bytes that are no answer, or one made to do harm.

use proptest::prelude::*;

use super::*;

fn chat(message: &str) -> Bytes {
    format!(r#"{{"id":"c","choices":[{{"message":{message},"finish_reason":"stop"}}]}}"#).into()
}

#[test]
fn what_is_no_whole_answer_is_refused_in_plain_words() {
    let cases = [
        (Api::ChatCompletions, "", "the stored answer can't be replayed: the body is empty"),
        (Api::Messages, "{\"type\":\"mess", "the stored answer can't be replayed: the body is not JSON"),
        (Api::Responses, "<html>", "the stored answer can't be replayed: the body is an HTML page"),
        (
            Api::ChatCompletions,
            r#"{"error":{"message":"Busy"}}"#,
            "the stored answer can't be replayed: the provider reported an error with a status of success",
        ),
        (
            Api::ChatCompletions,
            r#"{"choices":[{"message":{},"finish_reason":"stop"},{"message":{}}]}"#,
            "the stored answer can't be replayed: `choices[].finish_reason` doesn't say that it was finished",
        ),
        (
            Api::Messages,
            r#"{"type":"message","content":[]}"#,
            "the stored answer can't be replayed: `stop_reason` doesn't say that it was finished",
        ),
        (
            Api::Responses,
            r#"{"output":[],"background":true,"status":"queued"}"#,
            "the stored answer can't be replayed: `status` doesn't say that it was finished",
        ),
    ];
    for (from, stored, told) in cases {
        let stored = Bytes::from_static(stored.as_bytes());
        for to in APIS {
            assert_eq!(body(from, &stored, to).unwrap_err().to_string(), told, "{stored:?}");
            assert_eq!(stream(from, &stored, to, true).unwrap_err().to_string(), told, "{stored:?}");
        }
    }
}

#[test]
fn parts_that_are_no_objects_make_no_stream() {
    let message = Bytes::from_static(br#"{"type":"message","content":["Hi"],"stop_reason":"end_turn"}"#);
    let problem = stream(Api::Messages, &message, Api::Messages, false).unwrap_err();
    assert_eq!(problem.to_string(), "the stored answer can't be replayed: `content[0]` is no object");
    let response = Bytes::from_static(br#"{"output":[{},5],"status":"completed"}"#);
    let problem = stream(Api::Responses, &response, Api::Responses, false).unwrap_err();
    assert_eq!(problem.to_string(), "the stored answer can't be replayed: `output[1]` is no object");
}

#[test]
fn vectors_are_for_those_who_asked_for_vectors_and_never_stream() {
    let vectors = Bytes::from_static(br#"{"data":[{"embedding":[0.1]}]}"#);
    let problem = stream(Api::Embeddings, &vectors, Api::Embeddings, false).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "/v1/embeddings doesn't stream, so no stored answer can be replayed as a stream"
    );
    for api in APIS {
        let told = format!("an answer of /v1/embeddings can't be given to a client of {}", api.path());
        assert_eq!(body(Api::Embeddings, &vectors, api).unwrap_err().to_string(), told);
        assert_eq!(stream(Api::Embeddings, &vectors, api, true).unwrap_err().to_string(), told);
        assert!(matches!(body(api, &chat("{}"), Api::Embeddings), Err(ReplayError::AnotherKind { .. })));
    }
}

#[test]
fn several_choices_are_for_clients_of_the_same_api_only() {
    let stored = Bytes::from_static(include_bytes!("bodies/chat_everything.json"));
    for to in [Api::Messages, Api::Responses] {
        let told = format!("the stored answer has 2 choices, and an answer of {} has one", to.path());
        assert_eq!(body(Api::ChatCompletions, &stored, to).unwrap_err().to_string(), told);
        assert_eq!(stream(Api::ChatCompletions, &stored, to, false).unwrap_err().to_string(), told);
    }
}

/// Every event repeats the answer's id and model: with long ones, a body of a megabyte would make a stream of
/// gigabytes.
#[test]
fn a_small_body_never_becomes_an_endless_stream() {
    let long = "x".repeat(100_000);
    let cases = [
        (
            Api::ChatCompletions,
            format!(r#"{{"model":"{long}","choices":[{{"message":{{}},"finish_reason":"stop"}}]}}"#),
            "model",
        ),
        (
            Api::Messages,
            format!(r#"{{"type":"message","id":"{long}","content":[],"stop_reason":"end_turn"}}"#),
            "id",
        ),
        (Api::Responses, format!(r#"{{"output":[{{"id":"{long}"}}],"status":"completed"}}"#), "output[0].id"),
    ];
    for (api, stored, field) in cases {
        let problem = stream(api, &Bytes::from(stored), api, true).unwrap_err();
        assert_eq!(
            problem.to_string(),
            format!("the stored answer can't be replayed: `{field}` is longer than 4096 bytes")
        );
    }
}

#[test]
fn a_stream_is_a_fixed_number_of_times_as_long_as_its_body() {
    let call = r#"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#;
    for calls in [1_000, 4_000] {
        let list = vec![call; calls].join(",");
        let stored = chat(&format!(r#"{{"content":null,"tool_calls":[{list}]}}"#));
        for to in APIS {
            let replayed = stream(Api::ChatCompletions, &stored, to, true).unwrap();
            assert!(
                replayed.len() < 20 * stored.len(),
                "{} bytes of {} for {to:?}",
                replayed.len(),
                stored.len()
            );
        }
    }
}

/// Answers' words in places where they don't belong.
fn junk() -> impl Strategy<Value = Value> {
    let words = [
        "message",
        "reasoning",
        "function_call",
        "custom_tool_call",
        "output_text",
        "text",
        "thinking",
        "tool_use",
        "refusal",
        "stop",
        "completed",
        "",
    ];
    let names = [
        "id",
        "type",
        "role",
        "content",
        "text",
        "input",
        "name",
        "arguments",
        "function",
        "custom",
        "tool_calls",
        "function_call",
        "summary",
        "refusal",
        "logprobs",
        "annotations",
        "citations",
        "usage",
        "output_tokens",
        "reasoning_content",
        "signature",
        "thinking",
        "index",
    ];
    let leaf = prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(Value::from),
        2 => (0..3u64).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!({})),
        1 => Just(json!([])),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let fields = prop::collection::vec((prop::sample::select(names.to_vec()), inner.clone()), 0..6);
        let object = fields.prop_map(|fields| {
            Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        });
        prop_oneof![3 => object, 1 => prop::collection::vec(inner, 0..3).prop_map(Value::from)]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_stored_is_replayed_as_an_answer_or_refused(inner in prop::collection::vec(junk(), 0..4), usage in junk()) {
        let choices: Vec<Value> = inner.iter().map(|message| json!({"message": message, "finish_reason": "stop", "logprobs": message})).collect();
        let bodies = [
            (Api::ChatCompletions, json!({"choices": choices, "usage": usage})),
            (Api::Messages, json!({"type": "message", "content": inner, "stop_reason": "end_turn", "usage": usage})),
            (Api::Responses, json!({"output": inner, "status": "completed", "usage": usage})),
        ];
        for (from, stored) in bodies {
            let stored = Bytes::from(stored.to_string());
            for to in APIS {
                let whole = body(from, &stored, to);
                if let Ok(whole) = &whole {
                    prop_assert!(answer::read(to, whole).is_ok(), "{:?} to {:?}: {:?}", from, to, whole);
                }
                if let Ok(replayed) = stream(from, &stored, to, true) {
                    prop_assert!(whole.is_ok());
                    watched(to, &replayed);
                    prop_assert!(answer::read(to, &folded(to, &replayed)).is_ok());
                }
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_without_a_crash(stored in prop::collection::vec(any::<u8>(), 0..64)) {
        let stored = Bytes::from(stored);
        for from in APIS {
            for to in APIS {
                prop_assert!(body(from, &stored, to).is_err());
                prop_assert!(stream(from, &stored, to, true).is_err());
            }
            prop_assert!(worth_keeping(from, &stored).is_err());
        }
    }
}
