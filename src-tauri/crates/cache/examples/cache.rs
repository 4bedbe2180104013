//! How quick the cache is with 100,000 answers, and how well it keeps to its cap: the table of docs/data.md.
//!
//! Everything goes through the same functions as in the router, so a look-up's time has in it the way to the cache's
//! thread and back. Answers are 8 KiB that no compression makes small.
#![expect(clippy::print_stdout, reason = "a command line talks to its terminal")]

use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use evenkeel_cache::{Answered, Cache, Draft, Limits, Options, Prompt, SealingKey};
use evenkeel_dialect::{Api, normal::Key, usage::Usage};
use jiff::Timestamp;

const ANSWERS: u32 = 100_000;
const LOOK_UPS: u32 = 20_000;
const MIB: u64 = 1024 * 1024;
/// Goals for a look-up at p50 and p99.
const GOALS: [Duration; 2] = [Duration::from_micros(500), Duration::from_millis(3)];

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut missed = 0;
    missed += look_ups(&folder.path().join("large")).await?;
    missed += cap(&folder.path().join("full")).await?;
    if missed > 0 {
        return Err(format!("{missed} goals missed").into());
    }
    Ok(())
}

async fn open(folder: PathBuf, max_size: u64) -> Outcome<Cache> {
    let limits =
        Limits { max_size, keep_for: Duration::from_hours(30 * 24), fresh_for: Duration::from_hours(1) };
    let tell = Arc::new(|trouble| println!("{trouble}"));
    let options = Options {
        folder,
        key: SealingKey::generate()?,
        limits,
        redis: None,
        now: Arc::new(Timestamp::now),
        tell,
    };
    Ok(Cache::open(options).await?)
}

/// Fills a cache and asks it.
async fn look_ups(folder: &Path) -> Outcome<u32> {
    let cache = open(folder.to_owned(), 2_048 * MIB).await?;
    let mut random = Random(0x5EED);
    let begun = Instant::now();
    for n in 0..ANSWERS {
        cache.put(draft(n, &random.text(8_192)));
        if n % 64 == 0 {
            cache.flush().await;
        }
    }
    cache.flush().await;
    let took = begun.elapsed();
    let stats = cache.stats().await;
    println!("{} answers of 8 KiB, {} MiB on disk", stats.entries, stats.bytes / MIB);
    println!("written: {:.0} a second ({} dropped)", f64::from(ANSWERS) / took.as_secs_f64(), stats.dropped);

    let mut missed = 0;
    for (name, from) in [("found", 0), ("not found", ANSWERS)] {
        let mut times = Vec::new();
        for _ in 0..LOOK_UPS {
            let n = from + random.below(ANSWERS);
            let begun = Instant::now();
            let found = cache.find(key(n)).await;
            times.push(begun.elapsed());
            if found.is_some() != (from == 0) {
                return Err(format!("answer {n} should be {name}").into());
            }
        }
        times.sort_unstable();
        let at = |percent: usize| times[times.len() * percent / 100];
        println!("{name}: p50 {:.3} ms, p99 {:.3} ms", milliseconds(at(50)), milliseconds(at(99)));
        missed += u32::from(at(50) > GOALS[0]) + u32::from(at(99) > GOALS[1]);
    }
    Ok(missed)
}

/// Writes several times what fits, and looks at the disk all the while.
async fn cap(folder: &Path) -> Outcome<u32> {
    let max_size = 64 * MIB;
    let cache = open(folder.to_owned(), max_size).await?;
    let mut random = Random(0xCAB);
    let (mut largest, mut full) = (0, u64::MAX);
    let begun = Instant::now();
    let answers = 40_000;
    for n in 0..answers {
        cache.put(draft(n, &random.text(8_192)));
        if n % 32 == 0 {
            cache.flush().await;
            let bytes = on_disk(folder)?;
            largest = largest.max(bytes);
            if n > answers / 2 {
                full = full.min(bytes);
            }
        }
    }
    cache.flush().await;
    let percent = |bytes: u64| 100.0 * to_f64(bytes) / to_f64(max_size);
    println!(
        "constant writes into a full cache of 64 MiB: {:.0} a second, from {:.1} to {:.1} % of the cap",
        f64::from(answers) / begun.elapsed().as_secs_f64(),
        percent(full),
        percent(largest),
    );
    Ok(u32::from(percent(largest) > 105.0))
}

fn on_disk(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

fn key(n: u32) -> Key {
    Key::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes())
}

fn draft(n: u32, answer: &str) -> Draft {
    let body = format!(
        r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{answer}"}},"finish_reason":"stop"}}]}}"#
    );
    let prompt = Prompt {
        api: Api::ChatCompletions,
        body: Bytes::new(),
        tenant: String::new(),
        route: String::new(),
        prompt_version: None,
        key: Some(key(n)),
    };
    Draft {
        prompt,
        answer_api: Api::ChatCompletions,
        answer: Answered::Whole(body.into()),
        provider: "openai".into(),
        model: "m".into(),
        usage: Usage::default(),
        cost_micros: Some(100),
        at: Timestamp::now(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn to_f64(bytes: u64) -> f64 {
    u32::try_from(bytes / 1024).map_or(f64::INFINITY, |kib| f64::from(kib) * 1024.0)
}

/// `xorshift64*`: quick, and the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: u32) -> u32 {
        u32::try_from(self.next() % u64::from(most)).unwrap_or(0)
    }

    /// Letters and digits: six bits of each eight are random.
    fn text(&mut self, length: usize) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let mut bits = self.next();
            for _ in 0..10 {
                text.push(char::from(DIGITS[usize::try_from(bits & 63).unwrap_or(0)]));
                bits >>= 6;
            }
        }
        text
    }
}
