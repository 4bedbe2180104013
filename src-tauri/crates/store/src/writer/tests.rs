//! Disks that refuse: nothing is lost that fits into memory, nobody is blocked, and it mends itself.

use std::sync::mpsc::channel;

use tempfile::TempDir;

use crate::{
    open::{self, Options},
    rows::{LedgerRow, RequestsQuery, Tenant},
    sample::{event, row, second},
    store::Store,
};

use super::*;

fn options() -> Options {
    Options { busy: Duration::from_millis(20), ..Options::default() }
}

fn store(options: Options) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open::open(folder.path(), options).unwrap();
    (folder, store)
}

/// What the disk's end looks like to SQLite: no page more than there are now.
fn fill_disk(store: &Store) {
    inspect(store, |connection| {
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    });
}

fn empty_disk(store: &Store) {
    inspect(store, |connection| {
        connection.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
    });
}

fn inspect<T: Send + 'static>(store: &Store, look: impl FnOnce(&Connection) -> T + Send + 'static) -> T {
    let (tell, told) = channel();
    store.inspect(move |connection| tell.send(look(connection)).unwrap());
    told.recv().unwrap()
}

/// A row too large for the free space of any page that is there.
fn big(id: &str) -> LedgerRow {
    LedgerRow { plan: Some("x".repeat(20_000)), ..row(id, second(0)) }
}

fn is_failing(store: &Store) -> bool {
    matches!(store.health(), Health::Failing { .. })
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what} never came");
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn ids(store: &Store) -> Vec<String> {
    let page = store.requests(RequestsQuery { limit: 1_000, ..RequestsQuery::default() }).await.unwrap();
    page.requests.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_full_disk_keeps_rows_in_memory_and_writes_them_when_there_is_room_again() {
    let (_folder, store) = store(options());
    assert!(store.record(row("before", second(0))));
    store.flush().await.unwrap();
    fill_disk(&store);

    assert!(store.record(big("during")));
    assert!(store.note(event("during", second(0))));
    let error = store.flush().await.unwrap_err();
    assert!(matches!(error, StoreError::Failing { .. }));
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert!(is_failing(&store));
    assert!(store.record(row("later", second(2))), "nobody is turned away while memory lasts");
    assert_eq!(ids(&store).await, ["before"], "what is there can still be read");

    empty_disk(&store);
    wait_for("the recovery", || !is_failing(&store));
    store.flush().await.unwrap();
    assert_eq!(ids(&store).await, ["later", "during", "before"]);
    assert_eq!(store.events(10).await.unwrap().len(), 1, "once, though it was tried many times");
    assert_eq!(store.dropped(), 0);
}

#[tokio::test]
async fn a_change_that_was_refused_is_never_carried_out_later() {
    let (_folder, store) = store(options());
    store.flush().await.unwrap();
    fill_disk(&store);
    let error = store.set_setting("bypass", Some("x".repeat(20_000))).await.unwrap_err();
    assert!(matches!(error, StoreError::Failing { .. }));
    empty_disk(&store);
    wait_for("the recovery", || !is_failing(&store));
    store.flush().await.unwrap();
    assert_eq!(store.setting("bypass").await.unwrap(), None);
}

#[tokio::test]
async fn rows_beyond_the_queue_are_dropped_and_counted() {
    let (_folder, store) = store(Options { capacity: 10, ..options() });
    store.flush().await.unwrap();
    fill_disk(&store);
    assert!(store.record(big("kept by the writer")));
    wait_for("the trouble", || is_failing(&store));
    let taken = (0..15).filter(|n| store.record(row(&n.to_string(), second(*n)))).count();
    assert_eq!(taken, 10);
    assert_eq!(store.dropped(), 5);

    empty_disk(&store);
    wait_for("the recovery", || !is_failing(&store));
    assert_eq!(ids(&store).await.len(), 11);
}

#[tokio::test]
async fn somebody_else_s_lock_is_waited_for_without_blocking_anybody() {
    let (folder, store) = store(options());
    store.flush().await.unwrap();
    let other = Connection::open(folder.path().join(files::DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    assert!(store.record(row("a", second(0))));
    wait_for("the trouble", || is_failing(&store));
    let Health::Failing { since, .. } = store.health() else { panic!("it is failing") };
    assert!(store.record(row("b", second(1))));
    other.execute_batch("ROLLBACK").unwrap();

    wait_for("the recovery", || !is_failing(&store));
    assert!(since <= Timestamp::now());
    assert_eq!(ids(&store).await, ["b", "a"]);
}

#[tokio::test]
async fn a_refused_change_that_leaves_nothing_to_write_is_no_sign_that_the_disk_is_back() {
    let (folder, store) = store(options());
    store.flush().await.unwrap();
    let other = Connection::open(folder.path().join(files::DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.set_setting("bypass", Some("on".to_owned())).await.unwrap_err();
    // Longer than the first pauses between two tries together, and everybody hears of it in all that time.
    let end = Instant::now() + 8 * FIRST_PAUSE;
    while Instant::now() < end {
        assert!(is_failing(&store), "nobody has written anything");
        assert!(store.flush().await.is_err(), "a flush promises what came before it");
        std::thread::sleep(Duration::from_millis(2));
    }
    other.execute_batch("ROLLBACK").unwrap();
    wait_for("the recovery, though nobody writes anything", || !is_failing(&store));
    store.set_setting("bypass", Some("on".to_owned())).await.unwrap();
}

#[tokio::test]
async fn once_the_disk_has_refused_readers_no_longer_wait_for_somebody_else_s_lock() {
    let busy = Duration::from_secs(5);
    let (folder, store) = store(Options { busy, ..options() });
    store.flush().await.unwrap();
    let other = Connection::open(folder.path().join(files::DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(store.record(row("a", second(0))));
    wait_for("the trouble", || is_failing(&store));
    // Each of them would wait as long as the first try did.
    let began = Instant::now();
    for _ in 0..5 {
        assert!(ids(&store).await.is_empty());
    }
    assert!(began.elapsed() < 4 * busy, "{:?}", began.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    wait_for("the recovery", || !is_failing(&store));
    assert_eq!(ids(&store).await, ["a"]);
}

#[tokio::test]
async fn reads_do_not_wait_for_somebody_else_s_lock() {
    let (folder, store) = store(Options { busy: Duration::from_secs(30), ..options() });
    assert!(store.record(row("a", second(0))));
    store.flush().await.unwrap();
    let other = Connection::open(folder.path().join(files::DATABASE_FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(ids(&store).await, ["a"], "with nothing to write, a flush needs no lock");
    other.execute_batch("ROLLBACK").unwrap();
}

#[tokio::test]
async fn a_row_that_can_t_be_stored_takes_no_other_with_it() {
    let (_folder, store) = store(options());
    let impossible =
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.attempts WHEN NEW.provider = 'impossible'
        BEGIN SELECT RAISE (ABORT, 'no'); END";
    inspect(&store, move |connection| connection.execute_batch(impossible).unwrap());
    let mut bad = row("bad", second(1));
    bad.attempts[0].provider = "impossible".into();
    assert!(store.record(row("a", second(0))));
    assert!(store.record(bad));
    assert!(store.record(row("b", second(2))));
    assert_eq!(ids(&store).await, ["b", "a"]);
    assert_eq!(store.dropped(), 1);
    assert_eq!(store.health(), Health::Ok);
}

#[tokio::test]
async fn rows_that_can_t_be_added_to_the_figures_are_kept_and_added_at_the_next_start() {
    let (folder, store) = store(options());
    let refuse =
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.rollup_day BEGIN SELECT RAISE (ABORT, 'no'); END";
    inspect(&store, move |connection| connection.execute_batch(refuse).unwrap());
    assert!(store.record(row("a", second(0))) && store.record(row("b", second(1))));
    assert_eq!(ids(&store).await, ["b", "a"]);
    assert!(store.is_catching_up().await.unwrap(), "the figures say that something is missing");
    store.shut_down().unwrap();

    let store = open::open(folder.path(), options()).unwrap();
    assert!(store.record(row("c", second(2))));
    let n = || {
        let shares = store_shares(&folder);
        shares.iter().map(|share| share.counts.tally.n()).sum::<u64>()
    };
    wait_for("the rest", || n() == 3);
}

fn store_shares(folder: &TempDir) -> Vec<crate::Share> {
    let reader = Store::read_only(folder.path()).unwrap();
    reader.breakdown(crate::Mode::Real, crate::By::Tenant, second(0), second(60)).unwrap()
}

#[tokio::test]
async fn shutting_down_on_a_full_disk_says_that_rows_are_lost() {
    let (folder, store) = store(options());
    store.flush().await.unwrap();
    fill_disk(&store);
    assert!(store.record(big("lost")));
    assert!(store.record(row("lost too", second(0))));
    wait_for("the trouble", || is_failing(&store));
    assert!(matches!(store.shut_down(), Err(StoreError::Failing { .. })));
    assert_eq!(store.dropped(), 2);
    open::open(folder.path(), options()).expect("the folder is free again");
}

#[tokio::test]
async fn what_a_tenant_used_is_seen_at_once_and_written_soon() {
    let (_folder, store) = store(options());
    let acme = Tenant {
        name: "acme".into(),
        features: vec![],
        key_hash: None,
        created_at: second(0),
        last_used_at: None,
    };
    store.add_tenant(acme).await.unwrap();
    for at in 1..=1_000 {
        store.tenant_used("acme", second(at));
    }
    store.tenant_used("acme", second(5));
    store.tenant_used("nobody", second(5));
    assert_eq!(store.tenants().await.unwrap()[0].last_used_at, Some(second(1_000)));
    wait_for("the write", || {
        inspect(&store, |connection| {
            connection
                .query_row("SELECT last_used_at_us FROM tenants", [], |row| row.get::<_, Option<i64>>(0))
                .unwrap()
                == Some(second(1_000).as_microsecond())
        })
    });
}
