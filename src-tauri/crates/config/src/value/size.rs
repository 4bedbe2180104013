//! Sizes as people write them: `32MiB`, `512KiB`, `1GiB`, `10MB`; a bare number is bytes.

/// Units in bytes. Binary ones first, so that a size is written back in them where both would fit.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
    ("B", 1),
];

/// Reads a number of bytes with a unit; the case of the unit doesn't matter. `None`: it is not a size.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit = unit.trim_start();
    if unit.is_empty() {
        return number.parse().ok();
    }
    let (_, bytes) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    super::scaled(number, *bytes)
}

/// Writes a size so that [`parse`] reads the same one, in the first unit that leaves it whole.
pub(crate) fn format(bytes: u64) -> String {
    let whole = UNITS.iter().find(|(_, unit)| bytes != 0 && bytes.is_multiple_of(*unit));
    match whole {
        Some((name, unit)) => format!("{}{name}", bytes / unit),
        None => "0B".to_owned(),
    }
}

#[cfg(test)]
mod tests;
