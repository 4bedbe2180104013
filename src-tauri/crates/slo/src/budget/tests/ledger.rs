use proptest::prelude::*;

use super::*;

fn window(kind: WindowKind, from: i64, to: i64) -> Declared {
    Declared { kind, from: second(from), to: second(to), reason: format!("{kind:?} from {from}") }
}

fn entries(ledger: &Ledger) -> Vec<(Cause, i64, i64, u64)> {
    let zero = second(0).as_second();
    let seconds = |at: Timestamp| at.as_second() - zero;
    let entries = ledger.entries().iter();
    entries.map(|entry| (entry.cause, seconds(entry.from), seconds(entry.to), entry.bad)).collect()
}

#[test]
fn failures_less_than_ten_minutes_apart_are_one_entry() {
    let rows = [0, 599, 1_199, 1_798].map(|at| bad(at, Cause::ProviderOutage));
    let ledger = Ledger::of(&rows, &[]);
    assert_eq!(
        entries(&ledger),
        [(Cause::ProviderOutage, 0, 599, 2), (Cause::ProviderOutage, 1_199, 1_798, 2)],
        "599 s apart are one, 600 s are two"
    );
}

#[test]
fn two_causes_at_one_time_are_two_entries() {
    let rows = [bad(0, Cause::ProviderOutage), bad(60, Cause::OwnNetwork), bad(120, Cause::ProviderOutage)];
    let ledger = Ledger::of(&rows, &[]);
    assert_eq!(entries(&ledger), [(Cause::ProviderOutage, 0, 120, 2), (Cause::OwnNetwork, 60, 60, 1)]);
    assert_eq!(ledger.by_cause(), [(Cause::ProviderOutage, 2), (Cause::OwnNetwork, 1)]);
}

#[test]
fn a_declared_deploy_takes_the_failures_within_it() {
    let rows = [
        bad(-1, Cause::RateLimit),
        bad(0, Cause::RateLimit),
        bad(3_599, Cause::Unknown),
        bad(3_600, Cause::Unknown),
    ];
    let ledger = Ledger::of(&rows, &[window(WindowKind::Deploy, 0, 3_600)]);
    assert_eq!(
        entries(&ledger),
        [(Cause::RateLimit, -1, -1, 1), (Cause::Deploy, 0, 3_599, 2), (Cause::Unknown, 3_600, 3_600, 1)]
    );
    assert_eq!(ledger.entries()[1].note.as_deref(), Some("Deploy from 0"));
    assert_eq!(ledger.entries()[0].note, None);
}

#[test]
fn a_drill_comes_before_a_deploy_and_the_window_that_began_last_before_an_older_one() {
    let windows = [
        window(WindowKind::Drill, 0, 100),
        window(WindowKind::Deploy, 50, 300),
        window(WindowKind::Experiment, 200, 250),
    ];
    let rows = [10, 60, 150, 220, 260].map(|at| bad(at, Cause::ProviderOutage));
    let ledger = Ledger::of(&rows, &windows);
    assert_eq!(
        entries(&ledger),
        [(Cause::Drill, 10, 60, 2), (Cause::Deploy, 150, 260, 2), (Cause::Experiment, 220, 220, 1)]
    );
}

#[test]
fn of_two_windows_that_began_together_the_shorter_one_says_more() {
    let windows = [window(WindowKind::Experiment, 0, 600), window(WindowKind::Deploy, 0, 60)];
    let ledger = Ledger::of(&[bad(30, Cause::Router), bad(90, Cause::Router)], &windows);
    assert_eq!(ledger.by_cause(), [(Cause::Deploy, 1), (Cause::Experiment, 1)]);
}

#[test]
fn a_window_that_ends_before_it_begins_takes_nothing() {
    let ledger = Ledger::of(&[bad(5, Cause::Router)], &[window(WindowKind::Deploy, 10, 0)]);
    assert_eq!(entries(&ledger), [(Cause::Router, 5, 5, 1)]);
}

#[test]
fn failures_whose_rows_are_gone_still_have_an_entry() {
    let mut causes = [0; Cause::ALL.len()];
    (causes[Cause::RateLimit as usize], causes[Cause::Router as usize]) = (2, 1);
    // The one row that is left was taken by a deploy; it is still the one that the roll-ups counted as a fault.
    let deploy = window(WindowKind::Deploy, 0, 10);
    let ledger = Ledger::of(&[bad(0, Cause::Router)], &[deploy]).balanced(5, &causes, second(-900));
    assert_eq!(
        entries(&ledger),
        [(Cause::RateLimit, -900, -900, 2), (Cause::Unknown, -900, -900, 2), (Cause::Deploy, 0, 0, 1)]
    );
    assert!(ledger.entries()[0].note.is_some());
}

#[test]
fn rows_that_the_roll_ups_no_longer_count_go_oldest_first() {
    let rows = [bad(0, Cause::Router), bad(1, Cause::Router), bad(2, Cause::RateLimit)];
    let ledger = Ledger::of(&rows, &[]).balanced(1, &[0; Cause::ALL.len()], second(0));
    assert_eq!(ledger.by_cause(), [(Cause::RateLimit, 1)]);
}

fn any_cause() -> impl Strategy<Value = Cause> {
    (0..Cause::ALL.len()).prop_map(|place| Cause::ALL[place])
}

fn any_rows() -> impl Strategy<Value = Vec<BadRequest>> {
    prop::collection::vec((0_i64..20_000, any_cause()).prop_map(|(at, cause)| bad(at, cause)), 0..80)
}

fn any_windows() -> impl Strategy<Value = Vec<Declared>> {
    let kind = prop_oneof![Just(WindowKind::Deploy), Just(WindowKind::Experiment), Just(WindowKind::Drill)];
    prop::collection::vec(
        (kind, 0_i64..20_000, -10_i64..6_000)
            .prop_map(|(kind, from, length)| window(kind, from, from + length)),
        0..8,
    )
}

/// What the law says of one request, read from the windows one by one.
fn cause_by_hand(request: &BadRequest, windows: &[Declared]) -> Cause {
    let within = windows.iter().filter(|window| window.from <= request.at && request.at < window.to);
    let drills = within.clone().filter(|window| window.kind == WindowKind::Drill).count();
    if drills > 0 {
        return Cause::Drill;
    }
    let best = within.max_by_key(|window| (window.from, std::cmp::Reverse(window.to), window.kind));
    best.map_or(request.cause, |window| window.kind.cause())
}

proptest! {
    #[test]
    fn entries_sum_to_what_was_spent(
        rows in any_rows(), windows in any_windows(), spent in 0_u64..200, causes: [u64; 9],
    ) {
        let ledger = Ledger::of(&rows, &windows);
        prop_assert_eq!(ledger.spent(), rows.len() as u64);
        prop_assert_eq!(ledger.by_cause().iter().map(|(_, bad)| bad).sum::<u64>(), rows.len() as u64);
        prop_assert_eq!(ledger.balanced(spent, &causes, second(0)).spent(), spent);
    }

    #[test]
    fn every_failure_has_the_cause_that_the_law_gives_it(rows in any_rows(), windows in any_windows()) {
        let mut by_hand = std::collections::HashMap::new();
        for request in &rows {
            *by_hand.entry(cause_by_hand(request, &windows)).or_insert(0_u64) += 1;
        }
        let sums: std::collections::HashMap<_, _> = Ledger::of(&rows, &windows).by_cause().into_iter().collect();
        prop_assert_eq!(sums, by_hand);
    }

    #[test]
    fn the_order_of_rows_and_windows_makes_no_difference(
        (rows, shuffled) in any_rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        (windows, others) in any_windows().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        prop_assert_eq!(Ledger::of(&rows, &windows), Ledger::of(&shuffled, &others));
    }
}
