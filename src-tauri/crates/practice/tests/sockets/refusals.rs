//! Answers that decline, are filtered, or fail half-way, because the prompt asks for it.

use evenkeel_practice::{PRACTICE_A, ProviderOptions, practice_text};
use serde_json::{Value, json};

use super::support::{Answer, CHAT, MESSAGES, RESPONSES, Stand, chat, message, response};

const REFUSES: &str = "[practice:refuse]";
const REFUSAL: &str =
    "This is a practice refusal from practice-a: it declines because the prompt asked it to.";

async fn all_three() -> Stand {
    Stand::of(ProviderOptions::both(PRACTICE_A).with_responses()).await
}

fn joined(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|event| event.pointer(pointer)?.as_str()).collect()
}

#[tokio::test]
async fn a_refusal_stands_where_each_dialect_has_it() {
    let stand = all_three().await;
    let whole = stand.ask(CHAT, chat(REFUSES, &json!({}))).await.json();
    let message_of = &whole["choices"][0]["message"];
    assert_eq!((&message_of["refusal"], &message_of["content"]), (&json!(REFUSAL), &Value::Null));
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    let chunks = stand.ask(CHAT, chat(REFUSES, &json!({ "stream": true }))).await.data();
    assert_eq!(joined(&chunks, "/choices/0/delta/refusal"), REFUSAL);
    assert_eq!(joined(&chunks, "/choices/0/delta/content"), "");

    let whole = stand.ask(MESSAGES, message(REFUSES, &json!({}))).await.json();
    assert_eq!((&whole["stop_reason"], &whole["content"][0]["text"]), (&json!("refusal"), &json!(REFUSAL)));
    assert_eq!(whole["stop_details"]["type"], "refusal");
    let events = stand.ask(MESSAGES, message(REFUSES, &json!({ "stream": true }))).await.data();
    assert_eq!(events[events.len() - 2]["delta"]["stop_reason"], "refusal");
    assert_eq!(joined(&events, "/delta/text"), REFUSAL);

    let whole = stand.ask(RESPONSES, response(REFUSES, &json!({}))).await.json();
    assert_eq!(whole["output"][0]["content"][0], json!({ "type": "refusal", "refusal": REFUSAL }));
    let events = stand.ask(RESPONSES, response(REFUSES, &json!({ "stream": true }))).await.data();
    let deltas: Vec<Value> =
        events.into_iter().filter(|event| event["type"] == "response.refusal.delta").collect();
    assert_eq!(joined(&deltas, "/delta"), REFUSAL);
}

#[tokio::test]
async fn the_vendors_own_string_declines_without_a_word() {
    let stand = all_three().await;
    let magic = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86";
    let whole = stand.ask(MESSAGES, message(magic, &json!({}))).await.json();
    assert_eq!((&whole["stop_reason"], &whole["content"]), (&json!("refusal"), &json!([])));
    let whole = stand.ask(CHAT, chat(magic, &json!({}))).await.json();
    assert_eq!(whole["choices"][0]["finish_reason"], "content_filter");
}

#[tokio::test]
async fn a_filter_cuts_an_answer_short() {
    let stand = all_three().await;
    let asked = "[practice:filter]";
    let whole = practice_text(PRACTICE_A, asked);
    let answers = [
        stand.ask(CHAT, chat(asked, &json!({}))).await,
        stand.ask(MESSAGES, message(asked, &json!({}))).await,
        stand.ask(RESPONSES, response(asked, &json!({}))).await,
    ];
    for answer in &answers {
        let text = answer.text();
        assert!(!text.is_empty() && text.len() < whole.len() && whole.starts_with(&text), "{text}");
    }
    let [chat, message, response] = answers.map(|answer| answer.json());
    assert_eq!(chat["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(message["stop_reason"], "refusal");
    assert_eq!(response["incomplete_details"]["reason"], "content_filter");
}

#[tokio::test]
async fn an_error_comes_up_after_the_first_token_and_ends_the_stream() {
    let stand = all_three().await;
    let asked = "[practice:fail] please";
    let stream = json!({ "stream": true });
    let told = "practice-a had an error half-way, because the prompt asked for one";

    let answer = stand.ask(CHAT, chat(asked, &stream)).await;
    let chunks = answer.data();
    assert_eq!(chunks.last().unwrap()["error"]["message"], told);
    assert!(
        joined(&chunks, "/choices/0/delta/content").starts_with("This") && !answer.body.contains("[DONE]")
    );

    let answer = stand.ask(MESSAGES, message(asked, &stream)).await;
    assert!(answer.body.contains("event: error\ndata: "));
    let events = answer.data();
    assert_eq!(events.last().unwrap()["error"], json!({ "type": "api_error", "message": told }));
    assert!(joined(&events, "/delta/text").starts_with("This"));

    let events = stand.ask(RESPONSES, response(asked, &stream)).await.data();
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["response"]["status"]), (&json!("response.failed"), &json!("failed")));
    assert_eq!(last["response"]["error"], json!({ "code": "server_error", "message": told }));
    assert_eq!(last["sequence_number"], events.len() - 1);

    let whole: Vec<Answer> = vec![
        stand.ask(CHAT, chat(asked, &json!({}))).await,
        stand.ask(MESSAGES, message(asked, &json!({}))).await,
        stand.ask(RESPONSES, response(asked, &json!({}))).await,
    ];
    assert!(whole.iter().all(|answer| answer.status == 500 && answer.told() == told));
}
