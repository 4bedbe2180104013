//! Bodies as real clients send them: read, and written for a provider of the same API, where nothing but
//! what must change may change.

use insta::assert_json_snapshot;

use super::*;
use crate::Api;
use crate::translate::{ModelTraits, Question, Thinking, TranslateError, request};

/// What a model of today gets.
fn written(body: &str) -> Value {
    let traits = ModelTraits {
        max_output: Some(64_000),
        thinking: Thinking::Effort,
        sampling: false,
        ..ModelTraits::default()
    };
    let question = Question {
        from: Api::Messages,
        to: Api::Messages,
        body: body.as_bytes(),
        model: "claude-target",
        traits: &traits,
        stream: true,
        max_output: None,
    };
    match request(&question) {
        Ok(translated) => {
            let body: Value = serde_json::from_slice(&translated.body).unwrap();
            json!({"body": body, "dropped": translated.dropped})
        }
        Err(TranslateError::Untranslatable { field, .. }) => json!({"refused for": field}),
        Err(TranslateError::Invalid(error)) => panic!("a real client sends this: {error}"),
    }
}

macro_rules! bodies {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            assert_json_snapshot!(
                stringify!($name),
                written(include_str!(concat!("bodies/", stringify!($name), ".json")))
            );
        }
    )*};
}

bodies! {
    claude_code_first_turn
    claude_code_tool_turn
    claude_code_system_in_the_middle
    claude_code_title
    tool_runner_creates_a_thread
    tool_runner_continues_a_thread
    tool_runner_replays
    langchain_forced_tool
    langchain_agent
    ai_sdk_object
    python_documents
    python_images
    opencode_parallel_tools
    hosted_web_search
    prefilled_answer
}

#[test]
fn a_session_of_claude_code_with_24_tools_loses_nothing_worth_a_word() {
    let mut body: Value = serde_json::from_str(include_str!("bodies/claude_code_tool_turn.json")).unwrap();
    let tool = body["tools"][0].clone();
    let tools = (0..24).map(|n| {
        let mut tool = tool.clone();
        tool["name"] = json!(format!("mcp__server-{n}__do_something"));
        tool["description"] = json!("What it is for, at length. ".repeat(150));
        tool
    });
    body["tools"] = tools.collect();
    let body = body.to_string();
    assert!(body.len() > 100_000);
    let conversation = read(body.as_bytes()).unwrap();
    assert_eq!(conversation.tools.len(), 24);
    assert_eq!(told(&conversation), Vec::<&str>::new());
}
