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
