//! What is asked of it, and what came out.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use evenkeel_slo::Counted;
use evenkeel_store::{AttemptRow, By, LedgerRow, Mode, Promise, Store, StoreError, Tokens};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use crate::{Outcome, traffic::Traffic};

const ANSWER: Duration = Duration::from_millis(10);
const MOST_BYTES: i64 = 64 * 1024 * 1024;
const TIMES: usize = 25;
const RECORDED: usize = 200_000;

/// False if one took too long.
pub(crate) fn answers(folder: &Path, promises: &[Promise]) -> Outcome<bool> {
    let reader = Store::read_only(folder)?;
    let to = Timestamp::now();
    let from = to - SignedDuration::from_hours(30 * 24);
    println!("{:<34} {:>9} {:>9} {:>9}", "30 days, milliseconds", "best", "median", "worst");
    let mut met = true;
    for (name, by) in [("tenant", By::Tenant), ("feature", By::Feature), ("provider", By::Provider)] {
        met &= time(&format!("by {name}"), || {
            let shares = reader.breakdown(Mode::Real, by, from, to)?;
            Ok(shares.iter().filter_map(|share| share.counts.p95_ms()).max())
        })?;
    }
    for promise in promises {
        met &= time(&format!("promise {}", promise.name), || {
            Ok(reader.promise_window(promise, Mode::Real, from, to)?.counts.p95_ms())
        })?;
    }
    let minutes = to - SignedDuration::from_hours(7 * 24);
    met &= time("7 days, cut to the minute", || {
        Ok(reader.promise_window(&promises[0], Mode::Real, minutes, to)?.counts.p95_ms())
    })?;
    let recent = to - SignedDuration::from_hours(2);
    // At a start only, so without a goal.
    let _ = time("the last 2 h, row by row", || {
        let recent = reader.recent(&promises[0], Mode::Real, recent)?;
        Ok(u64::try_from(recent.len()).ok())
    })?;
    println!("{:<34} {}", "every answer but the last", if met { "under 10 ms" } else { "NOT UNDER 10 ms" });
    Ok(met)
}

/// Whether it was fast enough, by the median.
fn time(name: &str, mut ask: impl FnMut() -> Result<Option<u64>, StoreError>) -> Outcome<bool> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        if ask()?.is_none() {
            return Err(format!("{name}: no answer").into());
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    let median = took[TIMES / 2];
    let [best, shown, worst] = [took[0], median, took[TIMES - 1]].map(|took| took.as_secs_f64() * 1_000.0);
    println!("{name:<34} {best:>9.2} {shown:>9.2} {worst:>9.2}");
    Ok(median < ANSWER)
}

/// False if the roll-ups are too large.
pub(crate) fn size(folder: &Path) -> Outcome<bool> {
    let database = Connection::open(folder.join("evenkeel.db"))?;
    let mut statement = database.prepare(
        "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = true AND (name GLOB 'rollup_*' OR name GLOB 'promise_*')
         GROUP BY name",
    )?;
    let tables = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    println!("\n{:<34} {:>9}", "size of", "KiB");
    let mut total = 0;
    for table in tables {
        let (name, bytes) = table?;
        let rows: i64 = database.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))?;
        println!("{name:<34} {:>9}   {rows} rows", bytes / 1_024);
        total += bytes;
    }
    let met = total < MOST_BYTES;
    println!(
        "{:<34} {:>9}   {} 64 MiB",
        "all roll-ups",
        total / 1_024,
        if met { "under" } else { "NOT UNDER" }
    );
    Ok(met)
}

/// Rows a second through the store, as fast as it takes them, with the full ledger under it.
pub(crate) fn throughput(folder: &Path, runtime: &tokio::runtime::Runtime) -> Outcome<()> {
    let store = Store::open(folder)?;
    let mut traffic = Traffic::new();
    println!();
    for (name, most) in [("rows a second, in full batches", 4_096), ("rows a second, one a commit", 1)] {
        let count = if most == 1 { RECORDED / 40 } else { RECORDED };
        let rows: Vec<LedgerRow> = (0..count).map(|n| row(&mut traffic, &format!("{most}-{n}"))).collect();
        let began = Instant::now();
        for (n, row) in (1..).zip(rows) {
            if !store.record(row) {
                return Err("the queue is full".into());
            }
            if n % most == 0 {
                runtime.block_on(store.flush())?;
            }
        }
        runtime.block_on(store.flush())?;
        let took = began.elapsed().as_secs_f64();
        println!("{name:<34} {:>9.0}", f64::from(u32::try_from(count)?) / took);
    }
    store.shut_down()?;
    Ok(())
}

fn row(traffic: &mut Traffic, id: &str) -> LedgerRow {
    let (who, request) = (traffic.combination(), traffic.request());
    let provider = crate::traffic::PROVIDERS[who.provider].to_owned();
    let outcome = if request.counted == Counted::Bad { "server_error" } else { "ok" };
    let tokens = Tokens {
        input: Some(request.tokens.input),
        output: Some(request.tokens.output),
        ..Tokens::default()
    };
    LedgerRow {
        id: id.to_owned(),
        at: Timestamp::now(),
        mode: Mode::Real,
        tenant: format!("tenant-{}", who.tenant),
        feature: Some(format!("feature-{}", who.feature)),
        route: Some("default".into()),
        dialect: "openai".into(),
        endpoint: "/v1/chat/completions".into(),
        stream: true,
        prompt_version: None,
        model_asked: Some("gpt-5-mini".into()),
        model: Some("gpt-5-mini".into()),
        provider: Some(provider.clone()),
        served_by: Some("primary".into()),
        status: request.status,
        outcome: outcome.into(),
        counted: request.counted,
        cause: request.cause,
        first_token_ms: request.first_token_ms,
        total_ms: request.total_ms,
        tokens,
        cost_micros: request.cost_micros,
        saved_micros: None,
        cache: "off".into(),
        degraded: None,
        attempts: vec![AttemptRow {
            n: 1,
            provider,
            model: Some("gpt-5-mini".into()),
            outcome: outcome.into(),
            status: Some(request.status),
            first_token_ms: request.first_token_ms,
            total_ms: request.total_ms,
            cost_micros: request.cost_micros,
            tokens,
            provider_request_id: Some("req_0123456789".into()),
            detail: None,
        }],
        plan: Some(r#"{"route":"default","targets":["openai","anthropic"]}"#.into()),
    }
}
