use super::*;

const STANDARD: Sensitivity = Sensitivity::Standard;

fn hits(hits: u64, n: u64) -> Hits {
    Hits { n, hits }
}

fn success(failed: u64, n: u64, sensitivity: Sensitivity) -> Verdict {
    share(hits(failed, n), 5_000, sensitivity)
}

#[test]
fn two_failures_are_never_a_breach_and_three_of_many_are_none_either() {
    assert_eq!(success(2, 20, STANDARD), Verdict::Healthy);
    assert_eq!(success(3, 20, STANDARD), Verdict::Breach);
    assert_eq!(success(3, 500, STANDARD), Verdict::Healthy, "3 of 500 at 99.5 % is an ordinary day");
    assert_eq!(success(4, 4, STANDARD), Verdict::Unknown(Unknown::TooFew));
    assert_eq!(success(5, 5, STANDARD), Verdict::Breach);
}

#[test]
fn standard_and_quiet_differ_by_the_proof_they_ask_for() {
    // P(X ≥ 3 | 100, 0.005) is 0.0141, P(X ≥ 4) is 0.0017, P(X ≥ 5) is 0.0002.
    let at = |failed, sensitivity| success(failed, 100, sensitivity) == Verdict::Breach;
    assert_eq!([at(3, STANDARD), at(4, STANDARD)], [false, true]);
    assert_eq!([at(4, Sensitivity::Quiet), at(5, Sensitivity::Quiet)], [false, true]);
    assert_eq!([at(0, Sensitivity::Literal), at(1, Sensitivity::Literal)], [false, true]);
}

#[test]
fn five_of_a_hundred_may_be_slow() {
    let p95 = |slow, n, sensitivity| share(hits(slow, n), SLOW_PPM, sensitivity);
    assert_eq!(p95(5, 100, Sensitivity::Literal), Verdict::Healthy);
    assert_eq!(p95(6, 100, Sensitivity::Literal), Verdict::Breach);
    assert_eq!(p95(6, 100, STANDARD), Verdict::Healthy);
    assert_eq!(p95(11, 100, STANDARD), Verdict::Healthy, "P(X ≥ 11) is 0.0115");
    assert_eq!(p95(12, 100, STANDARD), Verdict::Breach, "P(X ≥ 12) is 0.0043");
}

#[test]
fn a_promise_of_a_hundred_percent_still_takes_three_failures() {
    assert_eq!(share(hits(2, 1_000_000), 0, STANDARD), Verdict::Healthy);
    assert_eq!(share(hits(3, 1_000_000), 0, STANDARD), Verdict::Breach);
    assert_eq!(share(hits(0, 1_000_000), 0, Sensitivity::Literal), Verdict::Healthy);
}

/// So many at one price, and one at another.
fn money(same: u64, each: u64, dearest: u64) -> Money {
    let mut money = Money::default();
    for micros in std::iter::repeat_n(each, usize::try_from(same).unwrap()).chain([dearest]) {
        crate::alerts::window::Tally::add(&mut money, Money::of(micros));
    }
    money
}

#[test]
fn one_huge_call_does_not_page_and_a_step_does() {
    let budget = 15_000;
    // Nineteen at a cent and one at five dollars: far over on average, and well without it.
    assert_eq!(average(money(19, 10_000, 5_000_000), budget, STANDARD), Verdict::Healthy);
    assert_eq!(average(money(19, 15_001, 15_001), budget, STANDARD), Verdict::Breach);
    assert_eq!(average(money(19, 15_000, 15_000), budget, STANDARD), Verdict::Healthy, "exactly on budget");
    // Far over with the dearest, and without it exactly 0.9 of the budget or a little more.
    assert_eq!(average(money(1_999, 13_500, 99_000_000), budget, STANDARD), Verdict::Healthy);
    assert_eq!(average(money(19, 18_000, 20_000), budget, STANDARD), Verdict::Breach);
}

#[test]
fn an_average_a_little_over_budget_pages_only_if_costs_lie_close_together() {
    let twenty = |low: u64, high: u64| {
        let mut money = Money::default();
        for nth in 0..20 {
            crate::alerts::window::Tally::add(&mut money, Money::of(if nth % 2 == 0 { low } else { high }));
        }
        average(money, 15_000, STANDARD)
    };
    assert_eq!(twenty(15_900, 16_100), Verdict::Breach, "16,000 on average");
    assert_eq!(twenty(1_000, 31_000), Verdict::Healthy, "16,000 on average, but it may well be 12,000");
    assert_eq!(twenty(1_000, 40_000), Verdict::Healthy, "1.2 standard errors over");
    assert_eq!(twenty(1_000, 61_000), Verdict::Breach, "2.3 of them");
    assert_eq!(twenty(20_000, 42_000), Verdict::Breach);
}

#[test]
fn too_few_over_budget_are_neither_a_breach_nor_healthy() {
    assert_eq!(average(money(18, 90_000, 90_000), 15_000, STANDARD), Verdict::Unknown(Unknown::TooFew));
    assert_eq!(average(money(18, 10_000, 10_000), 15_000, STANDARD), Verdict::Healthy);
    assert_eq!(average(Money::of(90_000), 15_000, Sensitivity::Literal), Verdict::Breach);
    assert_eq!(average(money(3, 1, 1), 15_000, STANDARD), Verdict::Unknown(Unknown::TooFew));
}

#[test]
fn sums_beyond_any_bill_do_not_overflow() {
    let most = Money { priced: u64::MAX, micros: u64::MAX, ..Money::of(u64::MAX) };
    assert_eq!(average(most, u64::MAX, STANDARD), Verdict::Healthy);
    let _ = average(Money { unpriced: u64::MAX / 2, ..most }, 0, STANDARD);
}
