use proptest::prelude::*;
use serde_json::Value;

use super::*;

prop_compose! {
    fn any_measured()(
        n: u32, bad in prop_oneof![Just(0), 0_u64..40, any::<u64>()], causes: [u64; 9],
        (latency_n, slow, p95_ms) in any::<(u32, u32, Option<u64>)>(), cost: i64,
        (priced, unpriced) in (any::<u64>(), prop_oneof![Just(0), any::<u64>()]), cached: u32, rescued: u32,
        saved in (any::<Option<u64>>(), any::<u64>(), any::<i64>()), (invalid, cancelled) in any::<(u64, u64)>(),
    ) -> Measured {
        let n = u64::from(n) % [1, 30, 700, 20_000, 4_000_000_000][usize::try_from(n % 5).unwrap()];
        let bad = bad.min(n);
        Measured {
            good: n - bad,
            bad,
            latency_n: u64::from(latency_n),
            slow: u64::from(slow).min(u64::from(latency_n)),
            p95_ms,
            causes,
            priced,
            cost_micros: cost,
            unpriced,
            rescued: u64::from(rescued),
            cached: u64::from(cached).min(n),
            without_cache: WithoutCache { p95_ms: saved.0, priced: saved.1, cost_micros: saved.2 },
            not_counted: NotCounted { invalid, cancelled, policy: 0 },
        }
    }
}

prop_compose! {
    fn any_month()(
        measured in any_measured(),
        target in prop_oneof![Just(995_000), Just(1_000_000), 500_000_u32..=1_000_000],
        (p95_ms, cost_micros, observed_seconds) in any::<(u64, i64, u64)>(),
        days in prop::collection::vec((any::<u32>(), any::<u32>()), 0..40),
        bad in prop::collection::vec((-100_000_i64..3_000_000, 0..Cause::ALL.len()), 0..30),
        declared in prop::collection::vec((0_i64..3_000_000, any::<u16>(), "\\PC{0,12}"), 0..4),
        hold in prop_oneof![
            Just(Hold::Free),
            Just(Hold::UsedUp { since: ago(60) }),
            any::<i64>().prop_map(|left| Hold::Thawed { at: ago(60), left }),
            proptest::option::of(".{0,12}").prop_map(|reason| Hold::by_hand(ago(60), reason)),
        ],
    ) -> Month {
        Month {
            promise: Promise { success: Share::from_ppm(target).unwrap(), p95_ms, cost_micros, ..month().promise },
            observed_seconds,
            measured,
            days: days.into_iter().map(|(n, bad)| Rate { n: n.into(), bad: bad.min(n).into() }).collect(),
            bad_requests: bad.into_iter()
                .map(|(at, cause)| BadRequest { at: ago(at), cause: Cause::ALL[cause] })
                .collect(),
            declared: declared.into_iter().map(|(from, seconds, reason)| Declared {
                kind: WindowKind::Experiment,
                from: ago(from),
                to: ago(from - i64::from(seconds)),
                reason,
            }).collect(),
            hold,
            ..month()
        }
    }
}

/// Every text in it.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

proptest! {
    #[test]
    fn nothing_that_can_be_measured_makes_it_panic_or_say_nonsense(month in any_month(), practice: bool) {
        let book = if practice { Book::Practice } else { Book::Real };
        let report = month.of(book);
        let words = serde_json::to_value(&report.words).unwrap();
        for text in texts(&words) {
            prop_assert!(!text.contains("NaN") && !text.contains("inf %"), "{text}");
            prop_assert!(!text.contains('\n') && !text.contains("  ") && !text.starts_with(' '), "{text:?}");
        }
        let text = render(&SloDocument { generated_at: ago(0), book, slos: vec![report] });
        prop_assert!(text.ends_with('\n') && !text.contains("NaN"), "{text}");
    }

    #[test]
    fn a_hundred_percent_is_said_only_if_all_were_good(month in any_month()) {
        let report = month.report();
        if report.success.bad == 0 || month.promise.success == Share::ALL {
            return Ok(());
        }
        prop_assert!(report.success.rate_percent.is_none_or(|rate| rate < 100.0));
        prop_assert!(report.success.high_percent.is_none_or(|high| high < 100.0));
        let words = serde_json::to_value(&report.words).unwrap();
        for text in texts(&words) {
            prop_assert!(!text.contains("100 %"), "{text}");
        }
    }

    #[test]
    fn entries_and_causes_sum_to_what_was_spent(month in any_month()) {
        let report = month.report();
        let causes = report.spend.iter().fold(0_u64, |sum, spend| sum + spend.bad);
        let entries = report.entries.iter().fold(report.older_entries.bad, |sum, entry| sum + entry.bad);
        prop_assert_eq!((causes, entries), (report.success.bad, report.success.bad));
    }

    #[test]
    fn the_verdict_agrees_with_the_figures(month in any_month()) {
        let report = month.report();
        let met = [report.success.met, report.latency.met, report.cost.met];
        prop_assert_eq!(report.words.verdict.contains("missed."), met.contains(&Some(false)));
        prop_assert_eq!(report.words.verdict == "All three promises kept.", report.met == Some(true));
        prop_assert_eq!(report.met == Some(false), met.contains(&Some(false)));
        if let (Some(met), Some(p95)) = (report.latency.met, report.latency.p95_ms) {
            prop_assert!(met == (p95 <= report.latency.target_ms) || report.latency.target_ms == u64::MAX);
        }
    }
}
