use proptest::prelude::*;

use super::*;

fn counts(n: u64, bad: u64) -> Rate {
    Rate { n, bad }
}

fn colour(hour: Rate, six_hours: Rate) -> BurnColour {
    BurnColour::of(hour, six_hours, share(99.5))
}

#[test]
fn burn_one_spends_exactly_the_budget() {
    assert_eq!(counts(1_000, 5).burn_hundredths(share(99.5)), Some(100));
    assert_eq!(counts(1_000, 72).burn_hundredths(share(99.5)), Some(1_440));
    assert_eq!(counts(300, 1).burn_hundredths(share(99.5)), Some(67), "rounded up");
    assert_eq!(counts(300, 0).burn_hundredths(share(99.5)), Some(0));
    assert_eq!(counts(0, 0).burn_hundredths(share(99.5)), None);
    assert_eq!(counts(9, 1).burn_hundredths(Share::ALL), None);
}

#[test]
fn the_tray_turns_red_at_14_4_over_an_hour_and_amber_at_6_over_six() {
    let calm = counts(10_000, 0);
    assert_eq!(colour(counts(1_000, 72), calm), BurnColour::Red);
    assert_eq!(colour(counts(1_000, 71), calm), BurnColour::Calm);
    assert_eq!(colour(calm, counts(1_000, 30)), BurnColour::Amber);
    assert_eq!(colour(calm, counts(1_000, 29)), BurnColour::Calm);
    assert_eq!(colour(counts(1_000, 72), counts(6_000, 180)), BurnColour::Red);
}

#[test]
fn one_failure_on_a_quiet_evening_does_not_colour_the_tray() {
    assert_eq!(colour(counts(10, 1), counts(60, 2)), BurnColour::Calm);
    assert_eq!(colour(counts(10, 3), counts(60, 3)), BurnColour::Red);
    assert_eq!(colour(counts(0, 0), counts(0, 0)), BurnColour::Calm);
}

proptest! {
    #[test]
    fn more_failures_never_calm_the_tray(n: u64, few: u64, many: u64, ppm in 0_u32..=1_000_000) {
        let target = Share::from_ppm(ppm).unwrap();
        let (few, many) = (few.min(many), few.max(many));
        let at = |bad| BurnColour::of(counts(n, bad), counts(n, bad), target);
        prop_assert!(at(few) <= at(many));
        prop_assert!(counts(n, few).burn_hundredths(target) <= counts(n, many).burn_hundredths(target));
    }
}
