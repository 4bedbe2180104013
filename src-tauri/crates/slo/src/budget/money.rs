//! The allowance of a promise of cost: what so many requests may cost together at the promised average.

/// Money promised and spent, in micro-dollars.
///
/// Requests without a known price are on neither side: they would make the average look better than anyone knows
/// it to be. They are shown apart, and above [`Money::TOLERATED_UNPRICED`] of all requests nothing is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The promised average of a request.
    pub target_micros: i64,
    /// Requests whose cost is known.
    pub priced: u64,
    /// Requests whose cost isn't.
    pub unpriced: u64,
    /// What was spent, failed attempts included.
    pub spent_micros: i64,
}

impl Money {
    /// Above one in ten without a price, an average says nothing.
    pub const TOLERATED_UNPRICED: u64 = 10;
    /// Under so many requests one dear one decides the average.
    pub const NEEDED: u64 = 20;

    /// What the priced requests may cost together: n × target.
    pub fn allowed_micros(&self) -> i64 {
        clamp(self.exactly_allowed())
    }

    /// What is left of that; below zero when overdrawn.
    pub fn left_micros(&self) -> i64 {
        clamp(self.exactly_allowed() - i128::from(self.spent_micros))
    }

    /// The average of a request, rounded up to a micro-dollar; `None` without a priced request.
    pub fn average_micros(&self) -> Option<i64> {
        let n = i128::from(self.priced);
        let spent = i128::from(self.spent_micros);
        (n > 0).then(|| clamp(spent.div_euclid(n) + i128::from(spent.rem_euclid(n) > 0)))
    }

    /// Whether the average is within the target, compared without dividing; `None` without a priced request.
    pub fn met(&self) -> Option<bool> {
        (self.priced > 0).then(|| i128::from(self.spent_micros) <= self.exactly_allowed())
    }

    /// Whether so many prices are unknown that no average can be judged.
    pub fn too_many_unpriced(&self) -> bool {
        let all = u128::from(self.priced) + u128::from(self.unpriced);
        u128::from(self.unpriced) * u128::from(Self::TOLERATED_UNPRICED) > all
    }

    fn exactly_allowed(&self) -> i128 {
        i128::from(self.priced) * i128::from(self.target_micros)
    }
}

fn clamp(micros: i128) -> i64 {
    i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX })
}
