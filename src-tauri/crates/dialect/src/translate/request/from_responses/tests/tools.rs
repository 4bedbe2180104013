//! What may be called, and under which name.

use super::*;

/// Tools of a request as (name, description, parameters).
fn offered(body: &Value) -> Vec<(String, Option<String>, Option<String>)> {
    let tools = conversation(body).tools;
    tools
        .into_iter()
        .map(|tool| (tool.name, tool.description, tool.parameters.map(|schema| schema.get().to_owned())))
        .collect()
}

fn names(body: &Value) -> Vec<String> {
    offered(body).into_iter().map(|(name, _, _)| name).collect()
}

fn choice(tool_choice: &Value) -> Value {
    json!({"model": "gpt-5", "input": "Hi", "tool_choice": tool_choice, "tools": [
        {"type": "function", "name": "f"},
        {"type": "custom", "name": "sh"},
        {"type": "namespace", "name": "ns", "description": "", "tools": [{"type": "function", "name": "f"}]},
    ]})
}

#[test]
fn functions_keep_their_schema_byte_for_byte() {
    let body = r#"{"model":"m","input":"Hi","tools":[{"type":"function","name":"f","description":"Does it.","parameters":{ "type":"object", "minimum":1.0e2 },"strict":true},{"type":"function","name":"g","parameters":null},{"type":"function","function":{"name":"h"}}]}"#;
    let tools = read(body.as_bytes()).unwrap().0.tools;
    assert_eq!(tools[0].parameters.as_ref().unwrap().get(), r#"{ "type":"object", "minimum":1.0e2 }"#);
    assert_eq!((tools[0].description.as_deref(), tools[0].strict), (Some("Does it."), Some(true)));
    assert!(tools[1].parameters.is_none() && tools[1].strict.is_none());
    assert_eq!(tools[2].name, "h", "Chat Completions' shape is understood too");
}

#[test]
fn a_custom_tool_becomes_a_function_of_one_text_and_is_remembered() {
    let body = with(
        "tools",
        json!([{"type": "custom", "name": "apply_patch", "description": "Edits files.",
        "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}}, {"type": "custom", "name": "sh", "format": {"type": "text"}}]),
    );
    let (conversation, origins) = read(body.to_string().as_bytes()).unwrap();
    let tool = &conversation.tools[0];
    assert_eq!(
        tool.description.as_deref(),
        Some("Edits files.\n\nThe input must match this grammar (lark):\nstart: /.+/")
    );
    let schema: Value = serde_json::from_str(tool.parameters.as_ref().unwrap().get()).unwrap();
    assert_eq!(schema["required"], json!(["input"]));
    assert_eq!(losses(&body), [("tools[].format".to_owned(), Loss::Told)]);
    let patch = ToolOrigin {
        name: "apply_patch".into(),
        own_name: "apply_patch".into(),
        namespace: None,
        custom: true,
    };
    assert_eq!(origins[0], patch);

    let input = json!([
        {"type": "custom_tool_call", "call_id": "c", "name": "sh", "input": "echo \"hi\"\n"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "hi"},
    ]);
    assert_eq!(turns(&input)[0].blocks, [call("c", "sh", r#"{"input":"echo \"hi\"\n"}"#)]);
}

#[test]
fn namespaces_are_flattened_and_remembered() {
    let body = json!({"model": "gpt-5", "tools": [
        {"type": "namespace", "name": "agents", "description": "Sub-agents.", "tools": [{"type": "function", "name": "spawn"}, {"type": "custom", "name": "note"}]},
        {"type": "namespace", "name": "mcp__mail__", "tools": [{"type": "function", "name": "send"}]},
        {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]},
        {"type": "function", "name": "plain"},
    ], "input": [
        {"type": "function_call", "call_id": "a", "namespace": "agents", "name": "spawn", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "b", "namespace": "functions", "name": "exec", "input": "x"},
        {"type": "custom_tool_call", "call_id": "c", "name": "exec", "input": "y"},
    ]});
    let (conversation, origins) = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(names(&body), ["agents__spawn", "agents__note", "mcp__mail__send", "exec", "plain"]);
    assert_eq!(
        conversation.turns[0].blocks,
        [
            call("a", "agents__spawn", "{}"),
            call("b", "exec", r#"{"input":"x"}"#),
            call("c", "exec", r#"{"input":"y"}"#)
        ]
    );
    let told: Vec<_> = origins
        .iter()
        .map(|tool| (tool.name.as_str(), tool.namespace.as_deref(), tool.own_name.as_str(), tool.custom))
        .collect();
    assert_eq!(
        told,
        [
            ("agents__spawn", Some("agents"), "spawn", false),
            ("agents__note", Some("agents"), "note", true),
            ("mcp__mail__send", Some("mcp__mail__"), "send", false),
            ("exec", Some("functions"), "exec", true),
        ]
    );
}

#[test]
fn two_tools_never_share_a_name() {
    let body = json!({"model": "gpt-5", "tools": [
        {"type": "function", "name": "a__f"},
        {"type": "namespace", "name": "a", "tools": [{"type": "function", "name": "f"}]},
        {"type": "namespace", "name": "a__", "tools": [{"type": "function", "name": "f"}]},
        {"type": "function", "name": "a__f_2"},
        {"type": "function", "name": "a__f", "description": "declared again"},
    ], "input": [{"type": "function_call", "call_id": "c", "namespace": "a", "name": "f", "arguments": "{}"}]});
    assert_eq!(names(&body), ["a__f", "a__f_2", "a__f_3", "a__f_2_2"]);
    assert_eq!(offered(&body)[0].1.as_deref(), Some("declared again"));
    assert_eq!(conversation(&body).turns[0].blocks, [call("c", "a__f_2", "{}")]);
}

#[test]
fn tools_that_are_declared_or_found_on_the_way_are_offered() {
    let body = json!({"model": "gpt-5", "tools": [{"type": "tool_search", "execution": "client"}], "input": [
        {"type": "additional_tools", "role": "developer", "tools": [{"type": "function", "name": "f"}]},
        {"type": "tool_search_call", "call_id": "t", "arguments": {"query": "mail"}},
        {"type": "tool_search_output", "call_id": "t", "tools": [{"type": "namespace", "name": "mail", "tools": [{"type": "function", "name": "send", "defer_loading": true}]}]},
    ]});
    assert_eq!(names(&body), ["f", "mail__send"]);
    assert_eq!(lost(&body, "tools[].tool_search"), Some(Loss::Told));
}

#[test]
fn web_search_is_left_out_with_a_word_and_other_hosted_tools_are_not() {
    for kind in ["web_search", "web_search_2025_08_26", "web_search_preview"] {
        assert_eq!(
            losses(&with("tools", json!([{"type": kind}]))),
            [(format!("tools[].{kind}"), Loss::Told)]
        );
    }
    for kind in [
        "file_search",
        "code_interpreter",
        "computer_use_preview",
        "mcp",
        "local_shell",
        "tool_from_the_future",
    ] {
        let body = with("tools", json!([{"type": "function", "name": "f"}, {"type": kind}]));
        assert_eq!(losses(&body), [(format!("tools[1].{kind}"), Loss::Meaning)]);
    }
}

/// Codex offers pictures by the way; a request that offers nothing else is about a picture.
#[test]
fn pictures_are_left_out_beside_functions_only() {
    let pictures = json!({"type": "image_generation", "output_format": "png"});
    let losses_of = |tools: Value| losses(&with("tools", tools));
    let told = [("tools[].image_generation".to_owned(), Loss::Told)];
    assert_eq!(losses_of(json!([pictures, {"type": "function", "name": "f"}])), told);
    assert_eq!(losses_of(json!([{"type": "custom", "name": "f"}, pictures])), told);
    let meant = [("tools[0].image_generation".to_owned(), Loss::Meaning)];
    assert_eq!(losses_of(json!([pictures])), meant);
}

#[test]
fn case_07_every_way_to_choose_a_tool() {
    let chosen = |tool_choice: Value| conversation(&choice(&tool_choice)).tool_choice;
    let function = |name: &str| Some(ToolChoice::Function(name.to_owned()));
    assert_eq!(chosen(json!("auto")), Some(ToolChoice::Auto));
    assert_eq!(chosen(json!("required")), Some(ToolChoice::Required));
    assert_eq!(chosen(json!("none")), Some(ToolChoice::None));
    assert_eq!(chosen(json!({"type": "function", "name": "f"})), function("f"));
    assert_eq!(chosen(json!({"type": "function", "name": "f", "namespace": "ns"})), function("ns__f"));
    assert_eq!(chosen(json!({"type": "function", "function": {"name": "f"}})), function("f"));
    assert_eq!(chosen(json!({"type": "custom", "name": "sh"})), function("sh"));
    for hosted in
        [json!({"type": "web_search"}), json!({"type": "mcp", "server_label": "x"}), json!("sometimes")]
    {
        assert_eq!(losses(&choice(&hosted)), [("tool_choice".to_owned(), Loss::Meaning)]);
    }
}

#[test]
fn only_allowed_tools_are_offered() {
    let allowed = choice(
        &json!({"type": "allowed_tools", "mode": "required", "tools": [{"type": "custom", "name": "sh"}, {"type": "function", "name": "f", "namespace": "ns"}]}),
    );
    assert_eq!(names(&allowed), ["sh", "ns__f"]);
    assert_eq!(conversation(&allowed).tool_choice, Some(ToolChoice::Required));
    let none = choice(
        &json!({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp", "server_label": "x"}]}),
    );
    assert_eq!(losses(&none), [("tool_choice.tools".to_owned(), Loss::Meaning)]);
}

#[test]
fn without_a_tool_there_is_no_choice() {
    let body = json!({"model": "gpt-5", "input": "Hi", "tools": [{"type": "web_search"}], "tool_choice": "auto", "parallel_tool_calls": true});
    let conversation = conversation(&body);
    assert!(
        conversation.tools.is_empty()
            && conversation.tool_choice.is_none()
            && conversation.parallel_tools.is_none()
    );
    let required = json!({"model": "gpt-5", "input": "Hi", "tools": [{"type": "web_search"}], "tool_choice": "required"});
    assert_eq!(lost(&required, "tool_choice"), Some(Loss::Meaning));
}
