//! One test a row of the table "what counts", then the rules that hold for all rows.

use proptest::prelude::*;

use super::*;

const TARGET: Option<u64> = Some(2_500);

fn cancelled(waited_ms: u64, first_token: bool) -> Ending {
    Ending::Cancelled { waited_ms, first_token }
}

#[test]
fn the_table_row_by_row() {
    let rows = [
        (Ending::Answered, Counted::Good),
        (Ending::Cached, Counted::Good),
        (Ending::AllFailed, Counted::Bad),
        (Ending::TimedOut, Counted::Bad),
        (Ending::Broken, Counted::Bad),
        (Ending::OurAccount, Counted::Bad),
        (Ending::Offline, Counted::Bad),
        (Ending::RouterFault, Counted::Bad),
        (Ending::RequestWrong, Counted::No),
        (Ending::PolicyRefused, Counted::No),
    ];
    for (ending, expected) in rows {
        assert_eq!(counts(&ending, true, TARGET), expected, "{ending:?}");
        assert_eq!(counts(&ending, true, None), expected, "{ending:?} depends on no latency target");
    }
}

#[test]
fn giving_up_is_bad_only_after_the_target_and_without_a_token() {
    assert_eq!(counts(&cancelled(2_499, false), true, TARGET), Counted::No);
    assert_eq!(counts(&cancelled(2_500, false), true, TARGET), Counted::No, "exactly on target is fine");
    assert_eq!(counts(&cancelled(2_501, false), true, TARGET), Counted::Bad);
    assert_eq!(counts(&cancelled(2_501, true), true, TARGET), Counted::No, "it had its first token");
    assert_eq!(counts(&cancelled(600_000, false), true, None), Counted::No, "nobody promised a latency");
}

#[test]
fn words_are_the_ones_of_the_json_document() {
    let counted: Vec<_> = Counted::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(counted, ["good", "bad", "no"]);
    let causes: Vec<_> = Cause::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(
        causes,
        [
            "provider_outage",
            "rate_limit",
            "account",
            "deploy",
            "experiment",
            "drill",
            "own_network",
            "router",
            "unknown"
        ]
    );
}

#[test]
fn serde_and_from_str_use_the_same_words() {
    for counted in Counted::ALL {
        assert_eq!(serde_json::to_value(counted).unwrap(), counted.as_str());
        assert_eq!(counted.as_str().parse(), Ok(counted));
    }
    for cause in Cause::ALL {
        assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        assert_eq!(cause.as_str().parse(), Ok(cause));
    }
}

#[test]
fn an_unknown_word_lists_the_known_ones() {
    let error = "Good".parse::<Counted>().unwrap_err();
    assert_eq!(error.to_string(), "\"Good\" is not one of good, bad, no");
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Answered),
        Just(Ending::AllFailed),
        Just(Ending::TimedOut),
        Just(Ending::Broken),
        Just(Ending::OurAccount),
        Just(Ending::RequestWrong),
        (any::<u64>(), any::<bool>())
            .prop_map(|(waited_ms, first_token)| Ending::Cancelled { waited_ms, first_token }),
        Just(Ending::Cached),
        Just(Ending::PolicyRefused),
        Just(Ending::Offline),
        Just(Ending::RouterFault),
    ]
}

proptest! {
    #[test]
    fn a_drill_s_own_requests_never_count(ending in any_ending(), target in any::<Option<u64>>()) {
        prop_assert_eq!(counts(&ending, false, target), Counted::No);
    }

    #[test]
    fn waiting_longer_never_turns_bad_into_not_counted(a in any::<u64>(), b in any::<u64>(), target in any::<u64>()) {
        let (short, long) = (a.min(b), a.max(b));
        if counts(&cancelled(short, false), true, Some(target)) == Counted::Bad {
            prop_assert_eq!(counts(&cancelled(long, false), true, Some(target)), Counted::Bad);
        }
    }
}
