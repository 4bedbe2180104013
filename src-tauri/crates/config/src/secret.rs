//! Spots secrets that were pasted into the file.
//!
//! Two uses: such a value is an error of its own, and no message ever repeats one. Reports end up in
//! terminals, logs, bug trackers and screenshots, so when in doubt a value counts as a secret.

/// What keys of providers, of Evenkeel itself and of common observability services begin with, and how
/// many characters must follow before a text is taken for one.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 6),
    ("sk_", 12),
    ("ek-", 16),
    ("gsk_", 12),
    ("xai-", 12),
    ("pplx-", 12),
    ("hf_", 16),
    ("ghp_", 16),
    ("AIza", 20),
    ("AKIA", 12),
    ("eyJ", 30),
];

/// Whether a text is, or contains, something that looks like a secret.
pub fn looks_like_one(text: &str) -> bool {
    text.split(|c: char| !is_key_character(c)).any(|word| {
        PREFIXES
            .iter()
            .any(|(prefix, more)| word.strip_prefix(prefix).is_some_and(|rest| rest.chars().count() >= *more))
    })
}

/// Whether the value of a header is a credential by its form alone: `Bearer …`, `Basic …`.
pub(crate) fn is_credential(header_value: &str) -> bool {
    let scheme = header_value.trim_start().split(' ').next().unwrap_or_default().to_ascii_lowercase();
    matches!(scheme.as_str(), "bearer" | "basic" | "token") && header_value.trim().contains(' ')
        || looks_like_one(header_value)
}

/// Whether a header of this name exists to carry a credential, whatever its value looks like.
pub(crate) fn is_credential_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("authorization")
        || name.ends_with("api-key")
        || matches!(name.as_str(), "cookie" | "x-auth-token")
}

/// The text in quotes, fit to stand in a message: short, on one line, and never a secret.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if looks_like_one(text) {
        return "(a secret, not shown)".to_owned();
    }
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        return format!("{start:?}…");
    }
    format!("{text:?}")
}

fn is_key_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests;
