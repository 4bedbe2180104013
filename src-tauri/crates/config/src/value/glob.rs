//! Patterns over names of models and features.

use std::fmt;

use wildmatch::WildMatch;

/// A pattern in which `*` stands for any text (also none) and `?` for one character. Case matters.
#[derive(Clone)]
pub struct Glob {
    text: String,
    pattern: WildMatch,
}

impl Glob {
    /// Makes a pattern. Every text is one: without `*` and `?` it matches only itself.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), pattern: WildMatch::new(text) }
    }

    /// Whether the whole of `name` fits the pattern.
    pub fn matches(&self, name: &str) -> bool {
        self.pattern.matches(name)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern is one that every name fits.
    pub fn matches_everything(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(|c| c == '*')
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

impl fmt::Debug for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Glob({:?})", self.text)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}
