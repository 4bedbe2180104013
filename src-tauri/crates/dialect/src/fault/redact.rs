//! Takes secrets out of a provider's words: some quote the key that they refuse.

/// How keys begin, for the vendors that mark them.
const MARKS: [&str; 12] =
    ["sk-", "sk_", "pk-", "rk-", "ek-", "gsk_", "xai-", "AIza", "hf_", "nvapi-", "pplx-", "AKIA"];

/// `text` with everything that looks like a key replaced by its mark and `…`, and whatever follows `Bearer`.
pub(super) fn secrets(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut after_bearer = false;
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !in_key(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        let trimmed = word.trim_end_matches('.');
        if !word.is_empty() {
            let mark = MARKS.into_iter().find(|mark| trimmed.len() > mark.len() && trimmed.starts_with(mark));
            match mark {
                Some(mark) => clean.extend([mark, "…", &word[trimmed.len()..]]),
                None if after_bearer && trimmed.len() >= 8 => clean.extend(["…", &word[trimmed.len()..]]),
                None => clean.push_str(word),
            }
            after_bearer = word.eq_ignore_ascii_case("bearer");
        }
        let separators = behind.find(in_key).unwrap_or(behind.len());
        clean.push_str(&behind[..separators]);
        rest = &behind[separators..];
    }
    clean
}

/// Characters of a key, the stars of a masked one included.
fn in_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | '~' | '+')
}
