use proptest::prelude::*;

use super::*;
use crate::budget::interval::wilson;

fn budget(n: u64, bad: u64) -> Budget {
    Budget { target: share(99.5), n, bad }
}

#[test]
fn ten_thousand_requests_at_99_5_allow_fifty() {
    assert_eq!((budget(10_000, 0).allowed(), budget(10_000, 0).left()), (50, 50));
    assert_eq!(budget(10_000, 51).left(), -1);
    assert_eq!((budget(8_412, 24).allowed(), budget(8_412, 24).left()), (42, 18));
}

#[test]
fn a_part_of_a_failure_is_not_allowed() {
    assert_eq!([budget(199, 0).allowed(), budget(200, 0).allowed(), budget(399, 0).allowed()], [0, 1, 1]);
}

#[test]
fn targets_are_exact_and_only_100_is_everything() {
    assert_eq!(
        [share(99.5).ppm(), share(99.9).ppm(), share(99.99).ppm(), share(50.0).ppm()],
        [995_000, 999_000, 999_900, 500_000]
    );
    assert_eq!(share(100.0), Share::ALL);
    assert_eq!(share(99.999_999).ppm(), 999_999);
    assert_eq!(Share::from_percent(100.1), None);
    assert_eq!(Share::from_percent(f64::NAN), None);
    assert_eq!(Share::from_ppm(1_000_001), None);
}

#[test]
fn a_target_is_written_as_it_was_set() {
    let written = [99.5, 99.95, 100.0, 90.0, 99.9999].map(|percent| share(percent).to_string());
    assert_eq!(written, ["99.5 %", "99.95 %", "100 %", "90 %", "99.9999 %"]);
}

#[test]
fn requests_needed_to_judge_grow_with_the_target() {
    let needed = [99.5, 99.9, 99.99, 95.0, 100.0].map(|percent| share(percent).needed());
    assert_eq!(needed, [Some(600), Some(3_000), Some(30_000), Some(60), None]);
}

#[test]
fn one_failure_of_forty_is_97_5_percent_and_little_more_is_known() {
    let interval = wilson(39, 40).unwrap();
    assert_eq!((interval.low_ppm / 1_000, interval.high_ppm / 1_000), (871, 995));
    assert_eq!(wilson(0, 0), None);
    assert_eq!(wilson(7, 7).unwrap().high_ppm, 1_000_000);
    assert_eq!(wilson(0, 7).unwrap().low_ppm, 0);
}

#[test]
fn money_without_a_price_is_on_neither_side() {
    let money = Money { target_micros: 15_000, priced: 10_000, unpriced: 500, spent_micros: 64_780_001 };
    assert_eq!(money.allowed_micros(), 150_000_000);
    assert_eq!(money.left_micros(), 85_219_999);
    assert_eq!(money.average_micros(), Some(6_479), "rounded up");
    assert_eq!(money.met(), Some(true));
    assert!(!money.too_many_unpriced());
    assert!(Money { unpriced: 1_112, ..money }.too_many_unpriced());
    assert_eq!(Money { priced: 0, ..money }.average_micros(), None);
}

proptest! {
    #[test]
    fn kept_is_the_same_as_nothing_overdrawn(n: u64, bad: u64, ppm in 0_u32..=1_000_000) {
        let budget = Budget { target: Share::from_ppm(ppm).unwrap(), n, bad };
        prop_assert_eq!(budget.met(), (n > 0).then_some(budget.bad <= budget.allowed()));
        prop_assert!(budget.allowed() <= n);
    }

    #[test]
    fn a_rate_lies_in_its_own_interval(n in 1_u64..100_000_000, good: u64) {
        let good = good % (n + 1);
        let interval = wilson(good, n).unwrap();
        let ppm = u64::from(interval.low_ppm)..=u64::from(interval.high_ppm) + 1;
        prop_assert!(ppm.contains(&(good * 1_000_000 / n)), "{good} of {n}: {interval:?}");
        prop_assert!(good == n || interval.high_ppm < 1_000_000);
    }

    #[test]
    fn money_never_overflows(target_micros: i64, priced: u64, unpriced: u64, spent_micros: i64) {
        let money = Money { target_micros, priced, unpriced, spent_micros };
        let _ = (money.left_micros(), money.average_micros(), money.too_many_unpriced());
        prop_assert_eq!(money.met().is_some(), priced > 0);
    }
}
