use super::*;

#[test]
fn dollars_become_whole_micro_dollars() {
    assert_eq!(Usd::from_dollars(0.05), Some(Usd::from_micros(50_000)));
    assert_eq!(Usd::from_dollars(0.1 + 0.2), Some(Usd::from_micros(300_000)));
    assert_eq!(Usd::from_dollars(0.0), Some(Usd::from_micros(0)));
}

#[test]
fn what_is_no_amount_is_refused() {
    for dollars in [-0.01, 1e9 + 1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Usd::from_dollars(dollars), None, "{dollars}");
    }
}

#[test]
fn an_amount_is_written_with_two_to_six_decimals() {
    let written: Vec<String> = [0, 50_000, 15_000, 1, 50_000_000, 1_234_567]
        .map(|micros| Usd::from_micros(micros).to_string())
        .into();
    assert_eq!(written, ["0.00", "0.05", "0.015", "0.000001", "50.00", "1.234567"]);
}
