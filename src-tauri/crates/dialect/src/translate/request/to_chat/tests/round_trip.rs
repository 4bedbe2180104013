//! Reading a request and writing it back in the same dialect keeps what was said.
//!
//! Conversations are made up, spelt the way a client might (text in parts, results in any order, the older
//! and the flat form of a tool), and expected back in the one way in which they are written.

use proptest::prelude::*;

use super::*;
use crate::translate::request::from_chat;

#[derive(Clone, Debug)]
enum Said {
    System(String),
    User { texts: Vec<String>, image: Option<String> },
    Assistant { text: String, calls: Vec<Called> },
}

#[derive(Clone, Debug)]
struct Called {
    name: String,
    arguments: String,
    result: String,
}

/// Any text that says something, escapes included.
fn words() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{1,20}", "[a-z\"\\\\/\n\t\u{0}]{1,20}", Just("😀 é\u{2028}".to_owned())]
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_-]{1,64}"
}

fn called() -> impl Strategy<Value = Called> {
    let arguments = prop_oneof![
        Just("{}".to_owned()),
        Just("{\"broken\": ".to_owned()),
        words().prop_map(|text| json!({"a": text, "n": 1.5}).to_string()),
    ];
    let result = prop_oneof![1 => Just(String::new()), 4 => words()];
    (name(), arguments, result).prop_map(|(name, arguments, result)| Called { name, arguments, result })
}

fn said() -> impl Strategy<Value = Said> {
    let user = (prop::collection::vec(words(), 1..4), prop::option::of("[A-Za-z0-9+/]{4,12}"));
    let assistant = (words(), prop::collection::vec(called(), 0..4));
    prop_oneof![
        1 => words().prop_map(Said::System),
        2 => user.prop_map(|(texts, image)| Said::User { texts, image }),
        3 => assistant.prop_map(|(text, calls)| Said::Assistant { text, calls }),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    let property = (name(), words(), any::<bool>());
    prop::collection::vec(property, 0..4).prop_map(|properties| {
        let described: serde_json::Map<_, _> = properties
            .into_iter()
            .map(|(name, text, closed)| (name, json!({"description": text, "additionalProperties": closed})))
            .collect();
        json!({"type": "object", "properties": described, "minimum": -0.5e-7})
    })
}

/// How a client spells things; a fresh choice for every one of them.
struct Spelling(u64);

impl Spelling {
    fn choose(&mut self) -> bool {
        self.0 = self.0.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        self.0 >> 63 == 1
    }

    fn text(&mut self, text: &str) -> Value {
        if self.choose() { json!([{"type": "text", "text": text}]) } else { json!(text) }
    }

    fn messages(&mut self, thread: &[Said]) -> Vec<Value> {
        let mut messages = Vec::new();
        for (at, said) in thread.iter().enumerate() {
            match said {
                Said::System(text) => {
                    let role = if self.choose() { "system" } else { "developer" };
                    messages.push(json!({"role": role, "content": self.text(text)}));
                }
                Said::User { texts, image: None } if texts.len() == 1 => {
                    messages.push(json!({"role": "user", "content": self.text(&texts[0]), "name": null}));
                }
                Said::User { texts, image } => {
                    messages.push(json!({"role": "user", "content": parts(texts, image.as_deref())}));
                }
                Said::Assistant { text, calls } => {
                    let mut message = json!({"role": "assistant", "content": self.text(text)});
                    if !calls.is_empty() || self.choose() {
                        message["tool_calls"] = tool_calls(at, calls);
                    }
                    messages.push(message);
                    let mut results = results(at, calls);
                    if self.choose() {
                        results.reverse();
                    }
                    for result in &mut results {
                        if self.choose() {
                            result["content"] = json!([{"type": "text", "text": result["content"]}]);
                        }
                    }
                    messages.extend(results);
                }
            }
        }
        messages
    }

    fn tool(&mut self, name: &str, schema: &Value) -> Value {
        if self.choose() {
            return json!({"type": "function", "name": name, "parameters": schema});
        }
        json!({"function": {"parameters": schema, "name": name, "description": null}, "type": "function"})
    }
}

fn parts(texts: &[String], image: Option<&str>) -> Vec<Value> {
    let texts = texts.iter().map(|text| json!({"type": "text", "text": text}));
    let image = image.into_iter().map(
        |data| json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}")}}),
    );
    texts.chain(image).collect()
}

fn tool_calls(at: usize, calls: &[Called]) -> Value {
    let call = |(number, call): (usize, &Called)| {
        let function = json!({"name": call.name, "arguments": call.arguments});
        json!({"id": format!("call_{at}_{number}"), "type": "function", "function": function})
    };
    calls.iter().enumerate().map(call).collect()
}

fn results(at: usize, calls: &[Called]) -> Vec<Value> {
    let result = |(number, call): (usize, &Called)| json!({"role": "tool", "tool_call_id": format!("call_{at}_{number}"), "content": call.result});
    calls.iter().enumerate().map(result).collect()
}

/// The messages as they are written.
fn expected(thread: &[Said]) -> Vec<Value> {
    let mut messages = Vec::new();
    for (at, said) in thread.iter().enumerate() {
        match said {
            Said::System(text) => messages.push(json!({"role": "system", "content": text})),
            Said::User { texts, image: None } => {
                messages.push(json!({"role": "user", "content": texts.join("\n\n")}));
            }
            Said::User { texts, image } => {
                messages.push(json!({"role": "user", "content": parts(texts, image.as_deref())}));
            }
            Said::Assistant { text, calls } => {
                let mut message = json!({"role": "assistant", "content": text});
                if !calls.is_empty() {
                    message["tool_calls"] = tool_calls(at, calls);
                }
                messages.push(message);
                messages.extend(results(at, calls));
            }
        }
    }
    messages
}

fn again(body: &[u8]) -> Translated {
    let traits = ModelTraits::default();
    write(
        from_chat::read(&crate::ask::body_fields(body).unwrap()).unwrap(),
        &Question { from: Api::ChatCompletions, ..asking(&traits, false) },
    )
    .unwrap()
}

proptest! {
    #[test]
    fn text_calls_results_and_schemas_come_back(
        thread in prop::collection::vec(said(), 1..8),
        tools in prop::collection::vec((name(), schema()), 0..4),
        spelling in any::<u64>(),
    ) {
        let mut spelling = Spelling(spelling);
        let mut body = json!({"model": "m", "messages": spelling.messages(&thread)});
        if !tools.is_empty() {
            body["tools"] = tools.iter().map(|(name, schema)| spelling.tool(name, schema)).collect();
        }
        let translated = again(body.to_string().as_bytes());
        prop_assert!(translated.dropped.is_empty(), "{:?}", translated.dropped);
        prop_assert!(translated.memory.renamed_tools.is_empty());
        let written: Value = serde_json::from_slice(&translated.body).unwrap();
        prop_assert_eq!(&written["messages"], &Value::from(expected(&thread)));
        for (at, (name, schema)) in tools.iter().enumerate() {
            let function = &written["tools"][at]["function"];
            prop_assert_eq!(&function["name"], name);
            prop_assert_eq!(function["parameters"].to_string(), schema.to_string());
        }
        prop_assert_eq!(again(&translated.body).body, translated.body, "what is written reads as itself");
    }
}
