//! Texts of the tools' settings: read as a document, changed in one place, everything else left as it stands.
//!
//! Each format edits its text directly, so comments, order and layout stay the user's. Because that is delicate,
//! [`Format::put`] reads the result again and compares the two documents: what comes out differs from what went in
//! by that one value, or it is refused and nothing is written.

mod json;
mod lines;
mod toml;
mod yaml;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The form of a settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// JSON, with comments and trailing commas where its owner has them.
    Json,
    /// TOML.
    Toml,
    /// YAML; only values at the top, and entries of lists there.
    Yaml,
    /// A shell's start-up file: one block of lines between two marks.
    Shell,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The keys from the top.
    pub(crate) path: Vec<String>,
    /// It is one entry of the list there, told by its content.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) entry: bool,
}

impl Place {
    /// The value at these keys.
    pub(crate) fn at(path: &[&str]) -> Self {
        Self { path: path.iter().map(|key| (*key).to_owned()).collect(), entry: false }
    }

    /// An entry of the list at these keys.
    pub(crate) fn entry_of(path: &[&str]) -> Self {
        Self { entry: true, ..Self::at(path) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.path.join("."))
    }
}

/// Why a text stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TextError {
    /// It isn't what its format says.
    #[error("line {line}: {what}")]
    Invalid {
        /// Counted from 1.
        line: usize,
        /// What its parser said.
        what: String,
    },
    /// It is valid, and written in a way that can't be changed without touching what isn't ours.
    #[error("{0}")]
    Refused(String),
}

impl TextError {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

impl Format {
    /// The text as a document. An empty text is an empty document.
    pub(crate) fn read(self, text: &str) -> Result<Value, TextError> {
        let text = Dress::of(text).plain;
        match self {
            Self::Json => json::read(&text),
            Self::Toml => toml::read(&text),
            Self::Yaml => yaml::read(&text),
            Self::Shell => lines::read(&text),
        }
    }

    /// The text with this value at this place, or without any (`None`). An entry is added or, with `add` false,
    /// taken out.
    pub(crate) fn put(self, text: &str, place: &Place, change: Change<'_>) -> Result<String, TextError> {
        let dress = Dress::of(text);
        let mut wanted = self.read(text)?;
        let edited = match self {
            Self::Json => json::put(&dress.plain, place, change)?,
            Self::Toml => toml::put(&dress.plain, place, change)?,
            Self::Yaml => yaml::put(&dress.plain, place, change)?,
            Self::Shell => lines::put(&dress.plain, change)?,
        };
        change.to_document(&mut wanted, place);
        if self.read(&edited).as_ref() != Ok(&wanted) {
            return Err(TextError::refused(format!(
                "{place} can't be changed without touching something else"
            )));
        }
        Ok(dress.on(&edited))
    }

    /// Whether nothing is left that says anything, so that a file made for our keys may go again.
    pub(crate) fn says_nothing(self, text: &str) -> bool {
        let remarks: &[&str] = match self {
            Self::Shell => return text.trim().is_empty(),
            Self::Json => &["//", "/*"],
            Self::Toml | Self::Yaml => &["#"],
        };
        // What its owner noted in it is theirs.
        let is_noted = remarks.iter().any(|mark| text.contains(mark));
        !is_noted && self.read(text).is_ok_and(|document| document.as_object().is_some_and(Map::is_empty))
    }
}

/// What is to be done at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    /// The value is set, or the entry added.
    Set(&'a Value),
    /// The value is taken out; for an entry, the one that equals this.
    Remove(&'a Value),
}

impl Change<'_> {
    /// The same change to the document, to hold the text's against.
    fn to_document(self, document: &mut Value, place: &Place) {
        let Some((last, parents)) = place.path.split_last() else { return };
        if !document.is_object() {
            *document = Value::Object(Map::new());
        }
        let mut here = document;
        for key in parents {
            let Value::Object(keys) = here else { return };
            here = keys.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            if here.is_null() {
                *here = Value::Object(Map::new());
            }
        }
        let Value::Object(keys) = here else { return };
        match (self, place.entry) {
            (Self::Set(value), false) => {
                keys.insert(last.clone(), value.clone());
            }
            (Self::Remove(_), false) => {
                keys.shift_remove(last);
            }
            (Self::Set(value), true) => {
                let here = keys.entry(last.clone()).or_insert(Value::Null);
                if here.is_null() {
                    *here = Value::Array(Vec::new());
                }
                if let Value::Array(entries) = here {
                    entries.push(value.clone());
                }
            }
            (Self::Remove(value), true) => {
                let Some(Value::Array(entries)) = keys.get_mut(last) else { return };
                if let Some(at) = entries.iter().position(|entry| entry == value) {
                    entries.remove(at);
                }
                if entries.is_empty() {
                    keys.insert(last.clone(), Value::Null);
                }
            }
        }
    }
}

/// What stands at a place of a document; for an entry, the one that equals `like`.
pub(crate) fn found<'a>(document: &'a Value, place: &Place, like: Option<&Value>) -> Option<&'a Value> {
    let at = place.path.iter().try_fold(document, |here, key| here.get(key))?;
    if !place.entry {
        return Some(at);
    }
    at.as_array()?.iter().find(|entry| Some(*entry) == like)
}

/// How many of the objects on the way to a place are not there.
pub(crate) fn missing_parents(document: &Value, place: &Place) -> usize {
    // For an entry, the list itself is one of them.
    let parents = if place.entry { place.path.len() } else { place.path.len().saturating_sub(1) };
    (1..=parents)
        .filter(|length| place.path[..*length].iter().try_fold(document, |here, key| here.get(key)).is_none())
        .count()
}

/// What a text wears besides its content: the mark that some editors put first, and line ends of Windows.
struct Dress {
    mark: &'static str,
    windows: bool,
    plain: String,
}

const MARK: &str = "\u{feff}";

impl Dress {
    fn of(text: &str) -> Self {
        let (mark, rest) = text.strip_prefix(MARK).map_or(("", text), |rest| (MARK, rest));
        // A text with both kinds of line ends is left as it is: one of them would be changed everywhere.
        let windows = rest.contains("\r\n") && rest.matches('\n').count() == rest.matches("\r\n").count();
        let plain = if windows { rest.replace("\r\n", "\n") } else { rest.to_owned() };
        Self { mark, windows, plain }
    }

    fn on(&self, plain: &str) -> String {
        let text = if self.windows { plain.replace('\n', "\r\n") } else { plain.to_owned() };
        format!("{}{text}", self.mark)
    }
}

#[cfg(test)]
mod tests;
