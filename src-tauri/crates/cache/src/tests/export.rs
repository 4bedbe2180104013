//! From one cache to another through a file.

use std::fs;

use super::*;
use crate::{CacheError, Moved, Passphrase};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.into()).unwrap()
}

async fn filled(home: &Home, answers: u32) -> Cache {
    let cache = home.open().await;
    for n in 0..answers {
        cache.put(home.large(&n.to_string(), 2_000));
    }
    cache
}

#[tokio::test]
async fn an_export_is_read_by_a_cache_with_another_key() {
    let (home, other) = (Home::new(), Home::new());
    let cache = filled(&home, 300).await;
    let file = home.folder.path().join("answers.evenkeel");
    let moved = cache.export(file.clone(), passphrase("correct horse")).await.unwrap();
    assert_eq!(moved, Moved { entries: 300, skipped: 0 }, "with what was put just before");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names = fs::read_dir(home.folder.path()).unwrap().count();
    assert_eq!(names, 4, "the three of the cache and the export: nothing temporary is left");

    let there = other.open().await;
    assert_eq!(there.import(file.clone(), passphrase("correct horse")).await.unwrap(), moved);
    for n in [0, 7, 299] {
        let question = n.to_string();
        assert_eq!(answer(&there, &question).await, answer(&cache, &question).await);
    }
    assert_eq!(there.stats().await.would_have_hit, 0, "nobody asked");
    let again = there.import(file, passphrase("correct horse")).await.unwrap();
    assert_eq!(again, Moved { entries: 0, skipped: 300 }, "twice is once");
}

#[tokio::test]
async fn an_import_keeps_the_newer_of_two_and_leaves_out_what_expired() {
    let (home, other) = (Home::new(), Home::new());
    let cache = home.open().await;
    put(&cache, home.draft("expired", "x")).await;
    home.pass(20 * DAY);
    other.clock.store(home.clock.load(Ordering::Relaxed), Ordering::Relaxed);
    let there = other.open().await;
    put(&there, other.draft("older there", "old")).await;
    home.pass(HOUR);
    put(&cache, home.draft("older there", "new")).await;
    put(&cache, home.draft("older here", "old")).await;
    other.pass(2 * HOUR);
    put(&there, other.draft("older here", "new")).await;
    let file = home.folder.path().join("file");
    cache.export(file.clone(), passphrase("p")).await.unwrap();

    other.pass(11 * DAY);
    let moved = there.import(file, passphrase("p")).await.unwrap();
    assert_eq!(moved, Moved { entries: 1, skipped: 2 });
    assert_eq!(answer(&there, "older there").await.unwrap().body, body("new"));
    assert_eq!(answer(&there, "older here").await.unwrap().body, body("new"));
    assert_eq!(answer(&there, "expired").await, None);
}

#[tokio::test]
async fn an_import_stays_within_the_cap() {
    let (home, mut other) = (Home::new(), Home::new());
    let cache = home.open().await;
    for n in 0..200 {
        cache.put(home.large(&n.to_string(), 10_000));
    }
    let file = home.folder.path().join("file");
    cache.export(file.clone(), passphrase("p")).await.unwrap();
    other.limits.max_size = MIB;
    let there = other.open().await;
    there.import(file, passphrase("p")).await.unwrap();
    let stats = there.stats().await;
    assert!(stats.bytes <= MIB + MIB / 20 && stats.entries > 40, "{stats:?}");
}

#[tokio::test]
async fn an_export_never_overwrites_and_leaves_nothing_behind() {
    let home = Home::new();
    let cache = filled(&home, 2).await;
    let mine = home.folder.path().join("mine");
    fs::write(&mine, "precious").unwrap();
    let error = cache.export(mine.clone(), passphrase("p")).await.unwrap_err();
    assert!(matches!(&error, CacheError::Exists { path } if *path == mine));
    assert!(error.to_string().contains("never overwrites"));
    assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
    let nowhere = home.folder.path().join("no/such/folder/file");
    assert!(matches!(cache.export(nowhere, passphrase("p")).await, Err(CacheError::File { .. })));
    assert_eq!(fs::read_dir(home.folder.path()).unwrap().count(), 4);
}

#[tokio::test]
async fn files_that_cannot_be_imported_each_say_why() {
    let home = Home::new();
    let cache = filled(&home, 60).await;
    let file = home.folder.path().join("file");
    cache.export(file.clone(), passphrase("correct horse")).await.unwrap();
    let good = fs::read(&file).unwrap();
    assert!(good.len() > 120_000, "more than one chunk: {}", good.len());

    let other = Home::new();
    let there = other.open().await;
    let import = async |bytes: &[u8], text: &str| {
        fs::write(&file, bytes).unwrap();
        there.import(file.clone(), passphrase(text)).await.unwrap_err()
    };
    let wrong = import(&good, "battery staple").await;
    assert!(matches!(wrong, CacheError::WrongPassphrase { .. }), "{wrong}");
    let foreign = import(b"PK\x03\x04 some archive of somebody else's, long enough", "correct horse").await;
    assert!(matches!(foreign, CacheError::NotAnExport { .. }), "{foreign}");
    assert!(matches!(import(b"", "correct horse").await, CacheError::NotAnExport { .. }));
    let mut newer = good.clone();
    newer[16] = 9;
    let newer = import(&newer, "correct horse").await;
    assert!(matches!(newer, CacheError::Newer { found: 9, known: 1, .. }), "{newer}");
    assert_eq!(there.stats().await.entries, 0, "nothing was taken from any of them");
    for length in [10, 17, 40, 90, good.len() / 2, good.len() - 1] {
        let cut = import(&good[..length], "correct horse").await;
        assert!(matches!(cut, CacheError::Truncated { .. }), "{length}: {cut}");
    }
    let missing = there.import(home.folder.path().join("nothing"), passphrase("p")).await.unwrap_err();
    assert!(missing.to_string().contains("nothing"), "{missing}");
}
