//! Durations as people write them: `250ms`, `2s`, `2.5s`, `15m`, `1h`, `30d`.

use std::time::Duration;

/// Units from the largest to the smallest, each in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 24 * 60 * 60 * 1000), ("h", 60 * 60 * 1000), ("m", 60 * 1000), ("s", 1000), ("ms", 1)];

/// Reads a number with a unit, down to whole milliseconds. `None`: it is not a duration.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit_at);
    let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    super::scaled(number, *unit_ms).map(Duration::from_millis)
}

/// Writes a duration so that [`parse`] reads the same one, in the largest unit that leaves it whole;
/// seconds may have a fraction.
pub(crate) fn format(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let whole = UNITS.iter().find(|(_, unit)| ms != 0 && ms.is_multiple_of(*unit));
    match whole {
        Some((_, 1)) if ms > 1000 => {
            format!("{}.{}s", ms / 1000, format!("{:03}", ms % 1000).trim_end_matches('0'))
        }
        Some((name, unit)) => format!("{}{name}", ms / unit),
        None => "0s".to_owned(),
    }
}

#[cfg(test)]
mod tests;
