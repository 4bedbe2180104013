//! Days and times as people write them, in UTC.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// `28 Nov`, with the year only where it isn't this one.
pub(crate) fn day(day: Date, now: Timestamp) -> String {
    let this_year = now.to_zoned(TimeZone::UTC).year();
    day.strftime(if day.year() == this_year { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// `18 Nov 16:05 UTC`.
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    format!("{} {} UTC", day(zoned.date(), now), zoned.strftime("%H:%M"))
}

/// `21 Oct – 20 Nov 2026`: always with the year, for it stands on paper too.
pub(crate) fn span(from: Timestamp, to: Timestamp) -> String {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let (from, to) = (date(from), date(to));
    let first = from.strftime(if from.year() == to.year() { "%-d %b" } else { "%-d %b %Y" }).to_string();
    format!("{first} – {}", to.strftime("%-d %b %Y"))
}

/// The length of a window: `30 days`, `24 h`, `90 min`.
///
/// What was counted begins with a whole minute or hour, so it may reach a little further back than what was asked
/// for; nobody who promised 30 days wants to read of 30 days and 28 minutes.
pub(crate) fn length(seconds: u64) -> String {
    const TWO_HOURS: u64 = 7_200;
    const TWO_MINUTES: u64 = 120;
    match seconds {
        172_800.. if seconds % 86_400 < TWO_HOURS => format!("{} days", seconds / 86_400),
        3_600.. if seconds % 3_600 < TWO_MINUTES => format!("{} h", seconds / 3_600),
        60..10_800 => format!("{} min", seconds / 60),
        _ => crate::figure::span(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_window_is_as_long_as_it_was_promised() {
        let of = |hours: u64, more: u64| length(hours * 3_600 + more);
        assert_eq!([of(720, 0), of(720, 1_700), of(168, 3_599)], ["30 days", "30 days", "7 days"]);
        assert_eq!([of(24, 0), of(24, 59), of(1, 30)], ["24 h", "24 h", "1 h"]);
        assert_eq!([length(5_400), length(5_430), length(40)], ["90 min", "90 min", "40 s"]);
        assert_eq!(of(36, 1_800), "1 d 12 h");
    }
}
