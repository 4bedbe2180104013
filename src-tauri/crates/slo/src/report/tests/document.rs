use super::*;

fn document(slos: Vec<SloReport>) -> SloDocument {
    SloDocument { generated_at: ago(0), book: Book::Real, slos }
}

#[test]
fn the_document_has_every_field_under_its_public_name() {
    let json = serde_json::to_string_pretty(&document(vec![month().report()])).unwrap();
    insta::assert_snapshot!(json);
}

#[test]
fn the_document_reads_back_as_it_was() {
    let written = document(vec![month().report(), month().with(12, 0).report()]);
    let json = serde_json::to_string(&written).unwrap();
    assert_eq!(serde_json::from_str::<SloDocument>(&json).unwrap(), written);
}

#[test]
fn a_terminal_gets_the_verdict_first() {
    insta::assert_snapshot!(render(&document(vec![month().report()])));
}

#[test]
fn a_terminal_gets_one_part_for_each_promise() {
    let mut acme = month().with(10_000, 61);
    acme.promise.name = "Acme".to_owned();
    acme.promise.tenant = Some("acme".to_owned());
    acme.promise.feature = Some("support-bot".to_owned());
    let mut quiet = month().with(12, 0);
    quiet.promise.name = "Quiet".to_owned();
    quiet.measured.p95_ms = Some(1_900);
    insta::assert_snapshot!(render(&document(vec![acme.report(), quiet.report()])));
}

#[test]
fn a_terminal_gets_practice_marked_and_the_rest_of_a_long_list_counted() {
    let mut month = month().with(10_000, 20);
    month.bad_requests =
        (0..20).map(|place| BadRequest { at: ago(place * 3_600), cause: Cause::RateLimit }).collect();
    let document = SloDocument { book: Book::Practice, ..document(vec![month.of(Book::Practice)]) };
    let text = render(&document);
    assert!(text.contains("PRACTICE") && text.contains("Practice: "), "{text}");
    assert!(text.contains("and 12 entries before"), "{text}");
}

#[test]
fn no_promise_says_how_to_make_one() {
    assert_eq!(render(&document(Vec::new())), "No promise is configured: add an [[slo]] to evenkeel.toml.\n");
}

#[test]
fn nobody_s_words_reach_the_terminal_as_more_than_words() {
    let mut month = month();
    month.declared[0].reason = "new\n\u{1b}[2Jprompt\u{7}".to_owned();
    month.hold = Hold::by_hand(ago(60), Some("a\nb\u{1b}c".to_owned()));
    month.promise.name = "Every\u{1b}thing".to_owned();
    let text = render(&document(vec![month.report()]));
    assert!(text.contains("new [2Jprompt") && text.contains(": a b c."), "{text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn a_long_list_is_cut_and_still_sums_up() {
    let mut month = month().with(1_000_000, 500);
    month.bad_requests =
        (0..500).map(|place| BadRequest { at: ago(place * 601), cause: Cause::RateLimit }).collect();
    let report = month.report();
    assert_eq!((report.entries.len(), report.older_entries), (200, OlderEntries { entries: 300, bad: 300 }));
    assert!(report.entries.windows(2).all(|pair| pair[0].to >= pair[1].to), "newest first");
}

#[test]
fn status_gets_the_same_figures() {
    let report = month().report();
    let summary = serde_json::to_value(SloSummary::from(&report)).unwrap();
    assert_eq!(
        summary,
        serde_json::json!({
            "name": "Everything", "success_percent": 99.7146, "p95_ms": 2020, "average_usd": 0.0073,
            "met": true, "budget_left": 18,
        })
    );
}

#[test]
fn money_has_six_decimals_whatever_the_amount() {
    for (micros, text) in
        [(1, "0.000001"), (0, "0.000000"), (12_345_678, "12.345678"), (-1_500_000, "-1.500000")]
    {
        assert_eq!(serde_json::to_string(&Usd(micros)).unwrap(), text);
        assert_eq!(serde_json::from_str::<Usd>(text).unwrap(), Usd(micros));
    }
    assert!(serde_json::from_str::<Usd>("1e12").is_err());
}

#[test]
fn the_interval_stands_beside_the_rate_under_two_hundred_requests() {
    let interval = |n| {
        let success = month().with(n, 1).report().success;
        success.low_percent.zip(success.high_percent)
    };
    assert_eq!(interval(40), Some((87.1186, 99.5573)));
    assert!(interval(199).is_some());
    assert_eq!(interval(200), None);
}

#[test]
fn each_promise_is_judged_from_the_number_of_requests_that_it_takes() {
    let met = |n| {
        let report = month().with(n, 0).report();
        [report.success.met, report.latency.met, report.cost.met]
    };
    assert_eq!(met(19), [None, None, None]);
    assert_eq!(met(20), [None, None, Some(true)]);
    assert_eq!(met(59), [None, None, Some(true)]);
    assert_eq!(met(60), [None, Some(true), Some(true)]);
    assert_eq!(met(599), [None, Some(true), Some(true)]);
    assert_eq!(met(600), [Some(true); 3]);
}

#[test]
fn a_freeze_says_since_when_by_whom_and_about_how_long() {
    let frozen = month().with(10_000, 61).report().frozen.unwrap();
    assert_eq!((frozen.since, frozen.by_hand), (ago(0), false));
    assert_eq!(frozen.thaws, Some("2026-12-11T00:00:00Z".parse().unwrap()));
    let mut month = month();
    month.hold = Hold::by_hand(ago(DAY), Some("release week".to_owned()));
    let by_hand = month.report().frozen.unwrap();
    assert_eq!(
        (by_hand.by_hand, by_hand.reason.as_deref(), by_hand.thaws),
        (true, Some("release week"), None)
    );
}
