//! `LangChain`, Vercel's AI SDK and the OpenAI Agents SDK, each in every dialect that it speaks.

use super::expect::{answer, answer_in_pieces, raised, refused, tools_at_once, tools_in_turn, voyage};
use super::scene::{Primary, Scene};
use super::script::{Expect, Script};

const LANGCHAIN: Script = Script::Python("langchain_client.py");
const AGENTS: Script = Script::Python("agents_sdk.py");
const AI_SDK: Script = Script::Node("ai_sdk.mjs");

/// What all three can do.
const COMMON: &[(&str, Expect)] = &[
    ("text", answer),
    ("stream", answer_in_pieces),
    ("tools", tools_in_turn),
    ("tools_streamed", tools_in_turn),
    ("tools_at_once", tools_at_once),
    ("structured", voyage),
    ("wrong_key", |seen, _| refused(seen, 401, "evenkeel env")),
];

/// The steps in one dialect, whose name starts that of each; and what else there is.
async fn play(primary: Primary, script: Script, dialect: &str, more: &[(&str, Expect)]) {
    let scene = Scene::set(primary).await;
    // A provider that is down can't say that it doesn't have the model.
    let missing: &[(&str, Expect)] = match primary {
        Primary::Well => &[("wrong_model", |seen, _| refused(seen, 404, "missing-x"))],
        Primary::Down | Primary::Breaking(_) => &[],
    };
    let steps = [COMMON, more, missing].concat();
    let names: Vec<String> = steps.iter().map(|(name, _)| format!("{dialect}_{name}")).collect();
    let steps: Vec<(&str, Expect)> =
        names.iter().map(String::as_str).zip(steps.iter().map(|(_, expect)| *expect)).collect();
    scene.play(script, &steps).await;
    scene.assert_ledger(10).await;
}

const LANGCHAINS_OWN: &[(&str, Expect)] = &[("structured_by_tool", voyage)];
const LANGCHAINS_NAME_FOR_401: &[(&str, Expect)] = &[
    ("structured_by_tool", voyage),
    ("wrong_key", |seen, _| raised(seen, "AnthropicAuthenticationError", 401, "evenkeel env")),
];

#[tokio::test]
async fn langchain_chats() {
    play(Primary::Well, LANGCHAIN, "chat", LANGCHAINS_OWN).await;
}

#[tokio::test]
async fn langchain_chats_after_a_failover() {
    play(Primary::Down, LANGCHAIN, "chat", LANGCHAINS_OWN).await;
}

#[tokio::test]
async fn langchain_gets_responses() {
    play(Primary::Well, LANGCHAIN, "responses", LANGCHAINS_OWN).await;
}

#[tokio::test]
async fn langchain_gets_responses_after_a_failover() {
    play(Primary::Down, LANGCHAIN, "responses", LANGCHAINS_OWN).await;
}

#[tokio::test]
async fn langchain_gets_messages() {
    play(Primary::Well, LANGCHAIN, "messages", LANGCHAINS_NAME_FOR_401).await;
}

#[tokio::test]
async fn langchain_gets_messages_after_a_failover() {
    play(Primary::Down, LANGCHAIN, "messages", LANGCHAINS_NAME_FOR_401).await;
}

#[tokio::test]
async fn the_ai_sdk_chats() {
    play(Primary::Well, AI_SDK, "chat", &[]).await;
}

#[tokio::test]
async fn the_ai_sdk_chats_after_a_failover() {
    play(Primary::Down, AI_SDK, "chat", &[]).await;
}

#[tokio::test]
async fn the_ai_sdk_gets_responses() {
    play(Primary::Well, AI_SDK, "responses", &[]).await;
}

#[tokio::test]
async fn the_ai_sdk_gets_responses_after_a_failover() {
    play(Primary::Down, AI_SDK, "responses", &[]).await;
}

#[tokio::test]
async fn the_ai_sdk_gets_messages() {
    play(Primary::Well, AI_SDK, "messages", &[]).await;
}

#[tokio::test]
async fn the_ai_sdk_gets_messages_after_a_failover() {
    play(Primary::Down, AI_SDK, "messages", &[]).await;
}

#[tokio::test]
async fn openai_agents_chat() {
    play(Primary::Well, AGENTS, "chat", &[]).await;
}

#[tokio::test]
async fn openai_agents_chat_after_a_failover() {
    play(Primary::Down, AGENTS, "chat", &[]).await;
}

#[tokio::test]
async fn openai_agents_get_responses() {
    play(Primary::Well, AGENTS, "responses", &[]).await;
}

#[tokio::test]
async fn openai_agents_get_responses_after_a_failover() {
    play(Primary::Down, AGENTS, "responses", &[]).await;
}
