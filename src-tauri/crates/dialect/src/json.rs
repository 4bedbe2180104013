//! JSON text looked into without being rebuilt.
//!
//! Values stay slices of the text they came in. That keeps bytes exact (number spelling, escapes, key
//! order), costs no tree, and reads what a tree of Rust strings can't hold: servers written in JavaScript cut
//! text between the two halves of a surrogate pair, and such a half is legal JSON but no legal `str`.
//!
//! Text is checked once, where it comes in, and never again: a [`Raw`] is JSON, so looking deeper into it only
//! has to find where things end. A body of 64 KiB is read in a few microseconds that way, and is looked into on
//! every request. Nothing here recurses, so deep nesting can't overflow the stack.
//!
//! The exception is [`Tree`], for the one purpose that needs every member of every object at once, in order: a
//! comparison of whole requests. It is bounded in depth.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

use crate::canon::Json;

mod items;
mod refuse;
mod scan;
mod strings;
mod tree;

pub(crate) use items::{Element, Items, items, objects};
pub(crate) use strings::{paired, quoted};
pub(crate) use tree::{Tree, TreeError, by_utf16};

/// One JSON value, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Reads `json`, which must be one value and nothing behind it.
    pub(crate) fn parse(json: &'a str) -> Option<Self> {
        let start = scan::space(json.as_bytes(), 0);
        let end = scan::value(json.as_bytes(), start)?;
        (scan::space(json.as_bytes(), end) == json.len()).then(|| Self(&json[start..end]))
    }

    /// The text.
    pub(crate) fn get(self) -> &'a str {
        self.0
    }

    /// The value to be carried on, with halves of surrogate pairs replaced.
    pub(crate) fn to_json(self) -> Json {
        RawValue::from_string(paired(self.0).into_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }

    /// Where the value stands in the text that it was read from.
    pub(crate) fn place_in(self, text: &str) -> Range<usize> {
        let start = self.0.as_ptr().addr() - text.as_ptr().addr();
        start..start + self.0.len()
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    pub(crate) fn is_true(self) -> bool {
        self.0 == "true"
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    pub(crate) fn is_list(self) -> bool {
        self.0.starts_with('[')
    }
}

impl<'a> From<&'a RawValue> for Raw<'a> {
    fn from(value: &'a RawValue) -> Self {
        Self(value.get().trim_ascii())
    }
}

/// The fields of one JSON object in the order in which they stand; names unescaped, values untouched.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Raw<'a>)>);

impl<'a> Fields<'a> {
    /// Reads `json`, which must be one object and nothing behind it.
    pub(crate) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        Ok(Self::whole(json)?.1)
    }

    /// The same, with the object as a value.
    pub(crate) fn whole(json: &'a str) -> Result<(Raw<'a>, Self), serde_json::Error> {
        let start = scan::space(json.as_bytes(), 0);
        match fields(json, start, scan::value) {
            Some((fields, end)) if scan::space(json.as_bytes(), end) == json.len() => {
                Ok((Raw(&json[start..end]), fields))
            }
            _ => Err(refuse::object(json)),
        }
    }

    /// The fields of a value, if it is an object.
    pub(crate) fn of(value: Raw<'a>) -> Option<Self> {
        Some(fields(value.0, 0, scan::skip)?.0)
    }

    /// The value of a field. A field that is missing or `null` is absent; of duplicates the last one counts,
    /// as for nearly every JSON reader.
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let found = self.0.iter().rev().find(|(key, _)| key == name)?;
        (!found.1.is_null()).then_some(found.1)
    }

    /// A field that holds an object.
    pub(crate) fn object(&self, name: &str) -> Option<Fields<'a>> {
        self.get(name).and_then(Fields::of)
    }

    /// The elements of a field that holds a list.
    pub(crate) fn items(&self, name: &str) -> Option<Items<'a>> {
        self.get(name).and_then(items)
    }

    /// A field that holds a non-empty string.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).and_then(text).filter(|text| !text.is_empty())
    }

    /// True if the field holds a non-empty string; cheaper than unescaping it.
    pub(crate) fn has_text(&self, name: &str) -> bool {
        self.get(name).and_then(literal).is_some_and(|inner| !inner.is_empty())
    }

    /// A field that holds a count, see [`count`].
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.get(name).and_then(count)
    }

    /// True if the field holds `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(Raw::is_true)
    }

    /// Every field, duplicates and nulls included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// Every field that isn't null.
    pub(crate) fn present(&self) -> impl Iterator<Item = (&str, Raw<'a>)> {
        self.iter().filter(|(_, value)| !value.is_null())
    }

    /// True for `{}`.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are, duplicates and nulls included.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Most objects of all dialects have no more fields.
const USUAL: usize = 8;

/// The members of the object at `start`, and where it ends. `end_of` finds the end of each value.
fn fields(
    json: &str,
    start: usize,
    end_of: impl Fn(&[u8], usize) -> Option<usize>,
) -> Option<(Fields<'_>, usize)> {
    let bytes = json.as_bytes();
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let mut at = scan::space(bytes, start + 1);
    if bytes.get(at) == Some(&b'}') {
        return Some((Fields(Vec::new()), at + 1));
    }
    let mut fields = Vec::with_capacity(USUAL);
    loop {
        let (name_end, value) = scan::key(bytes, at)?;
        let end = end_of(bytes, value)?;
        fields.push((strings::unescaped(&json[at + 1..name_end - 1]), Raw(&json[value..end])));
        at = scan::space(bytes, end);
        match bytes.get(at)? {
            b',' => at = scan::space(bytes, at + 1),
            b'}' => return Some((Fields(fields), at + 1)),
            _ => return None,
        }
    }
}

/// What stands between the quotes of a string, escapes untouched. Two of these put together are the literal
/// of the two strings put together, surrogate halves included.
pub(crate) fn literal(value: Raw<'_>) -> Option<&str> {
    value.0.strip_prefix('"')?.strip_suffix('"')
}

/// A string's text. Half a surrogate pair, which no `str` can hold, becomes U+FFFD.
pub(crate) fn text(value: Raw<'_>) -> Option<Cow<'_, str>> {
    literal(value).map(strings::unescaped)
}

/// What is between or without quotes, for numbers that came as strings.
fn digits(value: Raw<'_>) -> &str {
    literal(value).unwrap_or(value.0).trim()
}

/// A count of something: a non-negative number, also one that came as a string or with a fraction of zero.
pub(crate) fn count(value: Raw<'_>) -> Option<u64> {
    if let Ok(count) = digits(value).parse() {
        return Some(count);
    }
    let number = number(value).filter(|number| *number >= 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be finite and not negative; a cast from float saturates"
    )]
    Some(number as u64)
}

/// A number, also one that came as a string.
pub(crate) fn number(value: Raw<'_>) -> Option<f64> {
    digits(value).parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests;
