//! One mistake in the file, told so that the reader can fix it without opening the manual.

use serde::Serialize;

/// How much a [`Problem`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file can't be used until this is fixed.
    Error,
    /// The file is used, but something in it will probably not do what its author wants.
    Warning,
    /// Worth knowing, nothing to fix; above all: a key that has no effect in this release.
    Notice,
}

impl Severity {
    /// The word that stands before the message: `error`, `warning` or `notice`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One mistake, warning or notice about the file. No field ever contains a secret found in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The key as a path, such as `routes[0].retries`; empty when the text as a whole is meant.
    pub key: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence.
    pub fix: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { severity, line, column, message, fix, .. } = self;
        write!(out, "line {line}, column {column}: {}: {message} {fix}", severity.as_str())
    }
}
