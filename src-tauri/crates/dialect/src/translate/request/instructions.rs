//! What is asked for in words where the other dialect, or its model, has no field for it.

use serde_json::value::RawValue;

pub(super) const ANY_TOOL: &str = "Call at least one tool; do not answer without one.";
pub(super) const JSON_OBJECT: &str = "Answer with one JSON object and nothing else.";

pub(super) fn this_tool(name: &str) -> String {
    format!("Call the tool `{name}`; do not answer without it.")
}

/// `about` is what the answer is, in the client's words.
pub(super) fn json_schema(about: Option<&str>, schema: &RawValue) -> String {
    let about = about.map(|about| format!(" ({about})")).unwrap_or_default();
    format!(
        "Give your answer{about} as one JSON value that matches this JSON Schema, with nothing before or after it \
         and no code fence:\n{}",
        schema.get()
    )
}
