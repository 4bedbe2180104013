//! Bodies that nobody would send on purpose.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::Api;
use crate::translate::{ModelTraits, Question, request};

/// Names that are looked at inside of a body, so that odd values reach every reader.
const NAMES: &[&str] = &[
    "type",
    "text",
    "role",
    "content",
    "image_url",
    "url",
    "detail",
    "file",
    "file_data",
    "file_id",
    "function",
    "custom",
    "name",
    "arguments",
    "tool_calls",
    "tool_call_id",
    "id",
    "parameters",
    "strict",
    "effort",
    "max_tokens",
    "schema",
    "json_schema",
    "allowed_tools",
    "tools",
    "mode",
    "refusal",
    "function_call",
    "enabled",
    "odd",
];

const WORDS: &[&str] = &[
    "",
    "text",
    "image_url",
    "file",
    "function",
    "tool",
    "user",
    "assistant",
    "system",
    "auto",
    "json_schema",
    "allowed_tools",
    "a",
    "data:image/png;base64,AA",
    "data:,",
    "https://x",
    "true",
    "-1",
    "é\u{0}😀",
];

const FIELDS: &[&str] = &[
    "stream",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "response_format",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "temperature",
    "top_p",
    "top_k",
    "reasoning_effort",
    "reasoning",
    "thinking",
    "enable_thinking",
    "thinking_budget",
    "user",
    "n",
    "modalities",
    "logit_bias",
    "odd",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from), object(NAMES, inner),]
    })
}

fn object(
    names: &'static [&'static str],
    inner: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec((select(names), inner), 0..6);
    fields.prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Half of them with the role and content of a real one, for else hardly a body would be read to its end.
fn message() -> impl Strategy<Value = Value> {
    let roles = &["system", "user", "assistant", "tool", "function"][..];
    let content = prop_oneof![select(WORDS).prop_map(Value::from), value()];
    (object(NAMES, value()), select(roles), content, any::<bool>()).prop_map(
        |(mut message, role, content, real)| {
            if real {
                message["role"] = role.into();
                message["content"] = content;
            }
            message
        },
    )
}

fn body() -> impl Strategy<Value = Value> {
    let messages = prop::collection::vec(message(), 1..4);
    (messages, object(FIELDS, value())).prop_map(|(messages, mut body)| {
        body["model"] = "m".into();
        body["messages"] = messages.into();
        body
    })
}

proptest! {
    #[test]
    fn no_request_makes_the_translation_panic(body in body(), cut in 0..2000_usize) {
        let text = body.to_string();
        let traits = ModelTraits::default();
        for bytes in [text.as_bytes(), &text.as_bytes()[..cut.min(text.len())]] {
            let question = Question {
                from: Api::ChatCompletions,
                to: Api::ChatCompletions,
                body: bytes,
                model: "m",
                traits: &traits,
                stream: true,
        max_output: None,
            };
            if let Ok(translated) = request(&question) {
                prop_assert!(serde_json::from_slice::<Value>(&translated.body).is_ok());
            }
        }
    }
}
