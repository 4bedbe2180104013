use proptest::prelude::*;

use super::*;

#[test]
fn a_rate_is_never_rounded_up() {
    assert_eq!(percent(9_996, 10_000), "99.96 %");
    assert_eq!(percent(99_999, 100_000), "99.99 %");
    assert_eq!(percent(u64::MAX - 1, u64::MAX), "99.99 %");
    assert_eq!(percent(10_000, 10_000), "100 %");
    assert_eq!(percent(0, 7), "0.00 %");
}

#[test]
fn no_requests_are_no_rate() {
    assert_eq!(percent(0, 0), "–");
}

#[test]
fn a_latency_over_its_target_never_reads_as_the_target() {
    assert_eq!(latency(840), "840 ms");
    assert_eq!(latency(2_020), "2.02 s");
    assert_eq!(latency(2_500), "2.50 s");
    assert_eq!(latency(2_501), "2.51 s");
}

#[test]
fn money_shows_the_digits_that_matter() {
    assert_eq!(dollars(0), "$0.0000");
    assert_eq!(dollars(7_300), "$0.0073");
    assert_eq!(dollars(7_301), "$0.0074");
    assert_eq!(dollars(999_999), "$1.00");
    assert_eq!(dollars(150_000_000), "$150.00");
    assert_eq!(dollars(-1_200_000), "−$1.20");
    assert_eq!(dollars(1_234_567_890_000), "$1,234,567.89");
}

#[test]
fn numbers_are_set_in_thousands() {
    assert_eq!(
        [count(7), count(999), count(1_000), count(8_412), count(1_234_567)],
        ["7", "999", "1,000", "8,412", "1,234,567"]
    );
    assert_eq!(counted(1, "request", "requests"), "1 request");
    assert_eq!(counted(8_412, "request", "requests"), "8,412 requests");
}

#[test]
fn times_have_two_units_at_most() {
    assert_eq!(
        [span(40), span(14 * 60), span(7_380), span(7_200), span(2_592_000), span(90_061)],
        ["40 s", "14 min", "2 h 3 min", "2 h", "30 d", "1 d 1 h"]
    );
}

#[test]
fn money_that_is_left_is_cut_towards_less() {
    assert_eq!(
        [dollars_left(64_789_999), dollars_left(7_399), dollars_left(0), dollars_left(-1_201_000)],
        ["$64.78", "$0.0073", "$0.0000", "−$1.21"]
    );
    assert_eq!(dollars_left(999_999), "$0.9999");
}

#[test]
fn targets_stand_as_they_were_set() {
    assert_eq!(
        [dollars_target(15_000), dollars_target(2_000_000), dollars_target(1)],
        ["$0.015", "$2", "$0.000001"]
    );
    assert_eq!(
        [latency_target(2_500), latency_target(800), latency_target(30_000), latency_target(1_001)],
        ["2.5 s", "800 ms", "30 s", "1.001 s"]
    );
}

#[test]
fn a_small_share_is_not_none() {
    assert_eq!([portion(403, 8_412), portion(1, 10_000), portion(0, 7)], ["4.7 %", "under 0.1 %", "0.0 %"]);
    assert_eq!(portion(0, 0), "–");
    assert_eq!([hundredths(125), hundredths(123_456)], ["1.25", "1,234.56"]);
}

proptest! {
    #[test]
    fn what_is_left_is_never_more_than_it_is(micros in 0_i64..1_000_000_000_000) {
        let shown: String = dollars_left(micros).chars().filter(char::is_ascii_digit).collect();
        let shown: i64 = shown.parse().unwrap();
        let unit = if micros < 1_000_000 { 100 } else { 10_000 };
        prop_assert!(shown * unit <= micros && micros < (shown + 1) * unit);
    }

    #[test]
    fn nothing_makes_them_panic(part: u64, of: u64, micros: i64) {
        let _ = (percent(part, of), latency(part), dollars(micros), count(of), span(of));
        let _ = (dollars_left(micros), dollars_target(micros), latency_target(part), portion(part, of));
    }

    #[test]
    fn only_a_full_hundred_reads_as_one(missing in 1u64..1_000, of in 1_000u64..u64::MAX) {
        prop_assert_ne!(percent(of - missing, of), "100 %");
    }
}
