//! The database as it would be after a month, without waiting for a month.
//!
//! Buckets are filled with the same [`Counts`] that the writer uses and written into the same tables; that the
//! writer fills them so is what the tests of the store show.

use std::{collections::BTreeMap, path::Path};

use evenkeel_slo::tally::{Basis, Counts};
use evenkeel_store::{Promise, Resolution};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use crate::{
    Outcome,
    traffic::{Combination, PROVIDERS, Traffic},
};

const DAYS: i64 = 30;
const MINUTES_KEPT: i64 = 8 * 86_400;

/// Buckets of one length, by their number: a series' own, or a promise's after all of those.
type Buckets = BTreeMap<u64, Counts>;

/// The first promise's number among the buckets.
const PROMISES: u64 = 1_000_000;

/// Thirty days up to this minute, with at least so many requests; how many there are.
pub(crate) fn roll_ups(folder: &Path, requests: u64, promises: &[Promise]) -> Outcome<u64> {
    let mut database = Connection::open(folder.join("evenkeel.db"))?;
    let transaction = database.transaction()?;
    let end = Timestamp::now().as_second().div_euclid(60) * 60;
    series(&transaction, end)?;
    let mut traffic = Traffic::new();
    // One in a hundred more, for the waves of the day are drawn.
    let average = requests * 101 / 100 / (30 * 1_440);
    let (mut hour, mut day) = (Buckets::new(), Buckets::new());
    let mut made = 0;
    let begin = end - DAYS * 86_400;
    for start in (begin..end).step_by(60) {
        let mut minute = Buckets::new();
        let of_day = u64::try_from(start.rem_euclid(86_400) / 60).unwrap_or(0);
        let last = start + 60 >= end;
        let count = traffic.in_minute(of_day, average);
        made += count;
        for _ in 0..count {
            one(&mut traffic, &mut minute, promises);
        }
        for (key, counts) in &minute {
            hour.entry(*key).or_default().merge(counts);
        }
        if start >= end - MINUTES_KEPT {
            write(&transaction, Resolution::Minute, start, &minute)?;
        }
        if (start + 60) % 3_600 == 0 || last {
            for (key, counts) in &hour {
                day.entry(*key).or_default().merge(counts);
            }
            write(&transaction, Resolution::Hour, start - start.rem_euclid(3_600), &hour)?;
            hour.clear();
        }
        if (start + 60) % 86_400 == 0 || last {
            write(&transaction, Resolution::Day, start - start.rem_euclid(86_400), &day)?;
            day.clear();
        }
    }
    transaction.commit()?;
    Ok(made)
}

fn one(traffic: &mut Traffic, minute: &mut Buckets, promises: &[Promise]) {
    let (who, request) = (traffic.combination(), traffic.request());
    let (tenant, feature) = (format!("tenant-{}", who.tenant), format!("feature-{}", who.feature));
    let target = promises.first().map(|promise| promise.target_ms);
    minute.entry(who.number()).or_default().add(&request, Basis::FirstByte, target);
    for (promise, number) in promises.iter().zip(PROMISES..) {
        if promise.covers(&tenant, Some(&feature)) {
            minute.entry(number).or_default().add(&request, promise.basis, Some(promise.target_ms));
        }
    }
}

fn series(transaction: &Transaction<'_>, end: i64) -> Outcome<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO series (id, mode, tenant, feature, provider, class, last_day)
         VALUES (?1, 'real', 'tenant-' || ?2, 'feature-' || ?3, ?4, 'served', ?5)",
    )?;
    for who in Combination::all() {
        insert.execute(params![
            who.number().cast_signed(),
            who.tenant.cast_signed(),
            who.feature.cast_signed(),
            PROVIDERS[who.provider],
            end - end.rem_euclid(86_400)
        ])?;
    }
    Ok(())
}

fn write(
    transaction: &Transaction<'_>,
    resolution: Resolution,
    start: i64,
    buckets: &Buckets,
) -> Outcome<()> {
    let name = match resolution {
        Resolution::Minute => "minute",
        Resolution::Hour => "hour",
        Resolution::Day => "day",
    };
    let series = format!("INSERT INTO rollup_{name} (start, series, counts) VALUES (?1, ?2, ?3)");
    let promise =
        format!("INSERT INTO promise_{name} (start, promise, mode, counts) VALUES (?1, ?2, 'real', ?3)");
    for (key, counts) in buckets {
        let (sql, number) = if *key < PROMISES { (&series, *key) } else { (&promise, 1 + *key - PROMISES) };
        transaction.prepare_cached(sql)?.execute(params![start, number.cast_signed(), counts.to_bytes()])?;
    }
    Ok(())
}

/// The newest rows of that month, one every two seconds and a half, each with its attempt.
pub(crate) fn rows(folder: &Path, count: i64) -> Outcome<()> {
    let mut database = Connection::open(folder.join("evenkeel.db"))?;
    let transaction = database.transaction()?;
    let step_us = DAYS * 86_400 * 1_000_000 / count;
    let first_us = Timestamp::now().as_microsecond() - step_us * count;
    transaction.execute(
        "WITH RECURSIVE n (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < ?1 - 1)
         INSERT INTO requests (id, at_us, mode, tenant, feature, route, dialect, endpoint, stream, model_asked, model,
             provider, served_by, status, outcome, counted, cause, first_token_ms, total_ms, tokens_input,
             tokens_output, cost_micros, cache, plan, rolled)
         SELECT printf('01J%023d', x), ?2 + x * ?3, 'real', 'tenant-' || (x * 7 % 10), 'feature-' || (x * 3 % 5),
             'default', 'openai', '/v1/chat/completions', 1, 'gpt-5-mini', 'gpt-5-mini', 'openai', 'primary',
             iif(x % 333, 200, 502), iif(x % 333, 'ok', 'server_error'), iif(x % 333, 'good', 'bad'),
             iif(x % 333, NULL, 'provider_outage'), iif(x % 333, 400 + x * 31 % 2000, NULL), 4000 + x * 37 % 6000,
             1200, 250, 2700, 'off', '{\"route\":\"default\",\"targets\":[\"openai\",\"anthropic\"]}', 1
         FROM n",
        [count, first_us, step_us],
    )?;
    transaction.execute_batch(
        "INSERT INTO attempts (request, place, n, provider, model, outcome, status, first_token_ms, total_ms, cost_micros)
         SELECT seq, 0, 1, provider, model, outcome, status, first_token_ms, total_ms, cost_micros FROM requests",
    )?;
    transaction.commit()?;
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}
