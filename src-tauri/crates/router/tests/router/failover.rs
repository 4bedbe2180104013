//! While one of the two providers works, the client sees no failure.

use std::time::Duration;

use evenkeel_practice::Fault;
use evenkeel_slo::Counted;

use crate::harness::{self, Answer, told};
use crate::raw::{self, Raw, Step};

#[tokio::test]
async fn a_healthy_primary_answers_alone() {
    let rig = harness::practice("").await;
    let answer = rig.chat(false).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("x-evenkeel-served-by"), "primary");
    assert_eq!(answer.header("x-evenkeel-provider"), "practice-a");
    assert_eq!(answer.header("x-evenkeel-model"), "gpt-4o-mini");
    assert_eq!(answer.header("x-evenkeel-attempts"), "1");
    assert_eq!(answer.header("x-evenkeel-cache"), "off");
    assert_eq!(answer.header("x-evenkeel-practice"), "true");
    let text = answer.json()["choices"][0]["message"]["content"].clone();
    assert!(text.as_str().is_some_and(|text| text.contains("practice-a")), "{text}");

    let row = rig.last_row().await;
    assert_eq!(row.id, answer.header("x-evenkeel-id"));
    assert_eq!((row.status, row.outcome.as_str(), row.counted), (200, "ok", Counted::Good));
    assert_eq!((row.tenant.as_str(), row.route.as_deref()), ("local", Some("default")));
    assert_eq!(row.attempts.len(), 1);
    assert!(row.tokens.input.is_some_and(|count| count > 0), "{:?}", row.tokens);
    assert!(row.tokens.output.is_some_and(|count| count > 0), "{:?}", row.tokens);
    assert!(row.attempts[0].provider_request_id.is_some());
    let whole = rig.store.request(row.id).await.expect("the ledger reads").expect("the row");
    assert!(
        whole.plan.is_some_and(|plan| plan.contains("practice-b")),
        "the plan stands in the request's own row"
    );
}

#[tokio::test]
async fn a_dead_primary_costs_one_retry_and_the_client_notices_nothing() {
    for (fault, outcome, attempts) in [
        (Fault::Down, "server_error", 3),
        (Fault::Overloaded, "overloaded", 3),
        (Fault::Revoked, "credentials", 2),
        (Fault::RateLimited, "rate_limited", 2),
        (Fault::Garbage, "malformed", 3),
        (Fault::Refuse, "connect", 3),
    ] {
        for stream in [false, true] {
            let rig = harness::practice("").await;
            rig.fault("practice-a", fault).await;
            let answer = rig.chat(stream).await;
            let case = format!("{outcome}, stream {stream}: {}", answer.body);
            assert_eq!(answer.status, 200, "{case}");
            assert_eq!(answer.header("x-evenkeel-served-by"), "secondary", "{case}");
            assert_eq!(answer.header("x-evenkeel-attempts"), attempts.to_string(), "{case}");
            let row = rig.last_row().await;
            let outcomes: Vec<_> = row.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
            assert_eq!(outcomes.last(), Some(&"ok"), "{case}");
            assert!(
                outcomes[..outcomes.len() - 1].iter().all(|found| *found == outcome),
                "{outcomes:?} {case}"
            );
            assert_eq!(row.counted, Counted::Good, "{case}");
        }
    }
}

#[tokio::test]
async fn a_silent_primary_costs_the_first_token_budget_and_no_more() {
    let rig = harness::practice("[[routes]]\nname = \"default\"\nfirst_token_timeout = \"200ms\"\n").await;
    rig.fault("practice-a", Fault::Hang).await;
    for stream in [false, true] {
        let answer = rig.chat(stream).await;
        assert_eq!(answer.header("x-evenkeel-served-by"), "secondary", "{}", answer.body);
        assert_eq!(answer.header("x-evenkeel-attempts"), "2", "a time-out is not retried in the group");
        let row = rig.last_row().await;
        assert_eq!(row.attempts[0].outcome, "first_token_timeout");
        assert!((200..1500).contains(&row.attempts[0].total_ms), "{} ms", row.attempts[0].total_ms);
    }
}

#[tokio::test]
async fn headers_and_role_only_deltas_do_not_stop_the_clock() {
    let stalls = Raw::start(vec![
        raw::stream_head(),
        Step::Send(raw::chunk("{\"role\":\"assistant\",\"content\":\"\"}", None)),
        Step::Send(": still here\n\n".to_owned()),
        Step::Hang,
    ])
    .await;
    let works = harness::practice("").await;
    let second =
        works.practice.as_ref().and_then(|practice| practice.base_url("practice-b")).expect("it listens");
    let extra = "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"200ms\"\n";
    let rig = harness::between(&stalls.base_url(), &second, extra).await;
    let answer = rig.chat(true).await;
    assert_eq!(answer.header("x-evenkeel-provider"), "second", "{}", answer.body);
    assert_eq!(rig.last_row().await.attempts[0].outcome, "first_token_timeout");
    stalls.until_closed(1, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_connection_that_is_cut_before_any_byte_counts_as_no_connection() {
    let cut = Raw::start(vec![Step::Reset]).await;
    let works = harness::practice("").await;
    let second =
        works.practice.as_ref().and_then(|practice| practice.base_url("practice-b")).expect("it listens");
    let rig = harness::between(&cut.base_url(), &second, "").await;
    assert_eq!(rig.chat(false).await.header("x-evenkeel-provider"), "second");
    let outcomes: Vec<_> = rig.last_row().await.attempts.into_iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, ["connect", "connect", "ok"]);
}

#[tokio::test]
async fn a_stream_that_begins_with_an_error_is_nobodys_answer() {
    let error = "data: {\"error\":{\"message\":\"The server is overloaded\",\"type\":\"server_error\",\"code\":\"server_overloaded\"}}\n\n";
    let first = Raw::start(vec![raw::stream_head(), Step::Send(error.to_owned())]).await;
    let works = harness::practice("").await;
    let second =
        works.practice.as_ref().and_then(|practice| practice.base_url("practice-b")).expect("it listens");
    let rig = harness::between(&first.base_url(), &second, "").await;
    let answer = rig.chat(true).await;
    assert_eq!(answer.header("x-evenkeel-provider"), "second", "{}", answer.body);
    assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
    let outcomes: Vec<_> = rig.last_row().await.attempts.into_iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, ["stream_error_early", "stream_error_early", "ok"]);
}

#[tokio::test]
async fn an_answer_in_one_piece_survives_a_stream_that_breaks() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::BreakStream(3)).await;
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "secondary"), "{}", answer.body);
    assert_eq!(rig.last_row().await.attempts[0].outcome, "broken_stream");
}

#[tokio::test]
async fn a_wrong_request_goes_back_as_it_came_and_nowhere_else() {
    let rig = harness::practice("").await;
    let body =
        serde_json::json!({ "model": "bad-request", "messages": [{ "role": "user", "content": "x" }] });
    let answer = Answer::of(rig.post("/v1/chat/completions", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.header("x-evenkeel-attempts"), "1");
    assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
    let row = rig.last_row().await;
    assert_eq!((row.outcome.as_str(), row.counted, row.attempts.len()), ("bad_request", Counted::No, 1));
    let detail = row.attempts[0].detail.as_deref().unwrap_or_default();
    assert!(
        detail.len() < 40 && !detail.contains(' '),
        "a code, never words that may quote the prompt: {detail}"
    );
}

#[tokio::test]
async fn a_model_that_nobody_has_is_a_404_with_the_providers_words() {
    let rig = harness::practice("").await;
    let body = serde_json::json!({ "model": "missing-1", "messages": [{ "role": "user", "content": "x" }] });
    let answer = Answer::of(rig.post("/v1/chat/completions", &body).send().await.expect("an answer")).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(answer.json()["error"]["code"], "model_not_served");
    let row = rig.last_row().await;
    assert_eq!((row.outcome.as_str(), row.counted, row.attempts.len()), ("unserved", Counted::No, 2));
}

#[tokio::test]
async fn both_down_is_told_at_once_with_every_attempt() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::Down).await;
    rig.fault("practice-b", Fault::Revoked).await;
    let answer = rig.chat(false).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    let error = answer.json()["error"].clone();
    assert_eq!(error["code"], "providers_failed");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("practice-a answered with errors"), "{message}");
    assert!(message.contains("practice-b rejected the key"), "{message}");
    let row = rig.last_row().await;
    assert_eq!((row.counted, row.attempts.len(), row.status), (Counted::Bad, 3, 502));
}

#[tokio::test]
async fn when_all_end_alike_the_code_says_how() {
    for (fault, status, code, waits) in [
        (Fault::Refuse, 503, "unreachable", "1"),
        (Fault::Overloaded, 503, "providers_overloaded", "1"),
        (Fault::RateLimited, 429, "rate_limited", "20"),
    ] {
        let rig = harness::practice("").await;
        rig.fault("practice-a", fault).await;
        rig.fault("practice-b", fault).await;
        let answer = rig.chat(true).await;
        assert_eq!((answer.status, answer.header("retry-after")), (status, waits), "{}", answer.body);
        assert_eq!(answer.json()["error"]["code"], code);
        assert_eq!(answer.header("x-should-retry"), "", "waiting may cure it");
    }
}

#[tokio::test]
async fn credentials_gone_everywhere_is_never_a_401() {
    let rig = harness::practice("").await;
    rig.fault("practice-a", Fault::Revoked).await;
    rig.fault("practice-b", Fault::Revoked).await;
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("x-should-retry")), (502, "false"), "{}", answer.body);
}

#[tokio::test]
async fn a_switch_is_told_once_and_so_is_the_way_back() {
    let rig = harness::practice("").await;
    let mut events = rig.router_events();
    rig.fault("practice-a", Fault::Down).await;
    rig.chat(false).await;
    rig.chat(true).await;
    assert_eq!(told(&mut events, "switched"), ["Switched to practice-b; practice-a answered with errors."]);
    assert_eq!(rig.router.snapshot().serving.as_deref(), Some("practice-b"));
    rig.fault("practice-a", Fault::None).await;
    rig.router.provider_changed("practice-a");
    rig.chat(false).await;
    rig.chat(false).await;
    assert_eq!(told(&mut events, "switched"), ["Back on practice-a."]);
}

#[tokio::test]
async fn a_pin_is_retried_and_never_failed_over() {
    let rig = harness::practice("").await;
    rig.fault("practice-b", Fault::Down).await;
    let pinned = |pin: &'static str| {
        rig.post("/v1/chat/completions", &harness::chat(false)).header("x-evenkeel-pin", pin).send()
    };
    let answer = Answer::of(pinned("secondary").await.expect("an answer")).await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    assert_eq!(rig.last_row().await.attempts.len(), 2);
    let answer = Answer::of(pinned("practice-a").await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "primary"));
    let answer = Answer::of(pinned("nobody").await.expect("an answer")).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["error"]["param"], "x-evenkeel-pin");
}

#[tokio::test]
async fn the_last_one_left_is_waited_for() {
    let extra = "[[routes]]\nname = \"default\"\nfirst_token_timeout = \"100ms\"\nlast_first_token_timeout = \"20s\"\n";
    let rig = harness::practice(extra).await;
    rig.fault("practice-a", Fault::Hang).await;
    rig.fault("practice-b", Fault::Slow(Duration::from_millis(400))).await;
    let answer = rig.chat(true).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-served-by")), (200, "secondary"), "{}", answer.body);
}

#[tokio::test]
async fn a_persons_choice_goes_first_and_keeps_its_safety_net() {
    let rig = harness::practice("[[routes]]\nname = \"default\"\npin = \"primary\"\n").await;
    rig.router.set_force(Some("practice-b".to_owned())).expect("it is configured");
    let answer = rig.chat(false).await;
    assert_eq!(
        (answer.header("x-evenkeel-served-by"), answer.header("x-evenkeel-attempts")),
        ("secondary", "1")
    );
    rig.fault("practice-b", Fault::Down).await;
    assert_eq!(rig.chat(false).await.header("x-evenkeel-served-by"), "primary");
    let unknown = rig.router.set_force(Some("nobody".to_owned())).expect_err("it isn't");
    assert!(unknown.to_string().contains("practice-a, practice-b"), "{unknown}");
    rig.router.set_force(None).expect("automatic always is");
    assert_eq!(rig.chat(false).await.header("x-evenkeel-attempts"), "1");
}

#[tokio::test]
async fn however_many_retries_the_other_provider_gets_its_turn() {
    let rig = harness::practice("[[routes]]\nname = \"default\"\nretries = 3\n").await;
    rig.fault("practice-a", Fault::Down).await;
    let answer = rig.chat(false).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-attempts")), (200, "4"), "{}", answer.body);
}

#[tokio::test]
async fn a_choice_of_somebody_who_is_gone_leaves_pins_alone() {
    let rig = harness::practice("[[routes]]\nname = \"default\"\npin = \"secondary\"\n").await;
    rig.router.set_force(Some("practice-a".to_owned())).expect("it is configured");
    let elsewhere = harness::config(
        "[[routes]]\nname = \"default\"\npin = \"secondary\"\nprimary = { provider = \"x\" }\nsecondary = { provider = \"practice-b\" }\n[providers.x]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\nkey = \"none\"\n[providers.practice-b]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\nkey = \"none\"\n",
    );
    let secrets = ["x", "practice-b"].map(|name| (name.to_owned(), evenkeel_router::KeyState::NotNeeded));
    rig.router.reload(std::sync::Arc::new(elsewhere), &secrets.into_iter().collect());
    assert_eq!(rig.router.force(), None);
    rig.chat(false).await;
    let asked: Vec<_> = rig.last_row().await.attempts.into_iter().map(|attempt| attempt.provider).collect();
    assert_eq!(asked, ["practice-b", "practice-b"], "pinned and retried, never failed over");
}
