//! What usage says of a vendor's prompt cache.

use serde_json::{Value, json};

use super::support::{CHAT, MESSAGES, Stand, chat, message};

/// A text of so many tokens.
fn long(tokens: usize) -> String {
    "text ".repeat(tokens * 4 / 5 + 1)[..tokens * 4].to_owned()
}

#[tokio::test]
async fn openai_caches_a_long_prefix_by_itself() {
    let stand = Stand::start().await;
    let ask = async |question: &str| {
        let messages = json!([
            { "role": "system", "content": long(2000) },
            { "role": "user", "content": question },
        ]);
        stand.ask(CHAT, chat("", &json!({ "messages": messages }))).await.json()["usage"].clone()
    };
    let cached = |usage: &Value| usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap();
    assert_eq!(cached(&ask("one").await), 0);
    let second = ask("two").await;
    assert_eq!((cached(&second), second["prompt_tokens"].as_u64().unwrap()), (1920, 2001));
    let streamed = json!({ "stream": true, "stream_options": { "include_usage": true },
        "messages": [{ "role": "system", "content": long(2000) }, { "role": "user", "content": "three" }] });
    let chunks = stand.ask(CHAT, chat("", &streamed)).await.data();
    assert_eq!(cached(&chunks.last().unwrap()["usage"]), 1920);

    let short = json!([{ "role": "user", "content": long(1000) }]);
    for _ in 0..2 {
        let usage = stand.ask(CHAT, chat("", &json!({ "messages": short }))).await.json()["usage"].clone();
        assert_eq!(cached(&usage), 0);
    }
}

#[tokio::test]
async fn anthropic_caches_what_is_marked_and_counts_it_apart() {
    let stand = Stand::start().await;
    let ask = async |marked: bool, stream: bool| {
        let mut system = json!([
            { "type": "text", "text": long(1500) },
            { "type": "text", "text": long(500) },
        ]);
        if marked {
            system[0]["cache_control"] = json!({ "type": "ephemeral", "ttl": "1h" });
            system[1]["cache_control"] = json!({ "type": "ephemeral" });
        }
        let more = json!({ "system": system, "stream": stream });
        let answer = stand.ask(MESSAGES, message("1234567", &more)).await;
        if stream { answer.data()[0]["message"]["usage"].clone() } else { answer.json()["usage"].clone() }
    };
    let numbers = |usage: &Value| {
        let of = |field: &str| usage[field].as_u64().unwrap();
        let of_creation = |field: &str| usage["cache_creation"][field].as_u64().unwrap();
        (
            (of("input_tokens"), of("cache_creation_input_tokens"), of("cache_read_input_tokens")),
            (of_creation("ephemeral_5m_input_tokens"), of_creation("ephemeral_1h_input_tokens")),
        )
    };
    assert_eq!(numbers(&ask(false, false).await), ((2002, 0, 0), (0, 0)));
    assert_eq!(numbers(&ask(true, false).await), ((2, 2000, 0), (500, 1500)));
    assert_eq!(numbers(&ask(true, false).await), ((2, 0, 2000), (0, 0)));
    assert_eq!(numbers(&ask(true, true).await), ((2, 0, 2000), (0, 0)));
    assert_eq!(numbers(&ask(false, false).await), ((2002, 0, 0), (0, 0)));
}

#[tokio::test]
async fn a_count_and_a_refused_request_leave_the_cache_alone() {
    let stand = Stand::start().await;
    let marked = json!({ "cache_control": { "type": "ephemeral" }, "system": long(1500) });
    let mut count = message("Hi", &marked);
    count.as_object_mut().unwrap().remove("max_tokens");
    assert_eq!(stand.ask("/v1/messages/count_tokens", count).await.status, 200);
    let mut wrong = marked.clone();
    wrong["temperature"] = json!(2);
    assert_eq!(stand.ask(MESSAGES, message("Hi", &wrong)).await.status, 400);
    let usage = stand.ask(MESSAGES, message("Hi", &marked)).await.json()["usage"].clone();
    assert_eq!(usage["cache_creation_input_tokens"], 1501);
}
