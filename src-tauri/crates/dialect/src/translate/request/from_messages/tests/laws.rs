//! What holds for every body.

use proptest::prelude::*;

use super::*;
use crate::Api;
use crate::translate::{ModelTraits, Question, request};

fn words() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-zé \"\\\\\n]{1,20}", 1 => ".{0,12}"]
}

fn arguments() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![any::<i32>().prop_map(Value::from), words().prop_map(Value::from), Just(Value::Null)];
    let inner = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::hash_map("[a-z]{1,4}", inner, 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// One round: the user says something, the model may call tools, and the user sends what they gave.
#[derive(Clone, Debug)]
struct Round {
    said: String,
    answer: String,
    calls: Vec<(Value, String, bool)>,
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let calls = prop::collection::vec((arguments(), words(), any::<bool>()), 0..4);
    let round = (words(), words(), calls).prop_map(|(said, answer, calls)| Round { said, answer, calls });
    prop::collection::vec(round, 1..5)
}

/// A body as an SDK would send it, and what it says, piece by piece.
fn compose(rounds: &[Round], schemas: &[Value]) -> (Value, Vec<Value>) {
    let mut messages = Vec::new();
    let mut pieces = Vec::new();
    let say = |pieces: &mut Vec<Value>, role: &str, text: &str| {
        if !text.trim().is_empty() {
            pieces.push(json!([role, text]));
        }
    };
    for (n, Round { said, answer, calls }) in rounds.iter().enumerate() {
        messages.push(json!({"role": "user", "content": said}));
        say(&mut pieces, "user", said);
        let mut spoken = vec![
            json!({"type": "thinking", "thinking": "…", "signature": "x"}),
            json!({"type": "text", "text": answer}),
        ];
        say(&mut pieces, "assistant", answer);
        let mut results = Vec::new();
        for (m, (input, output, is_error)) in calls.iter().enumerate() {
            let id = format!("toolu_{n}_{m}");
            let name = format!("tool_{m}");
            spoken.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
            pieces.push(json!(["assistant", id, name, input]));
            results.push(
                json!({"type": "tool_result", "tool_use_id": id, "content": output, "is_error": is_error}),
            );
        }
        messages.push(json!({"role": "assistant", "content": spoken}));
        for (result, (_, output, is_error)) in results.iter().zip(calls) {
            let blank = output.trim().is_empty();
            let output = if blank { "" } else { output.as_str() };
            pieces.push(json!(["user", result["tool_use_id"], output, is_error]));
        }
        if !results.is_empty() {
            messages.push(json!({"role": "user", "content": results}));
        }
    }
    messages.push(json!({"role": "user", "content": "Go on."}));
    pieces.push(json!(["user", "Go on."]));
    let tools: Vec<_> = schemas
        .iter()
        .enumerate()
        .map(|(n, schema)| json!({"name": format!("tool_{n}"), "description": "d", "input_schema": schema}))
        .collect();
    (json!({"model": "claude-x", "max_tokens": 100, "messages": messages, "tools": tools}), pieces)
}

/// What a body says, piece by piece.
fn pieces(body: &Value) -> Vec<Value> {
    let mut pieces = Vec::new();
    for message in body["messages"].as_array().unwrap() {
        let role = &message["role"];
        let content = match &message["content"] {
            Value::String(text) => vec![json!({"type": "text", "text": text})],
            list => list.as_array().unwrap().clone(),
        };
        for part in content {
            pieces.push(match part["type"].as_str().unwrap() {
                "text" => json!([role, part["text"]]),
                "tool_use" => json!([role, part["id"], part["name"], part["input"]]),
                "tool_result" => {
                    let is_error = part["is_error"].as_bool().unwrap_or_default();
                    let text = part["content"].as_str().unwrap_or_default();
                    let text = if text.starts_with("(The tool failed") { "" } else { text };
                    json!([role, part["tool_use_id"], text, is_error])
                }
                other => panic!("{other}"),
            });
        }
    }
    // A message of ours where the client's history began with an answer.
    pieces.retain(|piece| piece[1] != "(The assistant speaks first.)");
    pieces
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!(
        r#"{{"model":"m","max_tokens":9,"system":"s","tools":[{{"name":"f","strict":true,
        "input_schema":{{"type":"object","x":{deep}}}}}],"output_config":{{"format":{{"type":"json_schema",
        "schema":{{"type":"object","enum":{deep}}}}}}},"messages":[{{"role":"user","content":"Hi"}},
        {{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"f","input":{{"x":{deep}}}}}]}},
        {{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":{deep}}}]}}]}}"#
    );
    let traits = ModelTraits::default();
    let question = Question {
        from: Api::Messages,
        to: Api::Messages,
        body: body.as_bytes(),
        model: "m",
        traits: &traits,
        stream: false,
        max_output: None,
    };
    let translated = request(&question).unwrap();
    assert!(translated.body.len() > 3 * deep.len(), "it is carried on as it came");
}

proptest! {
    #[test]
    fn read_and_written_back_a_request_says_the_same(
        rounds in rounds(),
        properties in prop::collection::vec(arguments(), 0..3),
    ) {
        let schemas: Vec<_> =
            properties.iter().map(|inner| json!({"type": "object", "properties": {}, "x-any": inner})).collect();
        let (body, said) = compose(&rounds, &schemas);
        let traits = ModelTraits::default();
        let bytes = body.to_string();
        let question = Question {
            from: Api::Messages, to: Api::Messages, body: bytes.as_bytes(), model: "claude-y", traits: &traits,
            stream: true,
        max_output: None,
        };
        let translated = request(&question).unwrap();
        let written: Value = serde_json::from_slice(&translated.body).unwrap();
        prop_assert_eq!(pieces(&written), said);
        if !schemas.is_empty() {
            let kept: Vec<_> =
                written["tools"].as_array().unwrap().iter().map(|tool| tool["input_schema"].clone()).collect();
            prop_assert_eq!(kept, schemas);
        }
        prop_assert_eq!(translated.dropped, Vec::<String>::new());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_value_in_any_place_makes_it_panic(value in arguments(), place in 0_usize..24) {
        let mut body = json!({
            "model": "m", "max_tokens": 9, "stream": true, "system": [{"type": "text", "text": "s"}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}},
                    {"type": "document", "source": {"type": "text", "data": "d"}, "citations": {"enabled": true}},
                ]},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "r"}]}]},
            ],
            "tools": [{"name": "f", "input_schema": {"type": "object"}, "strict": true}],
            "tool_choice": {"type": "auto"}, "thinking": {"type": "enabled", "budget_tokens": 9},
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
            "metadata": {"user_id": "u"}, "thread": {"type": "create"}, "context_management": {"edits": [{}]},
        });
        let places = [
            "/model", "/system", "/system/0", "/messages", "/messages/0", "/messages/0/content",
            "/messages/0/content/0", "/messages/0/content/0/text", "/messages/0/content/1/source",
            "/messages/0/content/2/source/data", "/messages/0/content/2/citations", "/messages/1/content/0/input",
            "/messages/1/content/0/name", "/messages/2/content/0/content", "/messages/2/content/0/content/0",
            "/tools", "/tools/0", "/tools/0/input_schema", "/tool_choice", "/thinking", "/output_config",
            "/output_config/format/schema", "/metadata", "/context_management/edits",
        ];
        *body.pointer_mut(places[place]).unwrap() = value;
        let traits = ModelTraits::default();
        let body = body.to_string();
        let question = Question {
            from: Api::Messages, to: Api::Messages, body: body.as_bytes(), model: "m", traits: &traits, stream: false,
        max_output: None,
        };
        if let Ok(translated) = request(&question) {
            prop_assert!(serde_json::from_slice::<Value>(&translated.body).is_ok());
        }
    }
}
