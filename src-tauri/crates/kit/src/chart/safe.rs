//! Text from outside: names and reasons that somebody chose, and that must stay text.

/// As much of a name as fits beside a chart.
const NAME: usize = 40;
/// As much of a sentence as anybody reads in a hint.
const SENTENCE: usize = 200;

/// As much as a hint can hold that shares a mark with others.
const HINT: usize = 90;

/// A name without what would break the drawing or turn its reading direction, cut to what fits.
pub(super) fn name(text: &str) -> String {
    cut(text, NAME)
}

/// The same for a sentence.
pub(super) fn sentence(text: &str) -> String {
    cut(text, SENTENCE)
}

/// The same for what is told of a mark.
pub(super) fn hint(text: &str) -> String {
    cut(text, HINT)
}

fn cut(text: &str, most: usize) -> String {
    let mut letters = text.chars().map(|letter| if is_harmless(letter) { letter } else { '\u{FFFD}' });
    let mut cut: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    cut
}

/// What XML can hold and nobody can hide behind.
fn is_harmless(letter: char) -> bool {
    let turns = matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}');
    !letter.is_control() && !turns && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
}

/// As text or as an attribute of XML.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            other if is_harmless(other) => safe.push(other),
            _ => safe.push('\u{FFFD}'),
        }
    }
    safe
}
