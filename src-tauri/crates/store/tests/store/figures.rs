//! The figures that people see, over the public interface.

use std::time::Duration;

use crate::sample::{attempt, everything, row, second};
use evenkeel_slo::{
    Cause, Counted,
    tally::{Basis, Tally},
};
use evenkeel_store::{AttemptRow, By, CacheUse, LedgerRow, Mode, Promise, Resolution, Scope, Store};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

async fn open() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.set_promises(vec![everything()]).await.unwrap();
    (folder, store)
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

fn bad(id: &str, at: Timestamp, cause: Cause) -> LedgerRow {
    LedgerRow {
        status: 502,
        outcome: "server_error".into(),
        counted: Counted::Bad,
        cause: Some(cause),
        first_token_ms: None,
        served_by: None,
        cost_micros: Some(0),
        ..row(id, at)
    }
}

async fn month(store: &Store, promise: &Promise) -> Tally {
    let window = store.promise_window(promise.clone(), Mode::Real, days_ago(30), Timestamp::now()).await;
    window.unwrap().counts.tally
}

/// Polls, for catching up happens between other writes.
async fn caught_up(store: &Store) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while store.is_catching_up().await.unwrap() {
        assert!(std::time::Instant::now() < deadline, "it never caught up");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_figure_sees_every_request_before_it() {
    let (_folder, store) = open().await;
    for n in 1..=100 {
        assert!(store.record(row(&n.to_string(), second(n))));
        assert_eq!(month(&store, &everything()).await.n(), n.cast_unsigned());
    }
}

#[tokio::test]
async fn the_rows_of_a_day_are_the_figures_of_a_day() {
    let (_folder, store) = open().await;
    let rescued = LedgerRow {
        attempts: vec![AttemptRow { outcome: "overloaded".into(), ..attempt(1) }, attempt(2)],
        ..row("rescued", second(2))
    };
    let cached = LedgerRow {
        served_by: Some("cache".into()),
        cost_micros: Some(0),
        attempts: vec![],
        ..row("cached", second(3))
    };
    let rows = [
        row("good", second(1)),
        rescued,
        cached,
        LedgerRow { first_token_ms: Some(2_501), ..row("slow", second(4)) },
        LedgerRow { first_token_ms: Some(2_500), ..row("on target", second(5)) },
        LedgerRow { cost_micros: None, ..row("unpriced", second(6)) },
        bad("bad", second(7), Cause::RateLimit),
        LedgerRow { counted: Counted::No, status: 400, ..row("wrong", second(8)) },
        LedgerRow { counted: Counted::No, mode: Mode::Drill, ..row("drill", second(9)) },
        LedgerRow { mode: Mode::Practice, ..row("practice", second(10)) },
    ];
    assert!(rows.into_iter().all(|row| store.record(row)));
    let tally = month(&store, &everything()).await;
    assert_eq!((tally.n(), tally.good, tally.bad, tally.invalid), (7, 6, 1, 1));
    assert_eq!((tally.rescued, tally.cached, tally.slow, tally.latency_n), (1, 1, 1, 6));
    assert_eq!((tally.unpriced, tally.cost_n, tally.cost_micros), (1, 7, 5 * 270));
    assert_eq!(tally.bad_by(Cause::RateLimit), 1);
    let practice = store.promise_window(everything(), Mode::Practice, second(0), second(100)).await.unwrap();
    assert_eq!(practice.counts.tally.n(), 1, "a book of its own");
    let drill = store.promise_window(everything(), Mode::Drill, second(0), second(100)).await.unwrap();
    assert!(drill.counts.is_empty());
}

#[tokio::test]
async fn one_request_falls_under_several_promises_with_a_verdict_of_each() {
    let (_folder, store) = open().await;
    let of = |name: &str, feature: Option<&str>, target_ms, basis| Promise {
        name: name.into(),
        tenant: Some("acme".into()),
        feature: feature.map(Into::into),
        target_ms,
        basis,
    };
    let chat = of("Chat", Some("chat"), 500, Basis::FirstByte);
    let whole = of("Acme", None, 2_204, Basis::Complete);
    store.set_promises(vec![everything(), chat.clone(), whole.clone()]).await.unwrap();
    // 512 ms to the first token, 2,204 to the last.
    let acme = |id: &str, feature: &str| LedgerRow {
        tenant: "acme".into(),
        feature: Some(feature.into()),
        ..row(id, second(1))
    };
    assert!(
        store.record(acme("a", "chat"))
            && store.record(acme("b", "search"))
            && store.record(row("c", second(1)))
    );
    let (all, chat, whole) =
        (month(&store, &everything()).await, month(&store, &chat).await, month(&store, &whole).await);
    assert_eq!((all.n(), chat.n(), whole.n()), (3, 1, 2));
    assert_eq!((all.slow, chat.slow, whole.slow), (0, 1, 0));
}

#[tokio::test]
async fn a_target_applies_to_the_requests_after_it_even_within_one_batch() {
    let (_folder, store) = open().await;
    // 512 ms to the first token.
    for (target_ms, n) in [(512, 3), (511, 4), (513, 5)] {
        store.set_promises(vec![Promise { target_ms, ..everything() }]).await.unwrap();
        for id in 0..n {
            assert!(store.record(row(&format!("{target_ms}-{id}"), second(id))));
        }
    }
    let tally = month(&store, &everything()).await;
    assert_eq!((tally.n(), tally.slow), (12, 4));
}

#[tokio::test]
async fn a_promise_made_today_knows_the_month_that_is_still_there() {
    let (folder, store) = open().await;
    for n in 0..1_300 {
        assert!(store.record(row(&n.to_string(), second(n))));
    }
    let acme = Promise { name: "Acme".into(), target_ms: 500, ..everything() };
    store.set_promises(vec![everything(), acme.clone()]).await.unwrap();
    assert!(store.record(row("after", second(2_000))));
    // A stop in the middle loses nothing of it.
    store.shut_down().unwrap();
    let store = Store::open(folder.path()).unwrap();
    caught_up(&store).await;
    for promise in [everything(), acme] {
        assert_eq!(month(&store, &promise).await.n(), 1_301);
    }
}

#[tokio::test]
async fn a_database_from_before_the_roll_ups_gets_them_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let database = Connection::open(folder.path().join("evenkeel.db")).unwrap();
    // As the version before left it.
    database.execute_batch(include_str!("../../migrations/0001_ledger.sql")).unwrap();
    database
        .execute_batch(&format!(
            "PRAGMA application_id = 0x45564B4C; PRAGMA user_version = 1;
             WITH RECURSIVE n (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < 1199)
             INSERT INTO requests (id, at_us, mode, tenant, dialect, endpoint, stream, status, outcome, counted,
                                   first_token_ms, total_ms, cache, cost_micros)
             SELECT 'r' || x, {} + x * 1000000, 'real', 'local', 'openai', '/v1/chat/completions', 0,
                    iif(x % 100, 200, 502), 'ok', iif(x % 100, 'good', 'bad'), iif(x % 100, 3000, NULL), 4000,
                    'off', 10 FROM n",
            second(0).as_microsecond()
        ))
        .unwrap();
    drop(database);

    let store = Store::open(folder.path()).unwrap();
    store.set_promises(vec![everything()]).await.unwrap();
    caught_up(&store).await;
    let tally = month(&store, &everything()).await;
    assert_eq!((tally.good, tally.bad, tally.slow, tally.cost_micros), (1_188, 12, 1_188, 12_000));
    let shares = store.breakdown(Mode::Real, By::Tenant, days_ago(30), Timestamp::now()).await.unwrap();
    assert_eq!(shares.iter().map(|share| share.counts.tally.n()).sum::<u64>(), 1_200);
}

#[tokio::test]
async fn a_breakdown_adds_up_to_the_promise_of_everything() {
    let (_folder, store) = open().await;
    for n in 0..300_i64 {
        let tenant = ["acme", "globex", "local"][usize::try_from(n % 3).unwrap()].to_owned();
        let provider = Some(if n % 10 == 0 { "openai" } else { "anthropic" }.to_owned());
        let feature = (n % 4 == 0).then(|| "chat".to_owned());
        let row = row(&n.to_string(), second(n * 600));
        assert!(store.record(LedgerRow { tenant, provider, feature, ..row }));
    }
    let window =
        store.promise_window(everything(), Mode::Real, days_ago(30), Timestamp::now()).await.unwrap();
    for (by, names) in [
        (By::Tenant, &["acme", "globex", "local"][..]),
        (By::Feature, &["", "chat"]),
        (By::Provider, &["anthropic", "openai"]),
    ] {
        let shares = store.breakdown(Mode::Real, by, days_ago(30), Timestamp::now()).await.unwrap();
        let found: Vec<&str> = shares.iter().map(|share| share.name.as_str()).collect();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, names);
        let mut sum = evenkeel_slo::tally::Counts::default();
        for share in &shares {
            sum.merge(&share.counts);
        }
        assert_eq!(sum, window.counts, "{by:?}");
    }
}

#[tokio::test]
async fn points_of_any_length_add_up_to_their_window() {
    let (_folder, store) = open().await;
    for n in 0..200 {
        assert!(store.record(row(&n.to_string(), second(n * 777))));
    }
    let (from, to) = (days_ago(5), Timestamp::now());
    for resolution in Resolution::ALL {
        let points = store.promise_points(everything(), Mode::Real, resolution, from, to).await.unwrap();
        assert!(points.is_sorted_by(|a, b| a.start < b.start));
        assert!(points.iter().all(|point| point.start.as_second() % resolution.seconds() == 0));
        assert_eq!(points.iter().map(|point| point.counts.tally.n()).sum::<u64>(), 200, "{resolution:?}");
        let scope = Scope { provider: Some("anthropic".into()), ..Scope::default() };
        assert_eq!(store.points(scope, resolution, from, to).await.unwrap(), points);
        let nobody = Scope { tenant: Some("nobody".into()), ..Scope::default() };
        assert!(store.points(nobody, resolution, from, to).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_window_is_exact_to_the_minute_and_says_where_it_was_cut() {
    let (_folder, store) = open().await;
    let minute = Timestamp::from_second(second(0).as_second().div_euclid(3_600) * 3_600 + 1_200).unwrap();
    let ends =
        |seconds: i64| minute + SignedDuration::from_secs(seconds) - SignedDuration::from_millis(2_204);
    for (id, seconds) in [("before", -1), ("first", 0), ("last", 59), ("after", 60)] {
        assert!(store.record(row(id, ends(seconds))));
    }
    let next = minute + SignedDuration::from_secs(60);
    let window = store.promise_window(everything(), Mode::Real, minute, next).await.unwrap();
    assert_eq!((window.from, window.to, window.counts.tally.n()), (minute, next, 2));
    let half = SignedDuration::from_secs(30);
    let wider = store.promise_window(everything(), Mode::Real, minute - half, next - half).await.unwrap();
    assert_eq!((wider.to, wider.counts.tally.n()), (next, 3), "half a minute is a whole one");
}

#[tokio::test]
async fn the_last_two_hours_come_row_by_row_in_the_order_in_which_they_ended() {
    let (_folder, store) = open().await;
    let ago = |minutes: i64| Timestamp::now() - SignedDuration::from_mins(minutes);
    let rows = [
        row("early", ago(119)),
        row("too early", ago(122)),
        LedgerRow { total_ms: 30 * 60_000, ..row("began too early", ago(140)) },
        LedgerRow { counted: Counted::No, status: 400, ..row("not counted", ago(5)) },
        LedgerRow { mode: Mode::Practice, ..row("practice", ago(5)) },
        bad("bad", ago(1), Cause::ProviderOutage),
    ];
    assert!(rows.into_iter().all(|row| store.record(row)));
    let recent = store.recent(everything(), Mode::Real, ago(120)).await.unwrap();
    assert_eq!(recent.len(), 3);
    assert!(recent.is_sorted_by(|a, b| a.ended <= b.ended));
    let counted: Vec<Counted> = recent.iter().map(|recent| recent.request.counted).collect();
    assert_eq!(counted, [Counted::Good, Counted::Good, Counted::Bad]);
}

#[tokio::test]
async fn what_the_budget_was_spent_on_agrees_with_its_window() {
    let (_folder, store) = open().await;
    for n in 0..50 {
        let cause = Cause::ALL[usize::try_from(n).unwrap() % Cause::ALL.len()];
        assert!(store.record(bad(&format!("b{n}"), second(n * 60), cause)));
        assert!(store.record(row(&format!("g{n}"), second(n * 60))));
    }
    let other = LedgerRow { tenant: "acme".into(), ..bad("acme's", second(5), Cause::Account) };
    assert!(store.record(other));
    let local = Promise { tenant: Some("local".into()), name: "Local".into(), ..everything() };
    store.set_promises(vec![everything(), local.clone()]).await.unwrap();
    caught_up(&store).await;
    for (promise, n) in [(everything(), 51), (local, 50)] {
        let window =
            store.promise_window(promise.clone(), Mode::Real, days_ago(5), Timestamp::now()).await.unwrap();
        let spent = store.bad_requests(promise, Mode::Real, window.from, window.to, 1_000).await.unwrap();
        assert_eq!((spent.len(), window.counts.tally.bad), (n, n as u64));
        assert!(spent.is_sorted_by(|a, b| a.ended <= b.ended));
        for cause in Cause::ALL {
            let of = spent.iter().filter(|bad| bad.cause == cause).count();
            assert_eq!(of as u64, window.counts.tally.bad_by(cause), "{cause}");
        }
    }
    let newest = store.bad_requests(everything(), Mode::Real, second(0), second(86_400), 2).await.unwrap();
    assert_eq!(newest.iter().map(|bad| bad.id.as_str()).collect::<Vec<_>>(), ["b48", "b49"]);
}

#[tokio::test]
async fn an_unbounded_feature_header_is_reported() {
    let (_folder, store) = open().await;
    let use_of = async || store.series_use(Mode::Real).await.unwrap();
    for n in 0..200 {
        assert!(store.record(LedgerRow { feature: Some(format!("f{n}")), ..row(&n.to_string(), second(n)) }));
    }
    let full = use_of().await;
    assert_eq!((full.live, full.most, full.overflowed), (200, 200, None));
    assert!(store.record(LedgerRow { feature: Some("one more".into()), ..row("more", second(300)) }));
    assert!(use_of().await.overflowed.is_some());
    let shares = store.breakdown(Mode::Real, By::Feature, days_ago(30), Timestamp::now()).await.unwrap();
    let other = shares.last().unwrap();
    assert_eq!((shares.len(), other.other, other.counts.tally.n()), (201, true, 1));
}

#[tokio::test]
async fn a_running_store_has_observed_its_own_time_and_no_more() {
    let began = Timestamp::now();
    let (folder, store) = open().await;
    store.shut_down().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.flush().await.unwrap();
    store.shut_down().unwrap();
    let reader = Store::read_only(folder.path()).unwrap();
    let observed = reader.observed(days_ago(30), Timestamp::now() + SignedDuration::from_secs(60)).unwrap();
    let ran = Timestamp::now().duration_since(began).unsigned_abs();
    assert!(!observed.spans.is_empty() && observed.total <= ran, "{observed:?} of {ran:?}");
}

#[tokio::test]
async fn a_promise_that_never_was_has_no_figures() {
    let (_folder, store) = open().await;
    assert!(store.record(row("a", second(0))));
    let nobody = Promise { name: "Nobody".into(), ..everything() };
    assert_eq!(month(&store, &nobody).await, Tally::default());
}

#[tokio::test]
async fn what_the_cache_gave_is_counted_by_age_and_what_providers_caches_saved_is_not_its_doing() {
    let (_folder, store) = open().await;
    let by_cache = |id: &str, word: &str, saved: i64, at: Timestamp| LedgerRow {
        cache: word.into(),
        served_by: Some("cache".into()),
        saved_micros: Some(saved),
        ..row(id, at)
    };
    let now = Timestamp::now();
    let rows = [
        by_cache("fresh", "hit", 1_000, now),
        by_cache("fresh too", "hit", 200, now),
        by_cache("older", "stale", 30, now),
        // Saved by the provider's own prompt cache.
        LedgerRow { cache: "miss".into(), saved_micros: Some(90_000), ..row("asked in vain", now) },
        LedgerRow { cache: "off".into(), ..row("not asked", now) },
        by_cache("before", "hit", 5_000, days_ago(31)),
        LedgerRow { mode: Mode::Practice, ..by_cache("practice", "hit", 7_000, now) },
    ];
    for row in rows {
        assert!(store.record(row));
    }
    let seen = store.cache_use(Mode::Real, days_ago(30)).await.unwrap();
    assert_eq!(seen, CacheUse { hits: 2, stale_hits: 1, misses: 1, saved_micros: 1_230 });
    assert_eq!(store.cache_use(Mode::Practice, days_ago(30)).await.unwrap().hits, 1);
}
