use proptest::prelude::*;

use super::*;

/// A whole number of any size, the lowest digits first: the test's own arithmetic is exact.
#[derive(Clone, Default)]
struct Big(Vec<u32>);

impl Big {
    fn one() -> Big {
        Big(vec![1])
    }

    fn times(mut self, factor: u64) -> Big {
        let mut carry = 0u128;
        for digit in &mut self.0 {
            let product = u128::from(*digit) * u128::from(factor) + carry;
            *digit = (product & 0xFFFF_FFFF) as u32;
            carry = product >> 32;
        }
        while carry > 0 {
            self.0.push((carry & 0xFFFF_FFFF) as u32);
            carry >>= 32;
        }
        self
    }

    /// Divides by what is known to divide it.
    fn over(mut self, divisor: u64) -> Big {
        let mut rest = 0u128;
        for digit in self.0.iter_mut().rev() {
            let value = (rest << 32) + u128::from(*digit);
            *digit = u32::try_from(value / u128::from(divisor)).unwrap();
            rest = value % u128::from(divisor);
        }
        assert_eq!(rest, 0, "it divides without a rest");
        self
    }

    fn plus(mut self, other: &Big) -> Big {
        let mut carry = 0u64;
        for place in 0..self.0.len().max(other.0.len()) {
            if place == self.0.len() {
                self.0.push(0);
            }
            let sum = u64::from(self.0[place]) + u64::from(*other.0.get(place).unwrap_or(&0)) + carry;
            self.0[place] = (sum & 0xFFFF_FFFF) as u32;
            carry = sum >> 32;
        }
        if carry > 0 {
            self.0.push(u32::try_from(carry).unwrap());
        }
        self
    }

    /// Its four highest digits as a fraction, and the power of two that belongs to it.
    fn float(&self) -> (f64, i32) {
        let top = self.0.iter().rposition(|&digit| digit > 0).map_or(0, |place| place + 1);
        let low = top.saturating_sub(4);
        let head =
            self.0[low..top].iter().rev().fold(0.0, |sum, &digit| sum * 4_294_967_296.0 + f64::from(digit));
        (head, i32::try_from(low * 32).unwrap())
    }
}

fn ratio(part: &Big, whole: &Big) -> f64 {
    let ((part, part_power), (whole, whole_power)) = (part.float(), whole.float());
    part / whole * 2f64.powi(part_power - whole_power)
}

/// The tail as a ratio of two whole numbers, for p = `a`/`b`: Σ C(n, k) aᵏ (b − a)ⁿ⁻ᵏ over bⁿ.
fn exact(hits: u64, n: u64, a: u64, b: u64) -> f64 {
    let whole = (0..n).fold(Big::one(), |power, _| power.times(b));
    // The last term first; each one before it is C(n, k)/C(n, k + 1) · (b − a)/a times as large.
    let mut term = (0..n).fold(Big::one(), |power, _| power.times(a));
    let mut sum = Big::default();
    for k in (hits..=n).rev() {
        sum = sum.plus(&term);
        if k > 0 {
            term = term.times(k).times(b - a).over(n - k + 1).over(a);
        }
    }
    ratio(&sum, &whole)
}

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= wanted * 1e-11
}

#[test]
fn small_cases_agree_with_arithmetic_by_hand() {
    assert!(close(tail(3, 3, 0.5), 0.125));
    assert!(close(tail(1, 3, 0.5), 0.875));
    assert!(close(tail(2, 2, 0.25), 0.0625));
}

#[test]
fn tails_agree_with_exact_fractions_at_the_targets_in_use() {
    for (a, b) in [(1, 200), (1, 20), (1, 1_000), (1, 100), (1, 2), (3, 7)] {
        for n in [1, 2, 5, 15, 16, 17, 20, 41, 100, 250] {
            for hits in [0, 1, 2, 3, 4, 7, 12, n / 20, n / 2, n - 1, n] {
                if hits <= n {
                    #[expect(clippy::cast_precision_loss, reason = "both are small")]
                    let found = tail(hits, n, a as f64 / b as f64);
                    let wanted = exact(hits, n, a, b);
                    assert!(
                        close(found, wanted),
                        "P(X ≥ {hits} | {n}, {a}/{b}): {found:e}, exactly {wanted:e}"
                    );
                }
            }
        }
    }
}

/// The right-hand sides come from sums of all terms with forty decimal digits.
#[test]
fn ten_million_requests_lose_no_digits() {
    for (hits, n, p, wanted) in [
        (50_000, 10_000_000, 0.005, 5.005_991_814_681_18e-1),
        (50_500, 10_000_000, 0.005, 1.266_012_444_667_027_2e-2),
        (51_000, 10_000_000, 0.005, 3.963_947_207_274_28e-6),
        (501_000, 10_000_000, 0.05, 7.353_103_946_808_516e-2),
        (5_100, 1_000_000, 0.005, 7.950_807_762_989_776e-2),
    ] {
        let found = tail(hits, n, p);
        assert!(
            (found - wanted).abs() < wanted * 1e-10,
            "P(X ≥ {hits} | {n}, {p}): {found:e}, not {wanted:e}"
        );
    }
}

#[test]
fn what_is_next_to_impossible_takes_no_time_to_find() {
    assert_eq!(tail(9_000_000, 10_000_000, 0.005).to_bits(), 0f64.to_bits());
    assert_eq!(tail(5, 10_000_000, 0.9).to_bits(), 1f64.to_bits());
}

#[test]
fn what_cannot_be_is_certain_or_impossible() {
    assert_eq!(
        [tail(0, 0, 0.1), tail(1, 0, 0.1), tail(1, 5, 0.0), tail(5, 5, 1.0), tail(6, 5, 1.0)]
            .map(f64::to_bits),
        [1.0, 0.0, 0.0, 1.0, 0.0].map(f64::to_bits)
    );
    assert_eq!(tail(3, 9, f64::NAN).to_bits(), 0f64.to_bits());
}

proptest! {
    #[test]
    fn agrees_with_exact_fractions_everywhere(n in 1u64..120, hits in 0u64..120, a in 1u64..50, more in 1u64..150) {
        let (hits, b) = (hits.min(n), a + more);
        #[expect(clippy::cast_precision_loss, reason = "both are small")]
        let found = tail(hits, n, a as f64 / b as f64);
        let wanted = exact(hits, n, a, b);
        // Where nearly everything lies in the tail it is one less a small sum; elsewhere every digit counts.
        prop_assert!((found - wanted).abs() <= wanted * 1e-10, "{found:e} {wanted:e}");
    }

    #[test]
    fn more_hits_are_never_likelier(n in 1u64..10_000_000, hits in 0u64..10_000_000, ppm in 1u32..999_999) {
        let (hits, p) = (hits % n, f64::from(ppm) / 1e6);
        let (less, more) = (tail(hits, n, p), tail(hits + 1, n, p));
        prop_assert!((0.0..=1.0).contains(&less));
        prop_assert!(more <= less + 1e-9, "{less} {more}");
    }
}
