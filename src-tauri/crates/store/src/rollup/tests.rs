//! Whatever happens between two steps, the roll-ups are what a count over the raw rows gives.

use std::{path::Path, time::Instant};

use evenkeel_slo::{Cause, Counted, tally::Basis, tally::Counts};
use jiff::Timestamp;
use proptest::prelude::*;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    insert, migrate,
    promise::{self, Promise},
    prune::{Pruner, Retention},
    rows::{LedgerRow, Mode},
    sample::{days_ago, row, second},
    span::{self, Resolution},
};

use super::{catch_up::CatchUp, tables::*, *};

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, Path::new("memory"), migrate::MIGRATIONS).unwrap();
    connection
}

fn promise(name: &str, target_ms: u64) -> Promise {
    Promise { name: name.into(), tenant: None, feature: None, basis: Basis::FirstByte, target_ms }
}

fn acme() -> Promise {
    Promise { tenant: Some("acme".into()), basis: Basis::Complete, ..promise("Acme", 1_000) }
}

/// As the writer does it; not committed where `fails`, as if the process had died before.
fn write(connection: &mut Connection, counter: &mut Counter, rows: &[LedgerRow], fails: bool) {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let finished: Vec<Finished> = rows.iter().map(LedgerRow::finished).collect();
    for row in rows {
        insert::request(&transaction, row).unwrap();
    }
    counter.count(&transaction, finished.iter()).unwrap();
    if fails {
        drop(transaction);
        counter.forget();
    } else {
        transaction.commit().unwrap();
    }
}

fn catch_up(connection: &mut Connection) {
    let (mut catch_up, mut counter) = (CatchUp::new(Retention::default()), Counter::default());
    while catch_up.due().is_some() {
        catch_up.step_if_due(connection, &mut counter);
    }
}

fn sum(connection: &Connection, sql: &str) -> Counts {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let mut sum = Counts::default();
    for bytes in rows {
        sum.merge(&Counts::from_bytes(&bytes.unwrap()).unwrap());
    }
    sum
}

fn series_sum(connection: &Connection, resolution: Resolution) -> Counts {
    sum(connection, &format!("SELECT counts FROM {}", series_table(resolution)))
}

fn promise_sum(connection: &Connection, resolution: Resolution, promise: &Promise) -> Counts {
    let Some(id) = promise::id(connection, promise).unwrap() else { return Counts::default() };
    sum(connection, &format!("SELECT counts FROM {} WHERE promise = {id}", promise_table(resolution)))
}

/// The truth: one by one over the rows, with none of the code that keeps roll-ups.
fn over_rows(rows: &[LedgerRow], promise: &Promise) -> Counts {
    let mut counts = Counts::default();
    for row in rows.iter().filter(|row| row.mode != Mode::Drill) {
        if promise.covers(&row.tenant, row.feature.as_deref()) {
            counts.add(&row.measured(), promise.basis, Some(promise.target_ms));
        }
    }
    counts
}

prop_compose! {
    fn a_row()(
        at in 0..200_000_i64,
        tenant in proptest::sample::select(vec!["acme", "local"]),
        feature in proptest::option::of(proptest::sample::select(vec!["chat", "search"])),
        counted in proptest::sample::select(&Counted::ALL[..]),
        status in proptest::sample::select(vec![200_u16, 402, 499, 502]),
        (first, total) in (proptest::option::of(0..4_000_u64), 0..400_000_u64),
        cost in proptest::option::of(-5..90_000_i64),
        mode in proptest::sample::select(&Mode::ALL[..]),
        served_by in proptest::option::of(proptest::sample::select(vec!["primary", "cache"])),
        cause in proptest::sample::select(&Cause::ALL[..]),
    ) -> LedgerRow {
        LedgerRow {
            tenant: tenant.into(),
            feature: feature.map(Into::into),
            counted,
            status,
            first_token_ms: first,
            total_ms: total,
            cost_micros: cost,
            mode,
            served_by: served_by.map(Into::into),
            cause: (counted == Counted::Bad).then_some(cause),
            ..row("r", second(at))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Batches of any size; some die before their commit and are written again; the writer forgets what it knew;
    /// one promise is there from the start and one comes in the middle.
    #[test]
    fn any_split_with_crashes_between_any_two_steps_gives_the_same_totals(
        batches in proptest::collection::vec((proptest::collection::vec(a_row(), 0..12), any::<bool>()), 1..8),
        restart_after in 0..8_usize,
        promised_after in 0..8_usize,
    ) {
        let mut connection = connection();
        let mut counter = Counter::default();
        let everything = promise("Everything", 2_500);
        promise::set(&connection, std::slice::from_ref(&everything)).unwrap();
        for (n, (rows, crashes)) in batches.iter().enumerate() {
            if *crashes {
                write(&mut connection, &mut counter, rows, true);
            }
            if n == promised_after {
                promise::set(&connection, &[acme(), everything.clone()]).unwrap();
                counter.forget();
            }
            write(&mut connection, &mut counter, rows, false);
            if n == restart_after {
                counter = Counter::default();
                catch_up(&mut connection);
            }
        }
        promise::set(&connection, &[acme(), everything.clone()]).unwrap();
        catch_up(&mut connection);
        let rows: Vec<LedgerRow> = batches.into_iter().flat_map(|(rows, _)| rows).collect();
        for resolution in Resolution::ALL {
            for promise in [&everything, &acme()] {
                prop_assert_eq!(promise_sum(&connection, resolution, promise), over_rows(&rows, promise));
            }
            // Series are the same requests, drills included.
            let series = series_sum(&connection, resolution).tally;
            let of = |counted: Counted| rows.iter().filter(|row| row.counted == counted).count() as u64;
            prop_assert_eq!((series.good, series.bad), (of(Counted::Good), of(Counted::Bad)));
            let cost: i64 = over_rows(&rows, &everything).tally.cost_micros;
            let drilled: i64 = rows.iter().filter(|row| row.mode == Mode::Drill).filter_map(|row| row.cost_micros).sum();
            prop_assert_eq!(series.cost_micros, cost + drilled);
        }
    }

    #[test]
    fn catching_up_in_pieces_gives_what_counting_at_once_gives(
        rows in proptest::collection::vec(a_row(), 1..60),
        before in 0..60_usize,
    ) {
        let mut connection = connection();
        let mut counter = Counter::default();
        // The first ones came before there were roll-ups.
        let before = before.min(rows.len());
        for row in &rows[..before] {
            insert::request(&connection, row).unwrap();
        }
        connection.execute("UPDATE requests SET rolled = 0", []).unwrap();
        let everything = promise("Everything", 2_500);
        promise::set(&connection, std::slice::from_ref(&everything)).unwrap();
        write(&mut connection, &mut counter, &rows[before..], false);
        catch_up(&mut connection);
        catch_up(&mut connection);
        prop_assert_eq!(promise_sum(&connection, Resolution::Hour, &everything), over_rows(&rows, &everything));
        let left: i64 =
            connection.query_row("SELECT count(*) FROM requests WHERE rolled = 0", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(left, 0);
        let n = series_sum(&connection, Resolution::Day).tally.n();
        prop_assert_eq!(n, rows.iter().filter(|row| row.counted != Counted::No).count() as u64);
    }
}

#[test]
fn a_catch_up_that_dies_on_the_way_goes_on_from_there() {
    let mut connection = connection();
    let rows: Vec<LedgerRow> = (0..1_700).map(|n| row("r", second(n * 60))).collect();
    for row in &rows {
        insert::request(&connection, row).unwrap();
    }
    connection.execute("UPDATE requests SET rolled = 0", []).unwrap();
    let everything = promise("Everything", 300);
    promise::set(&connection, std::slice::from_ref(&everything)).unwrap();
    let mut steps = 0;
    loop {
        // A new process each time, which knows only what is on disk.
        let (mut catch_up, mut counter) = (CatchUp::new(Retention::default()), Counter::default());
        catch_up.step_if_due(&mut connection, &mut counter);
        steps += 1;
        if catch_up.due().is_none() {
            break;
        }
    }
    assert!(steps > 8, "in pieces: {steps}");
    assert_eq!(series_sum(&connection, Resolution::Day).tally.n(), 1_700);
    let counts = promise_sum(&connection, Resolution::Day, &everything);
    assert_eq!((counts.tally.good, counts.tally.slow), (1_700, 1_700));
}

#[test]
fn a_request_counts_in_the_minute_in_which_it_ended() {
    let mut connection = connection();
    let late = LedgerRow { total_ms: 600_000, ..row("ten minutes", second(0)) };
    write(&mut connection, &mut Counter::default(), &[late], false);
    let start: i64 = connection.query_row("SELECT start FROM rollup_minute", [], |row| row.get(0)).unwrap();
    assert_eq!(start, Resolution::Minute.floor(second(600).as_second()));
}

#[test]
fn a_new_target_judges_what_comes_and_leaves_what_was() {
    let mut connection = connection();
    let mut counter = Counter::default();
    // First tokens after 412 ms.
    for (target, n) in [(300, 3), (412, 2), (411, 1)] {
        promise::set(&connection, &[promise("Everything", target)]).unwrap();
        counter.forget();
        for _ in 0..n {
            write(&mut connection, &mut counter, &[row("r", second(0))], false);
        }
    }
    catch_up(&mut connection);
    let tally = promise_sum(&connection, Resolution::Day, &promise("Everything", 0)).tally;
    assert_eq!((tally.n(), tally.slow), (6, 4), "412 ms are slow against 300 and 411, and fine against 412");
}

#[test]
fn a_promise_that_comes_back_is_told_of_what_it_missed() {
    let mut connection = connection();
    let mut counter = Counter::default();
    let everything = [promise("Everything", 2_500)];
    for (promises, n) in [(&everything[..], 2), (&[][..], 3), (&everything[..], 4)] {
        promise::set(&connection, promises).unwrap();
        counter.forget();
        for _ in 0..n {
            write(&mut connection, &mut counter, &[row("r", second(0))], false);
        }
    }
    catch_up(&mut connection);
    assert_eq!(promise_sum(&connection, Resolution::Day, &everything[0]).tally.n(), 9);
    assert!(!promise::set(&connection, &everything).unwrap(), "the same again changes nothing");
}

#[test]
fn the_strictest_promise_says_whether_a_series_was_slow() {
    let mut connection = connection();
    promise::set(&connection, &[promise("Everything", 2_500), acme()]).unwrap();
    let mut counter = Counter::default();
    // 412 ms to the first byte, 1,204 to the last: too late for Acme's second.
    let rows = [row("a", second(0)), LedgerRow { tenant: "acme".into(), ..row("b", second(0)) }];
    write(&mut connection, &mut counter, &rows, false);
    let tally = series_sum(&connection, Resolution::Day).tally;
    assert_eq!((tally.n(), tally.slow), (2, 1));
}

#[test]
fn beyond_two_hundred_combinations_the_rest_is_counted_together() {
    let mut connection = connection();
    let mut counter = Counter::default();
    let rows: Vec<LedgerRow> =
        (0..300).map(|n| LedgerRow { feature: Some(format!("user-{n}")), ..row("r", second(n)) }).collect();
    write(&mut connection, &mut counter, &rows, false);
    // A known one goes on being told apart, and practice has room of its own.
    let practice = LedgerRow { mode: Mode::Practice, ..rows[250].clone() };
    write(&mut connection, &mut counter, &[rows[0].clone(), practice], false);
    let count = |condition: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM series WHERE {condition}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count("mode = 'real' AND class != 'other'"), 200);
    assert_eq!(count("class = 'other'"), 1);
    assert_eq!(count("mode = 'practice' AND feature = 'user-250'"), 1);
    assert_eq!(series_sum(&connection, Resolution::Day).tally.n(), 302, "and nothing is lost");
    let other = "SELECT counts FROM rollup_day JOIN series ON id = series WHERE class = 'other'";
    assert_eq!(sum(&connection, other).tally.n(), 100);
}

#[test]
fn a_combination_that_nobody_used_for_a_month_makes_room() {
    let mut connection = connection();
    let mut counter = Counter::default();
    let fill = |day: i64, name: &str| -> Vec<LedgerRow> {
        (0..200)
            .map(|n| LedgerRow { feature: Some(format!("{name}-{n}")), ..row("r", days_ago(day)) })
            .collect()
    };
    write(&mut connection, &mut counter, &fill(40, "old"), false);
    write(&mut connection, &mut counter, &fill(1, "new"), false);
    let others: i64 = connection
        .query_row("SELECT count(*) FROM series WHERE class = 'other'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(others, 0);
}

#[test]
fn a_clock_that_is_behind_counts_where_its_minute_is_still_kept() {
    let mut connection = connection();
    let mut counter = Counter::default();
    let of = |connection: &Connection| Resolution::ALL.map(|each| series_sum(connection, each).tally.n());
    for (days, expected) in [(1, [1, 1, 1]), (20, [1, 2, 2]), (200, [1, 2, 3]), (5_000, [1, 2, 3])] {
        write(&mut connection, &mut counter, &[row("r", days_ago(days))], false);
        assert_eq!(of(&connection), expected, "{days} days behind");
    }
    // And what is there is added to, never replaced.
    write(&mut connection, &mut counter, &[row("r", days_ago(1)), row("r", days_ago(20))], false);
    assert_eq!(of(&connection), [2, 4, 5]);
}

#[test]
fn a_clock_out_of_its_mind_stops_nothing() {
    let mut connection = connection();
    let mut counter = Counter::default();
    let rows = [
        row("past", Timestamp::MIN),
        row("future", Timestamp::MAX),
        LedgerRow { total_ms: u64::MAX, ..row("for ever", second(0)) },
    ];
    write(&mut connection, &mut counter, &rows, false);
    assert_eq!(series_sum(&connection, Resolution::Day).tally.n(), 2, "the past is too long ago to be kept");
}

#[test]
fn a_damaged_bucket_does_not_stop_the_ledger() {
    let mut connection = connection();
    let mut counter = Counter::default();
    write(&mut connection, &mut counter, &[row("a", second(0))], false);
    connection.execute("UPDATE rollup_hour SET counts = x'FF00'", []).unwrap();
    write(&mut connection, &mut counter, &[row("b", second(0))], false);
    assert_eq!(series_sum(&connection, Resolution::Day).tally.n(), 2);
    assert_eq!(series_sum(&connection, Resolution::Hour).tally.n(), 1);
}

#[test]
fn failures_that_outlived_the_rest_are_not_taken_for_an_outage() {
    let mut connection = connection();
    let bad = |days| LedgerRow { counted: Counted::Bad, ..row("bad", days_ago(days)) };
    for row in [bad(60), bad(40), row("good", days_ago(3)), bad(2)] {
        insert::request(&connection, &row).unwrap();
    }
    let everything = promise("Everything", 2_500);
    promise::set(&connection, std::slice::from_ref(&everything)).unwrap();
    catch_up(&mut connection);
    let tally = promise_sum(&connection, Resolution::Day, &everything).tally;
    assert_eq!((tally.good, tally.bad), (1, 1), "only the month that the ledger still has whole");
}

#[test]
fn minutes_stay_eight_days_hours_a_hundred_and_days_three_years() {
    let mut connection = connection();
    let now = span::now();
    for resolution in Resolution::ALL {
        for days in [0, 7, 9, 99, 101, 1_090, 1_100] {
            let start = resolution.floor(now - days * 86_400);
            for table in [series_table(resolution), promise_table(resolution)] {
                let columns =
                    if table.starts_with("promise") { "start, promise, mode" } else { "start, series" };
                let values = if table.starts_with("promise") { "1, 'real'" } else { "1" };
                connection
                    .execute(
                        &format!("INSERT INTO {table} ({columns}, counts) VALUES ({start}, {values}, x'01')"),
                        [],
                    )
                    .unwrap();
            }
        }
    }
    let mut pruner = Pruner::new(Retention::default());
    while pruner.due() <= Instant::now() {
        pruner.step_if_due(&mut connection);
    }
    for (resolution, expected) in [(Resolution::Minute, 2), (Resolution::Hour, 4), (Resolution::Day, 6)] {
        for table in [series_table(resolution), promise_table(resolution)] {
            let sql = format!("SELECT count(*) FROM {table}");
            let left: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(left, expected, "{table}");
        }
    }
}
