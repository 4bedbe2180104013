//! What a million rows of ledger and years of buckets must not do to a read.

use std::path::Path;

use rusqlite::Connection;

use crate::{
    migrate,
    rollup::tables::{promise_table, series_table},
    span::Resolution,
};

fn plan(sql: &str) -> String {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, Path::new("memory"), migrate::MIGRATIONS).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
    lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn buckets_are_found_by_their_start() {
    for resolution in Resolution::ALL {
        for table in [series_table(resolution), promise_table(resolution)] {
            let plan = plan(&format!("SELECT counts FROM {table} WHERE start >= 1 AND start < 2"));
            assert_eq!(plan, format!("SEARCH {table} USING PRIMARY KEY (start>? AND start<?)"));
        }
    }
}

#[test]
fn rows_that_are_not_counted_yet_are_found_without_a_scan() {
    let unrolled = plan("SELECT EXISTS (SELECT 1 FROM requests WHERE rolled = 0)");
    assert!(unrolled.contains("USING COVERING INDEX requests_unrolled"), "{unrolled}");
}
