//! Where a setting stands, as reports and callers write it: `routes[0].primary.model`.

use std::ops::Range;

/// One step from a table or a list to what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A key of a table.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// Deeper than any setting; a longer path is a mistake.
const DEEPEST: usize = 12;

/// Reads a path. `None`: it is not one.
pub(super) fn parse(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let (key, behind) = key(rest)?;
        steps.push(Step::Key(key));
        rest = behind;
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, behind) = inside.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = behind;
        }
        if steps.len() > DEEPEST {
            return None;
        }
        if rest.is_empty() {
            return Some(steps);
        }
        rest = rest.strip_prefix('.')?;
    }
}

/// A bare key, or one in double quotes, and what follows it.
fn key(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let end = closing_quote(text)?;
        let quoted = text.get(Range { start: 0, end })?;
        return Some((serde_json::from_str(quoted).ok()?, text.get(end..)?));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(bare)).then(|| (name.to_owned(), rest))
}

/// The byte after the quote that closes the one at the start.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }

    #[test]
    fn paths_are_read_as_reports_write_them() {
        assert_eq!(parse("bypass"), Some(vec![key("bypass")]));
        let steps = vec![key("routes"), Step::Item(10), key("primary"), key("model")];
        assert_eq!(parse("routes[10].primary.model"), Some(steps));
        let steps = vec![key("prices"), key("my \"own\".model"), key("input")];
        assert_eq!(parse(r#"prices."my \"own\".model".input"#), Some(steps));
    }

    #[test]
    fn what_is_no_path_is_none() {
        for text in ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[0", "a[0]b", "a b", "\"a", "[0]", "a[-1]"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"a.".repeat(40)), None);
    }
}
