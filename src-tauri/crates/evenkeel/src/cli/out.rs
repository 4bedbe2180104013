//! The only place that writes to the terminal. A reader that has gone (`evenkeel requests | head`)
//! ends the output quietly: nobody is left to tell.

use std::io::{self, Write};

use crate::admin::types::ApiError;

/// Text for standard output.
pub(crate) fn text(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// One line for standard error.
pub(crate) fn error_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Asks; anything but a yes is a no, and so is nobody there.
pub(crate) fn ask(question: &str) -> bool {
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    asked.is_ok()
        && io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// An error: what happened and the fix, or the same as one JSON object.
pub(crate) fn error(error: &ApiError, json: bool) {
    if json {
        if let Ok(text) = serde_json::to_string(error) {
            error_line(&text);
        }
        return;
    }
    error_line(&error.message);
    if let Some(hint) = &error.hint {
        error_line(hint);
    }
}
