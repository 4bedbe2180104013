//! Clients that go away in the middle of a stream: whoever stops reading stops the provider too, and is no failure
//! of anybody. The provider speaks either dialect, so that half of these are translated.

use std::time::Duration;

use serde_json::Value;

use super::script::Script;
use crate::harness::raw::{Raw, Step, chunk, stream_head};
use crate::harness::{Home, finish, until};

/// What a router promises its users: nothing is paid for that nobody reads.
const SOON: Duration = Duration::from_secs(5);

/// A provider that says one word and no more.
async fn falls_silent(dialect: &str) -> Raw {
    let events = match dialect {
        "openai" => chunk("{\"role\":\"assistant\",\"content\":\"Hel\"}", None),
        _ => [
            r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}"#,
        ]
        .map(|data| {
            let event: Value = serde_json::from_str(data).expect("JSON");
            format!("event: {}\ndata: {data}\n\n", event["type"].as_str().expect("a type"))
        })
        .concat(),
    };
    Raw::start(vec![stream_head(), Step::Send(events), Step::Hang]).await
}

async fn hangs_up(script: Script, step: &str) {
    // Asked for first, so that a missing tool is the one thing that is said.
    let _ = script.command();
    for dialect in ["openai", "anthropic"] {
        let provider = falls_silent(dialect).await;
        let address = provider.base_url();
        let home = Home::with_config(&format!(
            "[providers.silent]\ndialect = \"{dialect}\"\nbase_url = \"{address}\"\nkey = \"none\"\n"
        ));
        let server = home.serve().await;
        let mut command = script.command();
        home.clean(&mut command).args([&server.url(""), &server.key, step]);
        let ran = finish(command).await;
        let seen: Value = serde_json::from_str(ran.stdout.trim()).unwrap_or_default();
        assert_eq!(
            (seen["ok"].as_bool(), seen["text"].as_str()),
            (Some(true), Some("Hel")),
            "{dialect}: {ran:?}"
        );
        provider.until_closed(1, SOON).await;
        let row = until("its row", async || {
            let page = server.admin_get("/api/requests").await;
            page["requests"].as_array().and_then(|rows| rows.first().cloned())
        })
        .await;
        assert_eq!(
            (row["outcome"].as_str(), row["counted"].as_str()),
            (Some("cancelled"), Some("no")),
            "{row}"
        );
    }
}

#[tokio::test]
async fn openai_for_python_may_hang_up() {
    hangs_up(Script::Python("openai_sdk.py"), "hang_up").await;
}

#[tokio::test]
async fn openai_for_node_may_hang_up() {
    hangs_up(Script::Node("openai_sdk.mjs"), "hang_up").await;
}

#[tokio::test]
async fn anthropic_for_python_may_hang_up() {
    hangs_up(Script::Python("anthropic_sdk.py"), "hang_up").await;
}

#[tokio::test]
async fn anthropic_for_node_may_hang_up() {
    hangs_up(Script::Node("anthropic_sdk.mjs"), "hang_up").await;
}

#[tokio::test]
async fn langchain_may_hang_up() {
    hangs_up(Script::Python("langchain_client.py"), "chat_hang_up").await;
    hangs_up(Script::Python("langchain_client.py"), "messages_hang_up").await;
}

#[tokio::test]
async fn the_ai_sdk_may_hang_up() {
    for step in ["chat_hang_up", "messages_hang_up", "responses_hang_up"] {
        hangs_up(Script::Node("ai_sdk.mjs"), step).await;
    }
}
