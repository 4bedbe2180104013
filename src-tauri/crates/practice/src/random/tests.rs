use super::*;

#[test]
fn the_sequence_never_changes() {
    // Known answers of SplitMix64 with seed 0 and of FNV-1a: other numbers would change every practice answer.
    assert_eq!(draw(0, 0), 0xe220_a839_7b1d_cdaf);
    assert_eq!(draw(0, 1), 0x6e78_9e6a_a1b9_65f4);
    assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
}

#[test]
fn fractions_are_spread_between_0_and_1() {
    let drawn: Vec<f64> = (0..10_000).map(|index| fraction(7, index)).collect();
    assert!(drawn.iter().all(|f| (0.0..1.0).contains(f)));
    let below: usize = drawn.iter().filter(|f| **f < 0.3).count();
    assert!((2_800..3_200).contains(&below), "{below} of 10000 are below 0.3");
}
