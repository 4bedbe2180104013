//! The cache as those who hold it see it: real files, real threads, a clock that is set by hand.

mod damage;
mod everyday;
mod export;
mod kill;
mod refused;
mod secrecy;
mod shared;
mod size;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use evenkeel_dialect::{Api, normal::Key, usage::Usage};
use jiff::Timestamp;
use parking_lot::Mutex;
use tempfile::TempDir;

use crate::{
    Answered, Cache, Draft, Limits, Options, Prompt, RedisAddress, SealingKey, Stored, Trouble, disk,
    limits::Tuning,
};

pub(crate) const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);

/// A data folder, and what is told of it.
struct Home {
    folder: TempDir,
    key: SealingKey,
    limits: Limits,
    redis: Option<RedisAddress>,
    tuning: Tuning,
    clock: Arc<AtomicI64>,
    troubles: Arc<Mutex<Vec<Trouble>>>,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            key: SealingKey::generate().unwrap(),
            limits: Limits { max_size: 64 * MIB, keep_for: 30 * DAY, fresh_for: HOUR },
            redis: None,
            tuning: Tuning {
                busy: Duration::from_millis(20),
                first_pause: Duration::from_millis(20),
                used_every: Duration::ZERO,
                ..Tuning::default()
            },
            clock: Arc::new(AtomicI64::new(1_790_000_000)),
            troubles: Arc::default(),
        }
    }

    async fn open(&self) -> Cache {
        let (clock, troubles) = (Arc::clone(&self.clock), Arc::clone(&self.troubles));
        let options = Options {
            folder: self.folder.path().to_owned(),
            key: self.key.clone(),
            limits: self.limits,
            redis: self.redis.clone(),
            now: Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap()),
            tell: Arc::new(move |trouble| troubles.lock().push(trouble)),
        };
        Cache::open_tuned(options, self.tuning).await.unwrap()
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::Relaxed)).unwrap()
    }

    fn pass(&self, time: Duration) {
        self.clock.fetch_add(i64::try_from(time.as_secs()).unwrap(), Ordering::Relaxed);
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(disk::FILE)
    }

    /// What was told, by its words.
    fn told(&self) -> Vec<&'static str> {
        self.troubles.lock().iter().map(Trouble::word).collect()
    }

    fn draft(&self, question: &str, answer: &str) -> Draft {
        Draft {
            prompt: prompt(question),
            answer_api: Api::ChatCompletions,
            answer: Answered::Whole(body(answer)),
            provider: "openai".into(),
            model: "gpt-5-mini".into(),
            usage: Usage { input: Some(12), output: Some(3), ..Usage::default() },
            cost_micros: Some(70),
            at: self.now(),
        }
    }

    /// One that is at least so large, and that no compression makes small.
    fn large(&self, question: &str, bytes: usize) -> Draft {
        self.draft(question, &noise(bytes))
    }
}

fn prompt(question: &str) -> Prompt {
    Prompt {
        api: Api::ChatCompletions,
        body: Bytes::from(format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":"{question}"}}]}}"#
        )),
        tenant: "acme".into(),
        route: "default".into(),
        prompt_version: None,
        key: None,
    }
}

fn body(answer: &str) -> Bytes {
    Bytes::from(format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{answer}"}},"finish_reason":"stop"}}]}}"#
    ))
}

/// Hexadecimal digits of random numbers: half of them is what compression leaves.
fn noise(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).unwrap();
    let digits = b"0123456789abcdef";
    let text = random.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| digits[usize::from(digit)]);
    String::from_utf8(text.collect()).unwrap()
}

fn key(question: &str) -> Key {
    crate::draft::key_of(&prompt(question)).unwrap()
}

async fn answer(cache: &Cache, question: &str) -> Option<Stored> {
    cache.find_for(prompt(question)).await.1
}

/// Puts it, and is sure that it is on the disk or was dropped.
async fn put(cache: &Cache, draft: Draft) {
    cache.put(draft);
    cache.flush().await;
}

/// Generous: only a failure waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until something is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn on_disk(path: &Path) -> u64 {
    disk::size(path)
}
