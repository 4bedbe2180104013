//! A window is covered once: no bucket twice, none missing, none that is gone.

use proptest::prelude::*;

use super::*;

/// A Monday noon.
const NOW: i64 = 1_795_435_200;

fn cover(from: i64, to: i64) -> Cover {
    Cover::of(from, to, NOW)
}

#[test]
fn thirty_days_up_to_now_are_days_with_hours_at_the_old_edge() {
    let from = NOW - 30 * DAY + 1_234;
    let cover = cover(from, NOW);
    let hour = Resolution::Hour.floor(from);
    let midnight = Resolution::Day.ceil(from);
    let tonight = Resolution::Day.ceil(NOW);
    let expected = [
        Piece { resolution: Resolution::Hour, from: hour, to: midnight },
        Piece { resolution: Resolution::Day, from: midnight, to: tonight },
    ];
    assert_eq!(cover.pieces, expected);
    assert_eq!((cover.from, cover.to), (hour, NOW), "to the hour, for its minutes are gone");
}

#[test]
fn an_hour_of_this_morning_is_cut_to_the_minute() {
    let (from, to) = (NOW - 7_205, NOW - 3_605);
    let cover = cover(from, to);
    assert_eq!((cover.from, cover.to), (NOW - 7_260, NOW - 3_600));
    assert_eq!(cover.pieces.first().map(|piece| piece.resolution), Some(Resolution::Minute));
}

#[test]
fn last_year_is_cut_to_days() {
    let cover = cover(NOW - 400 * DAY, NOW - 399 * DAY);
    assert!(cover.pieces.iter().all(|piece| piece.resolution == Resolution::Day), "{cover:?}");
    assert_eq!(cover.to - cover.from, 2 * DAY);
}

#[test]
fn a_window_that_ends_before_it_begins_is_empty() {
    assert_eq!(cover(NOW, NOW - 100).pieces, []);
    assert_eq!(cover(NOW - 50, NOW - 50).pieces, []);
}

proptest! {
    #[test]
    fn every_window_is_covered_once_by_buckets_that_are_still_there(
        from in NOW - 1_000 * DAY..NOW + DAY,
        length in prop_oneof![1..4_000_i64, 1..400 * DAY],
        offset in 0..2 * DAY,
    ) {
        let (now, to) = (NOW + offset, from + length);
        let cover = Cover::of(from, to, now);
        let mut at = cover.from;
        for piece in &cover.pieces {
            prop_assert_eq!(piece.from, at, "no gap and no overlap: {:?}", cover);
            prop_assert!(piece.to > piece.from);
            prop_assert_eq!(piece.resolution.floor(piece.from), piece.from);
            prop_assert_eq!(piece.resolution.floor(piece.to), piece.to);
            prop_assert!(piece.resolution.keeps(piece.from, now), "pruned: {:?} of {:?}", piece, cover);
            at = piece.to;
        }
        prop_assert!(cover.from <= from && at >= to);
        prop_assert!(cover.pieces.len() <= 5);
        let slack = Resolution::finest(from, now).seconds();
        prop_assert!(from - cover.from < slack);
    }
}
