//! What a request adds to the figures, row by row of the rules; and that sums don't depend on order or split.

use proptest::prelude::*;

use super::*;
use crate::{Counted, histogram::Histogram};

const TARGET: u64 = 2_500;

/// Answered at once by a provider: half a second to the first byte, two seconds in all.
fn answered() -> Request {
    Request {
        counted: Counted::Good,
        cause: None,
        status: 200,
        stream: true,
        cached: false,
        asked: Asked::Once,
        first_token_ms: Some(500),
        total_ms: 2_000,
        cost_micros: Some(300),
        saved_micros: 0,
        tokens: Used { input: 10, output: 20, ..Used::default() },
    }
}

fn failed() -> Request {
    Request { counted: Counted::Bad, status: 502, first_token_ms: None, cost_micros: Some(0), ..answered() }
}

fn hung_up(waited: u64) -> Request {
    let counted = if waited > TARGET { Counted::Bad } else { Counted::No };
    Request { counted, status: 499, first_token_ms: None, total_ms: waited, cost_micros: None, ..answered() }
}

fn tally(requests: &[Request]) -> Tally {
    counts(requests, Basis::FirstByte).tally
}

fn counts(requests: &[Request], basis: Basis) -> Counts {
    let mut counts = Counts::default();
    for request in requests {
        counts.add(request, basis, Some(TARGET));
    }
    counts
}

#[test]
fn an_answer_is_good_fast_and_costs_what_it_cost() {
    let counts = counts(&[answered()], Basis::FirstByte);
    let expected = Tally {
        good: 1,
        latency_n: 1,
        cost_n: 1,
        cost_micros: 300,
        tokens: Used { input: 10, output: 20, ..Used::default() },
        ..Tally::default()
    };
    assert_eq!(counts.tally, expected);
    assert!(counts.p95_ms().unwrap().abs_diff(500) <= 5);
}

#[test]
fn an_answer_after_a_failed_attempt_is_good_and_rescued() {
    let rescued = Request { asked: Asked::Again, ..answered() };
    let from_cache = Request { cached: true, ..rescued };
    let tally = tally(&[rescued, from_cache]);
    assert_eq!((tally.good, tally.rescued, tally.cached), (2, 1, 1), "the cache is counted on its own");
}

#[test]
fn exactly_on_target_is_fine_and_one_over_is_slow() {
    let [on, over] = [TARGET, TARGET + 1].map(|ms| Request { first_token_ms: Some(ms), ..answered() });
    assert_eq!(tally(&[on]).slow, 0);
    assert_eq!(tally(&[on, over]).slow, 1);
}

#[test]
fn a_failure_has_no_latency_unless_its_client_had_begun_to_read() {
    let broken = Request { status: 200, first_token_ms: Some(3_000), ..failed() };
    let tally = tally(&[failed(), broken]);
    assert_eq!((tally.bad, tally.latency_n, tally.slow), (2, 1, 1));
}

#[test]
fn whoever_gave_up_too_late_was_slow_and_whoever_gave_up_early_is_not_counted() {
    let tally = tally(&[hung_up(TARGET), hung_up(TARGET + 1)]);
    assert_eq!((tally.n(), tally.cancelled, tally.bad), (1, 1, 1));
    assert_eq!((tally.latency_n, tally.slow), (1, 1));
    // Beside another promise's longer target nobody knows how long it would have taken.
    let mut patient = Counts::default();
    patient.add(&hung_up(TARGET + 1), Basis::FirstByte, Some(10_000));
    assert_eq!((patient.tally.bad, patient.tally.latency_n, patient.tally.slow), (1, 0, 0));
    assert_eq!(patient.p95_ms(), None);
}

#[test]
fn what_is_not_counted_is_shown_by_its_kind_and_costs_only_what_was_billed() {
    let no = |status, cost| Request { counted: Counted::No, status, cost_micros: Some(cost), ..answered() };
    let tally = tally(&[no(400, 0), no(413, 0), no(404, 7), no(402, 0), no(499, 40), no(200, 0)]);
    assert_eq!((tally.invalid, tally.policy, tally.cancelled, tally.aside), (3, 1, 1, 1));
    assert_eq!((tally.n(), tally.latency_n), (0, 0));
    assert_eq!((tally.cost_n, tally.cost_micros, tally.unpriced), (2, 47, 0));
}

#[test]
fn an_unknown_price_is_unpriced_and_never_nothing() {
    let unknown = Request { cost_micros: None, ..answered() };
    let offline = Request { cost_micros: None, asked: Asked::Nobody, ..failed() };
    let cached = Request { cost_micros: None, asked: Asked::Nobody, cached: true, ..answered() };
    let tally = tally(&[unknown, offline, cached, answered()]);
    assert_eq!((tally.unpriced, tally.cost_n, tally.cost_micros), (1, 2, 300));
    assert_eq!(tally.average_cost_micros(), Some(150));
    assert_eq!(tally.average_cost_micros_without_cache(), Some(300));
    assert_eq!(Tally::default().average_cost_micros(), None, "of nothing there is no average");
}

#[test]
fn an_average_is_rounded_up() {
    let tally = tally(&[answered(), answered(), Request { cost_micros: Some(301), ..answered() }]);
    assert_eq!(tally.average_cost_micros(), Some(301));
}

#[test]
fn the_cache_can_be_left_out_of_every_figure() {
    let slow = Request { first_token_ms: Some(4_000), ..answered() };
    let cached = |ms| Request {
        cached: true,
        first_token_ms: Some(ms),
        cost_micros: Some(0),
        asked: Asked::Nobody,
        ..answered()
    };
    let counts = counts(&[slow, cached(5), cached(3_000)], Basis::FirstByte);
    let Tally { latency_n, slow, cached_latency_n, cached_slow, .. } = counts.tally;
    assert_eq!((latency_n, slow, cached_latency_n, cached_slow), (3, 2, 2, 1));
    assert!(counts.p95_ms_without_cache().unwrap().abs_diff(4_000) <= 40);
    assert_eq!(counts.latency.n() + counts.cached_latency.n(), 3);
}

#[test]
fn each_basis_measures_to_its_own_byte() {
    let whole = Request { stream: false, first_token_ms: None, ..answered() };
    let requests = [answered(), whole];
    for (basis, expected, not_streamed) in [
        (Basis::FirstByte, vec![500, 2_000], 0),
        (Basis::FirstToken, vec![500], 1),
        (Basis::Complete, vec![2_000, 2_000], 0),
    ] {
        let counts = counts(&requests, basis);
        let mut latency = Histogram::default();
        for ms in expected {
            latency.add(ms);
        }
        assert_eq!((counts.latency, counts.tally.not_streamed), (latency, not_streamed), "{basis}");
        assert_eq!(counts.tally.good, 2, "counted all the same");
    }
}

#[test]
fn a_cause_is_kept_for_every_bad_request() {
    let of = |cause| Request { cause, ..failed() };
    let tally = tally(&[of(Some(Cause::RateLimit)), of(Some(Cause::RateLimit)), of(None)]);
    assert_eq!((tally.bad_by(Cause::RateLimit), tally.bad_by(Cause::Unknown)), (2, 1));
    assert_eq!(tally.causes.iter().sum::<u64>(), tally.bad);
}

#[test]
fn nonsense_from_a_provider_stops_at_the_largest_number() {
    let tokens = Used { input: u64::MAX, ..Used::default() };
    let nonsense = Request { cost_micros: Some(i64::MAX), saved_micros: i64::MIN, tokens, ..answered() };
    let mut sum = tally(&[nonsense, nonsense]);
    assert_eq!(sum.cost_micros, 2_000_000_000_000);
    sum.good = u64::MAX;
    sum.merge(&tally(&[nonsense]));
    assert_eq!((sum.good, sum.n()), (u64::MAX, u64::MAX));
}

fn request() -> impl Strategy<Value = Request> {
    let micros = || prop_oneof![0..100_000_i64, any::<i64>()];
    (
        (
            proptest::sample::select(&Counted::ALL[..]),
            proptest::option::of(proptest::sample::select(&Cause::ALL[..])),
        ),
        proptest::sample::select(vec![200_u16, 400, 402, 499, 502]),
        (any::<[bool; 2]>(), proptest::sample::select(vec![Asked::Nobody, Asked::Once, Asked::Again])),
        (proptest::option::of(0..9_000_u64), prop_oneof![0..9_000_u64, any::<u64>()]),
        (proptest::option::of(micros()), micros()),
        any::<[u32; 5]>(),
    )
        .prop_map(
            |(
                (counted, cause),
                status,
                ([stream, cached], asked),
                (first_token_ms, total_ms),
                (cost_micros, saved),
                tokens,
            )| {
                let [input, output, read, cache_write, reasoning] = tokens.map(u64::from);
                Request {
                    counted,
                    cause,
                    status,
                    stream,
                    cached,
                    asked,
                    first_token_ms,
                    total_ms,
                    cost_micros,
                    saved_micros: saved,
                    tokens: Used { input, output, cached: read, cache_write, reasoning },
                }
            },
        )
}

proptest! {
    #[test]
    fn any_split_in_any_order_gives_the_same_sums(
        parts in proptest::collection::vec(proptest::collection::vec(request(), 0..20), 0..6),
        basis in proptest::sample::select(&Basis::ALL[..]),
    ) {
        let whole = counts(&parts.concat(), basis);
        let mut sum = Counts::default();
        for part in parts.iter().rev() {
            sum.merge(&counts(part, basis));
        }
        prop_assert_eq!(&sum, &whole);
        prop_assert_eq!(Counts::from_bytes(&whole.to_bytes()), Ok(whole));
    }

    #[test]
    fn every_request_is_in_exactly_one_place(requests in proptest::collection::vec(request(), 0..60)) {
        for basis in Basis::ALL {
            let counts = counts(&requests, basis);
            let tally = counts.tally;
            prop_assert_eq!(
                tally.n() + tally.invalid + tally.cancelled + tally.policy + tally.aside,
                requests.len() as u64
            );
            prop_assert_eq!(tally.causes.iter().sum::<u64>(), tally.bad);
            prop_assert_eq!(counts.latency.n() + counts.cached_latency.n(), tally.latency_n);
            prop_assert_eq!(counts.cached_latency.n(), tally.cached_latency_n);
            prop_assert!(tally.slow <= tally.latency_n && tally.cached_slow <= tally.slow);
        }
    }

    #[test]
    fn bytes_of_anything_are_refused_or_read_but_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ours in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if let (true, Some(first)) = (ours, bytes.first_mut()) {
            *first = 1;
        }
        if let Ok(counts) = Counts::from_bytes(&bytes) {
            prop_assert_eq!(Counts::from_bytes(&counts.to_bytes()), Ok(counts));
        }
    }
}

#[test]
fn a_minute_with_two_requests_is_a_few_bytes() {
    let bytes = counts(&[answered(), Request { first_token_ms: Some(700), ..answered() }], Basis::FirstByte);
    assert!(bytes.to_bytes().len() < 32, "{}", bytes.to_bytes().len());
    assert!(Counts::from_bytes(&[]).is_err());
}
