//! What real clients send, read and written again: the shapes are theirs, the texts made up.

use super::*;
use crate::Api;
use crate::translate::{ModelTraits, Question, request};

/// The canonical form of a body, and the body that a host of the same dialect would get.
fn shown(body: &str) -> String {
    let conversation = read(body.as_bytes()).unwrap();
    let traits = ModelTraits::default();
    let question = Question {
        from: Api::ChatCompletions,
        to: Api::ChatCompletions,
        body: body.as_bytes(),
        model: "target-model",
        traits: &traits,
        stream: conversation.stream,
        max_output: None,
    };
    let written = match request(&question) {
        Ok(translated) => {
            let body: Value = serde_json::from_slice(&translated.body).unwrap();
            format!("{body:#}\n\ndropped: {:?}", translated.dropped)
        }
        Err(error) => format!("{error}"),
    };
    format!("{conversation:#?}\n\nwritten again: {written}")
}

macro_rules! bodies {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(shown(include_str!(concat!("bodies/", stringify!($name), ".json"))));
            }
        )*
    };
}

bodies! {
    aider_edits_a_file
    autogen_agents_with_names
    continue_asks_with_images
    langchain_tool_loop
    litellm_with_a_pdf
    llm_with_a_system_prompt
    openai_agents_over_chat
    openai_sdk_parses_a_schema
    opencode_in_the_third_turn
    openrouter_with_reasoning
    the_older_functions
    vercel_ai_sdk_tools_and_images
    vllm_extras
}
