//! What holds for every request that is written, however odd the conversation.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::canon::{Source, Tool};

fn block() -> impl Strategy<Value = Block> {
    let id = prop::sample::select(vec!["a", "b", "call_0", "x.y", "", "call_0_2"]);
    let name = prop::sample::select(vec!["f", "g.h", "", "ü", "f_2"]);
    let text = prop::sample::select(vec!["", " \n", "Hello", "äöü\u{0}", "{\"a\":1}"]);
    let arguments = prop::sample::select(vec!["", "{}", "{\"a\":[1]}", "[", "null", "{\"a\":1}x", "\"s\""]);
    prop_oneof![
        3 => text.prop_map(|text| Block::Text(text.to_owned())),
        1 => Just(Block::Thinking("thought".to_owned())),
        1 => Just(Block::Refusal("No.".to_owned())),
        1 => Just(Block::Image(Source::Url("https://example.com/a.png".to_owned()))),
        1 => Just(Block::Document { source: Source::Text("text".to_owned()), name: None }),
        3 => (id.clone(), name, arguments).prop_map(|(id, name, arguments)| call(id, name, arguments)),
        3 => (id, any::<bool>(), any::<bool>()).prop_map(|(id, is_error, empty)| {
            let content = if empty { vec![] } else { vec![Block::Text("result".to_owned())] };
            Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error })
        }),
    ]
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let role =
        prop::sample::select(vec![Role::System, Role::User, Role::User, Role::Assistant, Role::Assistant]);
    let turn = (role, prop::collection::vec(block(), 0..4));
    let turn = turn.prop_map(|(role, blocks)| Turn { role, blocks });
    prop::collection::vec(turn, 0..9).prop_map(without_orphans)
}

/// Results without a call before them are refused; that has a test of its own.
fn without_orphans(mut turns: Vec<Turn>) -> Vec<Turn> {
    let mut called = HashSet::new();
    for turn in &mut turns {
        turn.blocks.retain(|block| match block {
            Block::ToolCall(call) => {
                called.insert(call.id.clone());
                true
            }
            Block::ToolResult(result) => called.contains(&result.id),
            _ => true,
        });
    }
    turns
}

fn parts(message: &Value) -> Vec<Value> {
    match &message["content"] {
        Value::String(text) => vec![serde_json::json!({"type": "text", "text": text})],
        content => content.as_array().expect("content is a string or a list").clone(),
    }
}

fn is_plain(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// The rules of the API that can be checked from outside.
fn check(body: &Value) {
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages.first().unwrap()["role"], "user");
    assert_eq!(messages.last().unwrap()["role"], "user");
    let mut due: Vec<String> = Vec::new();
    let mut ids = HashSet::new();
    let tools: Vec<_> = body["tools"].as_array().into_iter().flatten().map(|tool| &tool["name"]).collect();
    for (n, message) in messages.iter().enumerate() {
        assert_eq!(message["role"], if n % 2 == 0 { "user" } else { "assistant" });
        let parts = parts(message);
        assert!(!parts.is_empty(), "no message is empty");
        let answered: Vec<_> = parts
            .iter()
            .take_while(|part| part["type"] == "tool_result")
            .map(|part| part["tool_use_id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(answered, due, "every call has its result in the next message, first and in call order");
        due.clear();
        for (n, part) in parts.iter().enumerate() {
            match part["type"].as_str().unwrap() {
                "text" => assert!(!part["text"].as_str().unwrap().trim().is_empty()),
                "tool_result" => {
                    assert!(n < answered.len());
                    assert!(part.get("is_error").is_none() || part.get("content").is_some());
                }
                "tool_use" => {
                    let id = part["id"].as_str().unwrap();
                    assert!(is_plain(id, 64) && ids.insert(id.to_owned()), "{id:?}");
                    assert!(is_plain(part["name"].as_str().unwrap(), 128));
                    assert!(tools.contains(&&part["name"]), "the tools of the history are known");
                    assert!(part["input"].is_object());
                    due.push(id.to_owned());
                }
                _ => {}
            }
        }
    }
    assert!(due.is_empty());
}

proptest! {
    #[test]
    fn whatever_is_sent_keeps_the_rules_of_the_api(turns in turns()) {
        let conversation = Conversation { turns, ..Conversation::default() };
        check(&send(conversation).body);
    }

    #[test]
    fn names_are_told_apart_whatever_they_are(names in prop::collection::hash_set("[a.:é]{0,3}", 1..12)) {
        let names: Vec<String> = names.into_iter().collect();
        let tools = names.iter().map(|name| Tool {
            name: name.clone(), description: None, parameters: None, strict: None,
        });
        let sent = send(Conversation { turns: hello(), tools: tools.collect(), ..Conversation::default() });
        let mut spelt = HashSet::new();
        for (tool, name) in sent.body["tools"].as_array().unwrap().iter().zip(&names) {
            let sent_as = tool["name"].as_str().unwrap();
            prop_assert!(is_plain(sent_as, 128) && spelt.insert(sent_as));
            let known = sent.memory.renamed_tools.iter().find(|(sent, _)| sent == sent_as);
            prop_assert_eq!(known.map_or(sent_as, |(_, own)| own.as_str()), name);
        }
    }

    #[test]
    fn any_text_of_arguments_survives(arguments in ".*") {
        let turns = vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", "f", &arguments)]),
            turn(Role::User, vec![result("a", "ok")]),
        ];
        let sent = messages(turns)[1]["content"][0]["input"].take();
        let expected = match serde_json::from_str::<Value>(&arguments) {
            Ok(object @ Value::Object(_)) => object,
            Ok(Value::Null) => serde_json::json!({}),
            _ if arguments.trim().is_empty() => serde_json::json!({}),
            _ => serde_json::json!({"_raw_arguments": arguments}),
        };
        prop_assert_eq!(sent, expected);
    }
}
