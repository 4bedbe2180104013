use super::*;

#[test]
fn every_unit_is_read() {
    for (text, ms) in [
        ("250ms", 250),
        ("2s", 2000),
        ("2.5s", 2500),
        ("0.001s", 1),
        ("15m", 900_000),
        ("1h", 3_600_000),
        ("30d", 2_592_000_000),
        ("1.5h", 5_400_000),
        (" 2 s ", 2000),
        ("0s", 0),
    ] {
        assert_eq!(parse(text), Some(Duration::from_millis(ms)), "{text}");
    }
}

#[test]
fn what_is_not_a_duration_is_refused() {
    for text in [
        "",
        "2",
        "s",
        "-2s",
        "2 weeks",
        "2S",
        "1h30m",
        ".5s",
        "2.s",
        "1e3s",
        "2.5ms",
        "1.2.3s",
        "99999999999999999999d",
        "٣s",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

#[test]
fn a_duration_is_written_in_its_largest_whole_unit() {
    for (ms, text) in [
        (0, "0s"),
        (1, "1ms"),
        (250, "250ms"),
        (2000, "2s"),
        (2500, "2.5s"),
        (2005, "2.005s"),
        (90_000, "90s"),
        (600_000, "10m"),
        (3_600_000, "1h"),
        (2_592_000_000, "30d"),
    ] {
        assert_eq!(format(Duration::from_millis(ms)), text);
    }
}

proptest::proptest! {
    #[test]
    fn what_is_written_reads_the_same(ms in 0_u64..100_000_000_000) {
        let duration = Duration::from_millis(ms);
        proptest::prop_assert_eq!(parse(&format(duration)), Some(duration));
    }
}
