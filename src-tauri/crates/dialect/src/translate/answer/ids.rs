//! Ids in the form that each dialect's clients know, made from the answer's own id where the provider's has
//! another form. The same answer gives the same ids, in every event and however often it is asked.

/// Characters that are kept: enough to tell answers apart, and with what stands before and behind them within
/// the 40 characters that OpenAI allows for a call's id.
const STEM: usize = 26;

/// The part of an answer's id that made-up ids are built on: letters and digits.
pub(super) fn stem(id: &str) -> String {
    let plain: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.is_empty() {
        return "evenkeel".to_owned();
    }
    plain[plain.len().saturating_sub(STEM)..].iter().collect()
}

/// An answer's id: the provider's own if it has the form, else ours.
pub(super) fn answer(prefix: &str, provider: Option<&str>, ours: &str) -> String {
    let has_form = |id: &&str| id.starts_with(prefix);
    match provider.filter(has_form).or_else(|| Some(ours).filter(has_form)) {
        Some(id) => id.to_owned(),
        None => format!("{prefix}{}", stem(ours)),
    }
}

/// The id of a tool call that came without one.
pub(super) fn call(stem: &str, ordinal: usize) -> String {
    format!("call_{stem}_{ordinal}")
}

/// A tool call's id in the characters that Anthropic accepts when it comes back (Kimi's has dots and colons).
pub(super) fn tool_use(id: String) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if id.chars().all(fits) {
        return id;
    }
    id.chars().map(|character| if fits(character) { character } else { '_' }).collect()
}
