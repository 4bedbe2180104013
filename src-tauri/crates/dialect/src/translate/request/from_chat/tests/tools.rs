//! Functions on offer, and the choice among them.

use super::*;
use crate::canon::ToolChoice;

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}})
}

/// The names on offer and the choice, given three tools.
fn choosing(choice: &Value) -> (Vec<String>, Option<ToolChoice>) {
    let read = with(&json!({"tools": [function("a"), function("b"), function("c")], "tool_choice": choice}));
    let Conversation { tools, tool_choice, unmapped, .. } = read.unwrap();
    assert!(unmapped.is_empty(), "{unmapped:?}");
    (tools.into_iter().map(|tool| tool.name).collect(), tool_choice)
}

#[test]
fn a_tools_schema_keeps_every_byte_that_providers_can_read() {
    let schema = r#"{ "type":"object","required":["b","a"],"properties":{"b":{"const":1.50},"a":{"pattern":"^\u00e9\ud83d"}} }"#;
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],"tools":[{{"type":"function","function":
        {{"name":"f","description":"Does f.","strict":true,"parameters":{schema}}}}}]}}"#
    );
    let tools = read(body.as_bytes()).unwrap().tools;
    let [tool] = tools.as_slice() else { panic!("{tools:?}") };
    assert_eq!(tool.parameters.as_ref().unwrap().get(), schema.replace("\\ud83d", "\\ufffd"));
    assert_eq!(
        (tool.name.as_str(), tool.description.as_deref(), tool.strict),
        ("f", Some("Does f."), Some(true))
    );
}

#[test]
fn tools_come_flat_without_their_type_and_as_the_older_functions() {
    let read = with(&json!({
        "tools": [{"type": "function", "name": "flat"}, {"function": {"name": "typeless", "strict": null}}],
        "functions": [{"name": "old", "description": "", "parameters": null}],
        "function_call": {"name": "old"},
    }))
    .unwrap();
    let names: Vec<_> = read.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["flat", "typeless", "old"]);
    assert!(read.tools.iter().all(|tool| tool.parameters.is_none() && tool.description.is_none()));
    assert_eq!(read.tool_choice, Some(ToolChoice::Function("old".to_owned())));
    assert!(read.unmapped.is_empty(), "{:?}", read.unmapped);
}

#[test]
fn tools_that_only_one_provider_has_are_what_was_asked_for() {
    let custom = json!({"type": "custom", "custom": {"name": "sql", "format": {"type": "grammar"}}});
    for (tool, place) in [(custom, "tools[1].custom"), (json!({"type": "web_search"}), "tools[1].web_search")]
    {
        let read = with(&json!({"tools": [function("a"), tool]})).unwrap();
        assert_eq!(lost(&read, Loss::Meaning), [place]);
    }
}

#[test]
fn case_07_every_tool_choice_is_read() {
    let all = ["a", "b", "c"].map(str::to_owned).to_vec();
    let word =
        |choice: Value, expected: ToolChoice| assert_eq!(choosing(&choice), (all.clone(), Some(expected)));
    word(json!("auto"), ToolChoice::Auto);
    word(json!("none"), ToolChoice::None);
    word(json!("required"), ToolChoice::Required);
    word(json!("any"), ToolChoice::Required);
    word(json!({"type": "auto"}), ToolChoice::Auto);
    word(json!({"type": "function", "function": {"name": "b"}}), ToolChoice::Function("b".to_owned()));
    word(json!({"type": "function", "name": "b"}), ToolChoice::Function("b".to_owned()));
    assert_eq!(choosing(&json!(null)), (all.clone(), None));
}

#[test]
fn case_07_allowed_tools_are_the_only_ones_on_offer() {
    let allowed = |mode: &str, names: &[&str]| {
        let tools: Vec<_> =
            names.iter().map(|name| json!({"type": "function", "function": {"name": name}})).collect();
        choosing(&json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}))
    };
    let some = ["a", "c"].map(str::to_owned).to_vec();
    assert_eq!(allowed("required", &["c", "a"]), (some.clone(), Some(ToolChoice::Required)));
    assert_eq!(allowed("auto", &["a", "c"]), (some, Some(ToolChoice::Auto)));
    assert_eq!(allowed("auto", &[]), (Vec::new(), Some(ToolChoice::None)));
}

#[test]
fn a_choice_that_is_not_understood_is_not_guessed_at() {
    for choice in [
        json!("validated"),
        json!(7),
        json!({}),
        json!({"type": "custom", "custom": {"name": "sql"}}),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "mcp", "name": "a"}]}}),
        json!({"type": "allowed_tools"}),
    ] {
        let read = with(&json!({"tools": [function("a")], "tool_choice": choice})).unwrap();
        assert_eq!(lost(&read, Loss::Meaning), ["tool_choice"], "{choice}");
    }
}

#[test]
fn case_07_several_calls_at_once_can_be_forbidden() {
    assert_eq!(with(&json!({"parallel_tool_calls": false})).unwrap().parallel_tools, Some(false));
    assert_eq!(with(&json!({"parallel_tool_calls": "true"})).unwrap().parallel_tools, Some(true));
    assert_eq!(with(&json!({})).unwrap().parallel_tools, None);
    assert_eq!(problem(with(&json!({"parallel_tool_calls": 2}))).0, "parallel_tool_calls");
}

#[test]
fn tools_of_the_wrong_shape_are_refused_by_their_place() {
    let param = |fields: Value| problem(with(&fields)).0;
    assert_eq!(param(json!({"tools": {}})), "tools");
    assert_eq!(param(json!({"tools": [7]})), "tools[0]");
    assert_eq!(
        param(json!({"tools": [function("a"), {"type": "function", "function": {}}]})),
        "tools[1].function.name"
    );
    let schema = json!({"type": "function", "function": {"name": "f", "parameters": "none"}});
    assert_eq!(param(json!({"tools": [schema]})), "tools[0].function.parameters");
    assert_eq!(param(json!({"functions": [{"name": ""}]})), "functions[0].name");
    assert_eq!(
        param(json!({"tools": [{"type": "function", "function": {"name": "f", "strict": 7}}]})),
        "tools[0].function.strict"
    );
}
