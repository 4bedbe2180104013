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
pub(crate) fn length(seconds: u64) -> String {
    match seconds {
        172_800.. if seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        3_600.. if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        60.. if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => crate::figure::span(seconds),
    }
}
