//! Minutes, hours and days: how long each is, how long it stays, and which of them make up a window.
//!
//! All three are written with every request, so a window is the sum of the fewest buckets that cover it. Days carry
//! the body of a window and finer ones its edges, as far as they are still kept.

use jiff::Timestamp;

#[cfg(test)]
mod tests;

/// How long a bucket of a roll-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// A minute; kept 8 days.
    Minute,
    /// An hour; kept 100 days.
    Hour,
    /// A day in UTC; kept three years.
    Day,
}

impl Resolution {
    /// From the shortest to the longest.
    pub const ALL: [Resolution; 3] = [Resolution::Minute, Resolution::Hour, Resolution::Day];

    /// How long one bucket is.
    pub fn seconds(self) -> i64 {
        match self {
            Resolution::Minute => 60,
            Resolution::Hour => 3_600,
            Resolution::Day => DAY,
        }
    }

    /// For how many seconds buckets of this length stay.
    pub(crate) fn kept(self) -> i64 {
        match self {
            Resolution::Minute => 8 * DAY,
            Resolution::Hour => 100 * DAY,
            Resolution::Day => 3 * 365 * DAY,
        }
    }

    /// Where the bucket of a second begins.
    pub(crate) fn floor(self, second: i64) -> i64 {
        second.saturating_sub(second.rem_euclid(self.seconds()))
    }

    pub(crate) fn ceil(self, second: i64) -> i64 {
        let floor = self.floor(second);
        if floor == second { second } else { floor.saturating_add(self.seconds()) }
    }

    /// Whether a bucket that begins at `start` still stays at `now`.
    pub(crate) fn keeps(self, start: i64, now: i64) -> bool {
        start.saturating_add(self.seconds()) > now.saturating_sub(self.kept())
    }

    fn next(self) -> Option<Resolution> {
        match self {
            Resolution::Minute => Some(Resolution::Hour),
            Resolution::Hour => Some(Resolution::Day),
            Resolution::Day => None,
        }
    }

    /// The shortest that is still whole around this second: where the edge of a window is cut.
    fn finest(second: i64, now: i64) -> Resolution {
        // The longer bucket around it must be covered by shorter ones from its beginning.
        let whole = |resolution: &Resolution| {
            resolution.next().is_none_or(|next| resolution.keeps(next.floor(second), now))
        };
        Resolution::ALL.into_iter().find(whole).unwrap_or(Resolution::Day)
    }
}

const DAY: i64 = 86_400;

/// Some buckets of one length in a row: those that begin at `from` or later and before `to`, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) resolution: Resolution,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// The buckets of a window, and what the window became by being cut where buckets begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) pieces: Vec<Piece>,
}

impl Cover {
    /// Of `[from, to)`, rounded outwards to whole minutes, or to hours and days where minutes and hours are gone.
    ///
    /// A window up to now ends with the bucket of today, which holds nothing later: the one request in a thousand
    /// whose clock was ahead belongs to it rather than to nobody.
    pub(crate) fn of(from: i64, to: i64, now: i64) -> Cover {
        let start = Resolution::finest(from, now).floor(from);
        let open = to >= now.saturating_sub(60);
        let last = if open { to.max(now) } else { to };
        let end = if open { Resolution::Day.ceil(last) } else { Resolution::finest(to, now).ceil(to) };
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at = start;
        while from < to && at < end {
            let fits =
                |resolution: &Resolution| resolution.floor(at) == at && at + resolution.seconds() <= end;
            let resolution = Resolution::ALL.into_iter().rev().find(fits).unwrap_or(Resolution::Minute);
            // As many of them as there are until a longer one begins or the window ends.
            let up_to = resolution.next().map_or(end, |next| next.ceil(at + 1).min(end));
            let next = resolution.floor(up_to).max(at + resolution.seconds());
            match pieces.last_mut() {
                Some(last) if last.resolution == resolution => last.to = next,
                _ => pieces.push(Piece { resolution, from: at, to: next }),
            }
            at = next;
        }
        Cover { from: start, to: if open { to } else { end }, pieces }
    }
}

/// A second since 1970 as a time, brought into what a time can be.
pub(crate) fn timestamp(second: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(second.clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The same for microseconds.
pub(crate) fn from_micros(micros: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    Timestamp::from_microsecond(micros.clamp(first, last)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// This second.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}
