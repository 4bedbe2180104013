use proptest::prelude::*;

use super::*;
use crate::alerts::{About, Measured, Promise};

const HOUR: i64 = HOUR_MS;

fn page(kind: Kind, about: About, at_ms: i64) -> Page {
    Page {
        key: format!("{}:Everything:1:{at_ms}", kind.as_str()),
        kind,
        incident: 1,
        seq: 1,
        about,
        at_ms,
        since_ms: at_ms,
        drill: None,
        practice: false,
        promise: Promise::default(),
        measured: Measured::default(),
    }
}

fn fired(kind: Kind, at_ms: i64) -> Page {
    page(kind, About::Fired, at_ms)
}

fn shape(told: &[Delivery]) -> Vec<usize> {
    let of = |delivery: &Delivery| match delivery {
        Delivery::Page(_) => 1,
        Delivery::Digest(digest) => digest.pages.len(),
    };
    told.iter().map(of).collect()
}

#[test]
fn quiet_hours_may_run_over_midnight() {
    let night = Quiet { from_minute: 22 * 60, to_minute: 7 * 60 };
    let quiet =
        [22 * 60, 23 * 60 + 59, 0, 7 * 60 - 1, 7 * 60, 21 * 60 + 59].map(|minute| night.holds(minute));
    assert_eq!(quiet, [true, true, true, true, false, false]);
    let lunch = Quiet { from_minute: 12 * 60, to_minute: 13 * 60 };
    assert_eq!([719, 720, 779, 780].map(|minute| lunch.holds(minute)), [false, true, true, false]);
}

#[test]
fn a_pause_holds_back_everything_and_its_end_tells_it_once() {
    let mut post = Post::default();
    post.hold_all(vec![fired(Kind::P95, 1), fired(Kind::Success, 2)], 10);
    post.hold_all(vec![page(Kind::Success, About::Resolved, 3)], 20);
    assert_eq!(post.holds(), 3);
    assert_eq!(shape(&post.round(Vec::new(), HOUR, false)), [3]);
    assert!(post.round(Vec::new(), 2 * HOUR, false).is_empty(), "and only once");
}

#[test]
fn an_alert_that_waits_for_long_is_one_alert_in_the_digest() {
    let mut post = Post::default();
    let still = |at_ms| page(Kind::Success, About::Still, at_ms);
    post.hold_all(vec![fired(Kind::Success, 1), fired(Kind::P95, 1)], 10);
    post.hold_all(vec![still(2)], 20);
    post.hold_all(vec![still(3), page(Kind::Success, About::Resolved, 4)], 30);
    assert_eq!(shape(&post.round(Vec::new(), HOUR, false)), [3]);
    // Of one that was told before the pause, one reminder waits.
    post.hold_all(vec![still(HOUR + 5)], HOUR + 5);
    post.hold_all(vec![still(HOUR + 6)], HOUR + 6);
    assert_eq!(shape(&post.round(Vec::new(), 3 * HOUR, false)), [1]);
}

#[test]
fn quiet_hours_hold_back_all_but_success_breaches() {
    let mut post = Post::default();
    let night = vec![fired(Kind::P95, 1), fired(Kind::Success, 2), fired(Kind::Cost, 3)];
    let told = post.round(night, 10, true);
    assert!(matches!(&told[..], [Delivery::Page(page)] if page.kind == Kind::Success));
    assert!(
        post.round(vec![page(Kind::Success, About::Resolved, 4)], HOUR, true).is_empty(),
        "good news can wait"
    );
    let morning = post.round(Vec::new(), 8 * HOUR, false);
    assert_eq!(shape(&morning), [3], "one digest of what was held back");
    assert!(post.round(Vec::new(), 9 * HOUR, false).is_empty(), "and only once");
}

#[test]
fn one_page_held_back_by_the_night_is_told_as_itself() {
    let mut post = Post::default();
    assert!(post.round(vec![fired(Kind::Cost, 3)], 10, true).is_empty());
    assert_eq!(post.round(Vec::new(), HOUR, false), [Delivery::Page(fired(Kind::Cost, 3))]);
}

#[test]
fn the_seventh_in_an_hour_is_a_digest_and_then_it_waits() {
    let mut post = Post::default();
    for minute in 0..6 {
        let at = minute * 60_000;
        assert_eq!(shape(&post.round(vec![fired(Kind::Success, at)], at, false)), [1]);
    }
    let seventh = post.round(vec![fired(Kind::Success, 400_000)], 400_000, false);
    assert!(matches!(&seventh[..], [Delivery::Digest(digest)] if digest.pages.len() == 1));
    for minute in 8..12 {
        let at = minute * 60_000;
        assert!(post.round(vec![fired(Kind::P95, at)], at, false).is_empty());
    }
    assert!(post.round(Vec::new(), HOUR - 1, false).is_empty());
    assert_eq!(shape(&post.round(Vec::new(), HOUR, false)), [4], "the hour has room again: the rest in one");
}

#[test]
fn good_news_costs_no_page_and_does_not_come_before_the_bad() {
    let mut post = Post::default();
    for minute in 0..6 {
        post.round(vec![fired(Kind::Success, minute)], minute, false);
    }
    assert_eq!(shape(&post.round(vec![page(Kind::Success, About::Resolved, 7)], 7, false)), [1]);
    post.round(vec![fired(Kind::P95, 8)], 8, false);
    post.round(vec![fired(Kind::Cost, 9)], 9, false);
    assert!(post.round(vec![page(Kind::Cost, About::Resolved, 10)], 10, false).is_empty());
    assert_eq!(shape(&post.round(Vec::new(), HOUR, false)), [2]);
}

#[test]
fn a_clock_set_back_does_not_silence_it_for_days() {
    let mut post = Post::default();
    for nth in 0..6 {
        post.round(vec![fired(Kind::Success, nth)], 48 * HOUR, false);
    }
    post.round(Vec::new(), 0, false);
    assert_eq!(shape(&post.round(vec![fired(Kind::Success, 9)], HOUR, false)), [1]);
}

#[test]
fn what_is_held_back_survives_a_restart() {
    let mut post = Post::default();
    post.round(vec![fired(Kind::P95, 1), fired(Kind::Cost, 2)], 10, true);
    let read: Post = serde_json::from_str(&serde_json::to_string(&post).unwrap()).unwrap();
    assert_eq!(read, post);
    assert_eq!(shape(&{ read }.round(Vec::new(), HOUR, false)), [2]);
}

proptest! {
    #[test]
    fn no_hour_has_more_than_six_pages_and_a_digest_and_nothing_is_lost(
        rounds in prop::collection::vec((1i64..900_000, prop::collection::vec(0usize..3, 0..4), any::<bool>()), 1..150),
    ) {
        let (mut post, mut now) = (Post::default(), 0);
        let (mut sent, mut told, mut times) = (0, 0, Vec::new());
        let mut keys = std::collections::HashSet::new();
        for (gap, kinds, quiet) in rounds {
            now += gap;
            let pages = kinds.iter().map(|&kind| fired(Kind::ALL[kind], now)).collect::<Vec<_>>();
            sent += pages.len();
            for delivery in post.round(pages, now, quiet) {
                if let Delivery::Digest(digest) = &delivery {
                    prop_assert!(keys.insert(delivery.key()), "{} twice", delivery.key());
                    told += digest.pages.len() + usize::try_from(digest.more).unwrap();
                } else {
                    told += 1;
                }
                times.push(now);
            }
            let hour = times.iter().filter(|&&at| now - at < HOUR).count();
            prop_assert!(hour <= PAGES_PER_HOUR + 1, "{} in an hour", hour);
        }
        prop_assert_eq!(told + post.holds() + usize::try_from(post.more).unwrap(), sent);
        post.round(Vec::new(), now + HOUR, false);
        prop_assert_eq!(post.holds(), 0);
    }
}
