use super::*;

const EVERY: Duration = Duration::from_secs(15);

fn at(wall_s: i64, mono_s: u64) -> Moment {
    Moment { wall_ms: wall_s * 1_000, mono_ms: mono_s * 1_000 }
}

fn beat(from: Moment, to: Moment) -> Tick {
    let mut pulse = Pulse::default();
    pulse.beat(from, EVERY);
    pulse.beat(to, EVERY)
}

#[test]
fn the_first_evaluation_has_nothing_before_it() {
    let tick = Pulse::default().beat(at(1_000, 0), EVERY);
    assert_eq!((tick.watched_ms, tick.passed_ms, tick.gap), (0, 0, false));
}

#[test]
fn three_ticks_are_no_gap_and_more_are() {
    assert_eq!(beat(at(0, 0), at(45, 45)).watched_ms, 45_000);
    let late = beat(at(0, 0), at(46, 46));
    assert_eq!((late.gap, late.watched_ms, late.passed_ms), (true, 0, 46_000));
}

#[test]
fn a_laptop_that_slept_shows_on_the_wall_clock_alone() {
    let woke = beat(at(0, 0), at(28_800, 15));
    assert_eq!((woke.gap, woke.watched_ms, woke.passed_ms), (true, 0, 28_800_000));
}

#[test]
fn a_clock_set_back_is_a_gap_that_takes_no_time_away() {
    let set = beat(at(172_800, 0), at(15, 15));
    assert_eq!((set.gap, set.passed_ms), (true, 15_000));
}

#[test]
fn a_clock_slewed_by_a_second_is_no_gap() {
    let slewed = beat(at(0, 0), at(16, 15));
    assert_eq!((slewed.gap, slewed.watched_ms), (false, 15_000));
}

#[test]
fn another_process_is_compared_on_the_wall_clock() {
    let mut pulse = Pulse::default();
    pulse.beat(at(1_000, 5_000), EVERY);
    let saved = serde_json::to_string(&pulse).unwrap();
    let read: Pulse = serde_json::from_str(&saved).unwrap();
    assert!(!read.inherited(None).beat(at(1_010, 1), EVERY).gap);
    assert!(read.inherited(None).beat(at(8_200, 1), EVERY).gap);
    assert!(
        !read.inherited(Some(8_190_000)).beat(at(8_200, 1), EVERY).gap,
        "it was alive until ten seconds ago"
    );
    assert!(read.inherited(None).beat(at(900, 1), EVERY).gap, "the clock was set back in between");
}

#[test]
fn times_shortened_for_a_test_do_not_make_a_pause_a_gap() {
    let every = Duration::from_millis(100);
    let mut pulse = Pulse::default();
    pulse.beat(at(0, 0), every);
    assert!(!pulse.beat(at(2, 2), every).gap);
    assert!(pulse.beat(at(6, 6), every).gap);
}
