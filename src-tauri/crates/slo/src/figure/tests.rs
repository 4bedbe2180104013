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

proptest! {
    #[test]
    fn nothing_makes_them_panic(part: u64, of: u64, micros: i64) {
        let _ = (percent(part, of), latency(part), dollars(micros), count(of), span(of));
    }

    #[test]
    fn only_a_full_hundred_reads_as_one(missing in 1u64..1_000, of in 1_000u64..u64::MAX) {
        prop_assert_ne!(percent(of - missing, of), "100 %");
    }
}
