//! Text that somebody wrote, in its one normal form: Unicode NFC, line feeds only, no white space at the end of
//! a line or of the whole.
//!
//! Only for what a person or a model said. What a program said or reads (tools' arguments and results, schemas,
//! stop texts, names, bytes) stays as it is: there a space or a composed letter may be the point.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Here the white space goes.
    Here,
    /// Another text follows, and hosts put the two together: the space between two words may be the last
    /// character of the first one.
    GoesOn,
}

pub(super) fn normal(text: Cow<'_, str>, end: End) -> Cow<'_, str> {
    match composed(&text).or_else(|| trimmed(&text, end)) {
        Some(changed) => Cow::Owned(trimmed(&changed, end).unwrap_or(changed)),
        None => text,
    }
}

/// The text in NFC, if it isn't.
fn composed(text: &str) -> Option<String> {
    // Nothing below U+0300, the first combining mark, is changed by NFC; its first byte is 0xCC.
    if text.bytes().all(|byte| byte < 0xCC) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return None;
    }
    Some(text.nfc().collect())
}

/// The text without white space at the ends of lines, if there is any. A carriage return is white space.
fn trimmed(text: &str, end: End) -> Option<String> {
    let whole = match end {
        End::Here => text.trim_end(),
        End::GoesOn => text,
    };
    // What follows the last line feed ends where the whole ends, and that is decided already.
    let (lines, last) = whole.split_at(whole.rfind('\n').map_or(0, |at| at + 1));
    let lines = || lines.split_terminator('\n');
    if whole.len() == text.len() && !lines().any(|line| line.ends_with(char::is_whitespace)) {
        return None;
    }
    let mut kept = String::with_capacity(whole.len());
    for line in lines() {
        kept.push_str(line.trim_end());
        kept.push('\n');
    }
    kept.push_str(last);
    Some(kept)
}
