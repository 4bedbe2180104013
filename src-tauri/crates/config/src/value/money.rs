//! Money as whole micro-dollars, because sums of floating-point dollars drift.

use std::fmt;

/// An amount in US dollars, held as whole micro-dollars (a millionth of a dollar).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(u64);

impl Usd {
    /// An amount given in micro-dollars.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The amount in micro-dollars.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Whether it is nothing; a limit of nothing means "no limit" in the file.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Usd {
    /// Dollars with at least two decimals and at most six, such as `0.05` → `0.05`, `0.0125` → `0.0125`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, micros) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let decimals = format!("{micros:06}");
        let trimmed = decimals.trim_end_matches('0');
        write!(out, "{whole}.{trimmed:0<2}")
    }
}

impl Usd {
    /// From dollars as a number in the file, to the nearest micro-dollar. `None`: negative, not a number,
    /// or more than a billion dollars.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        const MOST: f64 = 1e9;
        if !(0.0..=MOST).contains(&dollars) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above: between 0 and 1e15 micro-dollars, where f64 holds whole numbers exactly"
        )]
        Some(Self((dollars * 1e6).round() as u64))
    }
}

#[cfg(test)]
mod tests;
