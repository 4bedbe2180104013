//! Nothing of what was asked or answered can be read in the folder, and no other key opens it.

use std::fs;

use super::*;
use crate::Passphrase;

const ASKED: &str = "canary-prompt-5f1d3c";
const SAID: &str = "canary-answer-9b7e2a canary-answer-9b7e2a";

/// All files of the folder by name, as they are on the disk.
fn files(home: &Home) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn no_file_of_the_folder_tells_anything_of_prompts_and_answers() {
    let home = Home::new();
    let cache = home.open().await;
    let named = |question: &str| Draft {
        provider: "canary-provider".into(),
        model: "canary-model".into(),
        ..home.draft(question, SAID)
    };
    put(&cache, named(ASKED)).await;
    put(&cache, named("another")).await;
    assert_eq!(answer(&cache, ASKED).await.unwrap().body, body(SAID), "the canary was there");
    let to = home.folder.path().join("moved.evenkeel");
    cache.export(to, Passphrase::new("correct horse".into()).unwrap()).await.unwrap();

    let mut seen = Vec::new();
    let look = |home: &Home, seen: &mut Vec<String>| {
        for (name, bytes) in files(home) {
            for secret in [ASKED, SAID, "canary", "acme", "gpt-5-mini", "chatcmpl"] {
                assert!(!contains(&bytes, secret.as_bytes()), "{name} holds {secret}");
            }
            // The prompt's key isn't there either: who has it could guess prompts.
            assert!(!contains(&bytes, key(ASKED).as_bytes()), "{name} holds the key");
            assert!(!contains(&bytes, home.key.bytes()), "{name} holds the sealing key");
            seen.push(name);
        }
    };
    look(&home, &mut seen);
    cache.shut_down();
    look(&home, &mut seen);
    for name in ["cache.db", "cache.db-wal", "cache.db-shm", "moved.evenkeel"] {
        assert!(seen.contains(&name.to_owned()), "{name} was looked at: {seen:?}");
    }
}

#[tokio::test]
async fn one_prompt_has_another_place_under_another_key() {
    let (one, two) = (Home::new(), Home::new());
    let mut places = Vec::new();
    for home in [&one, &two] {
        let cache = home.open().await;
        put(&cache, home.draft("q", "a")).await;
        cache.shut_down();
        let file = rusqlite::Connection::open(home.file()).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
        places.push(file.query_row("SELECT id, place FROM answers", [], row).unwrap());
    }
    assert_ne!(places[0], places[1]);
}

#[tokio::test]
async fn with_another_key_the_cache_begins_again_and_says_so_once() {
    let mut home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    cache.shut_down();

    home.key = SealingKey::generate().unwrap();
    let cache = home.open().await;
    assert_eq!(home.told(), ["other_key"]);
    assert_eq!(answer(&cache, "q").await, None);
    assert_eq!(cache.stats().await.entries, 0);
    put(&cache, home.draft("q", "b")).await;
    assert!(answer(&cache, "q").await.is_some());
    cache.shut_down();
    let cache = home.open().await;
    assert!(answer(&cache, "q").await.is_some());
    assert_eq!(home.told(), ["other_key"], "not a second time");
}

#[tokio::test]
async fn a_key_from_hex_opens_what_its_twin_sealed() {
    let mut home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    cache.shut_down();
    home.key = SealingKey::from_hex(&home.key.to_hex()).unwrap();
    assert!(answer(&home.open().await, "q").await.is_some());
}
