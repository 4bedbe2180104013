//! What a request may cost, and what it did cost.

use std::sync::Arc;

use evenkeel_practice::Fault;
use evenkeel_router::SystemClock;
use serde_json::{Value, json};

use crate::harness::{self, Answer, Rig};
use crate::raw::{self, Raw, Seen, Step};

/// A dollar per million input tokens and ten per million output tokens: a micro-dollar a token, and ten.
const PRICES: &str =
    "[prices.\"m\"]\ninput = 1.0\noutput = 10.0\n[prices.\"small\"]\ninput = 0.1\noutput = 1.0\n";

fn answer(_: &Seen) -> Vec<raw::Step> {
    raw::plain(
        200,
        "application/json",
        r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"aye"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}}"#,
    )
}

/// One OpenAI provider that answers everything at once, and not as a stream.
async fn rig(provider: &Raw, extra: &str) -> Rig {
    let text = format!(
        "{extra}\n{PRICES}\n[providers.only]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n\
         watch = \"streams\"\ncheaper_model = \"small\"\n",
        provider.base_url()
    );
    harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await
}

fn conversation(turns: usize, max_tokens: u64) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": "You are a keel." })];
    for turn in 0..turns {
        messages
            .push(json!({ "role": "user", "content": format!("question {turn} {}", "word ".repeat(100)) }));
        messages.push(json!({ "role": "assistant", "content": "an answer" }));
    }
    messages.push(json!({ "role": "user", "content": "the last question" }));
    json!({ "model": "m", "messages": messages, "max_tokens": max_tokens })
}

async fn ask(rig: &Rig, body: &Value) -> Answer {
    Answer::of(rig.post("/v1/chat/completions", body).send().await.expect("an answer")).await
}

fn sent(provider: &Raw) -> Value {
    let seen = provider.seen();
    serde_json::from_slice(&seen.last().expect("a request").body).expect("JSON")
}

#[tokio::test]
async fn what_an_answer_cost_is_in_its_header_and_its_row() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "").await;
    let answer = ask(&rig, &conversation(0, 50)).await;
    assert_eq!(answer.header("x-evenkeel-cost-usd"), "0.000300", "100 at 1 and 20 at 10 micro-dollars");
    let row = rig.last_row().await;
    assert_eq!((row.cost_micros, row.attempts[0].cost_micros), (Some(300), Some(300)));
}

#[tokio::test]
async fn a_model_without_a_price_costs_an_unknown_amount() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.000001\n").await;
    let mut body = conversation(0, 50);
    body["model"] = json!("nobody-knows-it");
    let answer = ask(&rig, &body).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-cost-usd")), (200, ""), "allowed, and never 0");
    assert_eq!(rig.last_row().await.cost_micros, None);

    let strict =
        "[guardrails]\nmax_cost_per_request = 0.000001\non_unpriced = \"reject\"\non_exceed = [\"reject\"]\n";
    let answer = ask(&self::rig(&provider, strict).await, &body).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(answer.body.contains("[prices]"), "{}", answer.body);
}

#[tokio::test]
async fn the_output_is_capped_where_the_client_wants_more_or_says_nothing() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_output_tokens = 64\n").await;
    for (asked, expected) in [(Some(5_000), 64), (Some(10), 10), (None, 64)] {
        let mut body = conversation(0, 0);
        match asked {
            Some(asked) => body["max_tokens"] = json!(asked),
            None => drop(body.as_object_mut().expect("an object").remove("max_tokens")),
        }
        assert_eq!(ask(&rig, &body).await.status, 200);
        assert_eq!(sent(&provider)["max_tokens"], expected, "{asked:?}");
    }
}

#[tokio::test]
async fn a_long_conversation_loses_its_oldest_turns_and_says_so() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_input_tokens = 1000\n").await;
    let answer = ask(&rig, &conversation(10, 50)).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-degraded")), (200, "truncated"), "{}", answer.body);
    let body = sent(&provider);
    let messages = body["messages"].as_array().expect("messages");
    assert_eq!(messages[0]["role"], "system");
    assert_eq!(messages.last().expect("one")["content"], "the last question");
    assert!((4..20).contains(&messages.len()), "{}", messages.len());
    let row = rig.last_row().await;
    assert_eq!(row.degraded.as_deref(), Some("truncated"));
    // Two messages to a turn, and the instruction and the last question stay.
    let dropped = 10 - (messages.len() - 2) / 2;
    let told = row.attempts[0].detail.clone().unwrap_or_default();
    assert_eq!(told, format!("sent without its {dropped} oldest turns"));
}

#[tokio::test]
async fn what_can_not_be_shortened_goes_to_the_cheaper_model() {
    let provider = Raw::answering(answer).await;
    // 1,000 output tokens are 10,000 micro-dollars at the usual model and 1,000 at the cheaper one.
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.002\n").await;
    let answer = ask(&rig, &conversation(0, 1_000)).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-degraded")), (200, "cheaper"), "{}", answer.body);
    assert_eq!(
        (answer.header("x-evenkeel-model"), sent(&provider)["model"].as_str()),
        ("small", Some("small"))
    );
    assert_eq!(rig.last_row().await.cost_micros, Some(30), "at the cheaper model's price");
}

#[tokio::test]
async fn what_nothing_makes_cheap_enough_is_refused_with_estimate_and_limit() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.0001\n").await;
    let answer = ask(&rig, &conversation(0, 1_000)).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "over_budget");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("$0.0001") && message.contains("max_cost_per_request"), "{message}");
    assert!(provider.seen().is_empty(), "nothing was sent");
    let row = rig.last_row().await;
    assert_eq!((row.outcome.as_str(), row.counted.as_str()), ("over_budget", "no"));
}

#[tokio::test]
async fn one_requests_own_limit_lowers_the_configured_one() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 1\non_exceed = [\"reject\"]\n").await;
    let body = conversation(0, 1_000);
    assert_eq!(ask(&rig, &body).await.status, 200);
    let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-max-cost", "0.001");
    assert_eq!(request.send().await.expect("an answer").status(), 402);
}

#[tokio::test]
async fn a_dear_secondary_is_checked_at_its_own_prices() {
    let provider = Raw::answering(answer).await;
    let down = Raw::start(raw::plain(503, "application/json", "{}")).await;
    let text = format!(
        "[guardrails]\nmax_cost_per_request = 0.002\non_exceed = [\"reject\"]\n{PRICES}\n\
         [providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"small\"]\n\
         [providers.second]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"m\"]\ndefault_model = \"m\"\n",
        down.base_url(),
        provider.base_url()
    );
    let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    let mut body = conversation(0, 1_000);
    body["model"] = json!("small");
    let answer = ask(&rig, &body).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(!down.seen().is_empty() && provider.seen().is_empty());
}

#[tokio::test]
async fn of_64_at_once_a_cap_lets_no_more_through_than_it_has_money_for() {
    let provider = Raw::answering(|seen| {
        let mut steps = vec![raw::Step::Pause(std::time::Duration::from_millis(300))];
        steps.extend(answer(seen));
        steps
    })
    .await;
    let extra = "[tenants.acme]\nfeatures = [\"support-bot\"]\nguardrails = { max_cost_per_month = 0.01, on_exceed = [\"reject\"] }\n";
    let rig = Arc::new(rig(&provider, extra).await);
    // About 30 input and 97 output tokens: 1,000 micro-dollars each at most, so that ten of them fit.
    let body = conversation(0, 94);
    let tasks = (0..64).map(|_| {
        let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-tenant", "acme");
        tokio::spawn(async move { request.send().await.expect("an answer").status().as_u16() })
    });
    let mut statuses = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        statuses.push(task.await.expect("no panic"));
    }
    let served = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(served, 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 402)), "{statuses:?}");
    // They cost 300 each, so the month has 7,000 left: another seven fit, one after the other.
    let spent: i64 = rig.until_rows(64).await.iter().filter_map(|row| row.cost_micros).sum();
    assert_eq!(spent, 3_000);
    let request = rig.post("/v1/chat/completions", &body).header("x-evenkeel-tenant", "acme");
    assert_eq!(
        request.send().await.expect("an answer").status(),
        200,
        "what was only reserved is free again"
    );
}

#[tokio::test]
async fn a_failed_attempt_that_produced_tokens_is_paid_for_too() {
    let rig = harness::practice(PRICES).await;
    rig.fault("practice-b", Fault::Down).await;
    rig.fault("practice-a", Fault::BreakStream(8)).await;
    let mut body = harness::message(false);
    body["model"] = json!("m");
    let answer = Answer::of(rig.post("/v1/messages", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let row = rig.last_row().await;
    let attempts: i64 = row.attempts.iter().filter_map(|attempt| attempt.cost_micros).sum();
    assert!(attempts > 0, "{row:?}");
    assert_eq!(row.cost_micros, Some(attempts));
}

/// A provider of one dialect that is asked by clients of the others.
async fn across(provider: &Raw, dialect: &str, extra: &str) -> Rig {
    let text = format!(
        "{extra}\n{PRICES}\n[providers.only]\ndialect = \"{dialect}\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n",
        provider.base_url()
    );
    harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await
}

#[tokio::test]
async fn the_cap_on_the_output_holds_for_every_client_of_a_provider_of_another_dialect() {
    let limit = "[guardrails]\nmax_output_tokens = 64\n";
    let no = || {
        raw::plain(400, "application/json", r#"{"error":{"message":"no","type":"invalid_request_error"}}"#)
    };
    for (asked, expected) in [(Some(5_000), 64), (Some(10), 10), (None, 64)] {
        let mut chat = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
        let mut response = json!({ "model": "m", "input": "hi" });
        let mut message = chat.clone();
        // Anthropic's clients always say how much.
        message["max_tokens"] = json!(asked.unwrap_or(5_000));
        if let Some(asked) = asked {
            chat["max_completion_tokens"] = json!(asked);
            response["max_output_tokens"] = json!(asked);
        }
        for (dialect, path, body, named) in [
            ("anthropic", "/v1/chat/completions", &chat, "max_tokens"),
            ("anthropic", "/v1/responses", &response, "max_tokens"),
            ("openai", "/v1/responses", &response, "max_tokens"),
            ("openai", "/v1/messages", &message, "max_tokens"),
        ] {
            let provider = Raw::start(no()).await;
            let rig = across(&provider, dialect, limit).await;
            drop(rig.post(path, body).send().await.expect("an answer"));
            assert_eq!(sent(&provider)[named], expected, "{path} to {dialect}, asked {asked:?}");
        }
    }
}

#[tokio::test]
async fn several_choices_cost_several_times_as_much() {
    let provider = Raw::answering(answer).await;
    let rig = rig(&provider, "[guardrails]\nmax_cost_per_request = 0.002\non_exceed = [\"reject\"]\n").await;
    // 100 output tokens are 1,000 micro-dollars; three times as many are over the limit of 2,000.
    let mut body = conversation(0, 100);
    assert_eq!(ask(&rig, &body).await.status, 200);
    body["n"] = json!(3);
    let answer = ask(&rig, &body).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(answer.body.contains("300 output tokens"), "{}", answer.body);
}

#[tokio::test]
async fn what_the_provider_may_write_to_its_cache_is_reckoned_with() {
    let provider = Raw::answering(answer).await;
    let prices =
        "[prices.\"cached\"]\ninput = 1.0\noutput = 0.0\ncache_write_5m = 1.25\ncache_write_1h = 2.0\n";
    let limit = format!("[guardrails]\nmax_cost_per_request = 0.0015\non_exceed = [\"reject\"]\n{prices}");
    let rig = rig(&provider, &limit).await;
    let body = |bytes: usize, mark: Option<Value>| {
        let mut part = json!({ "type": "text", "text": "words ".repeat(bytes / 6) });
        if let Some(mark) = mark {
            part["cache_control"] = mark;
        }
        json!({ "model": "cached", "messages": [{ "role": "user", "content": [part] }], "max_tokens": 1 })
    };
    // Some 1,040 tokens at 1.25 micro-dollars, 840 at 1 or 2.
    assert_eq!(ask(&rig, &body(3_000, None)).await.status, 200);
    assert_eq!(ask(&rig, &body(4_000, None)).await.status, 402, "hosts cache long prompts by themselves");
    assert_eq!(ask(&rig, &body(2_400, None)).await.status, 200);
    let hour = json!({ "type": "ephemeral", "ttl": "1h" });
    assert_eq!(ask(&rig, &body(2_400, Some(hour))).await.status, 402);
}

/// Text comes, and then the connection is gone: nobody says what it cost.
fn breaks_off() -> Vec<Step> {
    let text = raw::chunk(&format!("{{\"content\":\"{}\"}}", "x".repeat(300)), None);
    vec![raw::stream_head(), Step::Send(text), Step::Pause(std::time::Duration::from_millis(50)), Step::Reset]
}

#[tokio::test]
async fn an_answer_that_breaks_off_costs_what_came_of_it() {
    let provider = Raw::start(breaks_off()).await;
    for stream in [true, false] {
        let rig =
            across(&provider, "openai", "[tenants.acme.guardrails]\nmax_cost_per_month = 0.0125\n").await;
        let mut body = conversation(0, 1_000);
        body["stream"] = json!(stream);
        let request = || rig.post("/v1/chat/completions", &body).header("x-evenkeel-tenant", "acme");
        drop(request().send().await.expect("an answer").text().await);
        let row = rig.until_rows(1).await.remove(0);
        // A hundred tokens at ten micro-dollars, and the prompt.
        let cost = row.cost_micros.unwrap_or(0);
        assert!((1_000..1_200).contains(&cost), "stream {stream}: {row:?}");
        let told = row.attempts[0].detail.clone().unwrap_or_default();
        assert!(told.contains("estimated"), "{told}");
        assert_eq!(row.tokens.output, None, "the provider never said how many");
        // The cap knows of it: 10,000 at most for each, and of 12,500 there are some 11,400 left, then 10,300.
        for expected in [200, 200, 402] {
            let answer = request().send().await.expect("an answer");
            let status = answer.status().as_u16();
            drop(answer.text().await);
            let expected = if stream || expected == 402 { expected } else { 502 };
            assert_eq!(status, expected, "stream {stream}");
        }
    }
}

#[tokio::test]
async fn who_hangs_up_pays_for_what_came() {
    let text = raw::chunk(&format!("{{\"content\":\"{}\"}}", "x".repeat(300)), None);
    let provider = Raw::start(vec![raw::stream_head(), Step::Send(text), Step::Hang]).await;
    for stream in [true, false] {
        let rig = across(&provider, "openai", "").await;
        let mut body = conversation(0, 1_000);
        body["stream"] = json!(stream);
        let gone = async {
            let response = rig.post("/v1/chat/completions", &body).send().await.expect("an answer");
            drop(response.text().await);
        };
        let gone = tokio::time::timeout(std::time::Duration::from_millis(300), gone).await;
        assert!(gone.is_err(), "the client leaves while it waits");
        let row = rig.until_rows(1).await.remove(0);
        assert_eq!(row.outcome, "cancelled");
        assert!(
            row.cost_micros.is_some_and(|cost| (1_000..1_200).contains(&cost)),
            "stream {stream}: {row:?}"
        );
    }
}

#[tokio::test]
async fn what_a_broken_try_cost_counts_towards_the_requests_own_limit() {
    let (broken, works) = (Raw::start(breaks_off()).await, Raw::answering(answer).await);
    let text = format!(
        "[guardrails]\nmax_cost_per_request = 0.0105\non_exceed = [\"reject\"]\n{PRICES}\n\
         [providers.first]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n\
         [providers.second]\ndialect = \"openai\"\nbase_url = \"{}\"\nkey = \"env:A\"\nmodels = [\"*\"]\n",
        broken.base_url(),
        works.base_url()
    );
    let rig = harness::start(harness::config(&text), false, Arc::new(SystemClock), false).await;
    // 10,000 micro-dollars at most, and 1,000 of them are gone when the second one's turn comes.
    let answer = ask(&rig, &conversation(0, 1_000)).await;
    assert_eq!(answer.status, 402, "{}", answer.body);
    assert!(answer.body.contains("broke off"), "{}", answer.body);
    assert!(works.seen().is_empty());
    let answer = ask(&rig, &conversation(0, 900)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_limit_that_the_host_knows_by_another_name_is_asked_for_by_that() {
    let provider = Raw::answering(|seen| {
        let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
        if body.get("max_tokens").is_some() {
            return raw::plain(
                400,
                "application/json",
                r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
            );
        }
        answer(seen)
    })
    .await;
    let rig = rig(&provider, "[guardrails]\nmax_output_tokens = 64\n").await;
    let mut body = conversation(0, 0);
    body.as_object_mut().expect("an object").remove("max_tokens");
    for expected in [2, 3] {
        assert_eq!(ask(&rig, &body).await.status, 200);
        assert_eq!(sent(&provider)["max_completion_tokens"], 64);
        assert_eq!(provider.seen().len(), expected, "the second request knows the name");
    }
}

#[tokio::test]
async fn a_host_that_takes_no_limit_is_asked_as_the_client_asked() {
    let provider = Raw::answering(|seen| {
        let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
        for name in ["max_tokens", "max_completion_tokens"] {
            if body.get(name).is_some() {
                let error = format!(r#"{{"error":{{"message":"{name} is too large: at most 16","type":"invalid_request_error"}}}}"#);
                return raw::plain(400, "application/json", &error);
            }
        }
        answer(seen)
    })
    .await;
    let rig = rig(&provider, "[guardrails]\nmax_output_tokens = 64\n").await;
    let mut body = conversation(0, 0);
    body.as_object_mut().expect("an object").remove("max_tokens");
    assert_eq!(ask(&rig, &body).await.status, 200);
    body["max_tokens"] = json!(5_000);
    assert_eq!(ask(&rig, &body).await.status, 400, "what the client itself asked for is its own affair");
}
