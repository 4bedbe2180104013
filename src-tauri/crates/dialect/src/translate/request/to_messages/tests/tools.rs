//! Tools on offer.

use serde_json::json;

use super::*;
use crate::canon::{Tool, ToolChoice};

fn tool(name: &str, parameters: Option<Value>) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: parameters.map(|schema| raw(&schema)),
        strict: None,
    }
}

fn with_tools(tools: Vec<Tool>) -> Conversation {
    Conversation { turns: hello(), tools, ..Conversation::default() }
}

fn schema(parameters: Value) -> Value {
    send(with_tools(vec![tool("f", Some(parameters))])).body["tools"][0]["input_schema"].take()
}

#[test]
fn a_tools_schema_is_handed_on_byte_for_byte() {
    let text =
        r#"{ "type":"object",  "properties":{"b":{"type":"number","minimum":1.0},"a":{}}, "x-own":1e2 }"#;
    let parameters = serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
    let tools = vec![Tool { parameters: Some(parameters), ..tool("f", None) }];
    let question_traits = ModelTraits::default();
    let question = Question {
        from: Api::ChatCompletions,
        to: Api::Messages,
        body: b"",
        model: "m",
        traits: &question_traits,
        stream: false,
        max_output: None,
    };
    let body = write(with_tools(tools), &question).unwrap().body;
    assert!(std::str::from_utf8(&body).unwrap().contains(text));
}

#[test]
fn a_schema_that_is_no_objects_becomes_one() {
    let empty = json!({"type": "object", "properties": {}});
    assert_eq!(send(with_tools(vec![tool("f", None)])).body["tools"][0]["input_schema"], empty);
    assert_eq!(schema(json!({})), empty);
    assert_eq!(schema(json!(true)), empty);
    assert_eq!(
        schema(json!({"properties": {"a": {"type": "string"}}})),
        json!({"type": "object", "properties": {"a": {"type": "string"}}})
    );
    assert_eq!(schema(json!({"type": ["object", "null"], "required": []}))["type"], "object");
}

#[test]
fn a_choice_at_the_top_of_a_schema_is_taken_apart_and_said_in_words() {
    let parameters = json!({
        "properties": {"id": {"type": "integer"}},
        "required": ["id"],
        "oneOf": [
            {"properties": {"by": {"const": "name"}, "name": {"type": "string"}}, "required": ["name"]},
            {"properties": {"by": {"const": "mail"}, "mail": {"type": "string"}}, "required": ["mail"]},
        ],
        "additionalProperties": false,
    });
    let offered = Tool { description: Some("Finds.".to_owned()), ..tool("find", Some(parameters)) };
    let sent = send(with_tools(vec![offered])).body["tools"][0].take();
    assert_eq!(sent["input_schema"]["type"], "object");
    assert_eq!(sent["input_schema"]["required"], json!(["id"]));
    let names: Vec<_> = sent["input_schema"]["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["id", "by", "name", "mail"]);
    assert_eq!(sent["input_schema"].get("oneOf"), None);
    assert_eq!(sent["input_schema"].get("additionalProperties"), None);
    let description = sent["description"].as_str().unwrap();
    assert!(description.starts_with("Finds.\n\nThe arguments must match"), "{description}");
    assert!(description.contains(r#""required":["mail"]"#), "{description}");
}

#[test]
fn case_07_tool_choice_and_parallel_calls() {
    let choose = |choice, parallel_tools| {
        let conversation =
            Conversation { tool_choice: choice, parallel_tools, ..with_tools(vec![tool("find", None)]) };
        send(conversation).body.get("tool_choice").cloned()
    };
    assert_eq!(choose(None, None), None);
    assert_eq!(choose(None, Some(true)), None);
    assert_eq!(choose(Some(ToolChoice::Auto), None), Some(json!({"type": "auto"})));
    assert_eq!(choose(Some(ToolChoice::Required), None), Some(json!({"type": "any"})));
    assert_eq!(choose(Some(ToolChoice::None), Some(false)), Some(json!({"type": "none"})));
    assert_eq!(
        choose(Some(ToolChoice::Function("find".to_owned())), None),
        Some(json!({"type": "tool", "name": "find"}))
    );
    assert_eq!(choose(None, Some(false)), Some(json!({"type": "auto", "disable_parallel_tool_use": true})));
    assert_eq!(
        choose(Some(ToolChoice::Required), Some(false)),
        Some(json!({"type": "any", "disable_parallel_tool_use": true}))
    );
}

#[test]
fn case_07_a_model_that_cannot_be_forced_is_asked() {
    let traits = ModelTraits { forced_tools: false, ..ModelTraits::default() };
    let conversation = Conversation {
        tool_choice: Some(ToolChoice::Function("find".to_owned())),
        ..with_tools(vec![tool("find", None)])
    };
    let sent = send_to(conversation, &traits);
    assert_eq!(sent.body["tool_choice"], json!({"type": "auto"}));
    assert_eq!(sent.body["system"], "Call the tool `find`; do not answer without it.");
    assert_eq!(sent.dropped, ["tool_choice"]);
}

#[test]
fn a_choice_without_tools_is_dropped() {
    let conversation = |choice| Conversation {
        turns: hello(),
        tool_choice: Some(choice),
        parallel_tools: Some(false),
        ..Conversation::default()
    };
    let none = send(conversation(ToolChoice::None));
    assert_eq!((none.body.get("tool_choice"), none.dropped.len()), (None, 0));
    let required = send(conversation(ToolChoice::Required));
    assert_eq!((required.body.get("tool_choice"), required.dropped), (None, vec!["tool_choice".to_owned()]));
}

#[test]
fn names_that_the_api_refuses_are_respelt_and_remembered() {
    let odd = "files.read/α";
    let sent = send(Conversation {
        turns: vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", odd, "{}")]),
            turn(Role::User, vec![result("a", "ok")]),
        ],
        tool_choice: Some(ToolChoice::Function(odd.to_owned())),
        ..with_tools(vec![tool(odd, None), tool("plain_1-a", None)])
    });
    let spelt = sent.body["tools"][0]["name"].as_str().unwrap().to_owned();
    assert!(spelt.starts_with("files_read___"), "{spelt}");
    assert_eq!(sent.body["messages"][1]["content"][0]["name"], spelt);
    assert_eq!(sent.body["tool_choice"]["name"], spelt);
    assert_eq!(sent.memory.renamed_tools, [(spelt, odd.to_owned())]);
    assert_eq!(sent.body["tools"][1]["name"], "plain_1-a");
    assert_eq!(sent.dropped, Vec::<String>::new());
}

#[test]
fn a_tool_that_is_offered_twice_is_written_once() {
    let sent = send(with_tools(vec![tool("f", None), tool("g", None), tool("f", None)]));
    let names: Vec<_> =
        sent.body["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["f", "g"]);
}

#[test]
fn a_history_with_calls_but_without_tools_lists_them_and_lets_none_be_called() {
    let sent = send(Conversation {
        turns: vec![
            says(Role::User, "Go"),
            turn(Role::Assistant, vec![call("a", "f", "{}"), call("b", "g", "{}"), call("c", "f", "{}")]),
            turn(Role::User, vec![result("a", "1"), result("b", "2"), result("c", "3")]),
            says(Role::User, "Sum up."),
        ],
        ..Conversation::default()
    });
    let names: Vec<_> =
        sent.body["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["f", "g"]);
    assert_eq!(sent.body["tool_choice"], json!({"type": "none"}));
}

#[test]
fn strict_tools_stay_strict_where_their_schema_fits() {
    let strict = |name: &str, schema: Value| Tool { strict: Some(true), ..tool(name, Some(schema)) };
    let fits = json!({
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 1}},
        "required": ["n"],
        "additionalProperties": false,
    });
    let open =
        json!({"type": "object", "properties": {"map": {"type": "object", "additionalProperties": true}}});
    let sent = send(with_tools(vec![strict("fits", fits.clone()), strict("open", open.clone())]));
    assert_eq!(sent.body["tools"][0]["strict"], true);
    assert_eq!(
        sent.body["tools"][0]["input_schema"]["properties"]["n"],
        json!({"type": "integer", "description": "Must also satisfy: minimum 1."})
    );
    assert_eq!(sent.body["tools"][1].get("strict"), None);
    assert_eq!(sent.body["tools"][1]["input_schema"], open, "a schema that does not fit is left as it is");
    assert_eq!(sent.dropped, ["tools[].function.parameters.minimum", "tools[].function.strict"]);

    let many = (0..25).map(|n| strict(&format!("f{n}"), fits.clone())).collect();
    let sent = send(with_tools(many));
    let strict_ones =
        sent.body["tools"].as_array().unwrap().iter().filter(|tool| tool.get("strict").is_some());
    assert_eq!(strict_ones.count(), 20, "the API refuses more");

    let optional: serde_json::Map<_, _> =
        (0..13).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect();
    let loose = json!({"type": "object", "properties": optional});
    let sent = send(with_tools(vec![strict("one", loose.clone()), strict("two", loose)]));
    assert_eq!(sent.body["tools"][0]["strict"], true);
    assert_eq!(sent.body["tools"][1].get("strict"), None, "the limit on optional fields is for all together");

    let old = ModelTraits { structured_output: false, ..ModelTraits::default() };
    let sent = send_to(with_tools(vec![strict("fits", fits)]), &old);
    assert_eq!(sent.body["tools"][0].get("strict"), None);
    assert_eq!(sent.dropped, ["tools[].function.strict"]);
}
