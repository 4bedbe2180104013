//! `serve = "always"`, the header's say, several that ask the same at once, and the guardrails' step.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::raw::{self, Raw, Step};
use crate::recall::Stage;

const ALWAYS: &str = "[cache]\nserve = \"always\"\n";

fn chat(text: &str) -> Value {
    json!({ "model": "m", "messages": [{ "role": "user", "content": text }] })
}

#[tokio::test]
async fn a_repeat_asks_nobody_and_says_what_it_saved() {
    let stage = Stage::new(ALWAYS).await;
    stage.ask(&chat("hello"), &[]).await;
    stage.rig.flush_cache().await;
    let repeat = stage.ask(&chat("hello"), &[]).await;
    assert_eq!((repeat.header("x-evenkeel-cache"), repeat.header("x-evenkeel-attempts")), ("hit", "0"));
    assert_eq!(stage.asked(), 1);
    let row = stage.rig.last_row().await;
    assert_eq!((row.cost_micros, row.saved_micros), (Some(0), Some(300)));
    assert!(row.attempts.is_empty());
}

#[tokio::test]
async fn of_a_thousand_requests_six_hundred_repeats_are_hits_to_the_micro_dollar() {
    let stage = Stage::new(ALWAYS).await;
    for n in 0..1000_u32 {
        // 400 questions, each asked two or three times, never twice in a row.
        let answer = stage.ask(&chat(&format!("question {}", n % 400)), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let rows = stage.rig.rows().await;
    let hits: Vec<_> = rows.iter().filter(|row| row.cache == "hit").collect();
    assert_eq!((rows.len(), hits.len(), stage.asked()), (1000, 600, 400));
    let saved: i64 = hits.iter().filter_map(|row| row.saved_micros).sum();
    let paid: i64 = rows.iter().filter_map(|row| row.cost_micros).sum();
    assert_eq!((saved, paid), (600 * 300, 400 * 300));
}

#[tokio::test]
async fn fifty_that_ask_the_same_at_once_cost_one_call() {
    let stage = Stage::slow(ALWAYS, Duration::from_millis(300)).await;
    let body = chat("hello");
    let answers = join_all((0..50).map(|_| stage.ask(&body, &[]))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(stage.asked(), 1);
    let hits = answers.iter().filter(|answer| answer.header("x-evenkeel-cache") == "hit").count();
    assert_eq!(hits, 49);
}

#[tokio::test]
async fn fifty_streams_of_the_same_question_cost_one_call_too() {
    let stage = Stage::slow(ALWAYS, Duration::from_millis(300)).await;
    let mut body = chat("hello");
    body["stream"] = json!(true);
    let answers = join_all((0..50).map(|_| stage.ask(&body, &[]))).await;
    assert!(answers.iter().all(|answer| answer.body.contains("You said: hello")));
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn those_who_waited_for_nothing_ask_for_themselves() {
    let stage = Stage::slow(ALWAYS, Duration::from_millis(100)).await;
    stage.goes_down();
    let body = chat("hello");
    let answers = join_all((0..5).map(|_| stage.ask(&body, &[]))).await;
    assert!(answers.iter().all(|answer| answer.status == 502), "each gets the true error");
}

#[tokio::test]
async fn the_header_rules_over_the_file() {
    let stage = Stage::new(ALWAYS).await;
    let off = stage.ask(&chat("private"), &[("x-evenkeel-cache", "off")]).await;
    assert_eq!(off.header("x-evenkeel-cache"), "off");
    stage.rig.flush_cache().await;
    assert_eq!(stage.rig.cached().await, 0, "off is not written");

    let only = stage.ask(&chat("hello"), &[("x-evenkeel-cache", "only")]).await;
    assert_eq!(only.status, 503, "{}", only.body);
    assert!(only.body.contains("nothing is cached for this request"), "{}", only.body);
    assert_eq!((only.header("x-should-retry"), stage.asked()), ("false", 1));

    stage.ask(&chat("hello"), &[]).await;
    stage.rig.flush_cache().await;
    let refreshed = stage.ask(&chat("hello"), &[("x-evenkeel-cache", "refresh")]).await;
    assert_eq!((refreshed.header("x-evenkeel-cache"), stage.asked()), ("miss", 3));
    let only = stage.ask(&chat("hello"), &[("x-evenkeel-cache", "only")]).await;
    assert_eq!((only.status, only.header("x-evenkeel-served-by")), (200, "cache"));
}

#[tokio::test]
async fn never_is_never() {
    let stage = Stage::new("[cache]\nserve = \"never\"\n").await;
    for _ in 0..2 {
        let answer = stage.ask(&chat("hello"), &[]).await;
        assert_eq!(answer.header("x-evenkeel-cache"), "off");
    }
    stage.rig.flush_cache().await;
    assert_eq!((stage.rig.cached().await, stage.asked()), (0, 2));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_not_kept() {
    let half = raw::chunk(r#"{"role":"assistant","content":"half an"}"#, None);
    let provider = Raw::start(vec![raw::stream_head(), Step::Send(half)]).await;
    let rig = crate::harness::between(&provider.base_url(), &provider.base_url(), ALWAYS).await;
    rig.open_cache().await;
    let answer = rig.chat(true).await;
    assert!(answer.body.contains("half an"), "{}", answer.body);
    rig.flush_cache().await;
    assert_eq!(rig.cached().await, 0);
}

#[tokio::test]
async fn over_budget_the_cache_answers_where_the_steps_say_so() {
    let limit = "[guardrails]\nmax_cost_per_request = 0.0005\non_exceed = [\"cached\", \"reject\"]\n";
    let stage = Stage::new(limit).await;
    let mut body = chat("hello");
    body["max_completion_tokens"] = json!(40);
    stage.ask(&body, &[]).await;
    stage.rig.flush_cache().await;
    let asked = stage.asked();

    let dear = [("x-evenkeel-max-cost", "0.000001")];
    let recalled = stage.ask(&body, &dear).await;
    assert_eq!(recalled.status, 200, "{}", recalled.body);
    assert_eq!(recalled.header("x-evenkeel-degraded"), "cached");
    assert_eq!((recalled.header("x-evenkeel-served-by"), stage.asked()), ("cache", asked));
    assert_eq!(stage.rig.last_row().await.degraded.as_deref(), Some("cached"));

    let mut unknown = chat("something else");
    unknown["max_completion_tokens"] = json!(40);
    let refused = stage.ask(&unknown, &dear).await;
    assert_eq!(refused.status, 402, "{}", refused.body);
    let off = stage.ask(&body, &[dear[0], ("x-evenkeel-cache", "off")]).await;
    assert_eq!(off.status, 402, "{}", off.body);
}

#[tokio::test]
async fn what_was_answered_more_cheaply_than_asked_is_not_kept() {
    let stage =
        Stage::new("[guardrails]\nmax_cost_per_request = 0.0003\non_exceed = [\"cheaper\", \"reject\"]\n")
            .await;
    let mut body = chat("hello");
    body["max_completion_tokens"] = json!(40);
    let answer = stage.ask(&body, &[]).await;
    assert_eq!((answer.status, answer.header("x-evenkeel-degraded")), (200, "cheaper"), "{}", answer.body);
    stage.rig.flush_cache().await;
    assert_eq!(stage.rig.cached().await, 0);
}

#[tokio::test]
async fn when_the_one_who_asks_hangs_up_one_of_those_who_wait_asks_in_its_place() {
    let stage = Stage::slow(ALWAYS, Duration::from_secs(2)).await;
    let body = chat("hello");
    let mut leaves = Box::pin(stage.ask(&body, &[]));
    let asked = async {
        while stage.asked() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = &mut leaves => panic!("the provider takes two seconds"),
        () = asked => {}
    }
    let hangs_up = async {
        // Long enough for the others to wait for it; where it isn't, the first of them asks all the same.
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(leaves);
    };
    let others = join_all((0..20).map(|_| stage.ask(&body, &[])));
    let (answers, ()) = tokio::join!(others, hangs_up);
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(stage.asked() <= 2, "{} calls", stage.asked());
}

#[tokio::test]
async fn whoever_pins_a_provider_is_not_given_another_ones_answer() {
    let stage = Stage::new(ALWAYS).await;
    stage.ask(&chat("hello"), &[]).await;
    stage.rig.flush_cache().await;
    let pinned = [("x-evenkeel-pin", "second")];
    let asked = stage.ask(&chat("hello"), &pinned).await;
    assert_eq!((asked.header("x-evenkeel-cache"), asked.header("x-evenkeel-provider")), ("miss", "second"));
    stage.rig.flush_cache().await;
    let repeat = stage.ask(&chat("hello"), &pinned).await;
    assert_eq!((repeat.header("x-evenkeel-cache"), repeat.header("x-evenkeel-provider")), ("hit", "second"));
    assert_eq!(stage.asked(), 2);

    stage.goes_down();
    let first = stage.ask(&chat("hello"), &[("x-evenkeel-pin", "first")]).await;
    assert_eq!(first.status, 502, "a pin is never failed over: {}", first.body);
}

#[tokio::test]
async fn an_answer_that_was_cut_at_a_guardrails_limit_is_not_kept() {
    let provider = Raw::answering(|seen| {
        let asked: Value = serde_json::from_slice(&seen.body).expect("JSON");
        if asked["stream"] == true {
            let cut = format!("{}data: [DONE]\n\n", raw::chunk(r#"{"content":"half"}"#, Some("length")));
            return vec![raw::stream_head(), Step::Send(cut)];
        }
        let message = json!({ "role": "assistant", "content": "half" });
        let body = json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{ "index": 0, "finish_reason": "length", "message": message }],
        });
        raw::plain(200, "application/json", &body.to_string())
    })
    .await;
    let limit = format!("{ALWAYS}[guardrails]\nmax_output_tokens = 64\n");
    let rig = crate::harness::between(&provider.base_url(), &provider.base_url(), &limit).await;
    rig.open_cache().await;
    for (most, kept) in [(None, 0), (Some(5_000), 0), (Some(10), 1)] {
        for path in ["/v1/chat/completions", "/v1/responses"] {
            for stream in [false, true] {
                let (input, limit) = match path {
                    "/v1/responses" => ("input", "max_output_tokens"),
                    _ => ("messages", "max_completion_tokens"),
                };
                let said = json!([{ "role": "user", "content": path }]);
                let mut body = json!({ "model": "m", "stream": stream, input: said, limit: most });
                if most.is_none() {
                    body.as_object_mut().expect("an object").remove(limit);
                }
                let answer = rig.post(path, &body).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                answer.bytes().await.expect("all of it");
            }
        }
        rig.flush_cache().await;
        assert_eq!(rig.cached().await, kept * 2, "{most:?}: the client's own limit is part of its question");
    }
}
