//! JSON that other readers would stumble over, and shorter ways through it than one look at a time.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::{Fields, literal};

/// The elements of a value, if it is an array of objects. One pass over the text, where [`items`] and then
/// [`Fields::of`] would be two.
pub(in super::super) fn objects(value: &RawValue) -> Option<Vec<Fields<'_>>> {
    if !value.get().starts_with('[') {
        return None;
    }
    serde_json::from_str(value.get()).ok()
}

/// A number, also one that came as a string.
pub(in super::super) fn number(value: &RawValue) -> Option<f64> {
    let digits = literal(value).unwrap_or(value.get()).trim();
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

/// JSON text in which no escape is half a surrogate pair; such a half becomes `\ufffd`. It is legal JSON, but
/// no provider's parser takes it, so text that is carried on as it was written is repaired first.
pub(in super::super) fn paired(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        at = match surrogate(json, escape) {
            Some(Half::High) if surrogate(json, escape + 6) == Some(Half::Low) => escape + 12,
            Some(_) => {
                repaired.push_str(&json[copied..escape]);
                repaired.push_str("\\ufffd");
                copied = escape + 6;
                copied
            }
            // Two bytes, so that an escaped backslash is not taken for the start of the next escape. What
            // stands behind a backslash in JSON is ASCII; elsewhere the text is not JSON, and is left alone.
            None if json.is_char_boundary(escape + 2) => escape + 2,
            None => escape + 1,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    repaired.push_str(&json[copied..]);
    Cow::Owned(repaired)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    High,
    Low,
}

/// Which half of a surrogate pair the escape at this place is, if one is there.
fn surrogate(json: &str, at: usize) -> Option<Half> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    match u32::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Half::High),
        0xDC00..=0xDFFF => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
