//! Coverage: what was observed, never more.

use jiff::SignedDuration;

use crate::{migrate, sample::second};

use super::*;

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::run(&mut connection, std::path::Path::new("memory"), migrate::MIGRATIONS).unwrap();
    connection
}

/// Beats at these seconds, and the spans of the day in seconds.
fn observed(beats: &[&[i64]]) -> Vec<(i64, i64)> {
    let connection = connection();
    for run in beats {
        let mut heart = Heartbeat::new();
        for &at in *run {
            heart.beat(&connection, second(at));
        }
    }
    let spans = spans(&connection, second(0), second(86_400)).unwrap();
    let zero = second(0).as_microsecond();
    spans.into_iter().map(|(from, to)| ((from - zero) / 1_000_000, (to - zero) / 1_000_000)).collect()
}

#[test]
fn minutes_in_a_row_are_one_span_and_a_sleep_ends_it() {
    assert_eq!(observed(&[&[0, 60, 121, 180, 9_000, 9_060]]), [(0, 180), (9_000, 9_060)]);
}

#[test]
fn a_restart_begins_a_span_of_its_own() {
    assert_eq!(observed(&[&[0, 60], &[62, 120]]), [(0, 60), (62, 120)]);
}

#[test]
fn a_clock_that_was_set_back_counts_no_time_twice() {
    assert_eq!(observed(&[&[7_200, 7_260, 3_600, 3_660, 7_210, 7_270]]), [(3_600, 3_660), (7_200, 7_270)]);
}

#[test]
fn only_what_lies_in_the_window_counts() {
    let connection = connection();
    let mut heart = Heartbeat::new();
    for minute in 0..10 {
        heart.beat(&connection, second(60 * minute));
    }
    let spans = spans(&connection, second(90), second(200)).unwrap();
    let seconds: i64 = spans.iter().map(|(from, to)| (to - from) / 1_000_000).sum();
    assert_eq!(seconds, 110);
    let later = second(0) + SignedDuration::from_hours(48);
    assert!(super::spans(&connection, later, later + SignedDuration::from_hours(1)).unwrap().is_empty());
}
