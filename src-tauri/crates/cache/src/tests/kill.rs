//! `kill -9` at any time: the file opens, and what had been flushed is there.
//!
//! The writer runs in a process of its own: this test binary again, with a folder in the environment.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use super::*;

const FOLDER: &str = "EVENKEEL_TEST_CACHE_FOLDER";
const ROUND: &str = "EVENKEEL_TEST_CACHE_ROUND";

/// Not a test of its own: the process that the next one kills. Says "kept N" once answer N is on the disk.
#[tokio::test]
async fn child_puts_until_killed() {
    let (Some(folder), Ok(round)) = (std::env::var_os(FOLDER), std::env::var(ROUND)) else { return };
    let home = Home::new();
    let options = Options {
        redis: None,
        folder: folder.into(),
        key: SealingKey::from_hex(&"5c".repeat(32)).unwrap(),
        limits: Limits { max_size: 4 * MIB, ..home.limits },
        now: Arc::new(|| Timestamp::from_second(1_790_000_000).unwrap()),
        tell: Arc::new(|trouble| panic!("{trouble}")),
    };
    let cache = Cache::open(options).await.unwrap();
    for n in 0.. {
        cache.put(home.large(&format!("{round}-{n}"), 10_000));
        if n % 5 == 0 {
            cache.flush().await;
            // The test harness has the rest of the line.
            writeln!(std::io::stdout().lock(), "\nkept {n}").unwrap();
        }
    }
}

#[tokio::test]
async fn kill_9_under_load_leaves_a_file_that_opens_with_what_was_flushed() {
    let mut home = Home::new();
    home.key = SealingKey::from_hex(&"5c".repeat(32)).unwrap();
    home.limits.max_size = 4 * MIB;
    for round in 0..4_usize {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::kill::child_puts_until_killed", "--nocapture"])
            .env(FOLDER, home.folder.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut kept = None;
        // A different number each time, so that the kill falls on writing, eviction and folding alike.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            kept = line.strip_prefix("kept ").map(|n| n.parse::<usize>().unwrap()).or(kept);
            if kept.is_some_and(|kept| kept >= 40 + 93 * round) {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = kept.expect("it ran until it was killed");

        let cache = home.open().await;
        assert_eq!(home.told(), [""; 0], "round {round}");
        assert!(answer(&cache, &format!("{round}-{kept}")).await.is_some(), "round {round}: answer {kept}");
        cache.shut_down();
        let file = rusqlite::Connection::open(home.file()).unwrap();
        let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "round {round}");
        let pairs: (i64, i64) = file
            .query_row("SELECT (SELECT count(*) FROM answers), (SELECT count(*) FROM facts)", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(pairs.0, pairs.1, "round {round}: no answer without its facts");
    }
}
