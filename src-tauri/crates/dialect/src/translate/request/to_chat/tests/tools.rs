//! Tools, their names, and the choice among them.

use super::*;
use crate::canon::Reasoning;

fn offering(names: &[&str]) -> Conversation {
    Conversation { tools: names.iter().map(|name| tool(name)).collect(), ..conversation() }
}

#[test]
fn schemas_are_written_byte_for_byte() {
    let schema = r#"{ "type":"object", "properties":{"b":{"const":1.50},"a":{"pattern":"\u00e9"}} }"#;
    let mut asked = conversation();
    asked.tools = vec![Tool {
        name: "f".to_owned(),
        description: Some("Does f.".to_owned()),
        parameters: Some(raw(schema)),
        strict: Some(false),
    }];
    let body = with_traits(asked, &ModelTraits::default()).unwrap().body;
    let expected = format!(
        r#""tools":[{{"type":"function","function":{{"name":"f","description":"Does f.","parameters":{schema},"strict":false}}}}]"#
    );
    assert!(std::str::from_utf8(&body).unwrap().contains(&expected), "{body:?}");
    let mut bare = conversation();
    bare.tools = vec![Tool { name: "f".to_owned(), description: None, parameters: None, strict: None }];
    assert_eq!(written(bare).0["tools"], json!([{"type": "function", "function": {"name": "f"}}]));
}

#[test]
fn case_07_every_choice_is_written() {
    let choice = |choice: ToolChoice| {
        written(Conversation { tool_choice: Some(choice), ..offering(&["f"]) }).0["tool_choice"].clone()
    };
    assert_eq!(choice(ToolChoice::Auto), "auto");
    assert_eq!(choice(ToolChoice::Required), "required");
    assert_eq!(choice(ToolChoice::None), "none");
    let named = json!({"type": "function", "function": {"name": "f"}});
    assert_eq!(choice(ToolChoice::Function("f".to_owned())), named);
}

#[test]
fn case_07_a_ban_on_parallel_calls_is_written_and_the_default_is_not() {
    let parallel = |parallel: Option<bool>| {
        let asked = Conversation { parallel_tools: parallel, ..offering(&["f"]) };
        written(asked).0.get("parallel_tool_calls").cloned()
    };
    assert_eq!(parallel(Some(false)), Some(json!(false)));
    assert_eq!(parallel(Some(true)), None);
    assert_eq!(parallel(None), None);
}

/// Its API: "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9."
#[test]
fn mistrals_models_get_ids_of_nine_letters_and_digits_and_results_still_find_their_calls() {
    let result = |id: &str| {
        let content = vec![text(&format!("of {id}"))];
        Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error: false })
    };
    let ids = ["toolu_01A09q90qw90lq917835lq9", "call_1", "D681PevKs"];
    let calls = ids.iter().map(|id| call(id, "f", "{}")).collect();
    let results = ids.iter().rev().map(|id| result(id)).collect();
    let turns =
        vec![Turn { role: Role::Assistant, blocks: calls }, Turn { role: Role::User, blocks: results }];
    for model in ["mistral-large-latest", "mistralai/Devstral-Small-2", "Codestral-2508"] {
        let traits = ModelTraits::default();
        let question = Question { model, ..asking(&traits, false) };
        let asked = Conversation { turns: turns.clone(), ..offering(&["f"]) };
        let body: Value = serde_json::from_slice(&write(asked, &question).unwrap().body).unwrap();
        let called: Vec<&str> = body["messages"][0]["tool_calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["id"].as_str().unwrap())
            .collect();
        for id in &called {
            assert!(id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
        assert_eq!(called[2], "D681PevKs", "its own stay");
        for (place, id) in called.iter().enumerate() {
            let message = &body["messages"][place + 1];
            assert_eq!(
                (message["tool_call_id"].as_str(), &message["content"]),
                (Some(*id), &json!(format!("of {}", ids[place])))
            );
        }
    }
}

#[test]
fn without_tools_nothing_is_said_of_them() {
    let asked = |choice: ToolChoice| {
        written(Conversation { tool_choice: Some(choice), parallel_tools: Some(false), ..conversation() })
    };
    let (body, dropped) = asked(ToolChoice::Auto);
    assert_eq!(body, json!({"model": "gpt-x", "messages": [{"role": "user", "content": "hi"}]}));
    assert!(dropped.is_empty());
    assert_eq!(asked(ToolChoice::Required).1, ["tool_choice"]);
}

#[test]
fn odd_tool_names_are_spelt_otherwise_everywhere_and_remembered() {
    let long = format!("mcp__{}__read", "server".repeat(15));
    let mut asked = offering(&["files.read", &long, "plain"]);
    asked.tool_choice = Some(ToolChoice::Function("files.read".to_owned()));
    asked.turns.push(Turn {
        role: Role::Assistant,
        blocks: vec![call("a", "files.read", "{}"), call("b", &long, "{}"), call("c", "gone/by", "{}")],
    });
    let translated = with_traits(asked.clone(), &ModelTraits::default()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    let offered: Vec<_> =
        (0..3).map(|at| body["tools"][at]["function"]["name"].as_str().unwrap().to_owned()).collect();
    let respelt = |sent: &str, start: &str| sent.starts_with(start) && sent.len() == start.len() + 17;
    assert!(respelt(&offered[0], "files_read") && offered[2] == "plain", "{offered:?}");
    assert!(offered[1].starts_with("mcp__serverserver") && offered[1].len() == 64, "{}", offered[1]);
    assert_eq!(body["tool_choice"]["function"]["name"], offered[0]);
    let called: Vec<_> = (0..3)
        .map(|at| body["messages"][1]["tool_calls"][at]["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(called[..2], [offered[0].as_str(), offered[1].as_str()]);
    assert!(respelt(called[2], "gone_by"), "{called:?}");

    let mut renamed = translated.memory.renamed_tools;
    renamed.sort();
    let expected =
        [(offered[0].as_str(), "files.read"), (called[2], "gone/by"), (offered[1].as_str(), long.as_str())];
    assert_eq!(renamed, expected.map(|(sent, own)| (sent.to_owned(), own.to_owned())));
    assert!(translated.dropped.is_empty());
    assert_eq!(
        with_traits(asked, &ModelTraits::default()).unwrap().body,
        translated.body,
        "from turn to turn alike"
    );
}

#[test]
fn no_two_tools_come_to_the_same_name() {
    let (long, longer) = ("x".repeat(65), "x".repeat(66));
    let names = [
        "a.b",
        "a_b",
        "a/b",
        "",
        "é",
        "è",
        &long,
        &longer,
        &format!("{}.", "y".repeat(70)),
        &format!("{}/", "y".repeat(70)),
    ];
    let translated = with_traits(offering(&names), &ModelTraits::default()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    let sent: Vec<_> = body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    let fine = |name: &&str| {
        (1..=64).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    assert!(sent.iter().all(fine), "{sent:?}");
    assert_eq!(sent.iter().collect::<std::collections::HashSet<_>>().len(), names.len(), "{sent:?}");
    assert_eq!(sent[1], "a_b", "who needs no other spelling keeps its name");
    for (sent, own) in sent.iter().zip(names) {
        let remembered = translated.memory.renamed_tools.iter().any(|(was, is)| was == sent && is == own);
        assert_eq!(remembered, own != "a_b", "{own}");
    }
}

#[test]
fn a_name_is_spelt_the_same_whatever_else_is_on_offer() {
    let first = |names: &[&str]| {
        let mut asked = offering(names);
        asked.tool_choice = Some(ToolChoice::Function("not/offered".to_owned()));
        written(asked).0["tools"][0]["function"]["name"].clone()
    };
    assert_eq!(first(&["a/b"]), first(&["a/b", "a.b", "a_b"]), "or a prompt cache would not hold");
}

fn exact(schema: &str) -> (Value, Vec<String>) {
    let mut asked = offering(&["f"]);
    asked.tools[0].strict = Some(true);
    asked.tools[0].parameters = Some(raw(schema));
    let (mut body, dropped) = written(asked);
    (body["tools"][0]["function"]["strict"].take(), dropped)
}

#[test]
fn a_tool_is_exact_only_if_openai_takes_its_schema_so() {
    let closed = r#"{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"object","properties":{},"additionalProperties":false}]}},
        "required":["a"],"additionalProperties":false}"#;
    assert_eq!(exact(closed), (json!(true), vec![]));
    for open in [
        r#"{"type":"object"}"#,
        r#"{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}"#,
        r#"{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}"#,
        r#"{"type":"object","properties":{"a":{"oneOf":[]}},"required":["a"],"additionalProperties":false}"#,
        r#"{"anyOf":[{"type":"object","properties":{},"additionalProperties":false}]}"#,
        r#"{"type":"object","properties":{"a":true},"required":["a"],"additionalProperties":false}"#,
    ] {
        assert_eq!(exact(open), (Value::Null, vec!["tools[].strict".to_owned()]), "{open}");
    }
}

#[test]
fn case_07_a_model_that_cannot_be_forced_is_asked() {
    let traits = ModelTraits { forced_tools: false, ..ModelTraits::default() };
    let asked = |choice: ToolChoice| {
        let (body, dropped) =
            written_with(Conversation { tool_choice: Some(choice), ..offering(&["f"]) }, &traits);
        let system = body["messages"][0]["role"] == "system";
        (body["tool_choice"].clone(), system.then(|| body["messages"][0]["content"].clone()), dropped)
    };
    let told = || vec!["tool_choice".to_owned()];
    let words = json!("Call the tool `f`; do not answer without it.");
    assert_eq!(asked(ToolChoice::Function("f".to_owned())), (json!("auto"), Some(words), told()));
    let words = json!("Call at least one tool; do not answer without one.");
    assert_eq!(asked(ToolChoice::Required), (json!("auto"), Some(words), told()));
    assert_eq!(asked(ToolChoice::None), (json!("none"), None, vec![]));
}

#[test]
fn case_19_models_that_take_tools_only_without_thinking_do_not_think() {
    let traits = ModelTraits {
        thinking: Thinking::Effort,
        tools_in_chat: ToolsInChat::WithoutThinking,
        ..ModelTraits::default()
    };
    let effort = |reasoning: Option<Reasoning>, names: &[&str]| {
        let (body, dropped) = written_with(Conversation { reasoning, ..offering(names) }, &traits);
        (body.get("reasoning_effort").cloned(), dropped)
    };
    let none = || Some(json!("none"));
    let high = || Some(Reasoning::Effort("high".to_owned()));
    assert_eq!(effort(None, &["f"]), (none(), vec![]));
    assert_eq!(effort(Some(Reasoning::Off), &["f"]), (none(), vec![]));
    assert_eq!(effort(high(), &["f"]), (none(), vec!["thinking".to_owned()]));
    assert_eq!(effort(high(), &[]), (Some(json!("high")), vec![]), "without tools nothing hinders it");
    assert_eq!(effort(None, &[]), (None, vec![]));
}

#[test]
fn a_model_that_takes_no_tools_in_chat_is_not_asked_with_any() {
    let traits = ModelTraits { tools_in_chat: ToolsInChat::Never, ..ModelTraits::default() };
    match with_traits(offering(&["f"]), &traits) {
        Err(TranslateError::Untranslatable { field, message }) => {
            assert_eq!(field, "tools");
            assert!(message.contains("gpt-x"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert!(with_traits(conversation(), &traits).is_ok());
}
