//! What `check` found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole of `check --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CheckReport.ts")]
pub struct CheckReport {
    /// No mistake and every provider answered.
    pub ok: bool,
    /// Mistakes, warnings and notices about the file.
    pub problems: Vec<Problem>,
    /// What each provider answered; empty with `--offline` and in practice.
    pub providers: Vec<CheckedProvider>,
}

/// One mistake, warning or notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "Problem.ts")]
pub struct Problem {
    /// `error`, `warning` or `notice`.
    #[ts(type = "\"error\" | \"warning\" | \"notice\"")]
    pub severity: String,
    /// The file.
    pub file: String,
    /// From 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// From 1; 0 where the file as a whole is meant.
    pub column: u32,
    /// The key as a path, such as `routes[0].retries`.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// What one provider answered to a request of one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "CheckedProvider.ts")]
pub struct CheckedProvider {
    /// Its name in the configuration.
    pub name: String,
    /// Whether it answered.
    pub ok: bool,
    /// Milliseconds the answer took; `null` where none came.
    pub ms: Option<u64>,
    /// Why not, with the next step.
    pub error: Option<String>,
}

impl Problem {
    /// The configuration's own words with the file's name.
    pub fn in_file(file: &str, problem: &evenkeel_config::Problem) -> Self {
        Self {
            severity: problem.severity.as_str().to_owned(),
            file: file.to_owned(),
            line: problem.line,
            column: problem.column,
            key: problem.key.clone(),
            message: problem.message.clone(),
            fix: problem.fix.clone(),
        }
    }

    /// `file:line:col: key: message`, and the fix on a line of its own.
    pub fn in_words(&self) -> String {
        let fix = if self.fix.is_empty() { String::new() } else { format!("\n  {}", self.fix) };
        format!("{}{fix}", self.mistake())
    }

    /// The same on one line.
    pub fn in_one_line(&self) -> String {
        format!("{} {}", self.mistake(), self.fix).trim_end().to_owned()
    }

    /// `file:line:col: key: message`.
    pub fn mistake(&self) -> String {
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let severity = if self.severity == "error" { String::new() } else { format!("{}: ", self.severity) };
        let place = match (self.line, self.column) {
            (0, _) => self.file.clone(),
            (line, column) => format!("{}:{line}:{column}", self.file),
        };
        format!("{place}: {severity}{key}{}", self.message)
    }
}
