use serde_json::json;

use super::*;
use crate::connect::text::Place;

fn record(file: &Path, digest: &str) -> Record {
    let key = change::KeyRecord {
        place: Place::at(&["env", "URL"]),
        before: Some(json!("sk-secret")),
        after: Some(json!("ours")),
        made_around: 0,
        companion: false,
    };
    Record {
        since: Timestamp::UNIX_EPOCH,
        file: file.to_owned(),
        format: Format::Json,
        address: "127.0.0.1:9950".to_owned(),
        made_file: false,
        made_folders: Vec::new(),
        changed: Changed { keys: vec![key], steps: Vec::new(), digest: digest.to_owned() },
        underway: None,
    }
}

fn interrupted(file: &Path, from: &str, to: Option<&str>, otherwise: Option<Record>) -> Journal {
    let mut record = record(file, "");
    record.underway = Some(Box::new(Underway {
        from: Some(change::digest(from)),
        to: to.map(change::digest),
        ends: to.is_none(),
        otherwise,
    }));
    Journal { tools: BTreeMap::from([("zed".to_owned(), record)]) }
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_what_stood_there_before() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    assert_eq!(Journal::read(&paths).expect("read").0, Journal::default());
    let journal = Journal { tools: BTreeMap::from([("zed".to_owned(), record(Path::new("/x"), ""))]) };
    journal.write(&paths).expect("written");
    assert_eq!(Journal::read(&paths).expect("read").0, journal);
    let mode = fs::metadata(paths.tools()).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn a_damaged_journal_is_named_and_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    fs::write(paths.tools(), "{\"tools\":").expect("written");
    let failure = Journal::read(&paths).expect_err("damaged");
    assert!(failure.message.contains("tools.json") && failure.hint.is_some(), "{failure:?}");
}

#[test]
fn a_crash_before_the_file_was_written_leaves_things_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.json");
    fs::write(&file, "old").expect("written");
    let mut journal = interrupted(&file, "old", Some("new"), None);
    assert!(journal.settle());
    assert!(journal.tools.is_empty(), "a first connecting never happened");
    let mut journal = interrupted(&file, "old", None, Some(record(&file, "kept")));
    assert!(journal.settle());
    assert_eq!(journal.tools["zed"], record(&file, "kept"), "a disconnecting never happened");
}

#[test]
fn a_crash_after_the_file_was_written_counts_as_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.json");
    fs::write(&file, "new").expect("written");
    let mut journal = interrupted(&file, "old", Some("new"), None);
    assert!(journal.settle());
    assert_eq!(journal.tools["zed"], record(&file, ""));
    fs::remove_file(&file).expect("removed");
    let mut journal = interrupted(&file, "old", None, Some(record(&file, "")));
    assert!(journal.settle());
    assert!(journal.tools.is_empty());
}

#[test]
fn a_file_that_its_owner_changed_after_the_crash_can_still_be_put_back_by_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.json");
    fs::write(&file, "newer").expect("written");
    let mut journal = interrupted(&file, "old", Some("new"), None);
    assert!(journal.settle());
    assert_eq!(journal.tools["zed"], record(&file, ""));
    assert!(!journal.settle(), "nothing is left to settle");
}

#[test]
fn one_process_at_a_time_changes_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    let held = hold(&paths).expect("free");
    assert_eq!(hold(&paths).expect_err("held").code, Code::ToolBusy);
    drop(held);
    hold(&paths).expect("free again");
}
