//! Anthropic's prompt cache: marks from the second time on, and what it saved in the ledger.

use std::sync::Arc;

use evenkeel_router::SystemClock;
use serde_json::{Value, json};

use crate::harness::{self, Answer, Rig};
use crate::pair;
use crate::raw::{self, Raw, Seen};

fn marks(seen: &Seen) -> usize {
    String::from_utf8_lossy(&seen.body).matches("cache_control").count()
}

/// As the vendor: what is marked is written the first time and read from then on.
async fn anthropic() -> Raw {
    let written = std::sync::atomic::AtomicBool::new(false);
    Raw::answering(move |seen| {
        let usage = match marks(seen) {
            0 => json!({ "input_tokens": 2010, "output_tokens": 20 }),
            _ if written.swap(true, std::sync::atomic::Ordering::Relaxed) => {
                json!({ "input_tokens": 10, "cache_read_input_tokens": 2000, "cache_creation_input_tokens": 0, "output_tokens": 20 })
            }
            _ => {
                json!({ "input_tokens": 10, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 2000, "output_tokens": 20 })
            }
        };
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [{ "type": "text", "text": "aye" }], "stop_reason": "end_turn", "stop_sequence": null, "usage": usage,
        });
        raw::plain(200, "application/json", &message.to_string())
    })
    .await
}

async fn rig(provider: &Raw, caching: &str) -> Rig {
    let each = format!("watch = \"streams\"\n{caching}");
    let config = harness::config(&pair::file("anthropic", (provider, provider), "", &each));
    harness::start(config, false, Arc::new(SystemClock), false).await
}

/// About 2,000 tokens of system prompt, which is more than this model's shortest cacheable prompt.
fn question() -> Value {
    json!({
        "model": "claude-sonnet-4-5", "max_tokens": 50, "system": "Keep an even keel. ".repeat(500),
        "messages": [{ "role": "user", "content": "Say aye" }],
    })
}

async fn ask(rig: &Rig, body: &Value) {
    let answer = Answer::of(rig.post("/v1/messages", body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn the_second_identical_request_is_marked_the_first_is_not_and_the_ledger_knows_the_savings() {
    let provider = anthropic().await;
    let rig = rig(&provider, "").await;
    let mut saved = Vec::new();
    for _ in 0..3 {
        ask(&rig, &question()).await;
        let row = rig.last_row().await;
        saved.push((row.saved_micros, row.cost_micros));
    }
    let seen = provider.seen();
    assert_eq!(seen[0].body, question().to_string().as_bytes(), "a prompt that may come once stays as it is");
    assert!(marks(&seen[1]) > 0, "{}", String::from_utf8_lossy(&seen[1].body));
    assert_eq!(seen[1].body, seen[2].body, "else nothing would be found in the cache");
    let body: Value = serde_json::from_slice(&seen[1].body).expect("JSON");
    assert_eq!(body["system"][0]["cache_control"]["type"], "ephemeral");
    assert_eq!(body["system"][0]["text"], question()["system"], "the prompt itself is the client's");
    let expected = [
        // 2,010 × 3 + 20 × 15
        (None, Some(6_330)),
        // Written: 2,000 × (3 − 3.75); 10 × 3 + 2,000 × 3.75 + 300
        (Some(-1_500), Some(7_830)),
        // Read: 2,000 × (3 − 0.30); 10 × 3 + 2,000 × 0.30 + 300
        (Some(5_400), Some(930)),
    ];
    assert_eq!(saved, expected);
}

#[tokio::test]
async fn an_hours_lifetime_is_asked_for_by_name() {
    let provider = anthropic().await;
    let rig = rig(&provider, "prompt_caching = \"1h\"").await;
    ask(&rig, &question()).await;
    ask(&rig, &question()).await;
    let body: Value = serde_json::from_slice(&provider.seen()[1].body).expect("JSON");
    assert_eq!(body["system"][0]["cache_control"]["ttl"], "1h", "{body}");
}

#[tokio::test]
async fn whoever_marks_the_prompt_or_wants_no_cache_is_left_alone() {
    let provider = anthropic().await;
    let off = rig(&provider, "prompt_caching = \"off\"").await;
    ask(&off, &question()).await;
    ask(&off, &question()).await;
    let on = rig(&provider, "").await;
    let mut own = question();
    own["messages"][0]["content"] =
        json!([{ "type": "text", "text": "Say aye", "cache_control": { "type": "ephemeral" } }]);
    ask(&on, &own).await;
    ask(&on, &own).await;
    let marked: Vec<usize> = provider.seen().iter().map(marks).collect();
    assert_eq!(marked, [0, 0, 1, 1]);
}
