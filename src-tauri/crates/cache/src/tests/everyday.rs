//! Kept, found, counted, expired.

use super::*;

#[tokio::test]
async fn an_answer_is_found_again_with_everything_that_was_said_of_it() {
    let home = Home::new();
    let cache = home.open().await;
    assert_eq!(answer(&cache, "why?").await, None);
    put(&cache, home.draft("why?", "because")).await;

    let (found_key, stored) = cache.find_for(prompt("why?")).await;
    let stored = stored.unwrap();
    assert_eq!(found_key, Some(key("why?")));
    assert_eq!(stored.body, body("because"));
    assert_eq!(
        (stored.api, &*stored.provider, &*stored.model),
        (Api::ChatCompletions, "openai", "gpt-5-mini")
    );
    assert_eq!(stored.usage, Usage { input: Some(12), output: Some(3), ..Usage::default() });
    assert_eq!((stored.cost_micros, stored.at), (Some(70), home.now()));
    assert_eq!(cache.find(key("why?")).await, Some(stored.clone()));
    assert_eq!(cache.find(key("who?")).await, None);

    cache.shut_down();
    let again = home.open().await;
    assert_eq!(again.find(key("why?")).await, Some(stored), "after a restart");
    assert_eq!(home.told(), [""; 0]);
}

#[tokio::test]
async fn a_known_key_is_taken_as_it_is() {
    let home = Home::new();
    let cache = home.open().await;
    let mut draft = home.draft("x", "y");
    draft.prompt.key = Some(Key::from_bytes([7; 32]));
    draft.prompt.body = Bytes::from_static(b"not even JSON");
    put(&cache, draft.clone()).await;
    assert!(cache.find(Key::from_bytes([7; 32])).await.is_some());
    assert!(cache.find_for(draft.prompt).await.1.is_some());
}

const STREAM: &str = concat!(
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,",
    "\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n",
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,",
    "\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
);

/// Cut into pieces that respect nothing.
fn streamed(text: &str) -> Answered {
    Answered::Stream(text.as_bytes().chunks(7).map(Bytes::copy_from_slice).collect())
}

#[tokio::test]
async fn a_stream_is_kept_as_the_whole_answer_that_it_was() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, Draft { answer: streamed(STREAM), ..home.draft("hi", "") }).await;
    let stored = answer(&cache, "hi").await.unwrap();
    let text = std::str::from_utf8(&stored.body).unwrap();
    assert!(
        text.contains(r#""content":"Hello""#) && text.contains(r#""object":"chat.completion""#),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_no_whole_answer_is_not_kept_and_counted() {
    let home = Home::new();
    let cache = home.open().await;
    let cut = STREAM.find("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\"").unwrap();
    let failed = format!("{}data: {{\"error\":{{\"message\":\"overloaded\"}}}}\n\n", &STREAM[..cut]);
    let refused = [
        streamed(&STREAM[..cut]),
        streamed(&failed),
        streamed(""),
        Answered::Whole(Bytes::from_static(b"<html>Welcome to the airport</html>")),
        Answered::Whole(Bytes::from_static(br#"{"error":{"message":"no"}}"#)),
        Answered::Whole(Bytes::new()),
    ];
    let count = refused.len() as u64;
    for answer in refused {
        put(&cache, Draft { answer, ..home.draft("hi", "") }).await;
    }
    let mut keyless = home.draft("hi", "there");
    keyless.prompt.body = Bytes::from_static(b"[1, 2]");
    put(&cache, keyless.clone()).await;
    assert_eq!(answer(&cache, "hi").await, None);
    assert_eq!(cache.find_for(keyless.prompt).await, (None, None));
    let stats = cache.stats().await;
    assert_eq!((stats.entries, stats.dropped), (0, count + 1));
}

#[tokio::test]
async fn an_answer_over_8_mib_is_not_kept() {
    let home = Home { limits: Limits { max_size: 2_048 * MIB, ..Home::new().limits }, ..Home::new() };
    let cache = home.open().await;
    let long = "a".repeat(8 * 1024 * 1024);
    put(&cache, home.draft("long", &long)).await;
    assert_eq!(answer(&cache, "long").await, None, "however well it compresses");
    put(&cache, home.draft("shorter", &long[1_000..])).await;
    assert!(answer(&cache, "shorter").await.is_some());
    assert_eq!(cache.stats().await.dropped, 1);
}

#[tokio::test]
async fn tenants_and_prompt_versions_do_not_meet() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("why?", "because")).await;
    let other = Prompt { tenant: "globex".into(), ..prompt("why?") };
    assert_eq!(cache.find_for(other).await.1, None);
    let newer = Prompt { prompt_version: Some("2".into()), ..prompt("why?") };
    assert_eq!(cache.find_for(newer).await.1, None);
}

#[tokio::test]
async fn an_answer_is_found_until_keep_for_is_over_and_then_removed() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("old", "a")).await;
    home.pass(30 * DAY);
    put(&cache, home.draft("new", "b")).await;
    assert!(answer(&cache, "old").await.is_some(), "just as old as allowed");
    home.pass(Duration::from_secs(1));
    assert_eq!(answer(&cache, "old").await, None);

    cache.configure(home.limits);
    until("the background removed it", async || cache.stats().await.entries == 1).await;
    assert!(answer(&cache, "new").await.is_some());
    assert_eq!(cache.stats().await.oldest, answer(&cache, "new").await.map(|stored| stored.at));
}

#[tokio::test]
async fn a_shorter_keep_for_holds_at_once() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("old", "a")).await;
    home.pass(2 * HOUR);
    cache.configure(Limits { keep_for: HOUR, ..home.limits });
    assert_eq!(answer(&cache, "old").await, None);
    until("it is removed", async || cache.stats().await.entries == 0).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_hides_nothing() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    home.clock.fetch_sub(365 * 86_400, Ordering::Relaxed);
    assert!(answer(&cache, "q").await.is_some());
}

#[tokio::test]
async fn repeats_of_a_fresh_answer_are_counted_with_their_money_for_good() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("q", "first")).await;
    home.pass(HOUR);
    put(&cache, home.draft("q", "second")).await;
    put(&cache, Draft { cost_micros: None, ..home.draft("q", "of unknown price") }).await;
    home.pass(HOUR + Duration::from_secs(1));
    put(&cache, home.draft("q", "no longer fresh")).await;
    put(&cache, home.draft("another", "a")).await;
    let counted = async |cache: &Cache| {
        let stats = cache.stats().await;
        (stats.entries, stats.would_have_hit, stats.would_have_saved_micros)
    };
    assert_eq!(counted(&cache).await, (2, 2, 70));
    cache.shut_down();
    let cache = home.open().await;
    assert_eq!(counted(&cache).await, (2, 2, 70), "after a restart");
    assert_eq!(answer(&cache, "q").await.unwrap().body, body("no longer fresh"));
}

#[tokio::test]
async fn of_two_answers_the_newer_stays_whichever_is_put_last() {
    let home = Home::new();
    let cache = home.open().await;
    let older = home.draft("q", "older");
    home.pass(HOUR);
    put(&cache, home.draft("q", "newer")).await;
    put(&cache, older).await;
    assert_eq!(answer(&cache, "q").await.unwrap().body, body("newer"));
    assert_eq!(cache.stats().await.would_have_hit, 0);
}

#[tokio::test]
async fn clear_removes_everything_and_gives_the_space_back() {
    let home = Home::new();
    let cache = home.open().await;
    for n in 0..40 {
        cache.put(home.large(&n.to_string(), 100_000));
    }
    put(&cache, home.draft("0", "again")).await;
    let full = cache.stats().await;
    assert!(full.bytes > 3 * MIB && full.would_have_hit == 1, "{full:?}");
    assert_eq!(cache.clear().await.unwrap(), 40);
    let stats = cache.stats().await;
    assert_eq!((stats.entries, stats.oldest, stats.would_have_hit), (0, None, 0));
    assert!(stats.bytes < 200_000 && stats.bytes == on_disk(&home.file()), "{stats:?}");
    assert_eq!(answer(&cache, "1").await, None);
    put(&cache, home.draft("1", "new")).await;
    assert!(answer(&cache, "1").await.is_some(), "and goes on");
    assert_eq!(cache.clear().await.unwrap(), 1);
    assert_eq!(home.told(), [""; 0], "what was asked for is no trouble");
}

#[tokio::test]
async fn stats_say_what_there_is() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("a", "1")).await;
    let first = home.now();
    home.pass(HOUR);
    put(&cache, home.draft("b", "2")).await;
    let stats = cache.stats().await;
    assert_eq!((stats.backend, stats.reachable, stats.entries), ("sqlite", true, 2));
    assert_eq!((stats.max_bytes, stats.oldest, stats.dropped), (64 * MIB, Some(first), 0));
    assert_eq!(stats.bytes, on_disk(&home.file()));
}

#[tokio::test]
async fn after_a_shutdown_everything_misses_and_the_log_is_gone() {
    let home = Home::new();
    let cache = home.open().await;
    cache.put(home.draft("q", "a"));
    cache.shut_down();
    cache.shut_down();
    cache.put(home.draft("r", "a"));
    cache.flush().await;
    assert_eq!(cache.find_for(prompt("q")).await, (None, None));
    assert_eq!(cache.find(key("q")).await, None);
    assert!(!cache.stats().await.reachable);
    assert!(cache.clear().await.unwrap_err().to_string().contains("shutting down"));
    let names: Vec<_> =
        std::fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["cache.db"]);
    assert!(answer(&home.open().await, "q").await.is_some(), "what was put before is there");
}

#[tokio::test]
async fn a_queue_that_is_full_drops_and_counts_and_never_waits() {
    let mut home = Home::new();
    home.tuning.queue_count = 3;
    let cache = home.open().await;
    // While this transaction is open the writer can't get on.
    let other = rusqlite::Connection::open(home.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for n in 0..500 {
        cache.put(home.draft(&n.to_string(), "a"));
    }
    drop(other);
    cache.flush().await;
    let stats = cache.stats().await;
    assert!(stats.dropped > 0, "{stats:?}");
    assert_eq!(stats.entries + stats.dropped, 500);
}

#[tokio::test]
async fn a_draft_larger_than_the_queue_s_bytes_is_dropped() {
    let mut home = Home::new();
    home.tuning.queue_bytes = 20_000;
    let cache = home.open().await;
    put(&cache, home.large("large", 20_000)).await;
    put(&cache, home.draft("small", "a")).await;
    assert_eq!(answer(&cache, "large").await, None);
    assert!(answer(&cache, "small").await.is_some());
    assert_eq!(cache.stats().await.dropped, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_any_of_its_files() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    std::fs::write(home.file(), "").unwrap();
    std::fs::set_permissions(home.file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let mode = std::fs::metadata(home.folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
