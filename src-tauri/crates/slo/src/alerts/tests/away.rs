//! Sleep, clocks, restarts: time that nobody watched.

use std::time::Duration;

use super::scene::*;
use crate::alerts::*;

const SUCCESS: Kind = Kind::Success;
const NIGHT: Duration = Duration::from_hours(8);
const HOUR_MS: i64 = 3_600_000;

fn pending() -> Scene {
    let mut scene = Scene::busy();
    while scene.state(SUCCESS) != State::Pending {
        scene.repeat(1, &[bad()]);
    }
    scene.repeat(19, &[bad()]);
    assert_eq!(scene.state(SUCCESS), State::Pending, "one tick before it fires");
    scene
}

fn resolved() -> Scene {
    let mut scene = Scene::firing();
    scene.until_resolved();
    scene
}

#[test]
fn edge_08_a_night_asleep_while_nothing_is_wrong() {
    let mut scene = Scene::busy();
    scene.sleep(NIGHT);
    assert_eq!(scene.watch.reading(SUCCESS).measured.n, 0, "the window begins anew");
    assert!(scene.moves.is_empty());
}

#[test]
fn edge_08_a_night_asleep_while_pending_never_fires() {
    let mut scene = pending();
    scene.sleep(NIGHT);
    assert_eq!(scene.state(SUCCESS), State::Inactive);
    assert_eq!(scene.moves.last().unwrap().why, Why::Gap);
    // Awake into a breach: it has to hold anew.
    scene.repeat(5, &[bad()]);
    assert_eq!(scene.state(SUCCESS), State::Pending);
    scene.repeat(19, &[bad()]);
    assert!(scene.pages.is_empty());
    scene.repeat(1, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)]);
}

#[test]
fn edge_08_a_night_asleep_while_firing_resolves_nothing_by_itself() {
    let mut scene = Scene::firing();
    scene.sleep(NIGHT);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    assert!(scene.watch.alert(SUCCESS).was_away());
    // Awake into health: five minutes of it, watched ones.
    scene.repeat(5, &[good()]);
    assert!(!scene.watch.alert(SUCCESS).was_away());
    scene.repeat(19, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    scene.repeat(1, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
}

#[test]
fn edge_08_the_recovery_begins_anew_after_sleep() {
    let mut scene = Scene::firing();
    while scene.verdict(SUCCESS) == Verdict::Breach {
        scene.repeat(1, &[good(); 300]);
    }
    scene.repeat(19, &[good()]);
    scene.sleep(NIGHT);
    scene.repeat(23, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    scene.repeat(2, &[good()]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
}

#[test]
fn edge_08_a_night_asleep_after_an_incident_ends_it() {
    let mut scene = resolved();
    scene.sleep(NIGHT);
    assert_eq!(scene.state(SUCCESS), State::Inactive);
}

#[test]
fn edge_09_a_clock_set_forward_or_back_fires_and_resolves_nothing() {
    for by in [HOUR_MS, -HOUR_MS, -48 * HOUR_MS] {
        let mut scene = pending();
        scene.set_clock(by);
        assert_eq!(scene.state(SUCCESS), State::Inactive, "pending, set by {by} ms");
        let mut scene = Scene::firing();
        scene.set_clock(by);
        assert_eq!(scene.state(SUCCESS), State::Firing, "firing, set by {by} ms");
        // The rows from before are gone, also those that now seem to lie in the future.
        assert_eq!(scene.watch.reading(SUCCESS).measured.n, 0, "firing, set by {by} ms");
        scene.repeat(30, &[good()]);
        assert_eq!(scene.state(SUCCESS), State::Resolved, "firing, set by {by} ms");
    }
}

#[test]
fn edge_09_repeats_go_on_after_the_clock_was_set_back() {
    let mut scene = Scene::firing();
    scene.set_clock(-48 * HOUR_MS);
    scene.repeat(4 * 240, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Still)]);
}

#[test]
fn edge_09_summer_time_and_journeys_change_no_alert_and_only_the_words() {
    // Milliseconds since 1970 know no zones: the page is one and the same, read in another zone.
    let scene = Scene::firing();
    let page = &scene.pages[0];
    let body = |offset: i32| words::page(page, &words::Blame::default(), &|_| offset).body;
    assert!(body(3_600).contains("since 15:"), "{}", body(3_600));
    assert!(body(7_200).contains("since 16:"), "{}", body(7_200));
}

#[test]
fn edge_10_killed_and_back_in_ten_seconds_nothing_is_lost() {
    let mut scene = pending();
    let ledger: Vec<_> = (0..19)
        .map(|ago| Request { completed_ms: scene.now.wall_ms - 1_000 - ago * 15_000, ..bad() })
        .collect();
    scene.kill(Duration::from_secs(10), &ledger);
    assert_eq!(scene.state(SUCCESS), State::Pending);
    scene.repeat(1, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)], "10 s + 15 s on top of what was held");

    let mut scene = Scene::firing();
    let incident = scene.incident();
    scene.kill(Duration::from_secs(10), &[]);
    assert_eq!((scene.state(SUCCESS), scene.incident()), (State::Firing, incident));
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)], "it is not told again");

    let mut scene = resolved();
    scene.kill(Duration::from_secs(10), &[]);
    assert_eq!(scene.state(SUCCESS), State::Resolved);
}

#[test]
fn edge_10_killed_for_two_hours_pending_is_gone_and_firing_is_not() {
    let away = Duration::from_hours(2);
    let mut scene = pending();
    // Its rows are within reach, but from before the gap.
    let ledger: Vec<_> =
        (0..40).map(|ago| Request { completed_ms: scene.now.wall_ms - ago, ..bad() }).collect();
    scene.kill(away, &ledger);
    assert_eq!((scene.state(SUCCESS), scene.watch.reading(SUCCESS).measured.n), (State::Inactive, 0));
    assert!(scene.pages.is_empty());

    let mut scene = Scene::firing();
    scene.kill(away, &[]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    scene.repeat(25, &[good()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Resolved)]);

    let mut scene = resolved();
    scene.kill(away, &[]);
    assert_eq!(scene.state(SUCCESS), State::Inactive);
}

#[test]
fn edge_10_an_inactive_alert_keeps_its_window_when_the_app_knows_it_was_alive() {
    let now = Moment { wall_ms: START, mono_ms: 0 };
    let mut watch = Watch::new(Promise::default(), Rules::default(), now);
    watch.evaluate(now, &Context::default());
    let saved = watch.saved();
    let later = Moment { wall_ms: START + HOUR_MS, mono_ms: 5 };
    let restore = |alive: Option<i64>| {
        let saved = saved.clone();
        Watch::restore(Promise::default(), Rules::default(), saved, alive, later).wants_since(later)
    };
    assert_eq!(restore(None), later.wall_ms, "for all that is known nobody watched");
    assert_eq!(restore(Some(later.wall_ms - 20_000)), later.wall_ms - 2 * HOUR_MS);
}

#[test]
fn edge_10_requests_between_the_restart_and_the_first_look_count() {
    let mut scene = Scene::firing();
    scene.kill(Duration::from_hours(2), &[]);
    let saved = scene.watch.saved();
    let restarted = Moment { wall_ms: scene.now.wall_ms + 2 * HOUR_MS, mono_ms: 0 };
    let mut watch = Watch::restore(Promise::default(), Rules::default(), saved, None, restarted);
    watch.record(&Request { completed_ms: restarted.wall_ms + 5_000, ..bad() });
    let first = Moment { wall_ms: restarted.wall_ms + 15_000, mono_ms: 15_000 };
    watch.evaluate(first, &Context::default());
    assert_eq!(watch.reading(SUCCESS).measured.n, 1);
}

#[test]
fn edge_23_a_night_asleep_is_one_repeat_and_not_two() {
    let mut scene = Scene::firing();
    scene.sleep(NIGHT);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired)], "nothing is known yet");
    scene.repeat(10, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Still)]);
    scene.repeat(900, &[bad()]);
    assert_eq!(scene.pages.len(), 2, "the next one is four hours later");
}

#[test]
fn edge_27_what_cannot_be_read_is_unknown_and_never_healthy() {
    let mut scene = pending();
    scene.context.blind = true;
    scene.repeat(2, &vec![good(); 9_000]);
    assert_eq!(scene.verdict(SUCCESS), Verdict::Unknown(Unknown::Blind));
    assert_eq!(scene.state(SUCCESS), State::Pending);
    let mut scene = Scene::firing();
    scene.context.blind = true;
    scene.repeat(100, &[good(); 90]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    assert_eq!(scene.watch.alert(SUCCESS).no_traffic_since(), None, "there may well be traffic");
}

#[test]
fn edge_30_rows_from_before_a_gap_come_too_late() {
    let mut scene = Scene::busy();
    let before = scene.now.wall_ms;
    scene.sleep(NIGHT);
    (0..50).for_each(|ago| scene.watch.record(&Request { completed_ms: before - ago, ..bad() }));
    scene.repeat(1, &[]);
    assert_eq!(scene.watch.reading(SUCCESS).measured.n, 0);
}
