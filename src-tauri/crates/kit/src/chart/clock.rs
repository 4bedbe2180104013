//! Days and hours under a chart, in UTC like every date of a document.

use jiff::{Timestamp, tz::TimeZone};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// How far apart labels may be, from the closest.
const STEPS: [i64; 14] = [
    300,
    600,
    900,
    1_800,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    30 * DAY,
    90 * DAY,
];

/// The moments that are labelled from `from` to `to`, each with its label, at most `most` of them.
pub(super) fn ticks(from: Timestamp, to: Timestamp, most: u32) -> Vec<(Timestamp, String)> {
    let (first, last) = (from.as_second(), to.as_second());
    let fits = |step: &i64| (last - first) / step < i64::from(most.max(1));
    let whole = (last - first) / i64::from(most.max(1)) + 1;
    let step = STEPS.into_iter().find(fits).unwrap_or(whole.max(365 * DAY));
    let begin = first + (step - first.rem_euclid(step)) % step;
    let mut ticks = Vec::new();
    let mut at = begin;
    while at <= last {
        if let Ok(moment) = Timestamp::from_second(at) {
            let label = if step < DAY { hour(moment) } else { day(moment) };
            ticks.push((moment, label));
        }
        at += step;
    }
    ticks
}

/// `14:00`, and at midnight the day.
fn hour(at: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    if at.as_second().rem_euclid(DAY) == 0 { day(at) } else { zoned.strftime("%H:%M").to_string() }
}

/// `6 Nov`.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %b").to_string()
}

/// `6 Nov 14:05`.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %b %H:%M").to_string()
}

/// `21 Oct – 20 Nov 2026`, with hours where it is short.
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let short = to.as_second() - from.as_second() < 3 * DAY;
    let first = if short { moment(from) } else { day(from) };
    let last = to.to_zoned(TimeZone::UTC).strftime(if short { "%-d %b %Y %H:%M" } else { "%-d %b %Y" });
    format!("{first} – {last} UTC")
}
