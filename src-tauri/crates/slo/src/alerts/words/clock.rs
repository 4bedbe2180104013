//! Times of day as people say them.

use super::Zone;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `14:02`, or `14:02 on 21 Nov` where that was another day than `today_ms`.
pub(super) fn at(ms: i64, today_ms: i64, zone: Zone<'_>) -> String {
    let (day, minute) = local(ms, zone);
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    if local(today_ms, zone).0 == day {
        return time;
    }
    let (month, day) = date(day);
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    format!("{time} on {day} {name}")
}

/// Days since 1970, and the minute of the day.
fn local(ms: i64, zone: Zone<'_>) -> (i64, i64) {
    let seconds = ms.div_euclid(1_000).saturating_add(i64::from(zone(ms)));
    (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) / 60)
}

/// Month (from 0) and day (from 1) of a day since 1970, in the Gregorian calendar.
fn date(day: i64) -> (i64, i64) {
    // Years that begin in March have their odd day at the end: 1 March 2000 was day 11,017.
    let mut day = (day - 11_017).rem_euclid(146_097);
    let century = (day / 36_524).min(3);
    day -= century * 36_524;
    let leap = (day / 1_461).min(24);
    day -= leap * 1_461;
    let year = (day / 365).min(3);
    day -= year * 365;
    // March to July and August to December have 153 days each.
    let (five, rest) = (day / 153, day % 153);
    let mut lengths = [31, 30, 31, 30, 31].into_iter();
    let (mut month, mut left) = (five * 5, rest);
    while let Some(length) = lengths.next().filter(|&length| left >= length) {
        left -= length;
        month += 1;
    }
    ((month + 2) % 12, left + 1)
}
