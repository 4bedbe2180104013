//! Pages on their way: together, late, in drills and without a network.

use super::scene::*;
use crate::alerts::*;

/// Everything is slow and dear, and a third of it fails.
fn everything_wrong() -> [Request; 3] {
    [
        Request { price: Price::Micros(80_000), ..slow() },
        Request { price: Price::Micros(80_000), ..slow() },
        bad(),
    ]
}

#[test]
fn edge_21_alerts_at_the_same_time_each_page() {
    let mut scene = Scene::busy();
    scene.repeat(100, &everything_wrong());
    let mut kinds: Vec<_> = scene.told();
    kinds.sort_unstable_by_key(|(kind, _)| *kind);
    let fired = About::Fired;
    assert_eq!(kinds, [(Kind::Success, fired), (Kind::P95, fired), (Kind::Cost, fired)]);
    let together: Vec<_> = scene.pages.iter().filter(|page| page.kind != Kind::Success).cloned().collect();
    let told = Post::default().round(together, scene.now.wall_ms, false);
    assert_eq!(told.len(), 2, "both are told, each for itself");
    assert!(told.iter().all(|delivery| matches!(delivery, Delivery::Page(_))));
}

#[test]
fn edge_21_ten_at_once_are_six_pages_and_one_digest() {
    let scene = Scene::firing();
    let pages: Vec<_> =
        (0..10).map(|nth| Page { key: format!("success:{nth}:1:1"), ..scene.pages[0].clone() }).collect();
    let told = Post::default().round(pages, scene.now.wall_ms, false);
    let digests: Vec<_> = told
        .iter()
        .filter_map(|delivery| match delivery {
            Delivery::Digest(digest) => Some(digest.pages.len()),
            Delivery::Page(_) => None,
        })
        .collect();
    assert_eq!((told.len(), digests), (7, vec![4]));
}

#[test]
fn edge_22_a_page_delivered_hours_late_says_when_it_happened() {
    let scene = Scene::firing();
    let page = &scene.pages[0];
    // Through the outbox and back, as after a restart.
    let kept: Page = serde_json::from_str(&serde_json::to_string(page).unwrap()).unwrap();
    assert_eq!(&kept, page);
    let text = words::page(&kept, &words::Blame::default(), &|_| 0);
    assert!(text.body.contains("since 14:05"), "{}", text.body);
    assert_eq!(kept.key, format!("success:Everything:{}:1", scene.incident()));
}

#[test]
fn edge_25_real_requests_hurt_by_a_drill_page_as_a_drill() {
    let mut scene = Scene::busy();
    scene.context.drill = Some("D7".to_owned());
    scene.until_firing();
    assert_eq!(scene.pages[0].drill.as_deref(), Some("D7"));
    assert_eq!(scene.watch.alert(Kind::Success).incident().unwrap().drill(), Some("D7"));
    assert!(words::page(&scene.pages[0], &words::Blame::default(), &|_| 0).title.starts_with("[Drill] "));
    scene.context.drill = None;
    scene.repeat(4 * 240, &[bad()]);
    assert_eq!(scene.pages[1].drill, None, "the drill is over and it is still broken: no rehearsal any more");
    scene.until_resolved();
    assert_eq!(scene.pages[2].drill.as_deref(), Some("D7"));
}

#[test]
fn what_was_broken_before_a_drill_is_no_drill() {
    let mut scene = Scene::firing();
    scene.context.drill = Some("D7".to_owned());
    scene.repeat(4 * 240, &[bad()]);
    assert_eq!((scene.pages[1].about, scene.pages[1].drill.as_deref()), (About::Still, None));
}

#[test]
fn without_a_network_nobody_is_paged_and_nothing_resolves() {
    let offline = Request { answer: Answer::Out, ..bad() };
    let mut scene = Scene::busy();
    scene.context.offline = true;
    scene.repeat(200, &[offline, offline]);
    assert_eq!(scene.state(Kind::Success), State::Inactive);
    scene.context.offline = false;
    scene.repeat(40, &[good()]);
    assert!(scene.pages.is_empty(), "what failed for want of a network is nobody's outage afterwards either");

    let mut firing = Scene::firing();
    firing.context.offline = true;
    firing.repeat(100, &[offline]);
    assert_eq!(firing.state(Kind::Success), State::Firing);
    assert!(firing.watch.alert(Kind::Success).no_traffic_since().is_some());
}

#[test]
fn the_list_says_what_each_state_means() {
    let said = |scene: &Scene| scene.watch.sentence(Kind::Success, scene.now.wall_ms, &|_| 0);
    let mut scene = Scene::busy();
    scene.repeat(5, &[bad()]);
    assert_eq!(
        said(&scene),
        "5 of 35 failed in 5 min: 85.71 % answered, promised 99.5 %. An alert in 4 min if it stays so."
    );
    scene.until_firing();
    assert!(said(&scene).ends_with("promised 99.5 %, broken since 14:05."), "{}", said(&scene));
    scene.repeat(400, &[]);
    assert_eq!(said(&scene), "Broken since 14:05. No traffic since 14:21.");
    scene.until_resolved();
    assert!(said(&scene).starts_with("Kept again since 16:"), "{}", said(&scene));
    scene.watch.set_enabled(Kind::Success, false, scene.now);
    assert_eq!(said(&scene), "Switched off.");
}

#[test]
fn the_practice_book_s_pages_say_so() {
    let mut scene = Scene::busy();
    scene.context.practice = true;
    scene.until_firing();
    let text = words::page(&scene.pages[0], &words::Blame::default(), &|_| 0);
    assert_eq!(text.title, "PRACTICE: Too many requests fail");
}
