//! Collects problems with their place in the text.

use std::fmt;

use crate::secret;
use crate::{Problem, Severity};

/// Where a value stands: its first byte, and the path of its key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    offset: usize,
    key: String,
}

impl Place {
    /// The whole file.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The same key, seen at another byte.
    pub(crate) fn at(&self, offset: usize) -> Self {
        Self { offset, key: self.key.clone() }
    }

    /// A key inside this table, whose value (or the key itself) stands at `offset`.
    pub(crate) fn key(&self, name: &str, offset: usize) -> Self {
        let name = KeyName(name);
        let key = if self.key.is_empty() { name.to_string() } else { format!("{}.{name}", self.key) };
        Self { offset, key }
    }

    /// An item of this list.
    pub(crate) fn item(&self, index: usize, offset: usize) -> Self {
        Self { offset, key: format!("{}[{index}]", self.key) }
    }

    /// The last part of the path, for use in a sentence: `primary`; an item goes by its list.
    pub(crate) fn name(&self) -> &str {
        let name = self.key.rsplit('.').next().unwrap_or_default();
        let name = name.split('[').next().unwrap_or_default();
        if name.ends_with('"') { &self.key } else { name }
    }
}

/// A key as it has to be written: bare where that is allowed, else quoted, and never a secret.
struct KeyName<'a>(&'a str);

impl fmt::Display for KeyName<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !self.0.is_empty()
            && self.0.len() <= 60
            && self.0.chars().all(bare)
            && !secret::looks_like_one(self.0)
        {
            out.write_str(self.0)
        } else {
            out.write_str(&secret::quoted(self.0))
        }
    }
}

/// The problems found so far in one text.
pub(crate) struct Report<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        // A byte-order mark is no column of the first line.
        let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, line_starts: std::iter::once(first).chain(breaks).collect(), problems: Vec::new() }
    }

    pub(crate) fn error(&mut self, place: &Place, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Severity::Error, place, message.into(), fix.into());
    }

    pub(crate) fn warning(&mut self, place: &Place, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Severity::Warning, place, message.into(), fix.into());
    }

    pub(crate) fn notice(&mut self, place: &Place, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Severity::Notice, place, message.into(), fix.into());
    }

    /// Whether anything found so far makes the file unusable.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Everything found: errors first, then warnings and notices, each in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.severity, problem.line, problem.column));
        self.problems
    }

    fn add(&mut self, severity: Severity, place: &Place, message: String, fix: String) {
        let (line, column) = self.position(place.offset);
        let problem = Problem { severity, line, column, key: place.key.clone(), message, fix };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).map_or(0, |text| text.chars().count());
        (count(line), count(before + 1))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
