//! The data folder: whose it is, who may read it, what is said when it isn't what it should be.

use std::{fs, path::Path};

use crate::sample::{row, second, tenant};
use evenkeel_store::{Health, OpenError, RequestsQuery, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

fn database(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("evenkeel.db")
}

/// A folder that was used and closed cleanly.
fn used() -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.record(row("a", second(0))));
    store.shut_down().unwrap();
    folder
}

fn ids(folder: &Path) -> Vec<String> {
    let page = Store::read_only(folder).unwrap().requests(&RequestsQuery::default()).unwrap();
    page.requests.into_iter().map(|row| row.id).collect()
}

#[test]
fn a_second_open_is_told_who_holds_the_folder() {
    let folder = TempDir::new().unwrap();
    let _first = Store::open(folder.path()).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    let this = std::process::id();
    assert!(matches!(&error, OpenError::Held { pid: Some(pid), .. } if *pid == this), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!(
            "{} is in use by another Evenkeel (process {this}); stop that one first, or choose another folder \
             with --home",
            folder.path().display()
        )
    );
}

#[test]
fn the_folder_is_free_after_a_shutdown_and_after_the_last_clone_is_gone() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.shut_down().unwrap();
    let second = Store::open(folder.path()).unwrap();
    store.shut_down().unwrap();
    let clone = second.clone();
    drop(second);
    assert!(matches!(Store::open(folder.path()), Err(OpenError::Held { .. })));
    drop(clone);
    Store::open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_shutdown_writes_everything_and_leaves_one_file() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for n in 0..5_000 {
        assert!(store.record(row(&n.to_string(), second(n))));
    }
    store.requests(RequestsQuery::default()).await.unwrap();
    for n in 5_000..6_000 {
        assert!(store.record(row(&n.to_string(), second(n))));
    }
    store.shut_down().unwrap();

    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["evenkeel.db", "evenkeel.lock"], "no log is left beside the database");
    let count: i64 = Connection::open(database(&folder))
        .unwrap()
        .query_row("SELECT count(*) FROM requests", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 6_000);
}

#[tokio::test]
async fn after_a_shutdown_everything_says_closed() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.shut_down().unwrap();
    assert!(!store.record(row("a", second(0))));
    assert_eq!(store.dropped(), 1);
    assert!(matches!(store.flush().await, Err(StoreError::Closed)));
    assert!(matches!(store.tenants().await, Err(StoreError::Closed)));
    assert!(matches!(store.add_tenant(tenant("acme")).await, Err(StoreError::Closed)));
    store.tenant_used("acme", second(0));
    assert_eq!(store.health(), Health::Ok);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_anything() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("deep").join("folder");
    let store = Store::open(&folder).unwrap();
    assert!(store.record(row("a", second(0))));
    store.flush().await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    for file in ["evenkeel.db", "evenkeel.db-wal", "evenkeel.db-shm", "evenkeel.lock"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = used();
    fs::set_permissions(database(&folder), fs::Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(folder.path()).unwrap();
    assert_eq!(fs::metadata(database(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_reader_sees_a_running_router_s_rows_and_a_stopped_one_s() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.record(row("a", second(0))));
    store.add_tenant(tenant("acme")).await.unwrap();
    store.set_setting("bypass", Some("on".into())).await.unwrap();
    let reader = Store::read_only(folder.path()).unwrap();
    assert!(reader.request("a").unwrap().is_some());
    assert_eq!(reader.tenants().unwrap(), [tenant("acme")]);
    assert_eq!(reader.setting("bypass").unwrap().as_deref(), Some("on"));
    assert!(reader.events(10).unwrap().is_empty());

    assert!(store.record(row("b", second(1))));
    store.flush().await.unwrap();
    assert!(reader.request("b").unwrap().is_some(), "an open reader sees what came later");
    store.shut_down().unwrap();
    assert!(reader.request("b").unwrap().is_some());
    drop(reader);
    assert_eq!(ids(folder.path()), ["b", "a"]);
}

#[test]
fn a_reader_does_not_keep_the_router_from_starting() {
    let folder = used();
    let reader = Store::read_only(folder.path()).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.record(row("b", second(1))));
    store.shut_down().unwrap();
    assert!(reader.request("b").unwrap().is_some());
}

#[test]
fn a_reader_of_an_empty_folder_is_told_what_makes_a_ledger() {
    let folder = TempDir::new().unwrap();
    let error = Store::read_only(folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no ledger yet in {}; `evenkeel serve` makes one when it starts", folder.path().display())
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "and makes nothing");
}

/// Both ways in, and the file afterwards.
fn refused(folder: &TempDir, bytes: &[u8]) -> String {
    fs::write(database(folder), bytes).unwrap();
    let reading = Store::read_only(folder.path()).unwrap_err().to_string();
    let opening = Store::open(folder.path()).unwrap_err().to_string();
    assert_eq!(reading, opening);
    assert!(fs::read(database(folder)).unwrap() == bytes, "the file was left as it was");
    assert!(opening.contains("evenkeel.db") && opening.contains("away"), "{opening}");
    opening
}

#[test]
fn damaged_files_are_refused_with_advice_and_left_alone() {
    let folder = used();
    let good = fs::read(database(&folder)).unwrap();
    assert!(refused(&folder, b"This is my diary, not a database.").contains("not a database"));
    assert!(refused(&folder, b"SQLite").contains("not a database"));
    assert!(refused(&folder, &good[..good.len() / 2]).contains("damaged"));
    let mut scrambled = good.clone();
    scrambled[100..4_096].fill(0x5A);
    assert!(refused(&folder, &scrambled).contains("damaged"));

    fs::write(database(&folder), &good).unwrap();
    assert_eq!(ids(folder.path()), ["a"], "a backup put in its place works");
}

#[test]
fn another_program_s_database_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let other = Connection::open(database(&folder)).unwrap();
    other.execute_batch("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1").unwrap();
    drop(other);
    let bytes = fs::read(database(&folder)).unwrap();
    let message = refused(&folder, &bytes);
    assert!(message.contains("another program"), "{message}");
}

#[test]
fn a_newer_format_is_refused_with_both_numbers() {
    let folder = used();
    let newer = Connection::open(database(&folder)).unwrap();
    newer.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(newer);
    for message in [
        Store::open(folder.path()).unwrap_err().to_string(),
        Store::read_only(folder.path()).unwrap_err().to_string(),
    ] {
        assert!(message.contains("newer Evenkeel (format 99, this one knows up to 2)"), "{message}");
    }
}

#[test]
fn a_folder_that_can_t_be_made_is_named() {
    let parent = TempDir::new().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let message = Store::open(&file.join("data")).unwrap_err().to_string();
    assert!(message.contains("file/data") || message.contains("file\\data"), "{message}");
}
