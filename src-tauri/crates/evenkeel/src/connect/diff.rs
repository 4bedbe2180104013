//! What is about to change, as people know it from `diff -u`. Keys in it are shortened to their last four characters:
//! it is printed, pasted into reports and shown in a browser.

use std::path::Path;

use similar::TextDiff;

/// The change of one file; `None` is a file that isn't there.
pub(crate) fn unified(file: &Path, before: Option<&str>, after: Option<&str>) -> String {
    let name = file.display().to_string();
    let side = |text: Option<&str>| if text.is_some() { name.clone() } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
    let text = diff.unified_diff().context_radius(3).header(&side(before), &side(after)).to_string();
    hidden(&text.replace(['\r', '\u{feff}'], ""))
}

/// The same for a terminal that shows colours.
pub(crate) fn coloured(diff: &str) -> String {
    let line = |line: &str| {
        let colour = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => "1",
            [b'+', ..] => "32",
            [b'-', ..] => "31",
            [b'@', ..] => "36",
            _ => return format!("{line}\n"),
        };
        format!("\u{1b}[{colour}m{line}\u{1b}[0m\n")
    };
    diff.lines().map(line).collect()
}

/// What keys begin with.
const MARKS: [&str; 8] = ["ek-", "sk-", "gsk_", "xai-", "AIza", "ghp_", "pk-", "hf_"];
/// Shorter words are names.
const SHORTEST: usize = 16;

/// The text with each word that has the form of a key shortened.
pub(crate) fn hidden(text: &str) -> String {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_inside) {
        let (before, from) = rest.split_at(start);
        let (word, behind) = from.split_at(from.find(|letter| !is_inside(letter)).unwrap_or(from.len()));
        shown.push_str(before);
        match MARKS.iter().find(|mark| word.starts_with(**mark)).filter(|_| word.len() >= SHORTEST) {
            Some(mark) => {
                shown.push_str(mark);
                shown.push('…');
                shown.push_str(&word[word.len() - 4..]);
            }
            None => shown.push_str(word),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shortened_and_nothing_else() {
        let text = "+  \"A\": \"ek-abcdefghijklmnopqrstuvwxyz012345\",\n-  token: sk-ant-api03-verysecretindeed\n sk-ip\n";
        assert_eq!(hidden(text), "+  \"A\": \"ek-…2345\",\n-  token: sk-…deed\n sk-ip\n");
    }

    #[test]
    fn a_new_file_comes_from_nowhere() {
        let diff = unified(Path::new("/h/settings.json"), None, Some("{}\n"));
        assert_eq!(diff, "--- /dev/null\n+++ /h/settings.json\n@@ -0,0 +1 @@\n+{}\n");
        assert!(coloured(&diff).contains("\u{1b}[32m+{}\u{1b}[0m\n"));
    }
}
