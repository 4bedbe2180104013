//! The vendors' own SDKs.

use super::expect::{
    answer, answer_in_pieces, broke_off, cut_short, greeted, headers, message, message_events,
    message_in_pieces, models, nothing_unasked, one_call, pictured, raised, refused, response_events, tokens,
    tools_at_once, tools_in_turn, vectors, voyage,
};
use super::scene::{Primary, Scene};
use super::script::{Expect, Script};

const OPENAI_PYTHON: Script = Script::Python("openai_sdk.py");
const OPENAI_NODE: Script = Script::Node("openai_sdk.mjs");
const ANTHROPIC_PYTHON: Script = Script::Python("anthropic_sdk.py");
const ANTHROPIC_NODE: Script = Script::Node("anthropic_sdk.mjs");

type Steps = &'static [(&'static str, Expect)];

const WRONG_KEY: (&str, Expect) =
    ("wrong_key", |seen, _| raised(seen, "AuthenticationError", 401, "evenkeel env"));
const WRONG_REQUEST: (&str, Expect) =
    ("wrong_request", |seen, _| raised(seen, "BadRequestError", 400, "refused on purpose"));
/// A provider that is down can't say that it doesn't have the model.
const WRONG_MODEL: (&str, Expect) =
    ("wrong_model", |seen, _| raised(seen, "NotFoundError", 404, "missing-x"));

const CHAT_PYTHON: Steps = &[
    ("text", answer),
    ("stream", answer_in_pieces),
    ("usage_only_when_asked", nothing_unasked),
    ("tools_in_turn", tools_in_turn),
    ("tools_in_turn_streamed", tools_in_turn),
    ("tools_at_once", tools_at_once),
    ("tool_required", one_call),
    ("structured", voyage),
    ("image", pictured),
    ("cut_short", cut_short),
    ("headers", headers),
    ("models", models),
    WRONG_KEY,
    WRONG_REQUEST,
];
const RESPONSES_PYTHON: Steps = &[
    ("responses_text", answer),
    ("responses_stream", response_events),
    ("responses_tools", tools_in_turn),
    ("responses_tools_streamed", tools_in_turn),
    ("responses_structured", voyage),
    ("responses_image", pictured),
];
const CHAT_NODE: Steps = &[
    ("text", answer),
    ("stream", answer_in_pieces),
    ("stream_helper", greeted),
    ("tools_in_turn", tools_in_turn),
    ("tools_in_turn_streamed", tools_in_turn),
    ("tools_at_once", tools_at_once),
    ("tool_runner", tools_in_turn),
    ("structured", voyage),
    ("headers", headers),
    ("models", models),
    WRONG_KEY,
    WRONG_REQUEST,
];
const RESPONSES_NODE: Steps = &[
    ("responses_text", answer),
    ("responses_stream", response_events),
    ("responses_stream_helper", answer),
    ("responses_tools", tools_in_turn),
    ("responses_tools_streamed", tools_in_turn),
    ("responses_structured", voyage),
];
const MESSAGES_PYTHON: Steps = &[
    ("text", message),
    ("stream", message_in_pieces),
    ("events", message_events),
    ("beta", message),
    ("tools_in_turn", tools_in_turn),
    ("tools_in_turn_streamed", tools_in_turn),
    ("tools_at_once", tools_at_once),
    ("tool_required", one_call),
    ("tool_runner", tools_in_turn),
    ("structured", voyage),
    ("image", pictured),
    ("cut_short", cut_short),
    ("headers", headers),
    ("models", models),
    ("counts_tokens", tokens),
    WRONG_KEY,
    WRONG_REQUEST,
];
const MESSAGES_NODE: Steps = &[
    ("text", message),
    ("stream", message_in_pieces),
    ("events", message_events),
    ("tools_in_turn", tools_in_turn),
    ("tools_in_turn_streamed", tools_in_turn),
    ("tools_at_once", tools_at_once),
    ("tool_runner", tools_in_turn),
    ("tool_runner_streamed", tools_in_turn),
    ("structured", voyage),
    ("headers", headers),
    ("models", models),
    ("counts_tokens", tokens),
    WRONG_KEY,
    WRONG_REQUEST,
];

/// What needs the first provider: only that one has embeddings.
const FIRST: Steps = &[WRONG_MODEL, ("embeddings", vectors)];

async fn play(primary: Primary, script: Script, steps: &[Steps]) {
    let scene = Scene::set(primary).await;
    let steps = steps.concat();
    scene.play(script, &steps).await;
    scene.assert_ledger(steps.len() / 2).await;
}

#[tokio::test]
async fn openai_for_python_chats() {
    play(Primary::Well, OPENAI_PYTHON, &[CHAT_PYTHON, FIRST]).await;
}

#[tokio::test]
async fn openai_for_python_chats_after_a_failover() {
    play(Primary::Down, OPENAI_PYTHON, &[CHAT_PYTHON]).await;
}

#[tokio::test]
async fn openai_for_python_gets_responses() {
    play(Primary::Well, OPENAI_PYTHON, &[RESPONSES_PYTHON]).await;
}

#[tokio::test]
async fn openai_for_python_gets_responses_after_a_failover() {
    play(Primary::Down, OPENAI_PYTHON, &[RESPONSES_PYTHON]).await;
}

#[tokio::test]
async fn openai_for_python_is_told_that_nobody_has_the_earlier_response() {
    let scene = Scene::set(Primary::Well).await;
    let told: Expect = |seen, _| {
        let clear = [400, 404, 422].into_iter().find(|status| seen["status"] == *status);
        refused(seen, clear.unwrap_or(400), "Send the whole conversation")
    };
    scene.play(OPENAI_PYTHON, &[("responses_state_refused", told)]).await;
}

#[tokio::test]
async fn openai_for_node_chats() {
    play(Primary::Well, OPENAI_NODE, &[CHAT_NODE, FIRST]).await;
}

#[tokio::test]
async fn openai_for_node_chats_after_a_failover() {
    play(Primary::Down, OPENAI_NODE, &[CHAT_NODE]).await;
}

#[tokio::test]
async fn openai_for_node_gets_responses() {
    play(Primary::Well, OPENAI_NODE, &[RESPONSES_NODE]).await;
}

#[tokio::test]
async fn openai_for_node_gets_responses_after_a_failover() {
    play(Primary::Down, OPENAI_NODE, &[RESPONSES_NODE]).await;
}

#[tokio::test]
async fn anthropic_for_python_gets_messages() {
    play(Primary::Well, ANTHROPIC_PYTHON, &[MESSAGES_PYTHON, &[WRONG_MODEL]]).await;
}

#[tokio::test]
async fn anthropic_for_python_gets_messages_after_a_failover() {
    play(Primary::Down, ANTHROPIC_PYTHON, &[MESSAGES_PYTHON]).await;
}

#[tokio::test]
async fn anthropic_for_node_gets_messages() {
    play(Primary::Well, ANTHROPIC_NODE, &[MESSAGES_NODE, &[WRONG_MODEL]]).await;
}

#[tokio::test]
async fn anthropic_for_node_gets_messages_after_a_failover() {
    play(Primary::Down, ANTHROPIC_NODE, &[MESSAGES_NODE]).await;
}

/// As somebody has it who never names an address.
#[tokio::test]
async fn each_sdk_finds_the_router_under_evenkeel_run() {
    let scene = Scene::set(Primary::Well).await;
    for script in [OPENAI_PYTHON, OPENAI_NODE, ANTHROPIC_PYTHON, ANTHROPIC_NODE] {
        scene.play_under_run(script, &[("by_environment", greeted)]).await;
    }
    let langchain: Steps = &[("chat_by_environment", greeted), ("messages_by_environment", greeted)];
    scene.play_under_run(Script::Python("langchain_client.py"), langchain).await;
    scene.play_under_run(Script::Python("agents_sdk.py"), &[("by_environment", greeted)]).await;
    scene.play_under_run(Script::Node("ai_sdk.mjs"), &[("by_environment", greeted)]).await;
}

/// A stream that breaks off after text has come can't be moved to the other provider any more.
#[tokio::test]
async fn a_stream_that_breaks_off_ends_in_an_error_of_each_sdk() {
    const OPENAI: Steps = &[("broken_stream", |seen, _| broke_off(seen, &["APIError"])), ("text", answer)];
    const ANTHROPIC: Steps = &[
        ("broken_stream", |seen, _| broke_off(seen, &["APIStatusError", "APIError", "InternalServerError"])),
        ("broken_helper", |seen, _| broke_off(seen, &["APIStatusError", "APIError", "InternalServerError"])),
        ("text", message),
    ];
    let clients = [
        (OPENAI_PYTHON, OPENAI),
        (OPENAI_NODE, OPENAI),
        (ANTHROPIC_PYTHON, ANTHROPIC),
        (ANTHROPIC_NODE, ANTHROPIC),
    ];
    for (script, steps) in clients {
        let scene = Scene::set(Primary::Breaking(6)).await;
        scene.play(script, steps).await;
        let rows = scene.ledger().await;
        assert!(rows.iter().any(|row| row["outcome"] == "broken_stream"), "{script:?}: {rows:?}");
    }
}
