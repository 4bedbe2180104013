//! Keys that don't exist: what did the person mean?

use crate::report::{Place, Report};
use crate::secret;

/// What people coming from other tools type, and what it is called here.
const CALLED_HERE: &[(&str, &str)] = &[
    ("api_base", "base_url"),
    ("api_key", "key"),
    ("api_key_env", "key"),
    ("apikey", "key"),
    ("baseurl", "base_url"),
    ("endpoint", "base_url"),
    ("fallback", "secondary"),
    ("fallbacks", "secondary"),
    ("host", "listen"),
    ("model", "models"),
    ("port", "listen"),
    ("provider", "providers"),
    ("route", "routes"),
    ("slos", "slo"),
    ("tenant", "tenants"),
    ("timeout", "total_timeout"),
    ("type", "dialect"),
    ("ttl", "fresh_for"),
    ("url", "base_url"),
];

/// The candidate that is spelled most like `typed`, if any is near enough to be what was meant.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase().replace('-', "_");
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&typed, &candidate.replace('-', "_")), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(typed.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Reports a key that the table doesn't have. `tables` are all tables of the file with their headers.
pub(super) fn report(
    key: &str,
    place: &Place,
    known: &[&'static str],
    tables: &[(&'static str, &[&'static str])],
    report: &mut Report<'_>,
) {
    // Edit distance is quadratic, and nobody means a known key by a long text.
    let typed = if key.len() > 60 { "" } else { key };
    let here = |key: &str| known.contains(&key);
    let at = |key: &str| tables.iter().find(|(_, keys)| keys.contains(&key)).map(|(header, _)| *header);
    let other_name =
        CALLED_HERE.iter().find(|(theirs, _)| typed.to_lowercase() == *theirs).map(|(_, ours)| *ours);
    let fix = match (other_name, nearest(typed, known.iter().copied()), at(typed)) {
        (Some(ours), ..) if here(ours) => format!("It is called {ours} here."),
        (_, Some(near), _) => format!("Did you mean {near}?"),
        (_, _, Some(header)) => format!("It belongs under {header}."),
        (Some(ours), ..) if let Some(header) = at(ours) => {
            format!("It is called {ours} here, and belongs under {header}.")
        }
        _ => format!("The keys that can stand here are {}.", known.join(", ")),
    };
    report.error(place, format!("There is no key {} here.", secret::quoted(key).replace('"', "`")), fix);
}
