//! `kill -9` under load: nothing older than 50 ms is lost, the file is whole, and every figure agrees with its rows.
//!
//! The writer runs in a process of its own: this test binary again, with a folder in the environment.

use std::{
    collections::{BTreeSet, VecDeque},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::sample::{everything, row, second};
use evenkeel_store::{By, Mode, Resolution, Store};
use rusqlite::Connection;
use tempfile::TempDir;

const FOLDER: &str = "EVENKEEL_TEST_KILL_FOLDER";
const ROUND: &str = "EVENKEEL_TEST_KILL_ROUND";
/// The promise.
const OLDEST: Duration = Duration::from_millis(50);

/// Not a test of its own: the process that the next one kills. Says "old N" once row N has had its 50 ms.
#[test]
fn child_records_until_killed() {
    let (Some(folder), Ok(round)) = (std::env::var_os(FOLDER), std::env::var(ROUND)) else { return };
    let store = Store::open(Path::new(&folder)).unwrap();
    // A thread has its name only once it runs.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.set_promises(vec![everything()])).unwrap();
    let writer = Thread::find("evenkeel-store");
    let mut out = std::io::stdout().lock();
    let mut waiting = VecDeque::new();
    for n in 0.. {
        let recorded = (Instant::now(), writer.starved());
        assert!(store.record(row(&format!("{round}-{n}"), second(n))), "the queue is full");
        waiting.push_back((n, recorded));
        // About 2,000 a second: far more than a laptop's router sees.
        std::thread::park_timeout(Duration::from_micros(400));
        while let Some((old, (since, starved))) = waiting.front().copied() {
            // The time it waited while the system ran others on every core isn't the writer's.
            if since.elapsed() <= OLDEST
                || writer.wants_to_run()
                || since.elapsed().saturating_sub(writer.starved().saturating_sub(starved)) <= OLDEST
            {
                break;
            }
            writeln!(out, "\nold {old}").unwrap();
            waiting.pop_front();
        }
    }
}

/// What Linux says of a thread; elsewhere nothing, so that there a busy machine can fail the test.
///
/// Without it the test would measure the machine: with two builds beside it a thread waits a quarter of a second
/// for its turn, and no program can promise anything for that time.
struct Thread(Option<PathBuf>);

impl Thread {
    fn find(name: &str) -> Self {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let is_it = |task: &PathBuf| {
            std::fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim_end() == name)
        };
        let found = tasks.map(|task| task.path()).find(is_it);
        assert!(found.is_some() || !cfg!(target_os = "linux"), "no thread {name}");
        Self(found)
    }

    /// All the time that it was ready to run and did not. Complete only while it does not want to run.
    fn starved(&self) -> Duration {
        let nanoseconds = self.read("schedstat").split(' ').nth(1).and_then(|field| field.parse().ok());
        Duration::from_nanos(nanoseconds.unwrap_or(0))
    }

    fn wants_to_run(&self) -> bool {
        // The state follows the name, which stands in brackets.
        self.read("stat").split(") ").nth(1).is_some_and(|rest| rest.starts_with('R'))
    }

    fn read(&self, file: &str) -> String {
        self.0.as_ref().and_then(|task| std::fs::read_to_string(task.join(file)).ok()).unwrap_or_default()
    }
}

fn start(folder: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_records_until_killed", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The rows that were older than 50 ms when the process was killed.
fn run_and_kill(folder: &Path, round: u32) -> BTreeSet<i64> {
    let mut child = start(folder, round);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut old = BTreeSet::new();
    // A different number of rows each time, so that the kill falls on gathering, commit and checkpoint alike.
    let enough = 50 + 90 * round as usize;
    while old.len() < enough {
        let line = lines.next().expect("the child goes on until it is killed").unwrap();
        old.extend(line.strip_prefix("old ").map(|n| n.parse::<i64>().unwrap()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died; its last line may be cut.
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let whole = rest.len().saturating_sub(1);
    old.extend(rest[..whole].iter().filter_map(|line| line.strip_prefix("old ")?.parse::<i64>().ok()));
    old
}

/// Requests by the promise's days and hours, by its minutes, and by the series.
fn figures(folder: &Path) -> [i64; 3] {
    let reader = Store::read_only(folder).unwrap();
    let (from, to) = (second(0), second(86_400));
    let window = reader.promise_window(&everything(), Mode::Real, from, to).unwrap();
    let minutes = reader.promise_points(&everything(), Mode::Real, Resolution::Minute, from, to).unwrap();
    let minutes = minutes.iter().map(|point| point.counts.tally.n()).sum();
    let shares = reader.breakdown(Mode::Real, By::Tenant, from, to).unwrap();
    let series = shares.iter().map(|share| share.counts.tally.n()).sum();
    [window.counts.tally.n(), minutes, series].map(u64::cast_signed)
}

fn stored(database: &Connection, round: u32) -> BTreeSet<i64> {
    let mut statement = database.prepare("SELECT id FROM requests WHERE id LIKE ?1 || '-%'").unwrap();
    let ids = statement.query_map([round], |row| row.get::<_, String>(0)).unwrap();
    ids.map(|id| id.unwrap().split_once('-').unwrap().1.parse().unwrap()).collect()
}

#[test]
fn kill_9_under_load_loses_nothing_older_than_50_ms() {
    let folder = TempDir::new().unwrap();
    for round in 0..10 {
        let old = run_and_kill(folder.path(), round);
        // No stale lock: the next owner opens at once.
        let store = Store::open(folder.path()).unwrap();
        store.shut_down().unwrap();

        let database = Connection::open(folder.path().join("evenkeel.db")).unwrap();
        let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "round {round}");
        let stored = stored(&database, round);
        let lost: Vec<_> = old.difference(&stored).collect();
        assert!(lost.is_empty(), "round {round}: of {} rows older than 50 ms, lost {lost:?}", old.len());
        let newest = i64::try_from(stored.len()).unwrap() - 1;
        assert_eq!(stored.last(), Some(&newest), "round {round}: what is there has no holes");
        let attempts: i64 =
            database.query_row("SELECT count(*) FROM attempts", [], |row| row.get(0)).unwrap();
        let requests: i64 =
            database.query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).unwrap();
        assert_eq!(attempts, requests, "round {round}: no request without its attempt");
        drop(database);
        assert_eq!(figures(folder.path()), [requests; 3], "round {round}: each request is counted once");
    }
}
