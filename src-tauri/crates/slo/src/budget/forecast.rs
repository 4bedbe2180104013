//! When the allowance is gone at this pace, or, once it is gone, when it is back.
//!
//! The window rolls: every coming day adds requests and failures, and the oldest day takes its own away. Both are
//! simulated day by day. What a coming day brings is the pace of the last week, and since a few failures say
//! little about a pace, the answer is a range: the days on which its 90 % and its 10 % Poisson bound run out.
//!
//! A slow leak that no alert sees shows here first.

use jiff::{Span, civil::Date};

use super::{Budget, Rate, Share};

mod pace;

pub use pace::{Pace, Paces};

/// How far ahead anything is said.
pub const HORIZON: usize = 30;

/// What becomes of the allowance at this pace. Dates are days in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Fewer than three failures in the last week, and they could still mean either; or an allowance of none.
    TooLittle,
    /// It lasts for 30 days and more.
    NotWithin,
    /// It is gone on some day from `from` to `to`.
    Gone {
        /// At the pace's upper bound.
        from: Date,
        /// At its lower bound; `None`: not within 30 days.
        to: Option<Date>,
    },
    /// It is gone already.
    UsedUp {
        /// When something is left again, if nothing else fails; `None` where that can't be seen.
        recovers: Option<Date>,
    },
}

/// The forecast, and when a freeze would end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What becomes of the allowance.
    pub forecast: Forecast,
    /// The day on which a tenth of the allowance is left again, if nothing else fails; `None` while that much is
    /// left, or where no such day can be seen.
    pub thaws: Option<Date>,
}

/// Looks ahead from `today`.
///
/// `now` is the budget as it stands. `days` are the window's days, oldest first, the last of them today so far.
pub fn outlook(now: &Budget, days: &[Rate], today: Date) -> Outlook {
    let on = |day: usize| -> Option<Date> {
        today.checked_add(Span::new().try_days(i64::try_from(day).ok()?).ok()?).ok()
    };
    let quiet = Pace { n: Pace::of(days).map_or(0, |pace| pace.middle.n), bad: 0 };
    let back = |enough: fn(&Projected, Share) -> bool| {
        let mut ahead = path(days, quiet, days.len().max(HORIZON));
        ahead.position(|day| enough(&day, now.target)).and_then(|place| on(place + 1))
    };
    let thaws = (!a_tenth_is_left(now.left(), now.allowed())).then(|| back(Projected::has_a_tenth)).flatten();
    if now.allowed() == 0 {
        // So few requests, or a target of 100 %: there is nothing that could run out.
        return Outlook { forecast: Forecast::TooLittle, thaws };
    }
    if now.left() <= 0 {
        return Outlook { forecast: Forecast::UsedUp { recovers: back(Projected::has_some) }, thaws };
    }
    let Some(pace) = Pace::of(days) else { return Outlook { forecast: Forecast::TooLittle, thaws } };
    let gone = |pace: Pace| gone_after(days, pace, now.target).and_then(on);
    let forecast = match gone(pace.high) {
        None => Forecast::NotWithin,
        Some(_) if pace.too_few => Forecast::TooLittle,
        Some(from) => Forecast::Gone { from, to: gone(pace.low) },
    };
    Outlook { forecast, thaws }
}

/// Whether at least a tenth of the allowance is left, which is what ends a freeze.
pub(crate) fn a_tenth_is_left(left: i64, allowed: u64) -> bool {
    left > 0 && i128::from(left) * 10 >= i128::from(allowed)
}

/// The number of days from today after which nothing is left at this pace; `None`: not within 30.
pub fn gone_after(days: &[Rate], pace: Pace, target: Share) -> Option<usize> {
    path(days, pace, HORIZON).position(|day| day.is_used_up(target)).map(|place| place + 1)
}

/// The window as it will be on the evening of some day, in micro-requests: a pace is seldom a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projected {
    /// Requests that count.
    pub n: u128,
    /// Those that are bad.
    pub bad: u128,
}

impl Projected {
    /// Whole requests that may fail in it, by the same law as today's.
    fn allowed(&self, target: Share) -> u64 {
        target.allows(u64::try_from(self.n / pace::MICRO).unwrap_or(u64::MAX))
    }

    fn left(&self, target: Share) -> i128 {
        let allowed = u128::from(self.allowed(target)) * pace::MICRO;
        i128::try_from(allowed).unwrap_or(i128::MAX) - i128::try_from(self.bad).unwrap_or(i128::MAX)
    }

    fn is_used_up(&self, target: Share) -> bool {
        self.bad > 0 && self.left(target) <= 0
    }

    fn has_some(&self, target: Share) -> bool {
        self.left(target) > 0
    }

    fn has_a_tenth(&self, target: Share) -> bool {
        let allowed = i128::try_from(u128::from(self.allowed(target)) * pace::MICRO).unwrap_or(i128::MAX);
        self.left(target) > 0 && self.left(target).saturating_mul(10) >= allowed
    }
}

/// The window on each of the coming days, tomorrow first.
pub fn path(days: &[Rate], pace: Pace, horizon: usize) -> impl Iterator<Item = Projected> {
    let sum = days.iter().fold(Projected { n: 0, bad: 0 }, |sum, day| Projected {
        n: sum.n + u128::from(day.n) * pace::MICRO,
        bad: sum.bad + u128::from(day.bad) * pace::MICRO,
    });
    // After as many days as the window has, the ones that leave are those that were only projected.
    let leaving = days
        .iter()
        .map(|day| Pace { n: u128::from(day.n) * pace::MICRO, bad: u128::from(day.bad) * pace::MICRO })
        .chain(std::iter::repeat(pace));
    leaving.take(horizon).scan(sum, move |window, old| {
        window.n = (window.n + pace.n).saturating_sub(old.n);
        window.bad = (window.bad + pace.bad).saturating_sub(old.bad);
        Some(*window)
    })
}
