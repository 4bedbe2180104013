//! Files that aren't what they were.

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
};

use rusqlite::Connection;

use super::*;

/// Two hundred answers in one file, closed.
async fn filled(home: &Home) {
    let cache = home.open().await;
    for n in 0..200 {
        cache.put(home.large(&n.to_string(), 3_000));
    }
    cache.flush().await;
    assert_eq!(cache.stats().await.entries, 200);
    cache.shut_down();
}

/// It works, empty or not, and keeps what is put.
async fn works(home: &Home, cache: &Cache) {
    put(cache, home.draft("new", "a")).await;
    until("a new answer is found", async || {
        if answer(cache, "new").await.is_some() {
            return true;
        }
        put(cache, home.draft("new", "a")).await;
        false
    })
    .await;
}

#[tokio::test]
async fn what_is_no_database_is_begun_again_and_told_once() {
    for bytes in [
        &b"This is my diary, not a database. It is longer than a hundred bytes, as diaries are, and goes on."
            [..],
        b"SQLite",
        &[0; 5_000],
    ] {
        let home = Home::new();
        fs::write(home.file(), bytes).unwrap();
        let cache = home.open().await;
        assert_eq!(home.told(), ["rebuilt"]);
        works(&home, &cache).await;
        assert_eq!(home.told(), ["rebuilt"]);
    }
}

#[tokio::test]
async fn another_program_s_database_and_a_newer_format_are_begun_again() {
    for (sql, why) in [
        ("CREATE TABLE bookmarks (url TEXT)", "another program"),
        ("PRAGMA application_id = 1162568545; PRAGMA user_version = 99; CREATE TABLE t (x)", "format 99"),
    ] {
        let home = Home::new();
        Connection::open(home.file()).unwrap().execute_batch(sql).unwrap();
        let cache = home.open().await;
        let told = home.troubles.lock().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(told.len() == 1 && told[0].contains(why) && told[0].contains("empty"), "{told:?}");
        works(&home, &cache).await;
    }
}

#[tokio::test]
async fn a_file_that_was_cut_short_is_begun_again_and_told_once() {
    for keep in [100, 4_096, 50_000] {
        let home = Home::new();
        filled(&home).await;
        OpenOptions::new().write(true).open(home.file()).unwrap().set_len(keep).unwrap();
        let cache = home.open().await;
        for n in 0..200 {
            answer(&cache, &n.to_string()).await;
        }
        works(&home, &cache).await;
        assert_eq!(home.told(), ["rebuilt"], "cut to {keep}");
    }
}

#[tokio::test]
async fn scrambled_pages_cost_answers_and_never_more() {
    let home = Home::new();
    filled(&home).await;
    let mut file = OpenOptions::new().write(true).open(home.file()).unwrap();
    let length = file.metadata().unwrap().len();
    for page in (1..length / 4_096).step_by(2) {
        file.seek(SeekFrom::Start(page * 4_096)).unwrap();
        file.write_all(&[0xA5; 4_096]).unwrap();
    }
    drop(file);
    let cache = home.open().await;
    for n in 0..200 {
        answer(&cache, &n.to_string()).await;
        cache.put(home.large(&n.to_string(), 3_000));
    }
    works(&home, &cache).await;
    until("a look-up and what follows from it are done", async || {
        cache.flush().await;
        answer(&cache, "new").await.is_some()
    })
    .await;
    assert_eq!(home.told(), ["rebuilt"]);
    assert!(home.troubles.lock()[0].to_string().contains("cache.db"));
}

/// Scrambled while it is open, so that a reader meets it first.
#[tokio::test]
async fn damage_while_running_is_a_miss_and_then_a_new_file() {
    let home = Home::new();
    filled(&home).await;
    let cache = home.open().await;
    assert!(answer(&cache, "0").await.is_some());
    let mut file = OpenOptions::new().write(true).open(home.file()).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(4_096)).unwrap();
    file.write_all(&vec![0xA5; usize::try_from(length - 4_096).unwrap()]).unwrap();
    drop(file);
    // What is in the connection's own memory it may still give out.
    for n in 0..200 {
        answer(&cache, &n.to_string()).await;
    }
    until("it was noticed", async || {
        for n in 0..200 {
            answer(&cache, &n.to_string()).await;
        }
        !home.told().is_empty()
    })
    .await;
    works(&home, &cache).await;
    assert_eq!(home.told(), ["rebuilt"]);
}

#[tokio::test]
async fn an_answer_that_was_tampered_with_is_a_miss_and_dropped() {
    let home = Home::new();
    let cache = home.open().await;
    for question in ["changed", "cut", "swapped", "other", "fine"] {
        cache.put(home.draft(question, question));
    }
    cache.flush().await;
    cache.shut_down();

    let file = Connection::open(home.file()).unwrap();
    let place = |question: &str| crate::seal::Sealer::new(&home.key).index(&key(question)).row();
    let sealed = |question: &str| -> Vec<u8> {
        let select = "SELECT sealed FROM answers WHERE id = ?1";
        file.query_row(select, [place(question)], |row| row.get(0)).unwrap()
    };
    let write = |question: &str, bytes: &[u8]| {
        let update = "UPDATE answers SET sealed = ?2 WHERE id = ?1";
        assert_eq!(file.execute(update, (place(question), bytes)).unwrap(), 1);
    };
    let mut changed = sealed("changed");
    changed[40] ^= 1;
    write("changed", &changed);
    write("cut", &sealed("cut")[..30]);
    write("swapped", &sealed("other"));
    drop(file);

    let cache = home.open().await;
    for question in ["changed", "cut", "swapped"] {
        assert_eq!(answer(&cache, question).await, None, "{question}");
    }
    assert_eq!(answer(&cache, "other").await.unwrap().body, body("other"));
    until("the three are dropped", async || cache.stats().await.entries == 2).await;
    put(&cache, home.draft("changed", "again")).await;
    assert!(answer(&cache, "changed").await.is_some());
    assert_eq!(home.told(), [""; 0], "single answers are nobody's trouble");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_deleted_while_it_is_open_answers_no_more_and_is_begun_again() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("old", "a")).await;
    assert!(answer(&cache, "old").await.is_some());
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", home.file().display()));
    }
    assert!(answer(&cache, "old").await.is_none());
    works(&home, &cache).await;
    assert!(home.told().is_empty(), "nothing is wrong: {:?}", home.told());
    cache.shut_down();
    let again = home.open().await;
    assert!(answer(&again, "new").await.is_some(), "it is on the disk");
    assert!(answer(&again, "old").await.is_none());
}
