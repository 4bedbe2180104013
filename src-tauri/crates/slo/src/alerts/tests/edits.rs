//! Targets, alerts and promises that change while something is wrong.

use super::scene::*;
use crate::alerts::*;

const SUCCESS: Kind = Kind::Success;

fn promising(success_ppm: u32) -> Promise {
    Promise { success_ppm, ..Promise::default() }
}

#[test]
fn edge_13_another_target_while_pending_begins_anew() {
    for target in [999_000, 990_000] {
        let mut scene = Scene::busy();
        scene.repeat(20, &[bad()]);
        assert_eq!(scene.state(SUCCESS), State::Pending);
        let steps = scene.watch.set_promise(promising(target), scene.now);
        scene.take(steps);
        assert_eq!(scene.state(SUCCESS), State::Inactive);
        assert_eq!(scene.moves.last().unwrap().why, Why::NewPromise);
        scene.repeat(20, &[bad()]);
        assert!(scene.pages.is_empty(), "held for 4 min 45 s against the new target");
        scene.repeat(1, &[bad()]);
        assert_eq!(scene.pages.len(), 1);
        assert_eq!(scene.pages[0].promise.success_ppm, target);
    }
}

#[test]
fn edge_13_a_lower_target_while_firing_resolves_after_watched_health_and_not_at_once() {
    let mut scene = Scene::busy();
    scene.repeat(40, &[good(), good(), good(), bad()]);
    assert_eq!(scene.state(SUCCESS), State::Firing);
    let steps = scene.watch.set_promise(promising(700_000), scene.now);
    scene.take(steps);
    scene.repeat(20, &[good(), good(), good(), bad()]);
    assert_eq!((scene.state(SUCCESS), scene.verdict(SUCCESS)), (State::Firing, Verdict::Healthy));
    scene.repeat(1, &[good()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Resolved)]);
}

#[test]
fn edge_13_a_higher_target_while_firing_goes_on_as_the_same_incident() {
    let mut scene = Scene::firing();
    let incident = scene.incident();
    let steps = scene.watch.set_promise(promising(999_900), scene.now);
    scene.take(steps);
    scene.repeat(40, &[bad()]);
    assert_eq!((scene.state(SUCCESS), scene.incident(), scene.pages.len()), (State::Firing, incident, 1));
}

#[test]
fn edge_13_another_latency_target_forgets_what_was_judged_by_the_old_one() {
    let mut scene = Scene::new();
    scene.repeat(20, &[slow(), slow()]);
    assert_eq!(scene.state(Kind::P95), State::Pending);
    let new = Promise { latency_ms: 5_000, ..Promise::default() };
    let steps = scene.watch.set_promise(new.clone(), scene.now);
    scene.take(steps);
    assert_eq!(scene.state(Kind::P95), State::Inactive);
    // The app fills the window again with the same rows, under the new target.
    let since = scene.watch.wants_since(scene.now);
    assert!(since <= START);
    for ago in 1..=40 {
        scene.watch.record(&Request { completed_ms: scene.now.wall_ms - ago * 7_000, ..good() });
    }
    scene.repeat(1, &[]);
    assert_eq!((scene.verdict(Kind::P95), scene.watch.reading(Kind::P95).measured.n), (Verdict::Healthy, 40));
}

#[test]
fn the_same_promise_set_again_changes_nothing() {
    let mut scene = Scene::busy();
    scene.repeat(20, &[bad()]);
    let steps = scene.watch.set_promise(Promise::default(), scene.now);
    assert!(steps.iter().all(Step::is_nothing));
    assert_eq!(scene.state(SUCCESS), State::Pending);
}

#[test]
fn edge_14_switched_off_and_on_again_while_firing() {
    let mut scene = Scene::firing();
    let first = scene.incident();
    let step = scene.watch.set_enabled(SUCCESS, false, scene.now);
    assert_eq!(step.moved.last().map(|moved| (moved.to, moved.why)), Some((State::Inactive, Why::Disabled)));
    assert_eq!(step.moved.last().and_then(|moved| moved.incident), Some(first));
    assert!(step.save && step.page.is_none(), "whoever did it knows");
    scene.repeat(40, &[bad()]);
    assert_eq!((scene.state(SUCCESS), scene.pages.len()), (State::Inactive, 1));
    assert_eq!(scene.watch.acknowledge(SUCCESS, first), Acknowledged::Stale);
    scene.watch.set_enabled(SUCCESS, true, scene.now);
    scene.repeat(21, &[bad()]);
    assert_eq!(scene.told(), [(SUCCESS, About::Fired), (SUCCESS, About::Fired)]);
    assert_ne!(scene.incident(), first, "it is another incident");
}

#[test]
fn edge_15_a_promise_that_is_deleted_or_renamed_while_firing_closes_its_incident_silently() {
    let scene = Scene::firing();
    let incident = scene.incident();
    let steps = scene.watch.clone().retire(scene.now);
    let closed: Vec<_> = steps.iter().flat_map(|step| &step.moved).collect();
    assert_eq!(closed.len(), 1);
    assert_eq!((closed[0].incident, closed[0].why), (Some(incident), Why::Disabled));
    assert!(steps.iter().all(|step| step.page.is_none()));
    // Under the new name everything begins anew, and the pages' keys can't meet the old ones.
    let renamed = Promise { name: "Acme: new".to_owned(), everything: false, ..Promise::default() };
    let mut scene = scene;
    scene.watch = Watch::new(renamed, Rules::default(), scene.now);
    scene.repeat(5, &[good(); 5]);
    scene.until_firing();
    let keys: Vec<_> = scene.pages.iter().map(|page| page.key.as_str()).collect();
    assert!(keys[0].starts_with("success:Everything:"), "{keys:?}");
    assert!(keys[1].starts_with("success:Acme: new:"), "{keys:?}");
}

#[test]
fn a_promise_deleted_and_made_anew_never_uses_a_key_twice() {
    let mut scene = Scene::firing();
    scene.watch = Watch::new(Promise::default(), Rules::default(), scene.now);
    scene.repeat(5, &[good(); 5]);
    scene.until_firing();
    assert_ne!(scene.pages[0].key, scene.pages[1].key);
}
