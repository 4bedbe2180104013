//! What is said in every state that somebody will see, side by side so that the tone can be read.

use std::fmt::Write;

use crate::{
    budget::{Rate, Share},
    figure,
    report::{
        Book,
        tests::{DAY, Month, ago, month},
    },
    standing::{Hold, Proposal},
    words::asks_for_a_reason,
};

/// Every sentence about a month, a line each.
fn said(month: &Month, book: Book) -> String {
    let words = month.of(book).words;
    let mut text = format!("{}\n{}\n", words.verdict, words.lede);
    for (name, sentence) in [
        ("saved", words.saved),
        ("tray", Some(words.tray)),
        ("budget", Some(words.budget)),
        ("forecast", Some(words.forecast)),
        ("policy", words.policy),
        ("not counted", words.not_counted),
    ] {
        if let Some(sentence) = sentence {
            let _ = writeln!(text, "{name:>12}  {sentence}");
        }
    }
    for (name, tile) in [("success", words.success), ("latency", words.latency), ("cost", words.cost)] {
        let _ = write!(text, "{name:>12}  {} · {} · {} · {}", tile.state, tile.value, tile.target, tile.left);
        let _ = writeln!(
            text,
            " · {}{}",
            tile.standing,
            tile.note.map(|note| format!(" · {note}")).unwrap_or_default()
        );
    }
    text
}

/// A month changed by a test.
fn but(change: impl FnOnce(&mut Month)) -> Month {
    let mut month = month();
    change(&mut month);
    month
}

/// Every state that is worth a picture, by what it is called.
fn states() -> Vec<(&'static str, Month)> {
    let leak = |bad: u64| {
        let mut month = month().with(8_430, 7 * bad);
        month.days = vec![Rate { n: 281, bad: 0 }; 30];
        month.days[23..].iter_mut().for_each(|day| day.bad = bad);
        month
    };
    vec![
        ("all kept", month()),
        ("the first minute", Month { observed_seconds: 40, ..month().with(0, 0) }),
        ("twelve requests", month().with(12, 0)),
        ("twelve requests, all failed", month().with(12, 12)),
        ("a hundred and fifty, one failed", month().with(150, 1)),
        ("five hundred, three failed", month().with(500, 3)),
        ("just enough, all good", month().with(600, 0)),
        ("one failure left", month().with(10_000, 49)),
        ("the allowance exactly spent", month().with(10_000, 50)),
        ("success missed", month().with(10_000, 51)),
        ("speed missed", but(|month| (month.measured.slow, month.measured.p95_ms) = (521, Some(2_911)))),
        ("cost missed", but(|month| month.measured.cost_micros = 152_000_001)),
        (
            "speed and cost missed",
            but(|month| {
                month.measured.slow = 521;
                month.measured.cost_micros = 152_000_000;
            }),
        ),
        ("all three missed", {
            let mut month = month().with(10_000, 200);
            (month.measured.slow, month.measured.cost_micros) = (900, 200_000_000);
            month
        }),
        ("prices unknown", but(|month| (month.measured.priced, month.measured.unpriced) = (7_512, 900))),
        ("some prices unknown", but(|month| (month.measured.priced, month.measured.unpriced) = (8_403, 9))),
        ("a slow leak", leak(2)),
        ("a slower leak", leak(1)),
        (
            "frozen by hand",
            but(|month| {
                month.hold = Hold::by_hand(ago(2 * DAY), Some("release week".to_owned()));
            }),
        ),
        ("thawed by hand", {
            let mut month = month().with(10_000, 60);
            month.hold = Hold::Thawed { at: ago(3_600), left: -9 };
            month
        }),
        ("a promise of everything", {
            let mut month = month().with(3_000, 0);
            month.promise.success = Share::ALL;
            month
        }),
        ("a promise of everything, broken", {
            let mut month = month().with(3_000, 1);
            month.promise.success = Share::ALL;
            month
        }),
        ("a milder promise, few requests", {
            let mut month = month().with(80, 1);
            month.promise.success = Share::from_percent(95.0).unwrap();
            month
        }),
    ]
}

#[test]
fn what_is_said_in_each_state() {
    let mut text = String::new();
    for (name, month) in states() {
        let _ = write!(text, "== {name}\n{}\n", said(&month, Book::Real));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_said_of_practice() {
    insta::assert_snapshot!(said(&month().with(48, 0), Book::Practice));
    insta::assert_snapshot!(said(&month(), Book::Practice));
}

#[test]
fn the_sentence_carries_window_and_number_of_requests() {
    for (name, month) in states() {
        let sentence = month.report().sentence;
        let n = figure::count(month.measured.n());
        assert!(sentence.contains("in 30 days, observed"), "{name}: {sentence}");
        assert!(sentence.contains(&format!("{n} request")), "{name}: {sentence}");
    }
}

#[test]
fn a_freeze_is_in_the_sentence() {
    let sentence = month().with(10_000, 51).report().sentence;
    assert!(sentence.ends_with("Frozen to about 11 Dec. Rollback is free."), "{sentence}");
    let few = month().with(12, 0).report();
    assert!(few.words.policy.is_some() && few.sentence.ends_with("of 720 h."), "{}", few.sentence);
}

#[test]
fn who_wants_to_change_something_is_told_why_a_reason_is_asked_and_what_is_free() {
    let frozen = Hold::UsedUp { since: ago(0) };
    insta::assert_snapshot!(asks_for_a_reason(&frozen, Proposal::Models).unwrap());
    insta::assert_snapshot!(asks_for_a_reason(&Hold::by_hand(ago(0), None), Proposal::Routes).unwrap());
    assert_eq!(asks_for_a_reason(&frozen, Proposal::KeyRotation), None);
    assert_eq!(asks_for_a_reason(&Hold::Free, Proposal::Models), None);
}
