use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::budget::Share;

fn budget(n: u64, bad: u64) -> Budget {
    Budget { target: Share::from_ppm(995_000).unwrap(), n, bad }
}

fn now(minutes: i64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

/// What the policy is when looked at with these failures of 10,000, one after the other.
fn policies(failures: &[u64]) -> Vec<Policy> {
    let mut hold = Hold::Free;
    let mut look = |bad: u64| {
        hold = hold.next(now(0), &budget(10_000, bad));
        Policy::of(&budget(10_000, bad), &hold)
    };
    failures.iter().map(|&bad| look(bad)).collect()
}

#[test]
fn fifty_are_allowed_and_after_fifty_one_it_is_frozen() {
    use Policy::{Careful, Frozen, Healthy, Watch};
    assert_eq!(policies(&[0, 24, 25, 37, 38, 49]), [Healthy, Healthy, Watch, Watch, Careful, Careful]);
    assert_eq!(policies(&[50]), [Frozen]);
    assert_eq!(policies(&[51]), [Frozen]);
}

#[test]
fn a_freeze_ends_at_a_tenth_left_and_not_at_the_first_failure_that_leaves_the_window() {
    use Policy::{Careful, Frozen};
    assert_eq!(policies(&[51, 49, 46, 45, 49]), [Frozen, Frozen, Frozen, Careful, Careful]);
}

#[test]
fn few_requests_freeze_nothing() {
    assert_eq!(Policy::of(&budget(399, 300), &Hold::Free.next(now(0), &budget(399, 300))), Policy::Advisory);
    assert_eq!(Policy::of(&budget(400, 2), &Hold::Free.next(now(0), &budget(400, 2))), Policy::Frozen);
    let strict = Budget { target: Share::from_ppm(999_000).unwrap(), n: 1_999, bad: 9 };
    assert_eq!(Band::of(&strict), Band::Advisory, "an allowance of one");
    let everything = Budget { target: Share::ALL, n: 1_000_000, bad: 1 };
    assert_eq!(Hold::Free.next(now(0), &everything), Hold::Free, "one failure would freeze a month");
}

#[test]
fn a_freeze_by_hand_holds_until_a_hand_lifts_it() {
    let hold = Hold::by_hand(now(0), Some("release week".to_owned()));
    assert_eq!(hold.next(now(9), &budget(10_000, 0)), hold);
    assert_eq!(Policy::of(&budget(10_000, 0), &hold), Policy::Frozen);
    assert_eq!(hold.since(), Some(now(0)));
    assert_eq!(Hold::thawed(now(9), &budget(10_000, 0)), Hold::Free);
}

#[test]
fn a_freeze_lifted_by_hand_stays_lifted_for_the_damage_that_was_known() {
    let hold = Hold::thawed(now(0), &budget(10_000, 60));
    assert_eq!(hold, Hold::Thawed { at: now(0), left: -10 });
    assert_eq!(hold.next(now(1), &budget(10_000, 64)), hold);
    assert_eq!(Policy::of(&budget(10_000, 64), &hold), Policy::Careful);
    assert_eq!(hold.next(now(1), &budget(10_000, 65)), Hold::UsedUp { since: now(1) });
    assert_eq!(hold.next(now(1), &budget(10_000, 45)), Hold::Free, "recovered: the next time counts anew");
}

#[test]
fn while_frozen_what_could_make_it_worse_asks_and_what_repairs_is_free() {
    let frozen = Hold::UsedUp { since: now(0) };
    for change in [Proposal::Routes, Proposal::Models, Proposal::PromptCaching] {
        assert!(asks_reason(&frozen, change), "{change:?}");
        assert!(asks_reason(&Hold::by_hand(now(0), None), change), "{change:?}");
        assert!(!asks_reason(&Hold::Free, change), "{change:?}");
        assert!(!asks_reason(&Hold::thawed(now(0), &budget(10_000, 60)), change), "{change:?}");
    }
    for change in [
        Proposal::KeyRotation,
        Proposal::Rollback,
        Proposal::Bypass,
        Proposal::SwitchToHealthy,
        Proposal::Other,
    ] {
        assert!(!asks_reason(&frozen, change), "{change:?}");
    }
}

#[test]
fn a_hold_survives_being_stored() {
    for hold in [
        Hold::Free,
        Hold::UsedUp { since: now(0) },
        Hold::by_hand(now(1), Some("release week".to_owned())),
        Hold::Thawed { at: now(2), left: -3 },
    ] {
        let stored = serde_json::to_string(&hold).unwrap();
        assert_eq!(serde_json::from_str::<Hold>(&stored).unwrap(), hold, "{stored}");
    }
}

#[test]
fn money_has_the_same_bands() {
    let money = |spent_micros| Money { target_micros: 15_000, priced: 10_000, unpriced: 0, spent_micros };
    let bands = [74_999_999, 75_000_000, 112_500_000, 149_999_999, 150_000_000]
        .map(|spent| Band::of_money(&money(spent)));
    assert_eq!(bands, [Band::Healthy, Band::Watch, Band::Careful, Band::Careful, Band::UsedUp]);
    assert_eq!(Band::of_money(&Money { priced: 399, ..money(0) }), Band::Advisory);
}

fn any_hold() -> impl Strategy<Value = Hold> {
    prop_oneof![
        Just(Hold::Free),
        Just(Hold::UsedUp { since: now(0) }),
        Just(Hold::by_hand(now(0), None)),
        any::<i64>().prop_map(|left| Hold::Thawed { at: now(0), left: left.min(0) }),
    ]
}

proptest! {
    #[test]
    fn looking_twice_changes_nothing_more(hold in any_hold(), n: u64, bad: u64, ppm in 0_u32..=1_000_000) {
        let budget = Budget { target: Share::from_ppm(ppm).unwrap(), n, bad };
        let once = hold.next(now(1), &budget);
        prop_assert_eq!(once.next(now(2), &budget), once);
    }

    #[test]
    fn it_is_never_frozen_by_itself_with_a_tenth_left(
        hold in any_hold(), n in 0_u64..1_000_000, bad in 0_u64..6_000,
    ) {
        let budget = budget(n, bad);
        let next = hold.next(now(1), &budget);
        if budget.left() > 0 && budget.left().unsigned_abs() * 10 >= budget.allowed() {
            prop_assert!(!matches!(next, Hold::UsedUp { .. }), "{next:?}");
        }
    }
}
