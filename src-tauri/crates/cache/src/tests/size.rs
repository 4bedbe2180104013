//! The cap on what the disk shows, and what goes first.

use super::*;

/// Within 5 % of the cap.
fn within(bytes: u64, cap: u64) -> bool {
    bytes <= cap + cap / 20
}

#[tokio::test]
async fn the_files_stay_within_5_percent_of_the_cap_under_constant_writes() {
    let mut home = Home::new();
    let cap = 8 * MIB;
    home.limits.max_size = cap;
    let cache = home.open().await;
    let mut largest = 0;
    for n in 0..1_600_u32 {
        // From a line to the largest that this cap takes.
        let size = match n % 50 {
            0 => 100_000,
            n if n % 7 == 0 => 30_000,
            n => 100 * n as usize,
        };
        cache.put(home.large(&n.to_string(), size));
        home.pass(Duration::from_secs(1));
        if n % 8 == 0 {
            cache.flush().await;
        }
        largest = largest.max(on_disk(&home.file()));
    }
    cache.flush().await;
    let stats = cache.stats().await;
    assert!(within(largest, cap), "{largest} of {cap}");
    assert!(stats.bytes > cap * 9 / 10, "and it is used: {stats:?}");
    assert_eq!(stats.dropped, 0);
    assert!(answer(&cache, "1599").await.is_some());
    assert!(answer(&cache, "0").await.is_none());
    assert_eq!(home.told(), [""; 0]);
}

#[tokio::test]
async fn what_was_used_lately_outlives_what_was_not() {
    let mut home = Home::new();
    home.limits.max_size = 4 * MIB;
    let cache = home.open().await;
    put(&cache, home.large("loved", 20_000)).await;
    put(&cache, home.large("forgotten", 20_000)).await;
    for n in 0..400 {
        home.pass(Duration::from_mins(1));
        assert!(answer(&cache, "loved").await.is_some(), "after {n}");
        put(&cache, home.large(&n.to_string(), 20_000)).await;
    }
    assert!(answer(&cache, "forgotten").await.is_none());
}

#[tokio::test]
async fn a_use_is_remembered_over_a_restart() {
    let mut home = Home::new();
    home.limits.max_size = 4 * MIB;
    let cache = home.open().await;
    put(&cache, home.large("loved", 20_000)).await;
    for n in 0..50 {
        home.pass(Duration::from_mins(1));
        put(&cache, home.large(&n.to_string(), 20_000)).await;
    }
    assert!(answer(&cache, "loved").await.is_some());
    cache.shut_down();
    let cache = home.open().await;
    // Until the first ones had to go; each is younger than the one before, so it is known which those are.
    for n in 50_u64.. {
        home.pass(Duration::from_mins(1));
        put(&cache, home.large(&n.to_string(), 20_000)).await;
        if cache.stats().await.entries < n + 2 {
            break;
        }
    }
    assert!(answer(&cache, "0").await.is_none(), "it was full");
    assert!(answer(&cache, "loved").await.is_some());
}

#[tokio::test]
async fn a_smaller_cap_shrinks_the_file_in_the_background() {
    let mut home = Home::new();
    home.limits.max_size = 8 * MIB;
    let cache = home.open().await;
    for n in 0..180 {
        home.pass(Duration::from_secs(1));
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    assert!(on_disk(&home.file()) > 7 * MIB);
    let cap = 4 * MIB;
    cache.configure(Limits { max_size: cap, ..home.limits });
    until("the file is smaller", async || within(on_disk(&home.file()), cap)).await;
    let stats = cache.stats().await;
    assert!(stats.entries > 30 && stats.max_bytes == cap, "{stats:?}");
    assert!(answer(&cache, "179").await.is_some());
    put(&cache, home.large("new", 50_000)).await;
    assert!(answer(&cache, "new").await.is_some());

    cache.configure(home.limits);
    for n in 0..180 {
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    assert!(on_disk(&home.file()) > 7 * MIB, "and a larger one is used again");
}

#[tokio::test]
async fn space_of_what_expired_is_given_back() {
    let mut home = Home::new();
    home.limits.max_size = 16 * MIB;
    let cache = home.open().await;
    for n in 0..120 {
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    home.pass(31 * DAY);
    cache.configure(home.limits);
    until("the file is small", async || on_disk(&home.file()) < 4 * MIB).await;
    assert_eq!(cache.stats().await.entries, 0);
}

#[tokio::test]
async fn an_answer_that_is_large_beside_the_cap_is_not_kept() {
    let mut home = Home::new();
    home.limits.max_size = MIB;
    let cache = home.open().await;
    put(&cache, home.large("large", 60_000)).await;
    put(&cache, home.large("small", 6_000)).await;
    assert!(answer(&cache, "large").await.is_none());
    assert!(answer(&cache, "small").await.is_some());
    assert_eq!(cache.stats().await.dropped, 1);
}

#[tokio::test]
async fn a_cap_of_nothing_is_one_of_1_mib() {
    let mut home = Home::new();
    home.limits.max_size = 0;
    let cache = home.open().await;
    for n in 0..400 {
        put(&cache, home.large(&n.to_string(), 6_000)).await;
    }
    assert!(answer(&cache, "399").await.is_some());
    assert!(within(on_disk(&home.file()), MIB), "{}", on_disk(&home.file()));
}
