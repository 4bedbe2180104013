use super::*;

const NOWHERE: Found = Found::Nowhere { unresolved: false };
const NAMELESS: Found = Found::Nowhere { unresolved: true };

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

fn look(found: &[(&str, Place, Found)]) -> Look {
    let found = found.iter().map(|(name, place, found)| ((*name).to_owned(), (*place, *found))).collect();
    Look { found, no_route: false }
}

fn far(first: Found, second: Found) -> Look {
    look(&[("a", Place::Far, first), ("b", Place::Far, second)])
}

fn without_route(look: Look) -> Look {
    Look { no_route: true, ..look }
}

/// A machine that suspects both providers and then sees this.
fn after(look: &Look) -> Machine {
    let mut machine = Machine::default();
    machine.looked(&names(&["a", "b"]), look, at(0));
    machine
}

fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Reachable => "reachable",
        Standing::Unreachable(_) => "unreachable",
        Standing::Offline(_, witness) => witness.as_str(),
    }
}

#[test]
fn offline_takes_a_second_witness() {
    for (what, look, expected) in [
        ("one of two answers", far(NOWHERE, Found::There), "reachable"),
        ("one of two answers, without a route", without_route(far(NOWHERE, Found::There)), "reachable"),
        ("both refuse", far(NOWHERE, NOWHERE), "unreachable"),
        ("both refuse, without a route", without_route(far(NOWHERE, NOWHERE)), "no_route"),
        ("no name resolves", far(NAMELESS, NAMELESS), "no_names"),
        ("one name doesn't resolve", far(NAMELESS, NOWHERE), "unreachable"),
        ("a page from both", far(Found::Page, Found::Page), "captive_portal"),
        ("a page from one", far(Found::Page, NOWHERE), "unreachable"),
    ] {
        assert_eq!(word(after(&look).standing()), expected, "{what}");
    }
}

#[test]
fn a_provider_on_a_private_network_is_no_evidence() {
    let both_near = look(&[("a", Place::Near, NOWHERE), ("b", Place::Near, NOWHERE)]);
    assert_eq!(word(after(&without_route(both_near)).standing()), "unreachable");
    let mixed = look(&[("a", Place::Far, NAMELESS), ("b", Place::Near, NOWHERE)]);
    assert_eq!(word(after(&mixed).standing()), "no_names");
}

#[test]
fn any_of_them_ends_it() {
    for first in [far(NOWHERE, NOWHERE), without_route(far(NOWHERE, NOWHERE))] {
        for back in [far(Found::There, NOWHERE), far(NOWHERE, Found::There), far(Found::There, Found::There)]
        {
            let mut machine = after(&first);
            assert_eq!(word(machine.looked(&BTreeSet::new(), &back, at(5))), "reachable");
        }
    }
}

#[test]
fn a_network_that_comes_back_is_given_one_look_before_it_is_called_an_outage() {
    let mut machine = after(&without_route(far(NOWHERE, NOWHERE)));
    assert_eq!(word(machine.looked(&BTreeSet::new(), &far(NOWHERE, NOWHERE), at(1))), "no_route");
    let standing = machine.looked(&BTreeSet::new(), &far(NOWHERE, NOWHERE), at(2)).clone();
    assert_eq!(word(&standing), "unreachable");
    assert_eq!(standing.away().expect("away").since, at(2), "the outage begins where ours ends");
}

#[test]
fn a_witness_between_two_doubts_takes_the_first_one_back() {
    let (with, without) = (without_route(far(NOWHERE, NOWHERE)), far(NOWHERE, NOWHERE));
    let mut machine = after(&with);
    for second in 1..20 {
        let seen = if second % 2 == 0 { &with } else { &without };
        assert_eq!(word(machine.looked(&BTreeSet::new(), seen, at(second))), "no_route", "second {second}");
    }
}

#[test]
fn since_when_is_the_first_moment_at_which_nobody_answered() {
    let mut machine = after(&far(NOWHERE, NOWHERE));
    let standing = machine.looked(&BTreeSet::new(), &without_route(far(NOWHERE, NOWHERE)), at(9)).clone();
    assert_eq!((word(&standing), standing.away().expect("away").since), ("no_route", at(0)));
}

#[test]
fn another_route_joins_only_if_all_of_it_is_away() {
    let mut machine = after(&far(NOWHERE, NOWHERE));
    let with = |third, fourth| {
        look(&[
            ("a", Place::Far, NOWHERE),
            ("b", Place::Far, NOWHERE),
            ("c", Place::Far, third),
            ("d", Place::Far, fourth),
        ])
    };
    let others = names(&["c", "d"]);
    machine.looked(&others, &with(NOWHERE, Found::There), at(1));
    assert_eq!(machine.standing().away().expect("away").providers, names(&["a", "b"]));
    machine.looked(&others, &with(NOWHERE, NOWHERE), at(2));
    assert_eq!(machine.standing().away().expect("away").providers, names(&["a", "b", "c", "d"]));
}

#[test]
fn a_provider_that_is_no_longer_configured_keeps_nobody_waiting() {
    let mut machine = after(&far(NOWHERE, NOWHERE));
    machine.looked(&BTreeSet::new(), &look(&[("b", Place::Far, NOWHERE)]), at(1));
    assert_eq!(machine.standing().away().expect("away").providers, names(&["b"]));
    assert_eq!(word(machine.looked(&BTreeSet::new(), &Look::default(), at(2))), "reachable");
}

#[test]
fn waits_grow_to_a_quarter_of_a_minute_and_begin_anew_with_every_change() {
    let mut machine = after(&far(NOWHERE, NOWHERE));
    let mut waits = || machine.next_wait().as_secs();
    assert_eq!([waits(), waits(), waits(), waits(), waits(), waits()], [1, 2, 4, 8, 15, 15]);
    machine.nudged();
    assert_eq!(machine.next_wait().as_secs(), 1);
    machine.looked(&BTreeSet::new(), &far(Found::There, Found::There), at(60));
    machine.looked(&names(&["a", "b"]), &far(NOWHERE, NOWHERE), at(61));
    assert_eq!(machine.next_wait().as_secs(), 1, "the next time as well");
}
