use proptest::prelude::*;

use super::track::SLOTS;
use super::*;
use crate::alerts::{Rules, Verdict, rule};

const NOW: i64 = 1_795_356_000_000;

fn reach(window_ms: u64, lookback_ms: u64) -> Reach {
    Reach { now_ms: NOW, window_ms, lookback_ms, enough: 20 }
}

fn track(ages: impl IntoIterator<Item = i64>) -> Track<Hits> {
    let mut track = Track::default();
    ages.into_iter().for_each(|age| track.push(NOW - age, Hits { n: 1, hits: 0 }));
    track
}

#[test]
fn a_window_with_enough_requests_is_not_stretched() {
    let mut track = track((1..=40).map(|nth| nth * 10_000));
    let found = track.find(reach(300_000, 7_200_000));
    assert_eq!((found.tally.n, found.oldest_ms), (30, Some(NOW - 300_000)));
}

#[test]
fn a_quiet_window_reaches_back_until_it_holds_twenty() {
    let mut track = track((1..=60).map(|nth| nth * 180_000));
    let found = track.find(reach(300_000, 7_200_000));
    assert_eq!((found.tally.n, found.oldest_ms), (20, Some(NOW - 20 * 180_000)));
}

#[test]
fn no_window_reaches_further_than_the_lookback() {
    let mut track = track((1..=60).map(|nth| nth * 600_000));
    let found = track.find(reach(300_000, 7_200_000));
    assert_eq!((found.tally.n, found.oldest_ms), (12, Some(NOW - 7_200_000)));
}

#[test]
fn edge_26_a_million_requests_a_minute_take_a_fixed_number_of_slots() {
    let (mut window, promise) = (Window::default(), Promise::default());
    let request =
        Request { completed_ms: 0, answer: Answer::Good, speed: Speed::Slow, price: Price::Micros(1) };
    for nth in 0..3_000_000_i64 {
        window.record(&Request { completed_ms: NOW + nth * 60 / 1_000, ..request }, &promise);
        assert!(window.slots() <= 3 * SLOTS);
    }
    for kind in Kind::ALL {
        let reading = rule::read(kind, &mut window, &promise, &Rules::default(), NOW + 180_000);
        assert_eq!(reading.measured.n, 3_000_000, "and none is lost");
    }
    let slow = rule::read(Kind::P95, &mut window, &promise, &Rules::default(), NOW + 180_000);
    assert_eq!(slow.verdict, Verdict::Breach);
}

#[test]
fn after_a_flood_slots_are_fine_again() {
    let mut track = track((0..100_000).map(|nth| 400_000 + nth));
    assert!(track.slots() <= SLOTS);
    track.find(reach(300_000, 7_200_000));
    (1..=30).for_each(|age| track.push(NOW - age, Hits { n: 1, hits: 0 }));
    assert_eq!(track.find(reach(300_000, 7_200_000)).tally.n, 30);
    assert_eq!(track.find(reach(10, 10)).tally.n, 10, "to the millisecond");
}

/// The window by its definition, over all rows.
fn plain(rows: &[i64], reach: Reach) -> u64 {
    let mut ages: Vec<i64> = rows.iter().map(|at| reach.now_ms - at).filter(|&age| age > 0).collect();
    ages.sort_unstable();
    let within = |ms: u64| ages.iter().filter(|&&age| u64::try_from(age).unwrap() <= ms).count();
    let (window, most) = (within(reach.window_ms), within(reach.lookback_ms));
    u64::try_from(window.max(most.min(20))).unwrap()
}

proptest! {
    #[test]
    fn holds_what_the_definition_says_in_any_order(
        rows in prop::collection::hash_set(-50i64..9_000_000, 0..200),
        window_ms in 1u64..2_000_000,
    ) {
        let rows: Vec<i64> = rows.into_iter().map(|age| NOW - age).collect();
        let mut track = Track::default();
        for &at in &rows {
            track.push(at, Hits { n: 1, hits: 0 });
        }
        let reach = reach(window_ms, 7_200_000);
        prop_assert_eq!(track.find(reach).tally.n, plain(&rows, reach));
        // What was dropped on the way is not missed later.
        let later = Reach { now_ms: NOW + 60_000, ..reach };
        prop_assert_eq!(track.find(later).tally.n, plain(&rows, later));
    }

    #[test]
    fn coarse_slots_lose_no_request_and_begin_one_slot_late_at_most(
        gaps in prop::collection::vec(0i64..400, 3_000..6_000),
    ) {
        let mut track = Track::default();
        let mut at = NOW - 1 - gaps.iter().sum::<i64>();
        let mut rows = Vec::new();
        for gap in gaps {
            track.push(at, Hits { n: 1, hits: 0 });
            rows.push(at);
            at += gap;
        }
        prop_assert!(track.slots() <= SLOTS);
        let all = track.find(reach(u64::MAX, u64::MAX)).tally.n;
        prop_assert_eq!(all, u64::try_from(rows.len()).unwrap());
        let found = track.find(reach(300_000, 300_000)).tally.n;
        let (most, least) = (plain(&rows, reach(300_000, 300_000)), plain(&rows, reach(299_000, 299_000)));
        prop_assert!((least..=most).contains(&found), "{least} {found} {most}");
    }
}
