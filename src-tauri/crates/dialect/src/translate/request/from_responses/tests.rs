//! Requests of the Responses API in the canonical form, and what of them is lost.

use serde_json::{Value, json};

use super::*;
use crate::ask::body_fields;
use crate::canon::{Loss, Source, ToolCall, ToolResult};

mod items;
mod tools;

/// What Codex 0.169 sends with a model that it doesn't know: functions, a namespace, web search.
const CODEX_TOOLS: &str = include_str!("../../../../fuzz/corpus/requests/codex_tools.json");
/// What it sends with its own newer models: one tool that takes code, declared within the input.
const CODEX_CODE_MODE: &str = include_str!("../../../../fuzz/corpus/requests/codex_code_mode.json");
/// What openai-agents 0.24 sends in the second turn of a tool loop, byte for byte.
const OPENAI_AGENTS: &str = include_str!("../../../../fuzz/corpus/requests/openai_agents.json");

fn read(body: &[u8]) -> Result<(Conversation, Vec<ToolOrigin>), AskError> {
    super::read(&body_fields(body)?)
}

fn conversation(body: &Value) -> Conversation {
    read(body.to_string().as_bytes()).unwrap().0
}

fn refused(body: &Value) -> AskError {
    match read(body.to_string().as_bytes()) {
        Err(problem) => problem,
        Ok(read) => panic!("{body} gave {read:?}"),
    }
}

/// A request with this field beside a model and an input.
fn with(name: &str, value: Value) -> Value {
    let mut body = json!({"model": "gpt-5", "input": "Hi"});
    body[name] = value;
    body
}

/// What is lost of a request, and at what cost.
fn losses(body: &Value) -> Vec<(String, Loss)> {
    conversation(body).unmapped.into_iter().map(|lost| (lost.field, lost.loss)).collect()
}

fn lost(body: &Value, field: &str) -> Option<Loss> {
    losses(body).into_iter().find(|(lost, _)| lost == field).map(|(_, loss)| loss)
}

fn turns(input: &Value) -> Vec<Turn> {
    conversation(&json!({"model": "gpt-5", "input": input})).turns
}

fn turn(role: Role, blocks: Vec<Block>) -> Turn {
    Turn { role, blocks }
}

fn said(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() })
}

fn result(id: &str, content: Vec<Block>) -> Block {
    Block::ToolResult(ToolResult { id: id.to_owned(), content, is_error: false })
}

#[test]
fn codex_with_its_tools() {
    insta::assert_debug_snapshot!(read(CODEX_TOOLS.as_bytes()).unwrap());
}

#[test]
fn codex_in_code_mode() {
    insta::assert_debug_snapshot!(read(CODEX_CODE_MODE.as_bytes()).unwrap());
}

#[test]
fn openai_agents_in_a_tool_loop() {
    insta::assert_debug_snapshot!(read(OPENAI_AGENTS.as_bytes()).unwrap());
}

#[test]
fn a_text_alone_is_one_turn_behind_the_instructions() {
    let body = json!({"model": "gpt-5", "instructions": "Be brief.", "input": "Hi", "stream": true});
    let conversation = conversation(&body);
    assert_eq!((conversation.model.as_str(), conversation.stream), ("gpt-5", true));
    assert_eq!(
        conversation.turns,
        [turn(Role::System, vec![said("Be brief.")]), turn(Role::User, vec![said("Hi")])]
    );
    assert!(conversation.unmapped.is_empty());
}

#[test]
fn sampling_limits_and_users_are_read_leniently() {
    let body = json!({
        "model": "gpt-5", "input": "Hi", "max_output_tokens": "900", "temperature": "0.5", "top_p": 1,
        "parallel_tool_calls": false, "tools": [{"type": "function", "name": "f"}],
        "user": "old", "safety_identifier": "new", "instructions": null, "tool_choice": null, "text": null,
    });
    let conversation = conversation(&body);
    assert_eq!(conversation.max_output, Some(900));
    assert_eq!((conversation.sampling.temperature, conversation.sampling.top_p), (Some(0.5), Some(1.0)));
    assert_eq!((conversation.parallel_tools, conversation.user.as_deref()), (Some(false), Some("new")));
    let reversed = json!({"model": "m", "input": "Hi", "safety_identifier": "new", "user": "old"});
    assert_eq!(super::tests::conversation(&reversed).user.as_deref(), Some("new"));
}

#[test]
fn reasoning_in_words() {
    let read = |reasoning: Value| conversation(&with("reasoning", reasoning));
    let effort = |word: &str| Some(Reasoning::Effort(word.to_owned()));
    assert_eq!(read(json!({"effort": "high", "summary": "auto"})).reasoning, effort("high"));
    assert_eq!(read(json!({"effort": "ultra"})).reasoning, effort("ultra"));
    assert_eq!(read(json!({"effort": "none"})).reasoning, Some(Reasoning::Off));
    assert_eq!(read(json!({"effort": null, "summary": "auto"})).reasoning, None);
    assert!(read(json!({"effort": "low", "context": "all_turns", "mode": "standard"})).unmapped.is_empty());
    assert_eq!(lost(&with("reasoning", json!({"mode": "pro"})), "reasoning.mode"), Some(Loss::Told));
}

#[test]
fn the_form_of_the_answer() {
    let read = |format: Value| conversation(&with("text", json!({"format": format}))).format;
    assert!(matches!(read(json!({"type": "text"})), Format::Text));
    assert!(matches!(read(json!({"type": "json_object"})), Format::JsonObject));
    let schema = json!({"type": "json_schema", "name": "out", "description": "d", "strict": true, "schema": {"type": "object", "const": 1.50}});
    match read(schema) {
        Format::JsonSchema { name, description, schema, strict } => {
            assert_eq!(
                (name.as_deref(), description.as_deref(), strict),
                (Some("out"), Some("d"), Some(true))
            );
            assert_eq!(schema.get(), r#"{"type":"object","const":1.5}"#);
        }
        other => panic!("{other:?}"),
    }
    let no_schema = with("text", json!({"format": {"type": "json_schema", "name": "out"}}));
    assert_eq!(refused(&no_schema).param.as_deref(), Some("text.format.schema"));
    assert_eq!(lost(&with("text", json!({"format": {"type": "yaml"}})), "text.format"), Some(Loss::Meaning));
    assert_eq!(lost(&with("text", json!({"verbosity": "low"})), "text.verbosity"), Some(Loss::Told));
}

#[test]
fn bookkeeping_is_left_out_without_a_word() {
    let body = json!({
        "model": "gpt-5", "input": "Hi", "store": false, "include": ["reasoning.encrypted_content"],
        "metadata": {"a": "b"}, "client_metadata": {"x": "y"}, "prompt_cache_key": "k", "service_tier": "flex",
        "prompt_cache_retention": "24h", "stream_options": {"include_obfuscation": false}, "truncation": "auto",
        "background": false, "max_tool_calls": 3, "previous_response_id": null, "conversation": null, "top_logprobs": 0,
    });
    assert_eq!(losses(&body), []);
}

#[test]
fn what_can_not_be_kept_is_told() {
    let told = [
        ("top_logprobs", json!(5)),
        ("include", json!(["message.output_text.logprobs"])),
        ("moderation", json!({"model": "omni-moderation-latest"})),
        ("context_management", json!([{"type": "compaction"}])),
        ("field_from_the_future", json!(1)),
        ("seed", json!(1)),
    ];
    for (name, value) in told {
        assert_eq!(losses(&with(name, value)), [(name.to_owned(), Loss::Told)]);
    }
}

#[test]
fn case_39_what_lies_at_one_provider_is_not_answered_without_it() {
    let needed = [
        ("previous_response_id", json!("resp_1")),
        ("conversation", json!("conv_1")),
        ("conversation", json!({"id": "conv_1"})),
        ("prompt", json!({"id": "pmpt_1", "variables": {}})),
        ("background", json!(true)),
        ("generate", json!(false)),
    ];
    for (name, value) in needed {
        assert_eq!(losses(&with(name, value)), [(name.to_owned(), Loss::Meaning)]);
    }
    let bare = json!({"model": "gpt-5", "previous_response_id": "resp_1"});
    assert_eq!(lost(&bare, "previous_response_id"), Some(Loss::Meaning), "no input is needed beside it");
}

#[test]
fn mistakes_name_the_field_and_the_fix() {
    let item = |item: Value| json!({"model": "gpt-5", "input": [item]});
    let cases = [
        (json!({"model": "gpt-5"}), "input"),
        (json!({"model": "gpt-5", "input": {"role": "user"}}), "input"),
        (json!({"model": "gpt-5", "input": ["Hi"]}), "input[0]"),
        (with("temperature", json!("warm")), "temperature"),
        (with("max_output_tokens", json!("many")), "max_output_tokens"),
        (with("parallel_tool_calls", json!("no")), "parallel_tool_calls"),
        (with("instructions", json!(["Be brief."])), "instructions"),
        (with("text", json!("json")), "text"),
        (with("tools", json!({})), "tools"),
        (with("tools", json!([{"name": "f"}])), "tools[0].type"),
        (with("tools", json!([{"type": "function"}])), "tools[0].name"),
        (item(json!({"role": "narrator", "content": "Once"})), "input[0].role"),
        (item(json!({"role": "user", "content": 5})), "input[0].content"),
        (item(json!({"role": "user", "content": [{"text": "Hi"}]})), "input[0].content[0].type"),
        (
            item(json!({"role": "user", "content": [{"type": "input_image"}]})),
            "input[0].content[0].image_url",
        ),
        (item(json!({"role": "user", "content": [{"type": "input_file"}]})), "input[0].content[0].file_data"),
        (item(json!({"type": "function_call", "name": "f"})), "input[0].call_id"),
        (item(json!({"type": "function_call", "call_id": "c"})), "input[0].name"),
    ];
    for (body, param) in cases {
        let problem = refused(&body);
        assert_eq!(problem.param.as_deref(), Some(param), "{body}");
        assert!(problem.message.contains(&format!("`{param}`")), "{}", problem.message);
    }
    assert!(read(b"[1]").is_err() && read(b"\xff").is_err() && read(b"").is_err());
}

#[test]
fn case_32_half_a_character_from_a_javascript_client_does_no_harm() {
    let body = r#"{"model":"gpt-5","input":[{"role":"user","content":[{"type":"input_text","text":"cut \ud83d"}]}],"\ud83d":1}"#;
    let (conversation, _) = read(body.as_bytes()).unwrap();
    let [Block::Text(text)] = &conversation.turns[0].blocks[..] else { panic!("{conversation:?}") };
    assert!(text.starts_with("cut \u{fffd}"), "{text}");
}
