//! What is recorded is what is read.

use crate::sample::{attempt, row, second, tenant};
use evenkeel_slo::{Cause, Counted};
use evenkeel_store::{
    AttemptRow, DETAIL_MAX, EventRow, LedgerRow, Mode, RequestsQuery, Store, StoreError, Tokens, hash_key,
};
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

fn open() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

async fn ids(store: &Store, query: RequestsQuery) -> Vec<String> {
    store.requests(query).await.unwrap().requests.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_read_sees_every_write_before_it() {
    let (_folder, store) = open();
    for n in 0..200 {
        let id = format!("r{n}");
        assert!(store.record(row(&id, second(n))));
        assert!(store.request(id).await.unwrap().is_some(), "request {n}");
    }
}

#[tokio::test]
async fn an_id_that_a_caller_sends_again_loses_no_request() {
    let (_folder, store) = open();
    for n in 0..40 {
        let again = LedgerRow { total_ms: 1_000 + n, ..row("mine", second(0)) };
        assert!(store.record(again));
    }
    let found = ids(&store, RequestsQuery::default()).await;
    let mut expected: Vec<String> = (2..=40).rev().map(|n| format!("mine-{n}")).collect();
    expected.push("mine".into());
    assert_eq!(found, expected);
    let first = store.request("mine".into()).await.unwrap().unwrap();
    let last = store.request("mine-40".into()).await.unwrap().unwrap();
    assert_eq!((first.total_ms, last.total_ms), (1_000, 1_039));
    assert_eq!(last.attempts.len(), 1, "each has its own attempts");
    assert_eq!(store.dropped(), 0);
}

#[tokio::test]
async fn a_caller_s_id_may_look_like_a_numbered_one() {
    let (_folder, store) = open();
    for id in ["a", "a-2", "a-3", "a", "a"] {
        assert!(store.record(row(id, second(0))));
    }
    assert_eq!(ids(&store, RequestsQuery::default()).await, ["a-5", "a-4", "a-3", "a-2", "a"]);
}

#[tokio::test]
async fn a_provider_s_message_is_cut_by_characters() {
    let (_folder, store) = open();
    let long = "ä".repeat(DETAIL_MAX + 50);
    let attempts = vec![AttemptRow { detail: Some(long), ..attempt(1) }];
    assert!(store.record(LedgerRow { attempts, ..row("a", second(0)) }));
    let detail = store.request("a".into()).await.unwrap().unwrap().attempts[0].detail.clone().unwrap();
    assert_eq!(detail, "ä".repeat(DETAIL_MAX));
}

#[tokio::test]
async fn pages_hold_no_plans_and_single_requests_do() {
    let (_folder, store) = open();
    let plan = Some(r#"{"route":"default"}"#.to_owned());
    assert!(store.record(LedgerRow { plan: plan.clone(), ..row("a", second(0)) }));
    assert_eq!(store.requests(RequestsQuery::default()).await.unwrap().requests[0].plan, None);
    assert_eq!(store.request("a".into()).await.unwrap().unwrap().plan, plan);
    assert_eq!(store.request("b".into()).await.unwrap(), None);
}

#[tokio::test]
async fn conditions_narrow_and_combine() {
    let (_folder, store) = open();
    let bad = |id: &str, at| LedgerRow { status: 502, counted: Counted::Bad, ..row(id, second(at)) };
    let rows = [
        row("old", second(0)),
        LedgerRow { tenant: "acme".into(), ..row("acme", second(1)) },
        LedgerRow { tenant: "acme".into(), ..bad("acme-bad", 2) },
        LedgerRow { counted: Counted::Bad, ..row("broke-after-200", second(3)) },
        LedgerRow { status: 404, counted: Counted::No, ..row("wrong", second(4)) },
        LedgerRow { mode: Mode::Practice, ..row("practice", second(5)) },
    ];
    assert!(rows.into_iter().all(|row| store.record(row)));
    let all = RequestsQuery::default;
    let acme = Some("acme".to_owned());
    let cases: [(RequestsQuery, &[&str]); 6] = [
        (RequestsQuery { since: Some(second(4)), ..all() }, &["practice", "wrong"]),
        (RequestsQuery { tenant: acme.clone(), ..all() }, &["acme-bad", "acme"]),
        (RequestsQuery { failed: true, ..all() }, &["broke-after-200", "acme-bad"]),
        (RequestsQuery { mode: Some(Mode::Practice), ..all() }, &["practice"]),
        (RequestsQuery { tenant: acme, failed: true, mode: Some(Mode::Real), ..all() }, &["acme-bad"]),
        (RequestsQuery { limit: 0, ..all() }, &["practice"]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&store, query.clone()).await, expected, "{query:?}");
    }
}

#[tokio::test]
async fn going_on_neither_repeats_nor_skips_while_others_write() {
    let (_folder, store) = open();
    // Many of the same instant, so that time alone could not tell where a page ended.
    let before: Vec<String> = (0..100).map(|n| format!("r{n:03}")).collect();
    for (n, id) in before.iter().enumerate() {
        assert!(store.record(row(id, second(i64::try_from(n / 25).unwrap()))));
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let query = RequestsQuery { before: cursor, limit: 7, ..RequestsQuery::default() };
        let page = store.requests(query).await.unwrap();
        seen.extend(page.requests.into_iter().map(|row| row.id));
        for n in 0..3 {
            assert!(store.record(row(&format!("new-{pages}-{n}"), second(1_000 + n))));
        }
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let newest_first: Vec<String> = before.into_iter().rev().collect();
    assert_eq!(seen, newest_first);
    assert_eq!(pages, 15, "the last page is the one that isn't full");
}

#[tokio::test]
async fn an_exact_last_page_has_no_next() {
    let (_folder, store) = open();
    assert!(store.record(row("a", second(0))) && store.record(row("b", second(1))));
    let page = store.requests(RequestsQuery { limit: 2, ..RequestsQuery::default() }).await.unwrap();
    assert_eq!((page.requests.len(), page.next), (2, None));
}

#[tokio::test]
async fn a_cursor_that_is_gone_says_so() {
    let (_folder, store) = open();
    let query = RequestsQuery { before: Some("gone".into()), ..RequestsQuery::default() };
    let error = store.requests(query).await.unwrap_err();
    assert!(matches!(&error, StoreError::NoSuchCursor { id } if id == "gone"), "{error}");
}

#[tokio::test]
async fn events_come_newest_first() {
    let (_folder, store) = open();
    let event = |text: &str, at| EventRow {
        at: second(at),
        kind: "switched".into(),
        text: text.into(),
        data: Some(r#"{"from":"openai"}"#.into()),
    };
    for (text, at) in [("first", 1), ("third", 3), ("second", 2), ("third again", 3)] {
        assert!(store.note(event(text, at)));
    }
    let texts: Vec<String> = store.events(3).await.unwrap().into_iter().map(|event| event.text).collect();
    assert_eq!(texts, ["third again", "third", "second"]);
    assert_eq!(store.events(1).await.unwrap(), [event("third again", 3)]);
}

#[tokio::test]
async fn tenants_come_and_go_with_their_keys() {
    let (_folder, store) = open();
    store.add_tenant(tenant("local")).await.unwrap();
    store.add_tenant(tenant("acme")).await.unwrap();
    let error = store.add_tenant(tenant("acme")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "tenant \"acme\" is already there; `evenkeel tenant rotate acme` gives it a new key"
    );
    assert!(store.set_tenant_key("acme", hash_key("ek-1")).await.unwrap());
    assert!(!store.set_tenant_key("nobody", hash_key("ek-1")).await.unwrap());

    let tenants = store.tenants().await.unwrap();
    let mut acme = tenant("acme");
    acme.key_hash = Some(hash_key("ek-1"));
    assert_eq!(tenants, [acme, tenant("local")]);

    assert!(store.remove_tenant("acme").await.unwrap());
    assert!(!store.remove_tenant("acme").await.unwrap());
    assert_eq!(store.tenants().await.unwrap(), [tenant("local")]);
}

#[tokio::test]
async fn settings_are_set_changed_and_removed() {
    let (_folder, store) = open();
    assert_eq!(store.setting("bypass").await.unwrap(), None);
    for value in ["2026-08-23T10:00:00Z", "later"] {
        store.set_setting("bypass", Some(value.to_owned())).await.unwrap();
        assert_eq!(store.setting("bypass").await.unwrap().as_deref(), Some(value));
    }
    store.set_setting("bypass", None).await.unwrap();
    store.set_setting("bypass", None).await.unwrap();
    assert_eq!(store.setting("bypass").await.unwrap(), None);
}

fn text() -> impl Strategy<Value = String> {
    // Quotes, NUL, multi-byte, empty: whatever a client can put into a header or a JSON string.
    prop_oneof![Just(String::new()), "[a-z0-9-]{1,12}", "\\PC{0,20}", Just("a\0b'\"\u{1f6a2}".to_owned())]
}

fn maybe<T: std::fmt::Debug>(some: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(some)
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..10_000_u64, Just(i64::MAX as u64)]
}

fn tokens() -> impl Strategy<Value = Tokens> {
    (maybe(count()), maybe(count()), maybe(count()), maybe(count()), maybe(count())).prop_map(
        |(input, output, cached, cache_write, reasoning)| Tokens {
            input,
            output,
            cached,
            cache_write,
            reasoning,
        },
    )
}

prop_compose! {
    fn an_attempt()(
        n in any::<u32>(),
        (provider, model, outcome) in (text(), maybe(text()), text()),
        status in maybe(any::<u16>()),
        (first_token_ms, total_ms, cost_micros) in (maybe(count()), count(), maybe(any::<i64>())),
        tokens in tokens(),
        (provider_request_id, detail) in (maybe(text()), maybe(text())),
    ) -> AttemptRow {
        AttemptRow { n, provider, model, outcome, status, first_token_ms, total_ms, cost_micros, tokens,
            provider_request_id, detail }
    }
}

prop_compose! {
    fn a_row()(
        at in -62_135_596_800_000_000..253_370_764_800_000_000_i64,
        mode in proptest::sample::select(&Mode::ALL[..]),
        (tenant, feature, route, dialect, endpoint) in (text(), maybe(text()), maybe(text()), text(), text()),
        (stream, status, outcome) in (any::<bool>(), any::<u16>(), text()),
        (prompt_version, model_asked, model) in (maybe(text()), maybe(text()), maybe(text())),
        (provider, served_by) in (maybe(text()), maybe(text())),
        counted in proptest::sample::select(&Counted::ALL[..]),
        cause in maybe(proptest::sample::select(&Cause::ALL[..])),
        (first_token_ms, total_ms, tokens) in (maybe(count()), count(), tokens()),
        (cost_micros, saved_micros) in (maybe(any::<i64>()), maybe(any::<i64>())),
        (cache, degraded, plan) in (text(), maybe(text()), maybe(text())),
        attempts in proptest::collection::vec(an_attempt(), 0..5),
    ) -> LedgerRow {
        LedgerRow { id: "r".into(), at: Timestamp::from_microsecond(at).unwrap(), mode, tenant, feature, route,
            dialect, endpoint, stream, prompt_version, model_asked, model, provider, served_by, status, outcome,
            counted, cause, first_token_ms, total_ms, tokens, cost_micros, saved_micros, cache, degraded,
            attempts, plan }
    }
}

#[test]
fn whatever_is_recorded_comes_back_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (_folder, store) = open();
    let numbers = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(200), |(row in a_row())| {
        let n = numbers.replace(numbers.get() + 1);
        let row = LedgerRow { id: format!("r{n}"), ..row };
        prop_assert!(store.record(row.clone()));
        let read = runtime.block_on(store.request(row.id.clone())).unwrap();
        prop_assert_eq!(read, Some(row.clone()));
        let failed = RequestsQuery { failed: true, limit: 1_000, ..RequestsQuery::default() };
        let page = runtime.block_on(store.requests(failed)).unwrap();
        prop_assert_eq!(page.requests.iter().any(|other| other.id == row.id), row.failed());
    });
}
