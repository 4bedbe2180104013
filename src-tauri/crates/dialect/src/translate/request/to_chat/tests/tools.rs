//! Tools, their names, and the choice among them.

use super::*;

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
        strict: Some(true),
    }];
    let body = with_traits(asked, &ModelTraits::default()).unwrap().body;
    let expected = format!(
        r#""tools":[{{"type":"function","function":{{"name":"f","description":"Does f.","parameters":{schema},"strict":true}}}}]"#
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
    assert_eq!((offered[0].as_str(), offered[2].as_str()), ("files_read", "plain"));
    assert!(offered[1].starts_with("mcp__serverserver") && offered[1].len() == 64, "{}", offered[1]);
    assert_eq!(body["tool_choice"]["function"]["name"], "files_read");
    let called: Vec<_> = (0..3)
        .map(|at| body["messages"][1]["tool_calls"][at]["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(called, ["files_read", offered[1].as_str(), "gone_by"]);

    let mut renamed = translated.memory.renamed_tools;
    renamed.sort();
    let expected =
        [("files_read", "files.read"), ("gone_by", "gone/by"), (offered[1].as_str(), long.as_str())];
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
fn of_two_odd_names_the_same_one_gets_the_plain_spelling_every_time() {
    for _ in 0..16 {
        let mut asked = offering(&["a/b", "a.b"]);
        asked.tool_choice = Some(ToolChoice::Function("not/offered".to_owned()));
        let (body, _) = written(asked);
        assert_eq!(body["tools"][1]["function"]["name"], "a_b");
        assert_eq!(body["tool_choice"]["function"]["name"], "not_offered");
    }
}
