//! Everything beside the conversation.

use super::*;
use crate::canon::{Format, Loss, Reasoning, Sampling, ToolChoice};

#[test]
fn limits_sampling_stops_and_user() {
    let conversation = read_json(&json!({
        "model": "claude-x", "max_tokens": 1000, "stream": true, "messages": [],
        "stop_sequences": ["END", "\n\n"], "temperature": 0.5, "top_p": 0.9, "top_k": 40,
        "metadata": {"user_id": "u-1"},
    }));
    assert_eq!((conversation.model.as_str(), conversation.stream), ("claude-x", true));
    assert_eq!(conversation.max_output, Some(1000));
    assert_eq!(conversation.stop, ["END", "\n\n"]);
    assert_eq!(conversation.sampling, Sampling { temperature: Some(0.5), top_p: Some(0.9), top_k: Some(40) });
    assert_eq!(conversation.user.as_deref(), Some("u-1"));
    assert_eq!(conversation.unmapped, []);
}

#[test]
fn numbers_may_come_as_strings_and_a_single_stop_without_a_list() {
    let conversation = read_json(&json!({
        "model": "m", "max_tokens": "1000", "messages": [], "temperature": "0.5", "stop_sequences": "END",
        "top_k": null,
    }));
    assert_eq!((conversation.max_output, conversation.sampling.temperature), (Some(1000), Some(0.5)));
    assert_eq!(conversation.stop, ["END"]);
}

#[test]
fn case_07_tool_choice_and_parallel_calls() {
    let choose = |choice: Value| {
        let conversation = with("tool_choice", choice);
        assert_eq!(told(&conversation), Vec::<&str>::new());
        (conversation.tool_choice, conversation.parallel_tools)
    };
    assert_eq!(choose(json!({"type": "auto"})), (Some(ToolChoice::Auto), None));
    assert_eq!(choose(json!({"type": "any"})), (Some(ToolChoice::Required), None));
    assert_eq!(choose(json!({"type": "none"})), (Some(ToolChoice::None), None));
    assert_eq!(
        choose(json!({"type": "tool", "name": "f", "disable_parallel_tool_use": true})),
        (Some(ToolChoice::Function("f".to_owned())), Some(false))
    );
    assert_eq!(
        choose(json!({"type": "auto", "disable_parallel_tool_use": false})),
        (Some(ToolChoice::Auto), Some(true))
    );
    assert_eq!(choose(json!("any")), (Some(ToolChoice::Required), None));
    assert_eq!(choose(json!(null)), (None, None));
    assert_eq!(lost(&with("tool_choice", json!({"type": "some"})), Loss::Meaning), ["tool_choice"]);
}

#[test]
fn tools_of_the_clients_own() {
    let conversation = with(
        "tools",
        json!([
            {"name": "f", "description": "Finds.", "input_schema": {"type": "object"}, "strict": true},
            {"type": "custom", "name": "g", "input_schema": {"type": "object"}, "defer_loading": true,
             "eager_input_streaming": true, "allowed_callers": ["direct"]},
            {"name": "h"},
        ]),
    );
    assert_eq!(told(&conversation), Vec::<&str>::new());
    let [f, g, h] = conversation.tools.as_slice() else { panic!("three tools") };
    assert_eq!((f.name.as_str(), f.description.as_deref(), f.strict), ("f", Some("Finds."), Some(true)));
    assert_eq!(f.parameters.as_ref().unwrap().get(), r#"{"type":"object"}"#);
    assert_eq!((g.description.as_deref(), g.strict), (None, None));
    assert!(h.parameters.is_none());

    let more = with(
        "tools",
        json!([{"name": "f", "input_examples": [{}], "allowed_callers": ["code_execution_20250825"]}]),
    );
    assert_eq!(told(&more), ["tools[].input_examples", "tools[].allowed_callers"]);
}

#[test]
fn tools_that_only_the_provider_knows_change_the_meaning() {
    for kind in [
        "web_search_20250305",
        "web_fetch_20250910",
        "bash_20250124",
        "text_editor_20250728",
        "computer_20251124",
        "code_execution_20250825",
        "memory_20250818",
        "tool_search_tool_regex_20251119",
        "mcp_toolset",
    ] {
        let tools = json!([{"name": "mine", "input_schema": {}}, {"type": kind, "name": "theirs"}]);
        let conversation = with("tools", tools);
        assert_eq!(lost(&conversation, Loss::Meaning), [format!("tools[1].{kind}")]);
    }
    for (field, value) in [
        ("mcp_servers", json!([{"type": "url", "url": "https://e.org", "name": "e"}])),
        ("container", json!("container_1")),
        ("compaction", json!({"type": "summarize"})),
    ] {
        assert_eq!(lost(&with(field, value), Loss::Meaning), [field]);
    }
    assert_eq!(lost(&with("mcp_servers", json!([])), Loss::Meaning), Vec::<&str>::new());
}

#[test]
fn tools_that_come_and_go_in_the_conversation() {
    let conversation = read_json(&json!({
        "model": "m", "max_tokens": 1,
        "tools": [{"name": "old", "input_schema": {}}, {"name": "late", "input_schema": {}}],
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "system", "content": [
                {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "old"}},
                {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "late"}},
                {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "late"}},
                {"type": "tool_addition", "tool": {
                    "type": "tool_definition", "definition": {"name": "new", "input_schema": {"type": "object"}},
                }},
            ]},
        ],
    }));
    let names: Vec<_> = conversation.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["late", "new"]);
    assert_eq!(told(&conversation), Vec::<&str>::new());
}

#[test]
fn case_19_thinking_in_all_its_forms() {
    let thinks = |thinking: Value, config: Value| {
        let body = json!({"model": "m", "max_tokens": 9, "messages": [], "thinking": thinking, "output_config": config});
        let conversation = read_json(&body);
        (conversation.reasoning.clone(), told(&conversation).len())
    };
    let effort = |word: &str| Some(Reasoning::Effort(word.to_owned()));
    assert_eq!(thinks(json!(null), json!(null)), (None, 0));
    assert_eq!(
        thinks(json!({"type": "enabled", "budget_tokens": 31999}), json!(null)),
        (Some(Reasoning::Budget(31999)), 0)
    );
    assert_eq!(thinks(json!({"type": "disabled"}), json!(null)), (Some(Reasoning::Off), 0));
    assert_eq!(thinks(json!({"type": "between_tools"}), json!(null)), (Some(Reasoning::Off), 0));
    assert_eq!(
        thinks(json!({"type": "adaptive", "display": "omitted"}), json!(null)),
        (Some(Reasoning::Adaptive), 0)
    );
    assert_eq!(thinks(json!({"type": "adaptive"}), json!({"effort": "high"})), (effort("high"), 0));
    assert_eq!(thinks(json!(null), json!({"effort": "low"})), (effort("low"), 0));
    assert_eq!(thinks(json!({"type": "disabled"}), json!({"effort": "low"})), (Some(Reasoning::Off), 1));
    assert_eq!(
        thinks(json!({"type": "enabled", "budget_tokens": 2048}), json!({"effort": "low"})),
        (Some(Reasoning::Budget(2048)), 1)
    );
}

#[test]
fn case_23_structured_output_in_both_spellings() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let format = json!({"type": "json_schema", "schema": schema});
    for conversation in
        [with("output_config", json!({"format": format})), with("output_format", format.clone())]
    {
        match &conversation.format {
            Format::JsonSchema { schema: read, .. } => assert_eq!(read.get(), schema.to_string()),
            other => panic!("{other:?}"),
        }
        assert_eq!(told(&conversation), Vec::<&str>::new());
    }
    let unknown = with("output_config", json!({"format": {"type": "grammar", "grammar": "…"}}));
    assert_eq!(lost(&unknown, Loss::Meaning), ["output_config.format.grammar"]);
    let body = json!({"model": "m", "messages": [], "output_format": {"type": "json_schema"}});
    assert_eq!(refused(&body).param.as_deref(), Some("output_format.schema"));
}

#[test]
fn a_thread_is_fine_as_long_as_the_history_is_here() {
    let created = with("thread", json!({"type": "create"}));
    assert_eq!(told(&created), Vec::<&str>::new());
    assert_eq!(lost(&created, Loss::Nothing), ["thread"]);

    // What the SDK's tool runner sends from its second request on: no history, no tools, only the result.
    let continued = read_json(&json!({
        "model": "m", "max_tokens": 64,
        "thread": {"type": "continue", "previous_message_id": "msg_1"},
        "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"},
        ]}],
    }));
    assert_eq!(lost(&continued, Loss::Meaning), ["thread"], "refused for the thread, not as an orphan");
}

#[test]
fn case_22_bookkeeping_is_dropped_and_promises_are_told() {
    let nothing = [
        ("service_tier", json!("standard_only")),
        ("betas", json!(["context-1m-2025-08-07"])),
        ("diagnostics", json!({"previous_message_id": null})),
        ("fallbacks", json!("default")),
        ("speed", json!("standard")),
        ("context_management", json!({"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]})),
        ("context_management", json!({})),
    ];
    for (field, value) in nothing {
        assert_eq!(told(&with(field, value)), Vec::<&str>::new(), "{field}");
    }
    let worth_a_word = [
        ("inference_geo", json!("eu")),
        ("speed", json!("fast")),
        ("context_management", json!({"edits": [{"type": "clear_tool_uses_20250919"}]})),
        ("something_new", json!({"a": 1})),
    ];
    for (field, value) in worth_a_word {
        assert_eq!(told(&with(field, value)), [field]);
    }
    assert_eq!(told(&with("something_new", json!(null))), Vec::<&str>::new());
    let nested =
        with("output_config", json!({"task_budget": {"type": "tokens", "total": 1}, "tone": "kind"}));
    assert_eq!(told(&nested), ["output_config.task_budget", "output_config.tone"]);
}

#[test]
fn a_request_that_only_warms_a_cache_is_for_its_provider() {
    assert_eq!(lost(&with("max_tokens", json!(0)), Loss::Meaning), ["max_tokens"]);
}

#[test]
fn a_flood_of_unknown_fields_makes_no_long_list() {
    let mut body = json!({"model": "m", "max_tokens": 1, "messages": []});
    for n in 0..50_000 {
        body[format!("field_{n}_{}", "x".repeat(200))] = json!(n);
    }
    let conversation = read_json(&body);
    let told = told(&conversation);
    assert!(told.len() <= 65 && told.iter().all(|name| name.len() <= 64), "{told:?}");
}
