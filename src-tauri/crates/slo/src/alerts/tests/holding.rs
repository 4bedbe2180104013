//! Times, flaps and recoveries.

use std::time::Duration;

use super::scene::*;
use crate::alerts::*;

const SUCCESS: Kind = Kind::Success;

/// Ticks until the breach is seen.
fn until_pending(scene: &mut Scene) {
    while scene.state(SUCCESS) != State::Pending {
        scene.repeat(1, &[bad()]);
    }
}

#[test]
fn edge_01_fires_at_exactly_the_hold_and_not_one_tick_earlier() {
    let mut scene = Scene::busy();
    until_pending(&mut scene);
    let began = scene.now.wall_ms;
    scene.repeat(19, &[bad()]);
    assert_eq!((scene.state(SUCCESS), scene.now.wall_ms - began), (State::Pending, 285_000));
    scene.repeat(1, &[bad()]);
    assert_eq!((scene.state(SUCCESS), scene.now.wall_ms - began), (State::Firing, 300_000));
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)]);
    assert_eq!(scene.pages[0].since_ms, began);
}

#[test]
fn edge_01_latency_and_cost_hold_for_fifteen_minutes() {
    let mut scene = Scene::busy();
    let mut began = [None; 2];
    while scene.pages.len() < 2 {
        scene.repeat(1, &[Request { price: Price::Micros(90_000), ..slow() }]);
        for (began, kind) in began.iter_mut().zip([Kind::P95, Kind::Cost]) {
            if scene.state(kind) == State::Pending {
                began.get_or_insert(scene.now.wall_ms);
            }
        }
    }
    for (began, kind) in began.iter().zip([Kind::P95, Kind::Cost]) {
        let page = scene.pages.iter().find(|page| page.kind == kind).expect("it was told");
        assert_eq!(page.at_ms - began.expect("it was pending"), 900_000, "{kind:?}");
    }
}

#[test]
fn edge_02_one_healthy_tick_begins_the_hold_anew() {
    let mut scene = Scene::new();
    scene.repeat(3, &[good(), good(), good()]);
    until_pending(&mut scene);
    scene.repeat(18, &[bad()]);
    assert_eq!(scene.state(SUCCESS), State::Pending);
    // Enough good ones at once to bring the rate back, then so many bad ones that it falls again.
    scene.repeat(1, &vec![good(); 4_000]);
    assert_eq!(scene.state(SUCCESS), State::Inactive);
    scene.repeat(1, &[bad(); 400]);
    assert_eq!(scene.state(SUCCESS), State::Pending);
    scene.repeat(19, &[bad()]);
    assert_eq!(scene.state(SUCCESS), State::Pending, "the time before the healthy tick doesn't count");
    scene.repeat(1, &[bad()]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
}

#[test]
fn edge_03_a_flap_around_the_target_is_one_incident() {
    let mut scene = Scene::firing();
    let incident = scene.incident();
    for _ in 0..3 {
        scene.until_resolved();
        scene.repeat(40, &[bad(); 12]);
        assert_eq!((scene.state(SUCCESS), scene.incident()), (State::Firing, incident));
    }
    let again = scene.pages.iter().filter(|page| page.about == About::Again).count();
    assert_eq!(again, 3);
    assert!(scene.pages.iter().all(|page| page.incident == incident));
    let mut keys: Vec<_> = scene.pages.iter().map(|page| page.key.clone()).collect();
    keys.dedup();
    assert_eq!(keys.len(), 7, "each page has a key of its own: {keys:?}");
}

#[test]
fn edge_03_a_breach_after_the_reopening_time_is_another_incident() {
    let mut scene = Scene::firing();
    let first = scene.incident();
    scene.until_resolved();
    scene.repeat(59, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
    scene.repeat(1, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Inactive, "fifteen minutes later it is forgotten");
    scene.until_firing();
    assert_ne!(scene.incident(), first);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Resolved), (SUCCESS, About::Fired)]);
}

#[test]
fn edge_04_almost_well_and_broken_again_is_still_the_same_page() {
    let mut scene = Scene::firing();
    while scene.verdict(SUCCESS) == Verdict::Breach {
        scene.repeat(1, &[good(); 300]);
    }
    scene.repeat(19, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Firing, "healthy for 4 min 45 s");
    scene.repeat(1, &[bad(); 500]);
    assert_eq!((scene.state(SUCCESS), scene.verdict(SUCCESS)), (State::Firing, Verdict::Breach));
    while scene.verdict(SUCCESS) == Verdict::Breach {
        scene.repeat(1, &vec![good(); 9_000]);
    }
    scene.repeat(19, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Firing, "the recovery began anew");
    scene.repeat(1, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Resolved)]);
}

#[test]
fn five_minutes_of_health_without_five_healthy_requests_do_not_resolve() {
    let mut scene = Scene::firing();
    while scene.verdict(SUCCESS) == Verdict::Breach {
        scene.repeat(1, &[good(); 300]);
    }
    scene.repeat(4, &[good()]);
    scene.repeat(40, &[]);
    assert_eq!(scene.state(SUCCESS), State::Firing, "ten quiet minutes and four answers");
    scene.repeat(1, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
}

#[test]
fn edge_05_no_traffic_stops_the_hold_and_never_resolves() {
    let rules = Rules { stale_after: Duration::from_mins(2), ..Rules::default() };
    let mut pending = Scene::with(rules);
    pending.repeat(10, &[bad()]);
    pending.repeat(9, &[]);
    assert_eq!(pending.verdict(SUCCESS), Verdict::Unknown(Unknown::NoTraffic));
    assert_eq!(pending.state(SUCCESS), State::Pending, "silence is no proof of anything");
    let left = pending.watch.alert(SUCCESS).fires_in_ms(pending.watch.rules());
    pending.repeat(120, &[]);
    assert_eq!(
        pending.watch.alert(SUCCESS).fires_in_ms(pending.watch.rules()),
        left,
        "the hold stands still"
    );
    assert!(pending.pages.is_empty());

    let mut firing = Scene::firing();
    let last = firing.now.wall_ms - 1_000;
    firing.repeat(600, &[]);
    assert_eq!(firing.state(SUCCESS), State::Firing, "no traffic is no recovery");
    assert_eq!(firing.watch.alert(SUCCESS).no_traffic_since(), Some(last));
    assert_eq!(firing.told(), [(SUCCESS, About::Fired)]);
}

#[test]
fn edge_05_failures_that_are_followed_by_silence_page_all_the_same() {
    // Half an hour must pass before the newest request is too old: with twenty an hour, minutes of silence are
    // usual, and in an outage tools give up asking.
    let mut scene = Scene::new();
    scene.repeat(5, &[bad()]);
    scene.repeat(40, &[]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)]);
}

#[test]
fn edge_24_acknowledged_then_resolved_then_broken_again_pages() {
    let mut scene = Scene::firing();
    let incident = scene.incident();
    assert_eq!(scene.watch.acknowledge(SUCCESS, incident), Acknowledged::Now);
    assert_eq!(scene.watch.acknowledge(SUCCESS, incident), Acknowledged::Before);
    scene.repeat(1_000, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)], "acknowledged: it does not repeat");
    scene.until_resolved();
    assert_eq!(scene.watch.acknowledge(SUCCESS, incident), Acknowledged::Stale);
    scene.repeat(40, &[bad(); 12]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Resolved), (SUCCESS, About::Again)]);
    scene.repeat(970, &[bad()]);
    assert_eq!(
        scene.told().last(),
        Some(&(SUCCESS, About::Still)),
        "the acknowledgement ended with its breach"
    );
}

#[test]
fn a_click_on_an_older_incident_changes_nothing() {
    let mut scene = Scene::firing();
    let stale = scene.incident() - 1;
    assert_eq!(scene.watch.acknowledge(SUCCESS, stale), Acknowledged::Stale);
    assert_eq!(scene.watch.acknowledge(Kind::Cost, stale), Acknowledged::Stale);
    assert!(!scene.watch.alert(SUCCESS).incident().unwrap().acknowledged());
}

#[test]
fn what_nobody_acknowledges_is_told_again_after_four_hours() {
    let mut scene = Scene::firing();
    let fired = scene.pages[0].at_ms;
    scene.repeat(4 * 240 * 2, &[bad()]);
    let told: Vec<_> = scene.pages.iter().map(|page| (page.about, (page.at_ms - fired) / 60_000)).collect();
    assert_eq!(told, [(About::Fired, 0), (About::Still, 240), (About::Still, 480)]);
}

#[test]
fn a_hold_of_no_time_fires_at_once() {
    let rules = Rules { success_hold: Duration::ZERO, ..Rules::default() };
    let mut scene = Scene::with(rules);
    scene.repeat(1, &[bad(); 5]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    assert_eq!(scene.moves.iter().map(|moved| moved.to).collect::<Vec<_>>(), [State::Pending, State::Firing]);
}
