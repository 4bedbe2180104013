use super::*;

/// The probability of at most `count`, summed term by term.
fn at_most(count: u32, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for k in 1..=count {
        term *= mean / f64::from(k);
        sum += term;
    }
    sum
}

#[test]
fn the_bounds_are_those_of_the_poisson_distribution() {
    for count in [3_u32, 5, 10, 24, 60, 200] {
        let above = at_most(count, upper(f64::from(count)));
        let below = 1.0 - at_most(count - 1, lower(f64::from(count)));
        assert!((above - 0.1).abs() < 0.005, "{count}: {above}");
        assert!((below - 0.1).abs() < 0.005, "{count}: {below}");
    }
    assert!((at_most(0, upper(0.0)) - 0.1).abs() < 0.01);
}

#[test]
fn the_rate_is_that_of_the_middle_day() {
    let day = |n, bad| Rate { n, bad };
    assert_eq!(median_rate(&[day(100, 1), day(0, 0), day(100, 90), day(100, 2)]), 20_000_000);
    assert_eq!(median_rate(&[day(100, 1), day(100, 2)]), 15_000_000);
    assert_eq!(median_rate(&[]), 0);
}

#[test]
fn a_pace_without_traffic_is_none() {
    assert_eq!(Pace::of(&[]), None);
    assert_eq!(Pace::of(&[Rate { n: 0, bad: 0 }; 7]), None);
}
