//! What is counted, and where the line is.

use std::time::Duration;

use super::scene::*;
use crate::alerts::*;

#[test]
fn edge_06_the_first_request_ever_fails_and_nobody_is_paged() {
    let mut scene = Scene::new();
    scene.repeat(1, &[bad()]);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Unknown(Unknown::TooFew));
    scene.repeat(100, &[]);
    assert!(scene.moves.is_empty());
}

#[test]
fn edge_07_thirty_days_without_a_request_are_unknown_and_never_a_percentage() {
    let mut scene = Scene::new();
    scene.repeat(2_000, &[]);
    for kind in Kind::ALL {
        assert_eq!(scene.verdict(kind), Verdict::Unknown(Unknown::NoTraffic));
        assert_eq!(scene.watch.sentence(kind, scene.now.wall_ms, &|_| 0), "No traffic yet.");
    }
    assert!(scene.moves.is_empty());
}

#[test]
fn edge_11_a_long_answer_counts_when_it_completes() {
    let mut scene = Scene::new();
    scene.repeat(40, &[]);
    // Asked ten minutes ago: only the end matters, and it is within the five minutes.
    scene.repeat(1, &[bad(); 5]);
    assert_eq!(scene.watch.reading(Kind::Success).measured.hits, 5);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Breach);
}

#[test]
fn edge_11_rows_may_come_in_any_order() {
    let mut sorted = Scene::new();
    let mut shuffled = Scene::new();
    let rows: Vec<_> = (0..50).map(|row| Request { completed_ms: START + row * 97, ..bad() }).collect();
    for row in &rows {
        sorted.watch.record(row);
    }
    (0..50).map(|row| row * 17 % 50).for_each(|row| shuffled.watch.record(&rows[row]));
    sorted.repeat(1, &[]);
    shuffled.repeat(1, &[]);
    assert_eq!(sorted.watch.reading(Kind::Success), shuffled.watch.reading(Kind::Success));
}

#[test]
fn edge_12_a_row_filled_in_again_after_a_restart_is_counted_once() {
    let mut scene = Scene::busy();
    let failed: Vec<_> =
        (1..=4).map(|ago| Request { completed_ms: scene.now.wall_ms - ago * 1_000, ..bad() }).collect();
    for row in &failed {
        scene.watch.record(row);
    }
    scene.pass(Duration::from_secs(15));
    scene.look();
    assert_eq!(scene.watch.reading(Kind::Success).measured.hits, 4);
    // What was in memory is gone with the process: the ledger's rows are all there is.
    scene.kill(Duration::from_secs(10), &failed);
    assert_eq!(scene.watch.reading(Kind::Success).measured.hits, 4);
}

#[test]
fn edge_16_an_old_request_keeps_the_price_it_had() {
    let mut scene = Scene::new();
    scene.repeat(30, &[costing(10_000)]);
    // The price list doubles; what was recorded was recorded in dollars.
    scene.repeat(1, &[costing(20_000)]);
    let measured = scene.watch.reading(Kind::Cost).measured;
    assert_eq!((measured.n, measured.micros), (31, 320_000));
    assert_eq!(scene.verdict(Kind::Cost), Verdict::Healthy);
}

#[test]
fn edge_17_too_many_without_a_price_are_unknown_and_a_few_are_left_out() {
    let unpriced = Request { price: Price::Unpriced, ..good() };
    let mut scene = Scene::new();
    scene.repeat(9, &[costing(90_000), costing(90_000)]);
    scene.repeat(1, &[unpriced, unpriced]);
    assert_eq!(
        scene.verdict(Kind::Cost),
        Verdict::Unknown(Unknown::TooFew),
        "two of twenty are a tenth, no more"
    );
    scene.repeat(1, &[costing(90_000), costing(90_000)]);
    assert_eq!(scene.verdict(Kind::Cost), Verdict::Breach);
    scene.repeat(1, &[unpriced]);
    assert_eq!(
        scene.verdict(Kind::Cost),
        Verdict::Unknown(Unknown::Unpriced),
        "three of twenty-three are not"
    );
    assert_eq!(scene.watch.reading(Kind::Cost).measured.unpriced, 3);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Healthy, "their answers count all the same");
}

#[test]
fn edge_18_a_latency_exactly_on_target_is_fine() {
    // The caller compares: over the target is slow. Here exactly 5 of 100 are, which is what was promised.
    let mut scene = Scene::new();
    scene.repeat(1, &[slow(); 5]);
    scene.repeat(19, &[good(); 5]);
    let measured = scene.watch.reading(Kind::P95).measured;
    assert_eq!((measured.hits, measured.n), (5, 100));
    assert_eq!(scene.verdict(Kind::P95), Verdict::Healthy);
}

#[test]
fn edge_19_success_exactly_on_target_is_no_breach_even_to_the_letter() {
    let mut scene = Scene::with(Rules { sensitivity: Sensitivity::Literal, ..Rules::default() });
    scene.repeat(1, &[bad()]);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Breach, "to the letter, one of one is a breach");
    scene.repeat(1, &[good(); 198]);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Breach, "1 of 199");
    scene.repeat(1, &[good()]);
    assert_eq!(scene.verdict(Kind::Success), Verdict::Healthy, "1 of 200 is 99.5 % exactly");
}

#[test]
fn edge_20_a_window_holds_its_first_millisecond_and_not_its_end() {
    let rules = Rules { sensitivity: Sensitivity::Literal, ..Rules::default() };
    let n = |completed_ms: i64| {
        let mut watch = Watch::new(Promise::default(), rules.clone(), Moment { wall_ms: 0, mono_ms: 0 });
        watch.record(&Request { completed_ms, ..good() });
        watch.evaluate(Moment { wall_ms: START, mono_ms: 0 }, &Context::default());
        watch.reading(Kind::Success).measured.n
    };
    assert_eq!([n(START - 300_000), n(START - 300_001)], [1, 0], "five minutes ago, and a millisecond more");
    assert_eq!([n(START - 1), n(START)], [1, 0], "just over, and not over yet");
}

#[test]
fn edge_25_cache_answers_count_for_success_and_cost_but_hide_no_slow_provider() {
    let cached = Request { speed: Speed::Out, price: Price::Micros(0), ..good() };
    let mut scene = Scene::new();
    scene.repeat(20, &[slow(), cached, cached, cached]);
    assert_eq!(scene.watch.reading(Kind::P95).measured.n, 20);
    assert_eq!(scene.verdict(Kind::P95), Verdict::Breach);
    assert_eq!(scene.watch.reading(Kind::Success).measured.n, 80);
    assert_eq!(scene.watch.reading(Kind::Cost).measured.mean_micros(), Some(2_500));
}

#[test]
fn edge_25_a_drill_s_own_requests_are_in_no_window() {
    let own = Request { answer: Answer::Out, speed: Speed::Out, price: Price::Out, completed_ms: 0 };
    let mut scene = Scene::new();
    scene.repeat(10, &[own; 9]);
    assert!(Kind::ALL.iter().all(|&kind| scene.watch.reading(kind).measured.n == 0));
}

#[test]
fn edge_28_a_rate_is_compared_in_whole_numbers() {
    let literal = Rules { sensitivity: Sensitivity::Literal, ..Rules::default() };
    // In binary fractions 1 − 199/200 is a little more than 1 − 0.995, and 1 − 995/1000 a little less.
    for (failed, n) in [(1, 200), (5, 1_000), (50, 10_000), (3, 600)] {
        let mut scene = Scene::with(literal.clone());
        scene.repeat(1, &vec![bad(); failed]);
        scene.repeat(1, &vec![good(); n - failed]);
        assert_eq!(scene.verdict(Kind::Success), Verdict::Healthy, "{failed} of {n}");
        scene.repeat(1, &[bad()]);
        assert_eq!(scene.verdict(Kind::Success), Verdict::Breach, "one more than {failed} of {n}");
    }
}
