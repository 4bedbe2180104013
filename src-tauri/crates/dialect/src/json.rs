//! JSON text looked into without being rebuilt.
//!
//! Values stay slices of the text they came in. That keeps bytes exact (number spelling, escapes, key
//! order), costs no tree, and reads what a tree of Rust strings can't hold: servers written in JavaScript cut
//! text between the two halves of a surrogate pair, and such a half is legal JSON but no legal `str`.
//!
//! Skipping a value is iterative in `serde_json`, so deep nesting can't overflow the stack here.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields of one JSON object in the order in which they stand; names unescaped, values untouched.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Reads `json`, which must be one object and nothing behind it.
    pub(crate) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The fields of a value, if it is an object.
    pub(crate) fn of(value: &'a RawValue) -> Option<Self> {
        if !value.get().starts_with('{') {
            return None;
        }
        Self::parse(value.get()).ok()
    }

    /// The value of a field. A field that is missing or `null` is absent; of duplicates the last one counts,
    /// as for nearly every JSON reader.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().rev().find(|(key, _)| key == name)?;
        (found.1.get() != "null").then_some(found.1)
    }

    /// A field that holds an object.
    pub(crate) fn object(&self, name: &str) -> Option<Fields<'a>> {
        self.get(name).and_then(Fields::of)
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

    /// Every field, duplicates and nulls included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// True for `{}`.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                // Names are read raw as well: a name with half a surrogate pair is unknown to us, not an error.
                while let Some((name, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
                    fields.push((text(name).unwrap_or_default(), value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The elements of a value, if it is an array.
pub(crate) fn items(value: &RawValue) -> Option<Vec<&RawValue>> {
    if !value.get().starts_with('[') {
        return None;
    }
    serde_json::from_str(value.get()).ok()
}

/// The `type` of every element of an array of objects, empty where there is none; nothing else of them is
/// kept, so that long lists cost one reading.
pub(crate) fn kinds(value: &RawValue) -> Option<Vec<Cow<'_, str>>> {
    if !value.get().starts_with('[') {
        return None;
    }
    let kinds: Vec<Kind<'_>> = serde_json::from_str(value.get()).ok()?;
    Some(kinds.into_iter().map(|kind| kind.0).collect())
}

/// What stands between the quotes of a string, escapes untouched. Two of these put together are the literal
/// of the two strings put together, surrogate halves included.
pub(crate) fn literal(value: &RawValue) -> Option<&str> {
    value.get().strip_prefix('"')?.strip_suffix('"')
}

/// A string's text. Half a surrogate pair, which no `str` can hold, becomes U+FFFD.
pub(crate) fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let inner = literal(value)?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let unescaped: Unescaped = serde_json::from_str(value.get()).ok()?;
    Some(Cow::Owned(match String::from_utf8(unescaped.0) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }))
}

/// A count of something: a non-negative number, also one that came as a string or with a fraction of zero.
pub(crate) fn count(value: &RawValue) -> Option<u64> {
    let digits = literal(value).unwrap_or(value.get()).trim();
    if let Ok(count) = digits.parse() {
        return Some(count);
    }
    let number: f64 = digits.parse().ok()?;
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be finite and not negative; a cast from float saturates"
    )]
    Some(number as u64)
}

/// `text` as a JSON string, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An object's `type`.
struct Kind<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Kind<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Kind<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut kind = Cow::Borrowed("");
                while let Some(name) = map.next_key::<&'de RawValue>()? {
                    if name.get() == "\"type\"" {
                        kind = text(map.next_value::<&'de RawValue>()?).unwrap_or_default();
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Kind(kind))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A string's bytes, for `serde_json` hands surrogate halves out as bytes only.
struct Unescaped(Vec<u8>);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Unescaped;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Unescaped, E> {
                Ok(Unescaped(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Reader)
    }
}
