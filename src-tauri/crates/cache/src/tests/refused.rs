//! Disks that refuse: locked, full, not ours. Requests never notice, a person is told once, and it ends by itself.

use rusqlite::Connection;

use super::*;

async fn until_kept(home: &Home, cache: &Cache, question: &str) {
    until("answers are kept again", async || {
        put(cache, home.draft(question, "a")).await;
        answer(cache, question).await.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_file_that_another_program_writes_to_is_read_and_written_later() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("before", "a")).await;
    let other = Connection::open(home.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    until("it was tried more than once", async || {
        put(&cache, home.draft("meanwhile", "a")).await;
        cache.stats().await.dropped > 3
    })
    .await;
    assert_eq!(home.told(), ["locked"]);
    assert!(answer(&cache, "before").await.is_some(), "look-ups go on");
    assert!(matches!(cache.clear().await, Ok(1)), "and it can still be thrown away");
    drop(other);
    until_kept(&home, &cache, "after").await;
    assert_eq!(home.told(), ["locked"]);
}

#[tokio::test]
async fn a_program_that_reads_for_ever_does_not_make_the_files_grow_past_the_cap() {
    let mut home = Home::new();
    home.limits.max_size = 8 * MIB;
    let cache = home.open().await;
    put(&cache, home.draft("before", "a")).await;
    let other = Connection::open(home.file()).unwrap();
    other.execute_batch("BEGIN").unwrap();
    let _: i64 = other.query_row("SELECT count(*) FROM facts", [], |row| row.get(0)).unwrap();
    for n in 0..200 {
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    assert!(on_disk(&home.file()) < 2 * MIB, "{}", on_disk(&home.file()));
    assert_eq!(home.told(), ["locked"]);
    assert!(answer(&cache, "before").await.is_some());
    drop(other);
    until_kept(&home, &cache, "after").await;
    assert_eq!(home.told(), ["locked"]);
}

#[tokio::test]
async fn a_file_that_is_locked_at_the_start_misses_and_recovers_by_look_ups_alone() {
    let home = Home::new();
    let cache = home.open().await;
    put(&cache, home.draft("before", "a")).await;
    cache.shut_down();

    let other = Connection::open(home.file()).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let cache = home.open().await;
    assert_eq!(home.told(), ["locked"]);
    assert_eq!(answer(&cache, "before").await, None);
    assert!(!cache.stats().await.reachable);
    put(&cache, home.draft("meanwhile", "a")).await;
    let exported =
        cache.export(home.folder.path().join("x"), crate::Passphrase::new("p".into()).unwrap()).await;
    assert!(matches!(exported, Err(crate::CacheError::Unreachable { .. })));
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    until("look-ups find again", async || answer(&cache, "before").await.is_some()).await;
    assert!(cache.stats().await.reachable);
    assert_eq!(home.told(), ["locked"]);
}

#[tokio::test]
async fn a_full_disk_turns_writing_off_with_one_notice() {
    let mut home = Home::new();
    home.tuning.most_pages = Some(40);
    let cache = home.open().await;
    put(&cache, home.draft("small", "a")).await;
    for n in 0..20 {
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    assert_eq!(home.told(), ["full"]);
    assert!(answer(&cache, "small").await.is_some(), "what is there is still found");
    assert!(cache.stats().await.dropped > 0);
    until("it is tried again and fails again", async || {
        let before = cache.stats().await.dropped;
        for n in 0..20 {
            put(&cache, home.large(&n.to_string(), 50_000)).await;
        }
        cache.stats().await.dropped > before
    })
    .await;
    assert_eq!(home.told(), ["full"]);
    until_kept(&home, &cache, "small again").await;
    assert_eq!(home.told(), ["full"], "small answers that fit in between don't make it a new episode");
}

#[tokio::test]
async fn an_episode_that_is_over_may_be_told_again() {
    let mut home = Home::new();
    home.tuning.calm = Duration::ZERO;
    let cache = home.open().await;
    for episode in 1..=2 {
        let other = Connection::open(home.file()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        until("it is told", async || {
            put(&cache, home.draft("q", "a")).await;
            home.told().len() == episode
        })
        .await;
        drop(other);
        until_kept(&home, &cache, &format!("after {episode}")).await;
    }
    assert_eq!(home.told(), ["locked", "locked"]);
}

/// A disk of its own, where that is allowed; else the test above has to do.
#[cfg(target_os = "linux")]
struct SmallDisk(PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_is_really_full_is_told_once_and_used_again_when_there_is_space() {
    let outer = TempDir::new().unwrap();
    let Some(disk) = SmallDisk::mount(&outer.path().join("disk")) else {
        println!("no rights to mount a small disk; the same is tested with a page limit");
        return;
    };
    let home = Home { folder: TempDir::new_in(&disk.0).unwrap(), ..Home::new() };
    let cache = home.open().await;
    put(&cache, home.draft("small", "a")).await;
    // Everything that is left, but for a few pages.
    let ballast = disk.0.join("ballast");
    let mut size = 1024 * 1024;
    while size > 4_096 {
        size -= 4_096;
        if std::fs::write(&ballast, vec![1; size]).is_ok() {
            break;
        }
    }
    for n in 0..10 {
        put(&cache, home.large(&n.to_string(), 50_000)).await;
    }
    assert_eq!(home.told(), ["full"]);
    assert!(answer(&cache, "small").await.is_some(), "what is there is still found");
    std::fs::remove_file(&ballast).unwrap();
    until("answers are kept again", async || {
        put(&cache, home.large("large", 50_000)).await;
        answer(&cache, "large").await.is_some()
    })
    .await;
    assert_eq!(home.told(), ["full"]);
    drop(cache);
    drop(home);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_once_and_used_when_it_can() {
    let outer = TempDir::new().unwrap();
    let home = Home::new();
    let folder = outer.path().join("data");
    std::fs::write(&folder, "in the way").unwrap();
    let troubles = Arc::clone(&home.troubles);
    let now = home.now();
    let options = Options {
        redis: None,
        folder: folder.clone(),
        key: home.key.clone(),
        limits: home.limits,
        now: Arc::new(move || now),
        tell: Arc::new(move |trouble| troubles.lock().push(trouble)),
    };
    let cache = Cache::open_tuned(options, home.tuning).await.unwrap();
    for n in 0..5 {
        put(&cache, home.draft(&n.to_string(), "a")).await;
        assert_eq!(answer(&cache, "q").await, None);
    }
    assert!(matches!(cache.clear().await, Err(crate::CacheError::Unreachable { .. })));
    assert_eq!(home.told(), ["not_writable"]);
    std::fs::remove_file(&folder).unwrap();
    until_kept(&home, &cache, "q").await;
    assert_eq!(home.told(), ["not_writable"]);
}

#[tokio::test]
async fn a_folder_in_the_file_s_place_is_not_emptied() {
    let home = Home::new();
    std::fs::create_dir(home.file()).unwrap();
    std::fs::write(home.file().join("mine"), "kept").unwrap();
    let cache = home.open().await;
    put(&cache, home.draft("q", "a")).await;
    assert_eq!(home.told(), ["not_writable"]);
    assert_eq!(std::fs::read_to_string(home.file().join("mine")).unwrap(), "kept");
}

#[test]
fn every_trouble_says_in_a_sentence_what_it_means_and_what_to_do() {
    let path = PathBuf::from("/data/cache.db");
    for trouble in [
        Trouble::Rebuilt { path: path.clone(), why: "torn".into() },
        Trouble::OtherKey { path: path.clone() },
        Trouble::Locked { path: path.clone() },
        Trouble::Full { path: path.clone() },
        Trouble::NotWritable { path, detail: "read-only".into() },
    ] {
        let text = trouble.to_string();
        assert!(text.contains("/data/cache.db") && text.ends_with('.'), "{text}");
        assert!(!trouble.headline().is_empty() && trouble.headline().len() < 60);
    }
}
