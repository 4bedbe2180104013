use proptest::prelude::*;

use super::*;
use crate::alerts::Moment;

/// 22 November 2026, 14:02 UTC.
const SINCE: i64 = 1_795_356_120_000;

fn sample(kind: Kind, about: About) -> Page {
    let measured = match kind {
        Kind::Success => Measured { n: 41, hits: 9, window_ms: 300_000, ..Measured::default() },
        Kind::P95 => Measured { n: 41, hits: 13, window_ms: 900_000, ..Measured::default() },
        Kind::Cost => {
            Measured { n: 41, micros: 1_279_200, unpriced: 2, window_ms: 900_000, ..Measured::default() }
        }
    };
    Page {
        key: String::new(),
        kind,
        incident: 1,
        seq: 1,
        about,
        at_ms: SINCE + 840_000,
        since_ms: SINCE,
        drill: None,
        practice: false,
        promise: Promise::default(),
        measured,
    }
}

fn blame() -> Blame {
    Blame { provider: "OpenAI".to_owned(), other: "Anthropic".to_owned(), p95_ms: Some(6_204) }
}

fn said(page: &Page, blame: &Blame) -> [String; 2] {
    let Text { title, body } = super::page(page, blame, &|_| 0);
    [title, body]
}

#[test]
fn each_alert_in_full() {
    assert_eq!(
        said(&sample(Kind::Success, About::Fired), &blame()),
        [
            "Too many requests fail",
            "9 of 41 failed in 5 min: 78.04 % answered, promised 99.5 %, since 14:02. OpenAI is failing. Next: use only Anthropic.",
        ]
    );
    assert_eq!(
        said(&sample(Kind::P95, About::Fired), &blame()),
        [
            "Answers start too late",
            "13 of 41 over 2.50 s in 15 min: p95 is 6.21 s, promised 2.50 s, since 14:02. OpenAI is the slow one. Next: use only Anthropic.",
        ]
    );
    assert_eq!(
        said(&sample(Kind::Cost, About::Fired), &blame()),
        [
            "Requests cost too much",
            "$0.0312 a request (41 requests, 2 unpriced, 15 min), promised $0.015 on average, since 14:02. OpenAI costs most. Next: look at the dearest requests.",
        ]
    );
}

#[test]
fn without_anybody_to_name_it_says_where_to_look() {
    let [_, body] = said(&sample(Kind::P95, About::Fired), &Blame::default());
    assert_eq!(
        body,
        "13 of 41 over 2.50 s in 15 min, promised at most 5 in 100, since 14:02. Next: look at the slow requests."
    );
}

#[test]
fn repeats_and_reopenings_say_so_and_recoveries_say_how_long_it_took() {
    assert_eq!(said(&sample(Kind::Success, About::Still), &blame())[0], "Still: too many requests fail");
    assert_eq!(said(&sample(Kind::P95, About::Again), &blame())[0], "Again: answers start too late");
    let mut page = sample(Kind::Success, About::Resolved);
    page.measured = Measured { n: 481, hits: 2, window_ms: 300_000, ..Measured::default() };
    assert_eq!(
        said(&page, &blame()),
        [
            "Requests succeed again",
            "Broken from 14:02 to 14:16 (14 min). Now 2 of 481 failed in 5 min: 99.58 % answered, promised 99.5 %.",
        ]
    );
}

#[test]
fn a_promise_to_one_client_is_named_and_cut_where_it_must_be() {
    let mut page = sample(Kind::Success, About::Fired);
    page.promise = Promise { name: "Acme".to_owned(), everything: false, ..Promise::default() };
    assert_eq!(said(&page, &blame())[0], "Acme: too many requests fail");
    page.drill = Some("D1".to_owned());
    assert_eq!(said(&page, &blame())[0], "[Drill] Acme: too many requests fail");
    page.promise.name = "Äußerst langer Kundenname mit Umlauten und mehr".to_owned();
    assert_eq!(said(&page, &blame())[0], "[Drill] Äußerst langer Ku…: too many requests fail");
}

#[test]
fn another_day_is_named() {
    let mut page = sample(Kind::Success, About::Still);
    page.at_ms += 86_400_000;
    assert!(said(&page, &blame())[1].contains("since 14:02 on 22 Nov."));
}

#[test]
fn days_have_the_dates_of_the_calendar() {
    // Days since 1970 and dates as `date -u -d @…` prints them.
    for (day, said) in [
        (0, "00:00 on 1 Jan"),
        (58, "00:00 on 28 Feb"),
        (59, "00:00 on 1 Mar"),
        (11_016, "00:00 on 29 Feb"),
        (11_017, "00:00 on 1 Mar"),
        (20_513, "00:00 on 1 Mar"),
        (20_788, "00:00 on 1 Dec"),
        (20_818, "00:00 on 31 Dec"),
        (47_540, "00:00 on 28 Feb"),
        (47_541, "00:00 on 1 Mar"),
        (-1, "00:00 on 31 Dec"),
    ] {
        assert_eq!(clock::at(day * 86_400_000, i64::MIN / 2, &|_| 0), said, "day {day}");
    }
}

#[test]
fn a_target_shows_the_digits_that_were_set() {
    assert_eq!(
        [995_000, 990_000, 999_500, 999_990, 1_000_000, 500_000].map(target),
        ["99.5 %", "99 %", "99.95 %", "99.999 %", "100 %", "50 %"]
    );
}

#[test]
fn the_test_of_each_alert_says_that_nothing_is_wrong() {
    let text = super::test(Kind::Success, &Promise::default());
    assert_eq!(text.title, "[Test] Too many requests fail");
    assert_eq!(
        text.body,
        "Nothing is wrong: this is how the success alert reaches you. You promised 99.5 % answered."
    );
    assert!(super::test(Kind::P95, &Promise::default()).body.ends_with("95 of 100 within 2.50 s."));
    assert!(super::test(Kind::Cost, &Promise::default()).body.ends_with("$0.015 a request on average."));
}

#[test]
fn a_digest_lists_what_fits_and_counts_the_rest() {
    let pages: Vec<_> = [Kind::P95, Kind::Cost].map(|kind| sample(kind, About::Fired)).into();
    let two = Digest { pages: pages.clone(), more: 0, at_ms: SINCE + 7_200_000 };
    let text = super::digest(&two, &|_| 0);
    assert_eq!(text.title, "2 alerts held back");
    assert_eq!(text.body, "14:16 answers start too late. 14:16 requests cost too much.");
    let many = Digest { pages: pages.into_iter().cycle().take(40).collect(), more: 3, at_ms: SINCE };
    let text = super::digest(&many, &|_| 0);
    assert_eq!(text.title, "43 alerts held back");
    assert!(text.body.ends_with("And 38 more in Evenkeel."), "{}", text.body);
}

#[test]
fn the_list_says_where_each_alert_stands() {
    let now = Moment { wall_ms: SINCE, mono_ms: 0 };
    let alert = Alert::new(Kind::Success, now);
    let say = |verdict, measured| {
        let reading = Reading { verdict, measured, healthy: 0 };
        sentence(&alert, &reading, (&Promise::default(), &Rules::default()), SINCE + 60_000, &|_| 3_600)
    };
    let few = Measured { n: 3, newest_ms: Some(SINCE), ..Measured::default() };
    assert_eq!(say(Verdict::Unknown(Unknown::TooFew), few), "Too early to say. 3 requests so far.");
    assert_eq!(say(Verdict::Unknown(Unknown::NoTraffic), few), "No traffic since 15:02.");
    let some = Measured { n: 412, hits: 2, window_ms: 300_000, ..few };
    assert_eq!(say(Verdict::Healthy, some), "2 of 412 failed in 5 min: 99.51 % answered, promised 99.5 %.");
}

fn kinds() -> impl Strategy<Value = (Kind, About)> {
    let about = [About::Fired, About::Again, About::Still, About::Resolved];
    (0usize..3, prop::sample::select(about.to_vec())).prop_map(|(kind, about)| (Kind::ALL[kind], about))
}

proptest! {
    #[test]
    fn everything_fits_whatever_the_names_and_numbers(
        (kind, about) in kinds(),
        name in "\\PC{0,80}|[\\u{0}-\\u{10FFFF}]{0,40}",
        provider in "\\PC{0,60}",
        other in "\\PC{0,60}",
        p95_ms in any::<Option<u64>>(),
        numbers: [u64; 4],
        times: [i64; 2],
        (drill, practice, offset, ppm) in (any::<bool>(), any::<bool>(), -90_000i32..90_000, 0u32..=1_000_000),
    ) {
        let [n, hits, micros, window_ms] = numbers;
        let mut page = sample(kind, about);
        page.promise = Promise { name, everything: false, success_ppm: ppm, latency_ms: hits, cost_micros: n, ..page.promise };
        page.measured = Measured { n, hits, micros, unpriced: hits, window_ms, newest_ms: None };
        (page.since_ms, page.at_ms) = (times[0], times[1]);
        (page.drill, page.practice) = (drill.then(|| "D1".to_owned()), practice);
        let blame = Blame { provider, other, p95_ms };
        let zone = |_| offset;
        let digest = Digest { pages: vec![page.clone(); 5], more: n, at_ms: page.at_ms };
        for text in [super::page(&page, &blame, &zone), super::digest(&digest, &zone), super::test(kind, &page.promise)] {
            prop_assert!(text.title.chars().count() <= TITLE, "{}", text.title);
            prop_assert!(text.body.chars().count() <= BODY, "{}", text.body);
            prop_assert!(!text.title.is_empty() && !text.body.is_empty());
            prop_assert!(!text.title.chars().chain(text.body.chars()).any(char::is_control));
        }
        if drill {
            prop_assert!(super::page(&page, &blame, &zone).title.starts_with("[Drill] "));
        }
    }

    #[test]
    fn at_ordinary_sizes_the_numbers_and_the_next_step_are_all_there(
        (kind, about) in kinds(),
        n in 20u64..100_000,
        share in 0u64..100,
        provider in "[a-z-]{3,20}",
    ) {
        let mut page = sample(kind, about);
        page.measured.n = n;
        page.measured.hits = n * share / 100;
        page.measured.micros = n * share * 1_000;
        let blame = Blame { other: "anthropic".to_owned(), provider, p95_ms: Some(61_000) };
        let [_, body] = said(&page, &blame);
        let needed: &[&str] = if about == About::Resolved { &["from 14:02 to 14:16", "promised"] } else { &["since 14:02", "promised", "Next: "] };
        for part in needed {
            prop_assert!(body.contains(part), "{} is missing in: {}", part, body);
        }
    }
}
