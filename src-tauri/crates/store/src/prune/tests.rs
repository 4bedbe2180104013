//! What leaves, what stays, and that it is done in small steps.

use crate::{
    insert, migrate,
    sample::{days_ago, event, failed, row},
};

use super::*;

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    migrate::run(&mut connection, std::path::Path::new("memory"), migrate::MIGRATIONS).unwrap();
    connection
}

fn prune(connection: &mut Connection, retention: Retention) -> usize {
    let mut pruner = Pruner::new(retention);
    let mut steps = 0;
    while pruner.due() <= Instant::now() {
        pruner.step_if_due(connection);
        steps += 1;
    }
    steps
}

fn column(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn ids(connection: &Connection) -> Vec<String> {
    column(connection, "SELECT id FROM requests ORDER BY seq")
}

fn attempts(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM attempts", [], |row| row.get(0)).unwrap()
}

#[test]
fn thirty_days_for_requests_and_ninety_for_failures() {
    let mut connection = connection();
    for days in [91, 89, 31, 29, 0] {
        insert::request(&connection, &row(&format!("good {days}"), days_ago(days))).unwrap();
        insert::request(&connection, &failed(&format!("failed {days}"), days_ago(days))).unwrap();
    }
    prune(&mut connection, Retention::default());
    assert_eq!(ids(&connection), ["failed 89", "failed 31", "good 29", "failed 29", "good 0", "failed 0"]);
    assert_eq!(attempts(&connection), 6, "attempts go with their requests");
}

#[test]
fn of_each_kind_no_more_than_the_most() {
    let mut connection = connection();
    for n in 0..10 {
        insert::request(&connection, &row(&format!("good {n}"), days_ago(10 - n))).unwrap();
    }
    let retention = Retention { most: 4, ..Retention::default() };
    prune(&mut connection, retention);
    assert_eq!(ids(&connection), ["good 6", "good 7", "good 8", "good 9"]);
    for n in 0..6 {
        insert::request(&connection, &failed(&format!("failed {n}"), days_ago(0))).unwrap();
    }
    prune(&mut connection, retention);
    assert_eq!(
        ids(&connection),
        ["failed 2", "failed 3", "failed 4", "failed 5"],
        "the newest four of all for good ones, and four failures"
    );
}

#[test]
fn a_late_row_is_not_crowded_out_while_there_is_room() {
    let mut connection = connection();
    insert::request(&connection, &row("short", days_ago(1))).unwrap();
    insert::request(&connection, &row("long, so recorded later", days_ago(2))).unwrap();
    prune(&mut connection, Retention { most: 2, ..Retention::default() });
    assert_eq!(ids(&connection).len(), 2);
}

#[test]
fn the_newest_events_stay() {
    let mut connection = connection();
    for n in 0..5 {
        insert::event(&connection, &event(&n.to_string(), days_ago(5 - n))).unwrap();
    }
    prune(&mut connection, Retention { events: 2, ..Retention::default() });
    assert_eq!(column(&connection, "SELECT text FROM events ORDER BY seq"), ["3", "4"]);
}

#[test]
fn much_is_deleted_in_many_small_steps() {
    let mut connection = connection();
    let transaction = connection.transaction().unwrap();
    for n in 0..1_000 {
        insert::request(&transaction, &row(&n.to_string(), days_ago(40))).unwrap();
    }
    transaction.commit().unwrap();
    assert_eq!(prune(&mut connection, Retention::default()), 1_000 / BATCH + 1);
    assert!(ids(&connection).is_empty());
}
