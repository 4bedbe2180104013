use std::collections::BTreeSet;

use evenkeel_slo::{Cause, Counted};
use evenkeel_store::{Mode, Store};
use jiff::{SignedDuration, Timestamp};

use super::{fill, keep_apart, month};
use crate::failure::Code;

fn now() -> Timestamp {
    "2026-11-20T14:32:00Z".parse().expect("a time")
}

#[test]
fn the_same_moment_has_the_same_month() {
    let (one, other) = (month::of(now()), month::of(now()));
    assert_eq!(one.rows, other.rows);
    assert_eq!(one.events, other.events);
}

#[test]
fn the_month_is_believable_and_marked_as_made_up() {
    let month = month::of(now());
    let counted: Vec<_> = month.rows.iter().filter(|row| row.counted != Counted::No).collect();
    assert!((7_000..10_000).contains(&counted.len()), "{}", counted.len());
    let bad = |cause| counted.iter().filter(|row| row.cause == Some(cause)).count();
    assert_eq!([bad(Cause::ProviderOutage), bad(Cause::OwnNetwork), bad(Cause::RateLimit)], [10, 5, 6]);
    let night = |row: &&&evenkeel_store::LedgerRow| row.at.as_second().div_euclid(3_600).rem_euclid(24) < 5;
    assert!(counted.iter().filter(night).count() * 20 < counted.len(), "nights are quiet");
    assert!(counted.iter().any(|row| row.served_by.as_deref() == Some("cache")));
    assert!(month.rows.iter().all(|row| row.id.starts_with("demo-") && row.tenant.starts_with("demo-")));
    assert!(month.rows.iter().all(|row| row.mode != Mode::Real));
    assert!(month.rows.iter().all(|row| row.at < now()));
    let tenants: BTreeSet<_> = month.rows.iter().map(|row| row.tenant.as_str()).collect();
    assert_eq!(tenants.len(), 2);
}

#[test]
fn nobody_asked_while_the_laptop_slept() {
    let month = month::of(now());
    let awake = |at: Timestamp| month.awake.iter().any(|(from, to)| *from <= at && at <= *to);
    assert!(month.rows.iter().all(|row| awake(row.at)));
    assert_eq!(month.awake.len(), 4, "three gaps");
}

/// Charts, pictures and their tests rely on what the month has, at whatever hour somebody starts it.
#[test]
fn it_has_the_same_to_show_at_every_hour_of_the_week() {
    for hour in 0..7 * 24 {
        let now = now() + SignedDuration::from_hours(hour);
        let month = month::of(now);
        let counted = month.rows.iter().filter(|row| row.counted != Counted::No).count();
        assert!((7_100..10_000).contains(&counted), "{now}: {counted}");
        let day = |row: &evenkeel_store::LedgerRow| row.at.as_second().div_euclid(86_400);
        let busy: BTreeSet<_> = month.rows.iter().map(day).collect();
        let all = busy.first().zip(busy.last()).map_or(0, |(first, last)| last - first + 1);
        let without = all - i64::try_from(busy.len()).expect("days");
        assert!((1..=2).contains(&without), "{now}: {without} days without a request");
        assert!(month.rows.iter().any(|row| row.served_by.as_deref() == Some("secondary")), "{now}");
    }
}

#[tokio::test]
async fn a_folder_is_filled_once_and_never_beside_other_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("it opens");
    let now = Timestamp::now();
    keep_apart(&store, false).await.expect("an empty folder is anybody's");
    fill(&store, now).await.expect("it is empty");
    fill(&store, now).await.expect("it is left as it is");
    let query = evenkeel_store::RequestsQuery { limit: 1_000, ..evenkeel_store::RequestsQuery::default() };
    let newest = store.requests(query).await.expect("it can be read").requests;
    assert!(newest.iter().all(|row| row.id.matches('-').count() == 1), "no id came twice");
    assert_eq!(store.dropped(), 0);
    let refused = keep_apart(&store, false).await.expect_err("real providers");
    assert_eq!(refused.code, Code::FolderUnusable);
    keep_apart(&store, true).await.expect("practice");

    let other = tempfile::tempdir().expect("a folder");
    let other = Store::open(other.path()).expect("it opens");
    let mut row = month::of(now).rows.remove(0);
    row.mode = Mode::Real;
    other.record(row);
    let refused = fill(&other, now).await.expect_err("it holds a request");
    assert!(refused.message.contains("requests of its own"), "{refused}");
}
