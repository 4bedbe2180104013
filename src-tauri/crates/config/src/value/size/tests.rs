use super::*;

#[test]
fn every_unit_is_read() {
    for (text, bytes) in [
        ("32MiB", 33_554_432),
        ("512KiB", 524_288),
        ("1GiB", 1_073_741_824),
        ("10MB", 10_000_000),
        ("10kB", 10_000),
        ("1.5 GiB", 1_610_612_736),
        ("4096", 4096),
        ("4096B", 4096),
        ("1mib", 1_048_576),
    ] {
        assert_eq!(parse(text), Some(bytes), "{text}");
    }
}

#[test]
fn what_is_not_a_size_is_refused() {
    for text in ["", "MiB", "-1MiB", "32 megabytes", "32M", "1.3B", "20000000TiB", "1e3MB"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn what_is_written_reads_the_same(bytes: u64) {
        proptest::prop_assert_eq!(parse(&format(bytes)), Some(bytes));
    }
}
