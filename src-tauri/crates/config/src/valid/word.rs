//! Checks that several parts of the file share: names, addresses, durations, texts that may be empty.

use std::time::Duration;

use url::Url;

use crate::raw::{Amount, At, Count, Size, Text, Time};
use crate::report::{Place, Report};
use crate::{Usd, secret};

/// Longest duration of anything: a time-out beyond it helps nobody, and clocks overflow somewhere after it.
const LONGEST: Duration = Duration::from_hours(1100 * 24);

/// A text, with empty (the way to say "unset" in the file) as `None`.
pub(super) fn text(at: Option<At<Text>>) -> Option<At<Text>> {
    at.filter(|at| !at.value.0.trim().is_empty())
}

/// The same, without its place.
pub(super) fn plain(at: Option<At<Text>>) -> Option<String> {
    text(at).map(|at| at.value.0)
}

/// A duration, or `default`; zero is refused.
pub(super) fn time(at: Option<At<Time>>, default: Duration, report: &mut Report<'_>) -> Duration {
    time_up_to(at, default, (LONGEST, "1100d"), report)
}

/// A duration, or `default`; zero and more than `most` are refused.
pub(super) fn time_up_to(
    at: Option<At<Time>>,
    default: Duration,
    most: (Duration, &str),
    report: &mut Report<'_>,
) -> Duration {
    let Some(At { value: Time(duration), place }) = at else { return default };
    let usual = crate::value::duration::format(default);
    if duration.is_zero() {
        let message = format!("{} can't be zero.", place.name());
        report.error(&place, message, format!("Write a longer one; the default is \"{usual}\"."));
        return default;
    }
    if duration > most.0 {
        let message = format!("{} is too long.", place.name());
        report.error(&place, message, format!("Write \"{}\" at most; the default is \"{usual}\".", most.1));
        return default;
    }
    duration
}

/// A size, or `default`; zero is refused.
pub(super) fn size(at: Option<At<Size>>, default: u64, report: &mut Report<'_>) -> u64 {
    match at {
        Some(At { value: Size(0), place }) => {
            let usual = crate::value::size::format(default);
            let message = format!("{} can't be zero.", place.name());
            report.error(&place, message, format!("Write a larger one; the default is \"{usual}\"."));
            default
        }
        Some(At { value: Size(bytes), .. }) => bytes,
        None => default,
    }
}

/// An amount of money, if one is given.
pub(super) fn usd(at: Option<At<Amount>>, report: &mut Report<'_>) -> Option<Usd> {
    let At { value: Amount(dollars), place } = at?;
    let amount = Usd::from_dollars(dollars);
    if amount.is_none() {
        report.error(
            &place,
            format!("{} is more than a billion dollars.", place.name()),
            "Write a smaller amount.",
        );
    }
    amount
}

/// A count, if one is given.
pub(super) fn count(at: Option<At<Count>>) -> Option<u64> {
    at.map(|at| at.value.0)
}

/// What makes a name: it stands in headers, in paths of the file and on command lines.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(fits)
}

/// Checks the name of a provider or tenant, or of a feature.
pub(super) fn name(name: &str, what: &str, place: &Place, report: &mut Report<'_>) {
    if !is_name(name) {
        report.error(
            place,
            format!("{} can't be the name of a {what}.", secret::quoted(name)),
            "Use up to 64 letters, digits, dots, hyphens and underscores, with a letter or digit first.",
        );
    }
}

/// What makes the name of an environment variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What kind of address a key takes.
pub(super) struct Link {
    /// Schemes that are taken, such as `https`.
    pub(super) schemes: &'static [&'static str],
    /// One that would do, for the message.
    pub(super) example: &'static str,
    /// Where a password belongs instead.
    pub(super) password: &'static str,
    /// Whether `?…` may follow the path.
    pub(super) query: bool,
}

/// An address on the web. No message repeats it, for people put tokens into addresses.
pub(super) fn url(at: &At<Text>, link: &Link, report: &mut Report<'_>) -> Option<Url> {
    let At { value: Text(text), place } = at;
    if secret::looks_like_one(text) {
        return None; // Reported with all other secrets.
    }
    let name = place.name();
    let example = format!("Write it in full, such as \"{}\".", link.example);
    let Ok(url) = Url::parse(text.trim()) else {
        report.error(place, format!("{name} is not a full address."), example);
        return None;
    };
    if !link.schemes.contains(&url.scheme()) || !url.has_host() {
        let schemes: Vec<String> = link.schemes.iter().map(|scheme| format!("{scheme}://")).collect();
        report.error(place, format!("{name} must begin with {} and a host.", schemes.join(" or ")), example);
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        let message =
            format!("{name} carries a user name or password. Secrets never stand in evenkeel.toml.");
        report.error(place, message, link.password);
        return None;
    }
    if url.fragment().is_some() || (url.query().is_some() && !link.query) {
        let message = format!("{name} can't carry anything after the path.");
        report.error(place, message, "Take off what follows the ? or #.");
        return None;
    }
    Some(url)
}
