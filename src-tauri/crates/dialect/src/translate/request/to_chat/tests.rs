//! The body that a host of Chat Completions gets.

use serde_json::{Value, json};

use super::*;
use crate::Api;
use crate::canon::{Block, Role, Source, ToolCall, ToolResult, Turn};
use crate::translate::{ModelTraits, Thinking, ToolsInChat};

mod messages;
mod round_trip;
mod settings;
mod tools;

/// One turn of the user's, to which a test adds what it is about.
fn conversation() -> Conversation {
    Conversation {
        model: "claude-sonnet-4-5".to_owned(),
        turns: vec![Turn { role: Role::User, blocks: vec![text("hi")] }],
        ..Conversation::default()
    }
}

fn asking(traits: &ModelTraits, stream: bool) -> Question<'_> {
    Question {
        from: Api::Messages,
        to: Api::ChatCompletions,
        body: b"",
        model: "gpt-x",
        traits,
        stream,
        max_output: None,
    }
}

fn with_traits(conversation: Conversation, traits: &ModelTraits) -> Result<Translated, TranslateError> {
    write(conversation, &asking(traits, false))
}

/// The body for a model of default traits, and what was dropped.
fn written(conversation: Conversation) -> (Value, Vec<String>) {
    written_with(conversation, &ModelTraits::default())
}

fn written_with(conversation: Conversation, traits: &ModelTraits) -> (Value, Vec<String>) {
    let translated = with_traits(conversation, traits).unwrap();
    (serde_json::from_slice(&translated.body).unwrap(), translated.dropped)
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str) -> Block {
    Block::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() })
}

fn raw(json: &str) -> crate::canon::Json {
    serde_json::value::RawValue::from_string(json.to_owned()).unwrap()
}

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: Some(raw(r#"{"type":"object"}"#)),
        strict: None,
    }
}

#[test]
fn the_targets_model_is_asked_and_a_stream_tells_its_usage() {
    let mut asked = conversation();
    asked.stream = true;
    let traits = ModelTraits::default();
    let body = |stream: bool| {
        String::from_utf8(write(asked.clone(), &asking(&traits, stream)).unwrap().body.to_vec()).unwrap()
    };
    assert_eq!(body(false), r#"{"model":"gpt-x","messages":[{"role":"user","content":"hi"}]}"#);
    assert_eq!(
        body(true),
        r#"{"model":"gpt-x","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#
    );
}

#[test]
fn case_22_what_changes_the_meaning_is_refused_and_the_rest_is_told() {
    use crate::canon::{Loss, Unmapped};
    let losing = |losses: &[(&str, Loss)]| {
        let mut asked = conversation();
        asked.unmapped =
            losses.iter().map(|(field, loss)| Unmapped { field: (*field).to_owned(), loss: *loss }).collect();
        with_traits(asked, &ModelTraits::default())
    };
    let told = losing(&[("seed", Loss::Told), ("store", Loss::Nothing), ("logprobs", Loss::Told)]).unwrap();
    assert_eq!(told.dropped, ["seed", "logprobs"]);
    let refused = losing(&[("seed", Loss::Told), ("n", Loss::Meaning)]).unwrap_err();
    assert!(matches!(refused, TranslateError::Untranslatable { field, .. } if field == "n"));
}

/// Everything at once, as Claude Code asks in the middle of a tool loop.
#[test]
fn a_whole_request() {
    let asked = Conversation {
        model: "claude-sonnet-4-5".to_owned(),
        stream: true,
        turns: vec![
            Turn { role: Role::System, blocks: vec![text("You are Claude Code."), text("Be brief.")] },
            Turn { role: Role::User, blocks: vec![text("<reminder>"), text("Fix the test.")] },
            Turn {
                role: Role::Assistant,
                blocks: vec![
                    Block::Thinking("Two files.".to_owned()),
                    text("I'll look."),
                    call("toolu_01", "Read", r#"{"path":"a.rs"}"#),
                    call("toolu_02", "Bash", ""),
                ],
            },
            Turn {
                role: Role::User,
                blocks: vec![
                    Block::ToolResult(ToolResult {
                        id: "toolu_02".to_owned(),
                        content: vec![text("exit 1")],
                        is_error: true,
                    }),
                    Block::ToolResult(ToolResult {
                        id: "toolu_01".to_owned(),
                        content: vec![
                            text("a picture"),
                            Block::Image(Source::Base64 {
                                media_type: "image/png".to_owned(),
                                data: "AAAA".to_owned(),
                            }),
                        ],
                        is_error: false,
                    }),
                    text("Go on."),
                ],
            },
        ],
        tools: vec![tool("Read"), tool("Bash")],
        tool_choice: Some(ToolChoice::Auto),
        parallel_tools: Some(false),
        format: crate::canon::Format::JsonSchema {
            name: None,
            description: None,
            schema: raw(r#"{"type":"object","properties":{}}"#),
            strict: Some(true),
        },
        max_output: Some(32000),
        stop: vec!["END".to_owned()],
        sampling: crate::canon::Sampling { temperature: Some(1.0), top_p: None, top_k: Some(40) },
        reasoning: Some(crate::canon::Reasoning::Budget(10_000)),
        user: Some("user_1".to_owned()),
        unmapped: Vec::new(),
    };
    let traits = ModelTraits {
        max_output: Some(16384),
        thinking: Thinking::Effort,
        max_completion_tokens: true,
        ..ModelTraits::default()
    };
    let translated = write(asked, &asking(&traits, true)).unwrap();
    let body: Value = serde_json::from_slice(&translated.body).unwrap();
    insta::assert_snapshot!(format!("{body:#}\n\ndropped: {:?}", translated.dropped));
}
