//! A real Redis between several caches, and what is left when it is gone, full, or somebody else's.

use super::*;
use crate::CacheError;

#[path = "../../../../../tests/harness/redis.rs"]
mod redis_server;

use redis_server::Redis;

/// A router's cache. Look-ups may take as long as a busy machine likes.
fn home(redis: &Redis) -> Home {
    home_at(&url(redis))
}

fn url(redis: &Redis) -> String {
    format!("redis://127.0.0.1:{}", redis.port)
}

fn home_at(url: &str) -> Home {
    let mut home = Home::new();
    home.redis = Some(RedisAddress::parse(url).unwrap());
    home.tuning.look_up = PATIENCE;
    home
}

/// Another one with the same key.
fn beside(first: &Home) -> Home {
    let mut home = Home::new();
    home.redis.clone_from(&first.redis);
    home.tuning.look_up = first.tuning.look_up;
    home.key = first.key.clone();
    home
}

async fn open(home: &Home) -> Cache {
    let cache = home.open().await;
    until_near(&cache).await;
    cache
}

async fn until_near(cache: &Cache) {
    until("Redis is reached", async || cache.stats().await.reachable).await;
}

async fn until_away(cache: &Cache) {
    until("it is known that Redis is away", async || !cache.stats().await.reachable).await;
}

#[tokio::test]
async fn what_one_router_was_told_another_answers_and_keeps_for_the_road() {
    let mut redis = Redis::with(&[], None);
    let one = home(&redis);
    let other = beside(&one);
    let (first, second) = (open(&one).await, open(&other).await);
    assert_eq!(first.stats().await.backend, "redis");
    put(&first, one.draft("q", "shared")).await;

    let found = answer(&second, "q").await.expect("it came over Redis");
    assert_eq!((found.body, found.provider.as_str()), (body("shared"), "openai"));
    until("it is on the second one's disk", async || second.stats().await.entries == 1).await;

    redis.kill();
    assert!(answer(&second, "q").await.is_some(), "the first look-up that meets the silence");
    until_away(&second).await;
    assert!(answer(&second, "q").await.is_some(), "and every later one");
    until("it was told", async || other.told() == ["unreachable"]).await;
}

#[tokio::test]
async fn redis_learns_neither_the_question_nor_the_answer_and_forgets_in_time() {
    let redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    put(&cache, one.draft("canary", "canary")).await;
    let key = redis.command("RANDOMKEY");
    assert!(key.starts_with("evenkeel:cache:v1:"), "{key}");
    assert_eq!(key.len(), "evenkeel:cache:v1:".len() + 16 + 1 + 64);
    assert!(!redis.command(&format!("GET {key}")).contains("canary"));
    let left = redis.number(&format!("PTTL {key}"));
    let whole = i64::try_from(one.limits.keep_for.as_millis()).unwrap();
    assert!((1..=whole).contains(&left), "{left}");
}

#[tokio::test]
async fn a_router_with_another_key_finds_nothing_and_clears_nothing_of_the_others() {
    let redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    for n in 0..1_200 {
        cache.put(one.draft(&n.to_string(), "a"));
        if n % 200 == 0 {
            cache.flush().await;
        }
    }
    cache.flush().await;
    redis.command("SET somebody:elses data");
    let stranger = home(&redis);
    let theirs = open(&stranger).await;
    assert_eq!(answer(&theirs, "1").await, None);
    put(&theirs, stranger.draft("theirs", "a")).await;
    assert_eq!(redis.number("DBSIZE"), 1_202);
    assert!(matches!(theirs.clear().await, Ok(1)));
    assert_eq!(redis.number("DBSIZE"), 1_201);
    assert!(matches!(cache.clear().await, Ok(1_200)));
    assert_eq!(redis.command("RANDOMKEY"), "somebody:elses");
    assert_eq!(answer(&cache, "1").await, None);
}

#[tokio::test]
async fn a_redis_that_goes_and_comes_back_is_told_once_each_and_used_again() {
    let mut redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    redis.kill();
    put(&cache, one.draft("meanwhile", "a")).await;
    until_away(&cache).await;
    assert!(answer(&cache, "meanwhile").await.is_some(), "the file has it");
    let refused = cache.clear().await.expect_err("it can't clear what it can't reach");
    assert!(matches!(refused, CacheError::RedisAway { .. }), "{refused}");
    assert_eq!(one.told(), ["unreachable"]);

    redis.restart();
    until_near(&cache).await;
    assert_eq!(one.told(), ["unreachable", "back"]);
    put(&cache, one.draft("after", "a")).await;
    assert_eq!(redis.number("DBSIZE"), 1);
    // What was asked in between is found here although Redis knows nothing of it.
    put(&cache, one.draft("later", "a")).await;
    assert!(answer(&cache, "later").await.is_some());
}

#[tokio::test]
async fn a_newer_answer_on_this_disk_beats_an_old_one_in_redis() {
    let mut redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    put(&cache, one.draft("q", "old")).await;
    let key = redis.command("RANDOMKEY");
    let old = redis.command(&format!("DUMP {key}"));
    assert!(!old.is_empty());
    let other = beside(&one);
    let second = open(&other).await;
    assert_eq!(answer(&second, "q").await.unwrap().body, body("old"));
    until("it is on the second one's disk", async || second.stats().await.entries == 1).await;
    // The second one answers anew while it can't reach the others.
    other.pass(2 * HOUR);
    redis.kill();
    until("it is away", async || {
        let _ = answer(&second, "q").await;
        !second.stats().await.reachable
    })
    .await;
    put(&second, other.draft("q", "new")).await;
    redis.restart();
    until_near(&cache).await;
    put(&cache, one.draft("q", "old")).await;
    until_near(&second).await;
    assert_eq!(answer(&second, "q").await.unwrap().body, body("new"));
}

#[tokio::test]
async fn what_somebody_tampered_with_is_a_miss_and_is_removed() {
    let redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    put(&cache, one.draft("q", "a")).await;
    let key = redis.command("RANDOMKEY");
    let other = beside(&one);
    let second = open(&other).await;
    redis.command(&format!("SET {key} nonsense"));
    assert_eq!(answer(&second, "q").await, None);
    second.flush().await;
    assert_eq!(redis.number("DBSIZE"), 0);
    redis.command(&format!("LPUSH {key} 1"));
    assert_eq!(answer(&second, "q").await, None, "nor does another kind of value harm");
    assert!(answer(&cache, "q").await.is_some(), "the first one has its own");
    assert!(second.stats().await.reachable);
}

#[tokio::test]
async fn a_full_redis_turns_sharing_off_with_one_word_and_goes_on_by_itself() {
    let redis = Redis::with(&[], None);
    let one = home(&redis);
    let cache = open(&one).await;
    put(&cache, one.draft("before", "a")).await;
    redis.command("CONFIG SET maxmemory-policy noeviction maxmemory 1");
    until("it was told", async || {
        put(&cache, one.draft("meanwhile", "a")).await;
        !one.told().is_empty()
    })
    .await;
    put(&cache, one.draft("more", "a")).await;
    assert_eq!(one.told(), ["refused"]);
    assert!(one.troubles.lock()[0].to_string().contains("OOM"), "{:?}", one.troubles);
    assert!(answer(&cache, "more").await.is_some(), "the file has it");
    let other = beside(&one);
    assert!(answer(&open(&other).await, "before").await.is_some(), "what is there is still found");
    assert!(cache.stats().await.reachable);

    redis.command("CONFIG SET maxmemory 0");
    until("it is written again", async || {
        put(&cache, one.draft("after", "a")).await;
        redis.number("DBSIZE") == 2
    })
    .await;
    assert_eq!(one.told(), ["refused"]);
}

#[tokio::test]
async fn a_password_lets_in_a_wrong_one_does_not_and_neither_is_ever_shown() {
    let redis =
        Redis::with(&["requirepass canary-right", "user ann on >canary-ann ~* +@all"], Some("canary-right"));
    let at = |user: &str| format!("redis://{user}@127.0.0.1:{}/2", redis.port);
    let words = |home: &Home| {
        let told = home.troubles.lock();
        format!("{told:?} {}", told[0])
    };
    for right in [":canary-right", "ann:canary-ann"] {
        let cache = open(&home_at(&at(right))).await;
        assert!(cache.stats().await.reachable);
    }
    for (wrong, said) in [("ann:canary-wrong", "WRONGPASS"), ("none:canary-x", "WRONGPASS")] {
        let home = home_at(&at(wrong));
        let cache = home.open().await;
        assert!(!cache.stats().await.reachable);
        until("it was told", async || !home.told().is_empty()).await;
        let words = words(&home);
        assert!(words.contains(said) || words.to_lowercase().contains("auth"), "{words}");
        assert!(!words.contains("canary"), "{words}");
        put(&cache, home.draft("q", "a")).await;
        assert!(answer(&cache, "q").await.is_some(), "the file goes on");
    }
    let home = home_at(&url(&redis));
    let cache = home.open().await;
    assert!(!cache.stats().await.reachable);
    until("it was told", async || !home.told().is_empty()).await;
    assert!(words(&home).contains("wants a password"), "{}", words(&home));
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_says_nothing_holds_nobody_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let home = home_at(&format!("redis://127.0.0.1:{port}"));
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    assert!(answer(&cache, "q").await.is_some());
    until("it was told", async || home.told() == ["unreachable"]).await;
    tokio::task::spawn_blocking(move || cache.shut_down()).await.unwrap();
}

#[tokio::test]
async fn a_look_up_that_redis_does_not_answer_in_time_is_answered_by_the_file() {
    let redis = Redis::with(&[], None);
    let mut one = home(&redis);
    one.tuning.look_up = Duration::from_millis(50);
    let cache = one.open().await;
    put(&cache, one.draft("q", "a")).await;
    until_near(&cache).await;
    redis.command("CLIENT PAUSE 3600000 ALL");
    for _ in 0..50 {
        assert!(answer(&cache, "q").await.is_some());
    }
    until_away(&cache).await;
    until("it was told", async || one.told() == ["unreachable"]).await;
    assert!(answer(&cache, "q").await.is_some());
}
