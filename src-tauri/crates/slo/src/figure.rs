//! Figures as people read them, made in one place so that no two screens print one number differently.
//!
//! Two rules hold everywhere: an unknown is an en dash, never 0 and never 100 %; and what doesn't fit into the
//! digits shown is cut towards the worse side, so that 99.96 is never 100 and 2,501 ms never "2.50 s".

#[cfg(test)]
mod tests;

/// What stands where there is no figure.
pub const UNKNOWN: &str = "–";

/// `part` of `of` as a percentage of good things, cut (never rounded up) to two decimals: `99.71 %`. The full
/// 100 % stands only where nothing is missing.
pub fn percent(part: u64, of: u64) -> String {
    if of == 0 {
        return UNKNOWN.to_owned();
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(of);
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) if part >= of => format!("{whole} %"),
        (whole, decimals) => format!("{whole}.{decimals:02} %"),
    }
}

/// A latency in milliseconds: `840 ms`, or from one second on in seconds, rounded up to two decimals: `2.02 s`.
pub fn latency(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        return format!("{milliseconds} ms");
    }
    let hundredths = milliseconds.div_ceil(10);
    format!("{}.{:02} s", count(hundredths / 100), hundredths % 100)
}

/// Money in micro-dollars, rounded up: four decimals below one dollar (`$0.0073`), two from there on (`$150.00`).
/// A minus stands before the dollar sign: `−$1.20`.
pub fn dollars(micros: i64) -> String {
    // What is left is cut towards less: −$1.201 is shown as −$1.21 and $1.209 as a cost of $1.21.
    let sign = if micros < 0 { "−" } else { "" };
    let micros = micros.unsigned_abs();
    let ten_thousandths = micros.div_ceil(100);
    if ten_thousandths < 10_000 {
        return format!("{sign}$0.{ten_thousandths:04}");
    }
    let cents = micros.div_ceil(10_000);
    format!("{sign}${}.{:02}", count(cents / 100), cents % 100)
}

/// A whole number with its thousands set apart: `8,412`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `count` of something in words: `1 request`, `8,412 requests`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A length of time in its two largest units: `40 s`, `14 min`, `2 h 3 min`, `30 d`.
pub fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{days} d"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Money that is left, in micro-dollars, cut towards less: $0.00736 left is `$0.0073`, −$1.201 is `−$1.21`.
pub fn dollars_left(micros: i64) -> String {
    if micros <= 0 {
        return dollars(micros);
    }
    // Cut to the last digit that is shown, which for a dollar and more is a cent.
    let digit = if micros < 1_000_000 { 100 } else { 10_000 };
    dollars(micros - micros % digit)
}

/// A target of money as it was set, to the micro-dollar and with no more decimals than it has: `$0.015`, `$2`.
pub fn dollars_target(micros: i64) -> String {
    let sign = if micros < 0 { "−" } else { "" };
    let micros = micros.unsigned_abs();
    format!("{sign}${}", decimals(micros / 1_000_000, micros % 1_000_000, 6))
}

/// A target of latency as it was set: `800 ms`, `2.5 s`.
pub fn latency_target(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        return format!("{milliseconds} ms");
    }
    format!("{} s", decimals(milliseconds / 1_000, milliseconds % 1_000, 3))
}

/// `part` of `of` as a share that is neither good nor bad, cut to one decimal: `4.8 %`. Something is never nothing:
/// what would read 0.0 is `under 0.1 %`.
pub fn portion(part: u64, of: u64) -> String {
    if of == 0 {
        return UNKNOWN.to_owned();
    }
    match u128::from(part) * 1_000 / u128::from(of) {
        0 if part > 0 => "under 0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// Hundredths as a plain number: `1.25`.
pub fn hundredths(number: u64) -> String {
    format!("{}.{:02}", count(number / 100), number % 100)
}

fn decimals(whole: u64, rest: u64, places: usize) -> String {
    let rest = format!("{rest:0places$}");
    match rest.trim_end_matches('0') {
        "" => count(whole),
        rest => format!("{}.{rest}", count(whole)),
    }
}
