use std::collections::VecDeque;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::budget::forecast::{HORIZON, Pace, gone_after, outlook};

const TODAY: Date = date(2026, 11, 20);

fn days(days: &[(u64, u64)]) -> Vec<Rate> {
    days.iter().map(|&(n, bad)| Rate { n, bad }).collect()
}

/// The whole window as one budget.
fn budget(days: &[Rate]) -> Budget {
    let sum = |of: fn(&Rate) -> u64| days.iter().map(of).sum();
    Budget { target: share(99.5), n: sum(|day| day.n), bad: sum(|day| day.bad) }
}

fn forecast_of(month: &[Rate]) -> Forecast {
    outlook(&budget(month), month, TODAY).forecast
}

/// Thirty days of so many requests, the last of them with these failures.
fn month(n: u64, last: &[u64]) -> Vec<Rate> {
    let mut month = vec![Rate { n, bad: 0 }; 30];
    let from = month.len() - last.len();
    for (day, bad) in month[from..].iter_mut().zip(last) {
        day.bad = *bad;
    }
    month
}

#[test]
fn a_steady_leak_runs_out_between_two_days() {
    // 42 allowed; 2 a day, against 1.4 that would last. 14 are spent.
    let month = month(281, &[2; 7]);
    let Forecast::Gone { from, to: Some(to) } = forecast_of(&month) else {
        panic!("{:?}", forecast_of(&month));
    };
    // At exactly this pace the 28 that are left last for 14 days.
    assert!(from < date(2026, 12, 4) && date(2026, 12, 4) < to, "{from} to {to}");
}

#[test]
fn a_pace_below_the_allowance_lasts() {
    assert_eq!(forecast_of(&month(2_000, &[1; 7])), Forecast::NotWithin);
    assert_eq!(forecast_of(&month(2_000, &[])), Forecast::NotWithin, "no failure among so many is an answer");
}

#[test]
fn two_failures_are_no_pace() {
    assert_eq!(forecast_of(&month(20, &[1, 1])), Forecast::TooLittle);
    assert_eq!(forecast_of(&[]), Forecast::TooLittle);
    assert_eq!(forecast_of(&days(&[(0, 0); 30])), Forecast::TooLittle);
}

#[test]
fn one_bad_afternoon_is_not_taken_for_a_habit() {
    // 30 of 100 allowed fail on one day of the last seven.
    assert_eq!(forecast_of(&month(667, &[30, 0, 0, 0])), Forecast::NotWithin);
}

#[test]
fn the_third_failure_of_a_bad_afternoon_brightens_nothing() {
    // 15 allowed. Two failures could become 22 in a month; a third on the same day must not count as none.
    assert_eq!(forecast_of(&month(100, &[2, 0, 0])), Forecast::TooLittle);
    assert!(matches!(forecast_of(&month(100, &[3, 0, 0])), Forecast::Gone { .. }));
}

#[test]
fn the_day_on_which_the_last_failure_is_spent_is_the_day_it_is_gone() {
    // 150 allowed, 10 a day.
    let pace = Pace { n: 1_000_000_000, bad: 10_000_000 };
    assert_eq!(gone_after(&month(1_000, &[]), pace, share(99.5)), Some(15));
}

#[test]
fn what_is_gone_comes_back_when_the_bad_day_leaves() {
    let mut month = month(333, &[]);
    month[9].bad = 60;
    let outlook = outlook(&budget(&month), &month, TODAY);
    // The tenth of thirty days leaves ten days from now.
    let back = Some(date(2026, 11, 30));
    assert_eq!(outlook.forecast, Forecast::UsedUp { recovers: back });
    assert_eq!(outlook.thaws, back);
}

#[test]
fn a_freeze_ends_later_than_the_first_failure_is_back() {
    // 49 allowed, 50 spent: 3 of them leave tomorrow, 4 more the day after.
    let mut month = month(333, &[]);
    (month[0].bad, month[1].bad, month[20].bad) = (3, 4, 43);
    let outlook = outlook(&budget(&month), &month, TODAY);
    assert_eq!(outlook.forecast, Forecast::UsedUp { recovers: Some(date(2026, 11, 21)) });
    assert_eq!(outlook.thaws, Some(date(2026, 11, 22)));
}

#[test]
fn without_traffic_no_day_of_recovery_is_in_sight() {
    let mut month = days(&[(0, 0); 30]);
    month[3] = Rate { n: 1_000, bad: 900 };
    assert_eq!(forecast_of(&month), Forecast::UsedUp { recovers: None });
}

#[test]
fn a_newcomer_s_pace_is_that_of_the_days_since_the_first_request() {
    let mut month = days(&[(0, 0); 30]);
    month[28] = Rate { n: 700, bad: 1 };
    month[29] = Rate { n: 700, bad: 2 };
    assert_eq!(Pace::of(&month).unwrap().middle.n, 700_000_000);
}

#[test]
fn a_window_of_one_week_forgets_after_one_week() {
    let week = days(&[(1_000, 0), (1_000, 9), (1_000, 0), (1_000, 0), (1_000, 0), (1_000, 0), (1_000, 30)]);
    let outlook = outlook(&budget(&week), &week, TODAY);
    assert_eq!(outlook.forecast, Forecast::UsedUp { recovers: Some(date(2026, 11, 22)) });
}

/// The same question, answered the long way: keep every day, drop the oldest, add the new one, sum up again.
fn by_hand(days: &[Rate], pace: Pace, target: Share) -> Option<usize> {
    let mut window: VecDeque<(u128, u128)> =
        days.iter().map(|day| (u128::from(day.n) * 1_000_000, u128::from(day.bad) * 1_000_000)).collect();
    for day in 1..=HORIZON {
        window.pop_front();
        window.push_back((pace.n, pace.bad));
        let n: u128 = window.iter().map(|day| day.0).sum();
        let bad: u128 = window.iter().map(|day| day.1).sum();
        let allowed = (n / 1_000_000) * u128::from(1_000_000 - target.ppm()) / 1_000_000;
        if bad > 0 && bad >= allowed * 1_000_000 {
            return Some(day);
        }
    }
    None
}

fn any_days() -> impl Strategy<Value = Vec<Rate>> {
    let day = (0_u64..3_000, 0_u64..20).prop_map(|(n, bad)| Rate { n, bad: bad.min(n) });
    prop::collection::vec(day, 1..40)
}

/// The day of a forecast as a number that grows the later it is.
fn earliest(forecast: Forecast) -> Option<i64> {
    let day = |day: Date| i64::from(TODAY.until(day).unwrap().get_days());
    match forecast {
        Forecast::TooLittle => None,
        Forecast::NotWithin => Some(i64::MAX),
        Forecast::Gone { from, .. } => Some(day(from)),
        Forecast::UsedUp { .. } => Some(0),
    }
}

proptest! {
    #[test]
    fn the_day_is_the_one_that_a_simulation_finds(
        days in any_days(), n in 0_u64..3_000, bad in 0_u64..40_000_000, ppm in 900_000_u32..=1_000_000,
    ) {
        let target = Share::from_ppm(ppm).unwrap();
        let pace = Pace { n: u128::from(n) * 1_000_000, bad: u128::from(bad) };
        prop_assert_eq!(gone_after(&days, pace, target), by_hand(&days, pace, target));
    }

    #[test]
    fn a_higher_rate_is_never_gone_later(
        days in any_days(), n in 0_u128..3_000, a in 0_u128..40_000_000, b in 0_u128..40_000_000,
    ) {
        let after = |bad| gone_after(&days, Pace { n: n * 1_000_000, bad }, share(99.5)).unwrap_or(usize::MAX);
        prop_assert!(after(a.max(b)) <= after(a.min(b)));
    }

    #[test]
    fn another_failure_never_brightens_the_outlook(days in any_days(), place in 0_usize..7) {
        let mut worse = days.clone();
        let place = days.len() - 1 - place.min(days.len() - 1);
        prop_assume!(worse[place].bad < worse[place].n);
        worse[place].bad += 1;
        if let (Some(before), Some(after)) = (earliest(forecast_of(&days)), earliest(forecast_of(&worse))) {
            prop_assert!(after <= before, "{after} instead of {before}");
        }
    }

    #[test]
    fn the_first_day_is_never_after_the_last(days in any_days()) {
        if let Forecast::Gone { from, to } = forecast_of(&days) {
            prop_assert!(TODAY < from && to.is_none_or(|to| from <= to));
        }
    }

    #[test]
    fn no_numbers_make_it_panic(
        days in prop::collection::vec((any::<u64>(), any::<u64>()), 0..60), n: u64, bad: u64,
    ) {
        let days: Vec<Rate> = days.into_iter().map(|(n, bad)| Rate { n, bad }).collect();
        let _ = outlook(&Budget { target: share(99.5), n, bad }, &days, Date::MAX);
    }
}
