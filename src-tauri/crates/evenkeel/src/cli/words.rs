//! Small pieces of text that several commands share.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Milliseconds with the unit that keeps them short: `840 ms`, `2.02 s`, `75.1 s`.
pub(crate) fn milliseconds(ms: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a duration of 2^53 ms is not displayed exactly, nor needed"
    )]
    let seconds = ms as f64 / 1000.0;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.1} s"),
    }
}

/// A moment in the reader's own time zone; only the time of day if it was today.
pub(crate) fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if then.date() == today.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    then.strftime(format).to_string()
}

/// A whole number with its thousands apart: `12,345`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The time before `now` that `90s`, `30m`, `1h`, `7d` or `2w` names; also a full timestamp.
pub(crate) fn since(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    now.checked_sub(SignedDuration::try_from(span(text)?).ok()?).ok()
}

/// The span of time that `90s`, `30m`, `1h`, `7d` or `2w` names.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let count: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

/// clap's several lines as two of ours: what is wrong, and the next step.
pub(crate) fn of_a_usage_error(rendered: &str) -> (String, String) {
    let mut lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("The command line makes no sense.");
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let mut rest: Vec<&str> = lines.collect();
    rest.retain(|line| !line.starts_with("For more information"));
    let (usage, details): (Vec<&str>, Vec<&str>) =
        rest.iter().copied().partition(|line| line.starts_with("Usage:"));
    let details = details.join(" ");
    let message = match details.strip_prefix("tip: ") {
        Some(tip) => format!("{first}; {tip}"),
        None if details.is_empty() => first.to_owned(),
        None => format!("{first} {details}"),
    };
    let mut letters = message.chars();
    let message: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let usage = usage.first().map_or("evenkeel --help", |usage| usage.trim_start_matches("Usage: "));
    (message, format!("Usage: {usage}   (more: evenkeel --help)"))
}

/// Rows as columns, two spaces apart. `right` names the columns whose figures stand under each other.
/// The last column is not padded, and a missing value is an en dash.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|head| head.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (column, cell) in cells.enumerate() {
            let pad =
                " ".repeat(widths.get(column).map_or(0, |width| width.saturating_sub(cell.chars().count())));
            if column > 0 {
                text.push_str("  ");
            }
            if right.contains(&column) {
                text.push_str(&pad);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.push_str(&pad);
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// Cuts a cell to `width` characters, the last of which is then `…`. Control characters, which a client
/// could have put into a name, never reach the terminal.
pub(crate) fn cell(text: &str, width: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '·' } else { c });
    let mut cut: String = clean.clone().take(width).collect();
    if clean.count() > width {
        cut.pop();
        cut.push('…');
    }
    cut
}

/// A value that may be unknown.
pub(crate) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_short() {
        for (ms, text) in [(840, "840 ms"), (2_020, "2.02 s"), (75_149, "75.1 s")] {
            assert_eq!(milliseconds(ms), text);
        }
    }

    #[test]
    fn since_takes_what_people_type_and_nothing_else() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        for (text, then) in [
            ("90s", "2026-11-23T11:58:30Z"),
            ("1h", "2026-11-23T11:00:00Z"),
            ("7d", "2026-11-16T12:00:00Z"),
            ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ] {
            assert_eq!(since(text, now), Some(then.parse().expect("a time")), "{text}");
        }
        for text in ["", "h", "1", "-1h", "1y", "9223372036854775807w", "é"] {
            assert_eq!(since(text, now), None, "{text}");
        }
    }

    #[test]
    fn figures_stand_under_each_other() {
        let rows = vec![vec!["a".into(), "1".into()], vec!["long".into(), "200".into()]];
        assert_eq!(table(&["NAME", "MS"], &rows, &[1]), "NAME   MS\na       1\nlong  200\n");
    }

    #[test]
    fn a_cell_is_cut_and_cannot_steer_the_terminal() {
        assert_eq!(cell("gpt-5-mini", 6), "gpt-5…");
        assert_eq!(cell("gpt-5", 5), "gpt-5");
        assert_eq!(cell("\u{1b}[31mred", 20), "·[31mred");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(number(123), "123");
    }
}
