//! Every page comes off an index, and every column is one that was thought about.

use crate::{migrate, rows::Mode, sample::second};

use super::*;

const ROWS: i64 = 100_000;

/// One row a second: every tenth failed, a hundred tenants, one in a thousand is practice.
fn hundred_thousand() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, std::path::Path::new("memory"), migrate::MIGRATIONS).unwrap();
    let fill = format!(
        "WITH RECURSIVE n (x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < {ROWS} - 1)
         INSERT INTO requests (id, at_us, mode, tenant, dialect, endpoint, stream, status, outcome, counted,
                               total_ms, cache)
         SELECT 'r' || x, {} + x * 1000000, iif(x % 1000, 'real', 'practice'), 'tenant-' || (x % 100), 'openai',
                '/v1/chat/completions', 0, iif(x % 10, 200, 502), 'ok', iif(x % 10, 'good', 'bad'), 5, 'off'
         FROM n",
        second(0).as_microsecond()
    );
    connection.execute_batch(&fill).unwrap();
    connection
}

/// Every combination of the conditions.
fn queries() -> Vec<RequestsQuery> {
    let mut queries = Vec::new();
    for bits in 0..32_u32 {
        let has = |bit: u32| bits & (1 << bit) != 0;
        queries.push(RequestsQuery {
            since: has(0).then(|| second(50_000)),
            tenant: has(1).then(|| "tenant-20".to_owned()),
            failed: has(2),
            before: has(3).then(|| "r90020".to_owned()),
            limit: 50,
            mode: has(4).then_some(Mode::Real),
        });
    }
    queries
}

#[test]
fn every_page_of_100_000_rows_comes_off_an_index_already_in_order() {
    let mut connection = hundred_thousand();
    for query in queries() {
        let after = query.before.as_ref().map(|id| position(&connection, id).unwrap());
        let (sql, values) = page_sql(&query, after, 50);
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        let plan = lines.map(Result::unwrap).collect::<Vec<_>>().join("; ");
        let bounded = query.failed || query.tenant.is_some() || query.mode.is_some() || query.since.is_some();
        let walks_from_the_newest = plan == "SCAN requests USING INDEX requests_at";
        assert!(plan.starts_with("SEARCH") || (!bounded && walks_from_the_newest), "{query:?}: {plan}");
        assert!(plan.contains("USING INDEX requests_"), "{query:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "it sorts: {query:?}: {plan}");
        drop(statement);

        let page = page(&mut connection, &query).unwrap();
        assert!(!page.requests.is_empty() && page.requests.is_sorted_by(|a, b| a.at >= b.at), "{query:?}");
    }
}

#[test]
fn a_page_reads_a_bounded_number_of_rows() {
    let connection = hundred_thousand();
    for query in queries() {
        let after = query.before.as_ref().map(|id| position(&connection, id).unwrap());
        let (sql, values) = page_sql(&query, after, 50);
        let mut statement = connection.prepare(&sql).unwrap();
        let mut rows = statement.query(params_from_iter(values)).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        // Instructions of SQLite's machine: some dozens a row; a scan of all rows takes a million.
        let steps = statement.get_status(rusqlite::StatementStatus::VmStep);
        assert!(steps < 40_000, "{query:?} took {steps} instructions");
    }
}

#[test]
fn the_seq_of_attempts_is_looked_up_not_scanned() {
    let connection = hundred_thousand();
    let plan: String =
        connection.query_row(&format!("EXPLAIN QUERY PLAN {ATTEMPTS}"), [1], |row| row.get(3)).unwrap();
    assert_eq!(plan, "SEARCH attempts USING PRIMARY KEY (request=?)");
}

/// The canary. A new column fails here until somebody has asked of it: can it hold the text of a prompt, an
/// answer or a secret? Free text from outside is only in `attempts.detail` (cut to 300 characters) and
/// `outbox.detail`; what people type about the budget is in `budget_windows.reason` and `reasons.reason`; `outbox.payload` holds content only if a sink was told to send it, and then encrypted.
#[test]
fn no_column_was_added_without_thought() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, std::path::Path::new("memory"), migrate::MIGRATIONS).unwrap();
    let columns = |table: &str| -> String {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_xinfo(?1)").unwrap();
        let names = statement.query_map([table], |row| row.get::<_, String>(0)).unwrap();
        names.map(Result::unwrap).collect::<Vec<_>>().join(" ")
    };
    let tables: Vec<String> = {
        let sql =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    let expected = [
        ("alert_state", "key json updated_us"),
        ("alive", "seq from_us to_us"),
        (
            "attempts",
            "request place n provider model outcome status first_token_ms total_ms cost_micros tokens_input \
             tokens_output tokens_cached tokens_cache_write tokens_reasoning provider_request_id detail",
        ),
        ("budget_windows", "id kind reason from_us to_us made_us"),
        ("events", "seq at_us kind text data"),
        ("outbox", "seq sink request_id made_us state tries next_try_us sealed payload detail"),
        ("pages", "key made_us due_us state tries title body incident json"),
        ("promise_day", "start promise mode counts"),
        ("promise_gaps", "promise upto_seq after_seq"),
        ("promise_hour", "start promise mode counts"),
        ("promise_minute", "start promise mode counts"),
        ("promises", "id name tenant feature basis target_ms in_force done_seq"),
        ("reasons", "seq at_us what reason"),
        (
            "requests",
            "seq id at_us mode tenant feature route dialect endpoint stream prompt_version model_asked model \
             provider served_by status outcome counted cause first_token_ms total_ms tokens_input tokens_output \
             tokens_cached tokens_cache_write tokens_reasoning cost_micros saved_micros cache degraded plan \
             rolled failed",
        ),
        ("rollup_day", "start series counts"),
        ("rollup_hour", "start series counts"),
        ("rollup_minute", "start series counts"),
        ("series", "id mode tenant feature provider class last_day"),
        ("settings", "key value"),
        ("tenants", "name features key_hash created_at_us last_used_at_us"),
    ];
    let found: Vec<(&str, String)> = tables.iter().map(|table| (table.as_str(), columns(table))).collect();
    let expected: Vec<(&str, String)> = expected.map(|(table, names)| (table, names.to_owned())).to_vec();
    assert_eq!(found, expected);
}
