//! Any order, any split: the same histogram; and never more than 1 % beside the truth.

use proptest::prelude::*;

use super::*;

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    for &value in values {
        histogram.add(value);
    }
    histogram
}

/// By nearest rank, from all values in order.
fn exact(values: &[u64], part: usize, of: usize) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * part).div_ceil(of).max(1) - 1]
}

/// Latencies as they come, and a few that don't.
fn value() -> impl Strategy<Value = u64> {
    prop_oneof![0..5_000_u64, 0..1_000_000_u64, 0..=LARGEST]
}

fn values() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(value(), 0..300)
}

#[test]
fn every_value_is_read_out_within_one_percent() {
    for (place, &low) in LOWEST.iter().enumerate() {
        let last = LOWEST.get(place + 1).map_or(LARGEST, |next| next - 1);
        for value in [low, shown(low), last] {
            assert_eq!(bucket(value), place, "{value}");
            assert!(value.abs_diff(shown(low)) * 100 <= value, "{value} is shown as {}", shown(low));
        }
    }
}

#[test]
fn values_below_99_are_exact() {
    for value in 0..99 {
        assert_eq!(of(&[value]).p95(), Some(value));
    }
}

#[test]
fn the_buckets_never_change_between_versions() {
    // Years of roll-ups are numbered by them.
    assert_eq!(
        (BUCKETS, LOWEST[99], LOWEST[500], LOWEST[BUCKETS - 1]),
        (1_254, 99, 314_664, 1_092_802_111_794)
    );
}

#[test]
fn nothing_has_no_quantile_and_no_bytes() {
    let nothing = Histogram::default();
    assert_eq!((nothing.p95(), nothing.quantile(0, 0), nothing.n()), (None, None, 0));
    assert!(nothing.to_bytes().is_empty());
    assert_eq!(Histogram::from_bytes(&[]), Ok(nothing));
}

#[test]
fn what_is_far_too_large_is_counted_in_the_last_bucket() {
    let histogram = of(&[u64::MAX, LARGEST + 1, 3]);
    assert_eq!(histogram.n(), 3);
    assert!(histogram.quantile(1, 1).unwrap() > LARGEST - LARGEST / 50);
}

#[test]
fn the_nearest_rank_is_exact_where_buckets_are() {
    let twenty: Vec<u64> = (1..=20).collect();
    let histogram = of(&twenty);
    // 95 % of 20 is 19 to the dot; a float would ask for the twentieth.
    assert_eq!(histogram.p95(), Some(19));
    assert_eq!(histogram.quantile(0, 100), Some(1));
    assert_eq!(histogram.quantile(1, 1), Some(20));
    assert_eq!(histogram.quantile(7, 1), Some(20), "more than all is all");
}

#[test]
fn values_above_a_limit_are_counted_from_the_bucket_after_its_own() {
    let histogram = of(&[10, 11, 12, 13]);
    let above: Vec<u64> = [0, 9, 11, 13, 1_000_000].map(|limit| histogram.about_above(limit)).to_vec();
    assert_eq!(above, [4, 4, 2, 0, 0]);
}

#[test]
fn counts_stop_at_the_largest_number() {
    let mut full = Histogram::default();
    full.count(5, u64::MAX);
    full.merge(&of(&[5, 5, 900]));
    assert_eq!((full.n(), full.p95()), (u64::MAX, Some(5)));
    assert_eq!(Histogram::from_bytes(&full.to_bytes()), Ok(full));
}

proptest! {
    #[test]
    fn any_split_in_any_order_gives_the_same(
        parts in proptest::collection::vec(values(), 0..6).prop_shuffle(),
    ) {
        let all: Vec<u64> = parts.concat();
        let whole = of(&all);
        let mut forwards = Histogram::default();
        for part in &parts {
            forwards.merge(&of(part));
        }
        let mut backwards = Histogram::default();
        for part in parts.iter().rev() {
            backwards.merge(&of(part));
        }
        prop_assert_eq!(&forwards, &whole);
        prop_assert_eq!(&backwards, &whole);
        prop_assert_eq!(forwards.to_bytes(), whole.to_bytes());
        prop_assert_eq!(whole.n(), all.len() as u64);
    }

    #[test]
    fn quantiles_are_within_one_percent_of_the_exact_ones(
        values in proptest::collection::vec(value(), 1..300),
        part in 0..=1_000_u16,
    ) {
        let shown = of(&values).quantile(part.into(), 1_000).unwrap();
        let exact = exact(&values, part.into(), 1_000);
        prop_assert!(shown.abs_diff(exact) * 100 <= exact, "{} for {}", shown, exact);
    }

    #[test]
    fn what_is_written_is_read(values in values()) {
        let histogram = of(&values);
        prop_assert_eq!(Histogram::from_bytes(&histogram.to_bytes()), Ok(histogram));
    }

    #[test]
    fn bytes_of_anything_are_refused_or_read_but_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ours in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if let (true, Some(first)) = (ours, bytes.first_mut()) {
            *first = VERSION;
        }
        if let Ok(histogram) = Histogram::from_bytes(&bytes) {
            prop_assert!(histogram.n() > 0 || bytes.len() <= 1);
            prop_assert_eq!(Histogram::from_bytes(&histogram.to_bytes()), Ok(histogram));
        }
    }

    #[test]
    fn any_number_survives_the_short_form(value in any::<u64>(), signed in any::<i64>()) {
        let mut bytes = Vec::new();
        varint::put(&mut bytes, value);
        varint::put(&mut bytes, varint::fold(signed));
        let mut rest = &bytes[..];
        prop_assert_eq!(varint::take(&mut rest), Ok(value));
        prop_assert_eq!(varint::take(&mut rest).map(varint::unfold), Ok(signed));
        prop_assert!(rest.is_empty());
    }
}

#[test]
fn a_cut_encoding_is_refused() {
    let bytes = of(&[3, 700, 90_000]).to_bytes();
    assert!(Histogram::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(Histogram::from_bytes(&[9]).unwrap_err().to_string().contains("version"));
}
