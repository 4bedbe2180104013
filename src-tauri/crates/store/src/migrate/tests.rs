//! Forwards only, a copy first, and a crash leaves one format or the other.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::*;

const NEXT: Migration = Migration { to: 3, sql: "ALTER TABLE settings ADD COLUMN note TEXT;" };
const AFTER: Migration = Migration { to: 4, sql: "CREATE TABLE three (x INTEGER) STRICT;" };
const BROKEN: Migration =
    Migration { to: 3, sql: "CREATE TABLE half_done (x INTEGER) STRICT; CREATE TABLE settings (x INTEGER);" };
/// Takes minutes, so that it can be killed on the way.
const ENDLESS: Migration = Migration {
    to: 3,
    sql: "CREATE TABLE half_done (x INTEGER) STRICT;
          WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200000000)
          INSERT INTO half_done SELECT x FROM n;",
};
const FOLDER: &str = "EVENKEEL_TEST_MIGRATION_FOLDER";

fn steps(more: &[Migration]) -> Vec<Migration> {
    [MIGRATIONS, more].concat()
}

fn open(folder: &Path) -> (PathBuf, Connection) {
    let path = folder.join(files::DATABASE_FILE);
    files::make_private(&path).unwrap();
    let connection = files::connect_writer(&path, files::BUSY_TIMEOUT).unwrap();
    (path, connection)
}

/// At the newest format, with a setting in it.
fn with_a_setting() -> (TempDir, PathBuf, Connection) {
    let folder = TempDir::new().unwrap();
    let (path, mut connection) = open(folder.path());
    run(&mut connection, &path, MIGRATIONS).unwrap();
    connection.execute("INSERT INTO settings (key, value) VALUES ('bypass', 'on')", []).unwrap();
    (folder, path, connection)
}

fn bypass(connection: &Connection) -> String {
    connection.query_row("SELECT value FROM settings WHERE key = 'bypass'", [], |row| row.get(0)).unwrap()
}

fn has_table(connection: &Connection, name: &str) -> bool {
    connection
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = ?1", [name], |row| row.get::<_, i64>(0))
        .unwrap()
        == 1
}

fn copies(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("before"))
        .collect();
    names.sort();
    names
}

#[test]
fn the_shipped_steps_are_numbered_without_gaps() {
    let numbers: Vec<i64> = MIGRATIONS.iter().map(|step| step.to).collect();
    let expected: Vec<i64> = (1_i64..).take(MIGRATIONS.len()).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn a_new_file_gets_the_newest_format_and_needs_no_copy() {
    let (folder, path, connection) = with_a_setting();
    assert_eq!(format_of(&connection, &path).unwrap(), newest(MIGRATIONS));
    assert!(copies(&folder).is_empty());
}

#[test]
fn an_older_file_is_copied_first_and_keeps_what_it_holds() {
    let (folder, path, mut connection) = with_a_setting();
    run(&mut connection, &path, &steps(&[NEXT])).unwrap();
    assert_eq!(format_of(&connection, &path).unwrap(), 3);
    assert_eq!(bypass(&connection), "on");
    assert_eq!(copies(&folder), ["evenkeel.db.before-v3"]);

    let copy = Connection::open(folder.path().join("evenkeel.db.before-v3")).unwrap();
    assert_eq!(format_of(&copy, &path).unwrap(), 2, "the copy has the old format");
    assert_eq!(bypass(&copy), "on");
}

#[cfg(unix)]
#[test]
fn a_copy_is_as_private_as_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, mut connection) = with_a_setting();
    run(&mut connection, &path, &steps(&[NEXT])).unwrap();
    let mode = fs::metadata(folder.path().join("evenkeel.db.before-v3")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn only_the_newest_two_copies_stay() {
    let (folder, path, mut connection) = with_a_setting();
    let mut known = MIGRATIONS.to_vec();
    for to in 3..=12 {
        known.push(Migration { to, sql: "SELECT 1;" });
        run(&mut connection, &path, &known).unwrap();
    }
    assert_eq!(copies(&folder), ["evenkeel.db.before-v11", "evenkeel.db.before-v12"]);
}

#[test]
fn a_step_that_fails_leaves_the_format_before_it_and_names_the_copy() {
    let (folder, path, mut connection) = with_a_setting();
    let error = run(&mut connection, &path, &steps(&[BROKEN])).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("format 3") && message.contains("evenkeel.db.before-v3"), "{message}");
    assert_eq!(format_of(&connection, &path).unwrap(), 2);
    assert!(!has_table(&connection, "half_done"), "no step is half done");
    assert_eq!(bypass(&connection), "on");

    run(&mut connection, &path, &steps(&[NEXT, AFTER])).unwrap();
    assert_eq!(format_of(&connection, &path).unwrap(), 4, "a mended version goes on from there");
    assert_eq!(copies(&folder), ["evenkeel.db.before-v3", "evenkeel.db.before-v4"]);
}

#[test]
fn a_newer_file_is_refused_and_not_touched() {
    let (folder, path, mut connection) = with_a_setting();
    run(&mut connection, &path, &steps(&[NEXT])).unwrap();
    let error = run(&mut connection, &path, MIGRATIONS).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 3, known: 2, .. }));
    assert!(error.to_string().contains("newer Evenkeel"), "{error}");
    assert!(has_table(&connection, "settings"));
    assert_eq!(copies(&folder), ["evenkeel.db.before-v3"]);
}

/// Not a test of its own: the process that the next one kills.
#[test]
fn child_migrates_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (path, mut connection) = open(Path::new(&folder));
    println!("\nmigrating");
    run(&mut connection, &path, &steps(&[ENDLESS])).unwrap();
    println!("\nmigrated");
}

#[test]
fn kill_in_the_middle_of_a_step_leaves_the_old_format_whole() {
    let (folder, path, connection) = with_a_setting();
    drop(connection);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migrate::tests::child_migrates_until_killed", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    assert!(out.lines().any(|line| line.unwrap() == "migrating"), "the child never began");
    // The log grows as the step's rows spill into it: that is the middle.
    let log = path.with_extension("db-wal");
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while fs::metadata(&log).map_or(0, |file| file.len()) < 4_000_000 {
        assert!(std::time::Instant::now() < deadline, "the step never reached the disk");
        assert!(child.try_wait().unwrap().is_none(), "the child ended too early");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let (path, mut connection) = open(folder.path());
    assert_eq!(format_of(&connection, &path).unwrap(), 2);
    assert!(!has_table(&connection, "half_done"));
    assert_eq!(bypass(&connection), "on");
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    run(&mut connection, &path, &steps(&[NEXT])).unwrap();
    assert_eq!(format_of(&connection, &path).unwrap(), 3, "and the next start goes on");
}
