//! A client of one dialect, answered by a provider of the other one.

use std::sync::Arc;

use evenkeel_practice::{Fault, Options, Pace, Practice};
use evenkeel_router::SystemClock;
use serde_json::{Value, json};

use crate::harness::{self, Answer, Rig, chat, message};
use crate::raw::{self, Raw};

/// An OpenAI provider first, an Anthropic one second.
async fn crossed(extra: &str) -> Rig {
    let practice =
        Practice::start(Options { pace: Pace::Instant, ..Options::default() }).await.expect("loopback ports");
    let url = |name| practice.base_url(name).expect("it listens");
    let text = format!(
        "{extra}\n[providers.practice-a]\ndialect = \"openai\"\nbase_url = \"{}/v1\"\nkey = \"none\"\nmodels = [\"gpt-*\"]\n\
         [providers.practice-b]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"none\"\nmodels = [\"claude-*\"]\n",
        url("practice-a").trim_end_matches("/v1"),
        url("practice-b")
    );
    let mut rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    rig.practice = Some(practice);
    rig
}

fn response(stream: bool) -> Value {
    json!({ "model": "gpt-4o-mini", "input": "Say hello to the keel", "stream": stream, "store": false })
}

async fn ask(rig: &Rig, path: &str, body: &Value) -> Answer {
    Answer::of(rig.post(path, body).send().await.expect("an answer")).await
}

/// The text that a client of the dialect reads, streaming or not.
fn text(path: &str, answer: &Answer) -> String {
    let one = |value: &Value| {
        let piece = match path {
            "/v1/chat/completions" => &value["choices"][0]["delta"]["content"],
            "/v1/messages" => &value["delta"]["text"],
            _ if value["type"] == "response.output_text.delta" => &value["delta"],
            _ => &Value::Null,
        };
        piece.as_str().unwrap_or("").to_owned()
    };
    if answer.header("content-type").starts_with("text/event-stream") {
        let data = answer.body.lines().filter_map(|line| line.strip_prefix("data: "));
        return data
            .filter_map(|data| serde_json::from_str(data).ok())
            .map(|value: Value| one(&value))
            .collect();
    }
    let body = answer.json();
    let whole = match path {
        "/v1/chat/completions" => &body["choices"][0]["message"]["content"],
        "/v1/messages" => &body["content"][0]["text"],
        _ => &body["output"][0]["content"][0]["text"],
    };
    whole.as_str().unwrap_or("").to_owned()
}

#[tokio::test]
async fn a_client_of_any_dialect_is_answered_whichever_provider_is_left() {
    let rig = crossed("").await;
    for down in ["nobody", "practice-a", "practice-b"] {
        for name in ["practice-a", "practice-b"] {
            rig.fault(name, if name == down { Fault::Down } else { Fault::None }).await;
            rig.router.provider_changed(name);
        }
        for (path, body) in [
            ("/v1/chat/completions", chat as fn(bool) -> Value),
            ("/v1/responses", response),
            ("/v1/messages", message),
        ] {
            for stream in [false, true] {
                let answer = ask(&rig, path, &body(stream)).await;
                let told = format!("{path}, stream {stream}, {down} down: {}", answer.body);
                assert_eq!(answer.status, 200, "{told}");
                assert!(text(path, &answer).contains("keel"), "{told}");
                let by = if down == "practice-a" { "practice-b" } else { "practice-a" };
                assert_eq!(answer.header("x-evenkeel-provider"), by, "{told}");
                let row = rig.last_row().await;
                assert_eq!((row.outcome.as_str(), row.endpoint.as_str()), ("ok", path), "{told}");
                assert!(row.tokens.input.is_some_and(|count| count > 0), "{told}");
                assert!(row.tokens.output.is_some_and(|count| count > 0), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn the_twin_is_asked_for_where_the_asked_model_is_not_served() {
    let rig = crossed("").await;
    rig.fault("practice-a", Fault::Down).await;
    let answer = rig.chat(false).await;
    assert!(
        answer.header("x-evenkeel-model").starts_with("claude-"),
        "{}",
        answer.header("x-evenkeel-model")
    );
}

#[tokio::test]
async fn what_the_other_dialect_has_no_word_for_is_named() {
    let rig = crossed("").await;
    rig.fault("practice-a", Fault::Down).await;
    let mut body = chat(false);
    body["seed"] = json!(7);
    body["logprobs"] = json!(true);
    let answer = ask(&rig, "/v1/chat/completions", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let dropped = answer.header("x-evenkeel-dropped");
    assert!(dropped.contains("seed") && dropped.contains("logprobs"), "{dropped}");
    rig.fault("practice-a", Fault::None).await;
    rig.router.provider_changed("practice-a");
    let answer = ask(&rig, "/v1/chat/completions", &body).await;
    assert_eq!(answer.header("x-evenkeel-dropped"), "", "its own dialect has a word for everything");
}

#[tokio::test]
async fn what_would_change_the_meaning_is_refused_once_its_own_dialect_is_gone() {
    let rig = crossed("").await;
    let mut body = chat(false);
    body["n"] = json!(2);
    assert_eq!(ask(&rig, "/v1/chat/completions", &body).await.status, 200);
    rig.fault("practice-a", Fault::Down).await;
    let answer = ask(&rig, "/v1/chat/completions", &body).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let error = &answer.json()["error"];
    assert_eq!((error["code"].as_str(), error["param"].as_str()), (Some("untranslatable"), Some("n")));
    assert!(error["message"].as_str().is_some_and(|text| text.contains("practice-a")), "{error}");
    assert_eq!(answer.header("x-should-retry"), "false");
    assert_eq!(rig.last_row().await.counted.as_str(), "bad", "with practice-a at work there was an answer");
}

#[tokio::test]
async fn case_25_a_refusal_of_the_other_vendor_comes_in_the_clients_envelope() {
    let refusal = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"},"request_id":"req_1"}"#;
    let provider = Raw::start(raw::plain(400, "application/json", refusal)).await;
    let text = format!(
        "[providers.only]\ndialect = \"anthropic\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n",
        provider.base_url().trim_end_matches("/v1")
    );
    let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    for stream in [false, true] {
        let answer = rig.chat(stream).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["error"]["message"], "prompt is too long", "{}", answer.body);
        assert!(answer.json()["type"].is_null(), "OpenAI's envelope: {}", answer.body);
        assert_eq!(provider.seen().len(), 1 + usize::from(stream), "no retry, no failover");
    }
}

#[tokio::test]
async fn case_25_a_conversation_that_does_not_fit_is_told_so_that_the_clients_tool_shortens_it() {
    const ANTHROPICS: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#;
    const OPENAIS: &str = r#"{"error":{"message":"This model's maximum context length is 8 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#;
    for (dialect, refusal) in [("anthropic", ANTHROPICS), ("openai", OPENAIS)] {
        let provider = Raw::start(raw::plain(400, "application/json", refusal)).await;
        let text = format!(
            "[providers.only]\ndialect = \"{dialect}\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n",
            provider.base_url().trim_end_matches("/v1")
        );
        let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
        let openai = ask(&rig, "/v1/chat/completions", &chat(true)).await;
        let anthropic = ask(&rig, "/v1/messages", &message(true)).await;
        assert_eq!((openai.status, anthropic.status), (400, 400));
        if dialect == "openai" {
            assert_eq!(openai.body, OPENAIS, "its own words");
            let said = "prompt is too long: This model's maximum context length is 8 tokens.";
            assert_eq!(anthropic.json()["error"]["message"], said);
        } else {
            assert_eq!(anthropic.body, ANTHROPICS, "its own words");
            assert_eq!(openai.json()["error"]["code"], "context_length_exceeded");
        }
    }
}

#[tokio::test]
async fn case_26_a_stream_that_breaks_is_never_a_finished_answer() {
    let rig = crossed("").await;
    rig.fault("practice-a", Fault::Down).await;
    // The twin thinks first and keeps its words back: its seventh event is the first that says something.
    rig.fault("practice-b", Fault::BreakStream(9)).await;
    for (path, body) in [("/v1/chat/completions", chat(true)), ("/v1/responses", response(true))] {
        let answer = ask(&rig, path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.body.contains("[DONE]"), "{}", answer.body);
        assert!(!answer.body.contains("\"finish_reason\":\"stop\""), "{}", answer.body);
        assert!(!answer.body.contains("response.completed"), "{}", answer.body);
        assert!(answer.body.contains("providers_failed"), "{}", answer.body);
        assert_eq!(rig.last_row().await.outcome, "broken_stream");
    }
}

#[tokio::test]
async fn case_29_a_host_that_never_says_done_has_answered_all_the_same() {
    let chunk = |delta: &str, reason: &str| {
        format!(
            "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n"
        )
    };
    let whole = chunk("{\"content\":\"hello keel\"}", "null") + &chunk("{}", "\"stop\"");
    let cut = chunk("{\"content\":\"hello\"}", "null");
    for (body, complete) in [(&whole, true), (&cut, false)] {
        let provider = Raw::start(raw::plain(200, "text/event-stream", body)).await;
        let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
        for (path, asked) in [
            ("/v1/chat/completions", chat(true)),
            ("/v1/chat/completions", chat(false)),
            ("/v1/messages", message(true)),
            ("/v1/messages", message(false)),
            ("/v1/responses", response(true)),
        ] {
            let answer = ask(&rig, path, &asked).await;
            assert_eq!(rig.last_row().await.outcome == "ok", complete, "{path}: {}", answer.body);
            let ends = ["[DONE]", "message_stop", "response.completed", "chat.completion\"", "end_turn"];
            assert_eq!(ends.iter().any(|end| answer.body.contains(end)), complete, "{path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn case_36_tokens_are_counted_by_who_can_and_estimated_where_nobody_can() {
    let rig = crossed("").await;
    let mut body = message(false);
    for field in ["max_tokens", "stream"] {
        body.as_object_mut().expect("an object").remove(field);
    }
    let answer = ask(&rig, "/v1/messages/count_tokens", &body).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-estimated")), (200, ""), "{}", answer.body);
    let counted = answer.json()["input_tokens"].as_u64().expect("a count");
    rig.fault("practice-b", Fault::Down).await;
    let answer = ask(&rig, "/v1/messages/count_tokens", &body).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-estimated")), (200, "true"), "{}", answer.body);
    let estimated = answer.json()["input_tokens"].as_u64().expect("an estimate");
    assert!(estimated >= counted, "{estimated} is under {counted}");
    assert_eq!(rig.last_row().await.counted.as_str(), "no");
    assert!(rig.router.snapshot().providers.iter().all(|provider| provider.breakers.is_empty()));
}

#[tokio::test]
async fn case_37_a_vendors_headers_go_to_that_vendor_only() {
    let provider = Raw::start(raw::plain(500, "application/json", "{}")).await;
    let rig = harness::between(&provider.base_url(), &provider.base_url(), "").await;
    let request = rig
        .post("/v1/messages?beta=true", &message(false))
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "context-1m-2025-08-07")
        .header("x-stainless-lang", "python");
    request.send().await.expect("an answer");
    let seen = provider.seen()[0].head.to_ascii_lowercase();
    assert!(seen.starts_with("post /v1/chat/completions http"), "{seen}");
    assert!(
        !seen.contains("anthropic-") && !seen.contains("x-stainless") && !seen.contains(harness::LOCAL_KEY),
        "{seen}"
    );
    assert!(seen.contains("authorization: bearer sk-canary-provider"), "{seen}");
}

#[tokio::test]
async fn case_39_a_conversation_kept_by_one_provider_is_not_taken_up_by_another() {
    let rig = crossed("").await;
    let mut body = response(false);
    body["previous_response_id"] = json!("resp_unknown");
    let answer = ask(&rig, "/v1/responses", &body).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"]["code"], "previous_response_not_found");

    let mut body = message(false);
    body["thread"] = json!({ "type": "continue", "previous_message_id": "msg_unknown" });
    let answer = ask(&rig, "/v1/messages", &body).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"]["details"]["error_code"], "thread_not_found");
}

#[tokio::test]
async fn case_42_each_attempt_begins_with_the_clients_own_body() {
    let down = Raw::start(raw::plain(503, "application/json", "{}")).await;
    let text = format!(
        "[providers.first]\ndialect = \"anthropic\"\nbase_url = \"{0}\"\nkey = \"env:A\"\nmodels = [\"claude-*\"]\n\
         [providers.second]\ndialect = \"openai\"\nbase_url = \"{0}/v1\"\nkey = \"env:A\"\nmodels = [\"gpt-*\"]\n",
        down.base_url().trim_end_matches("/v1")
    );
    let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    let answer = ask(&rig, "/v1/messages", &message(false)).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let seen = down.seen();
    let model = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).expect("JSON");
        body["model"].as_str().unwrap_or("").to_owned()
    };
    let asked: Vec<(String, String)> = seen
        .iter()
        .map(|request| (request.head.split(' ').nth(1).unwrap_or("").to_owned(), model(&request.body)))
        .collect();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(
        asked[..2].iter().all(|(path, model)| path == "/v1/messages" && model == "claude-haiku-4-5"),
        "{asked:?}"
    );
    assert!(
        asked[2..].iter().all(|(path, model)| path == "/v1/chat/completions" && model.starts_with("gpt-")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn embeddings_fail_over_to_the_same_model_only() {
    let vectors = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}"#;
    let works = Raw::start(raw::plain(200, "application/json", vectors)).await;
    let down = Raw::start(raw::plain(503, "application/json", "{}")).await;
    let asked = json!({ "model": "text-embedding-3-small", "input": "keel", "encoding_format": "base64" });
    for (models, status) in [("text-embedding-*", 200), ("gpt-*", 502)] {
        let text = format!(
            "[providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"text-*\"]\n\
             [providers.second]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"{models}\"]\ndefault_model = \"gpt-4o-mini\"\n",
            down.base_url(),
            works.base_url()
        );
        let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
        let answer = ask(&rig, "/v1/embeddings", &asked).await;
        assert_eq!(answer.status, status, "{models}: {}", answer.body);
        if status == 200 {
            assert_eq!(answer.body, vectors, "bytes stay bytes");
            assert_eq!(rig.last_row().await.tokens.input, Some(3));
        }
    }
    assert_eq!(works.seen().len(), 1, "another model's vectors are of no use");
}
