//! The strings in JSON text: where they end, what they say, how they are written.

use std::borrow::Cow;

/// Where the string ends whose inside begins at `at`: behind its closing quote. `None` if it doesn't end, or
/// holds what no string may.
pub(super) fn end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        at = special(json, at)?;
        match (json.get(at)?, json.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => at += 2,
            (b'\\', Some(b'u')) if json.get(at + 2..at + ESCAPE)?.iter().all(u8::is_ascii_hexdigit) => {
                at += ESCAPE;
            }
            _ => return None,
        }
    }
}

/// Which bytes are no ordinary ones within a string: quotes, backslashes, control characters.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = byte < 0x20 || byte == 0x22 || byte == 0x5c;
        byte += 1;
    }
    special
};

/// The next such byte from `at` on. Most of a body is the inside of strings, and most strings have one soon:
/// line ends and quotes in prose and code. So the next few bytes are looked up one by one, and only what goes
/// on longer than that (the base64 of an image, above all) is worth looking at in blocks.
#[inline]
fn special(json: &[u8], at: usize) -> Option<usize> {
    const SOON: usize = 64;
    let mut at = at;
    let soon = at + SOON;
    while at < soon {
        let Some(next) = json.get(at..).and_then(<[u8]>::first_chunk::<8>) else { break };
        if let Some(found) = next.iter().position(|byte| SPECIAL[usize::from(*byte)]) {
            return Some(at + found);
        }
        at += next.len();
    }
    special_later(json, at)
}

#[inline(never)]
fn special_later(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    while let Some(block) = json.get(at..).and_then(<[u8]>::first_chunk::<32>) {
        // Without a way out in the middle, so that the compiler compares many bytes at once.
        let special = block.iter().fold(0, |found, byte| {
            found | u8::from(*byte < 0x20) | u8::from(*byte == b'"') | u8::from(*byte == b'\\')
        });
        if special != 0 {
            break;
        }
        at += block.len();
    }
    let found = json.get(at..)?.iter().position(|byte| SPECIAL[usize::from(*byte)])?;
    Some(at + found)
}

/// The text that stands between two quotes. Half a surrogate pair, which no `str` can hold, becomes U+FFFD.
pub(super) fn unescaped(literal: &str) -> Cow<'_, str> {
    let bytes = literal.as_bytes();
    let Some(first) = special(bytes, 0) else { return Cow::Borrowed(literal) };
    let mut text = String::with_capacity(literal.len());
    let (mut copied, mut next) = (0, Some(first));
    while let Some(at) = next {
        if bytes[at] != b'\\' {
            // Nothing that stands in a string, but then this is none, and stays as it is.
            next = special(bytes, at + 1);
            continue;
        }
        text.push_str(literal.get(copied..at).unwrap_or_default());
        let (character, length) = character(literal, at);
        text.push(character);
        copied = at + length;
        next = special(bytes, copied);
    }
    text.push_str(literal.get(copied..).unwrap_or_default());
    Cow::Owned(text)
}

/// The character that is escaped at `at`, and the length of its escape.
fn character(literal: &str, at: usize) -> (char, usize) {
    let short = match literal.as_bytes().get(at + 1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            return match (unit(literal, at), unit(literal, at + ESCAPE)) {
                (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 2 * ESCAPE)
                }
                (unit, _) => (unit.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), ESCAPE),
            };
        }
        // A quote, a backslash, a slash.
        Some(byte) if byte.is_ascii() => char::from(*byte),
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (short, 2)
}

/// An escape with its digits: `\ud83d`.
const ESCAPE: usize = 6;

/// The UTF-16 unit that is escaped at `at`, if one is.
fn unit(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    u32::from_str_radix(digits, 16).ok()
}

/// JSON text in which no escape is half a surrogate pair; such a half becomes `\ufffd`. It is legal JSON, but
/// no provider's parser takes it, so text that is carried on as it was written is repaired first.
pub(crate) fn paired(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        at = match (unit(json, escape), unit(json, escape + ESCAPE)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => escape + 2 * ESCAPE,
            (Some(0xD800..=0xDFFF), _) => {
                repaired.push_str(&json[copied..escape]);
                repaired.push_str("\\ufffd");
                copied = escape + ESCAPE;
                copied
            }
            // Two bytes, so that an escaped backslash is not taken for the start of the next escape. What
            // stands behind a backslash in JSON is ASCII; elsewhere the text is not JSON, and is left alone.
            _ if json.is_char_boundary(escape + 2) => escape + 2,
            _ => escape + 1,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    repaired.push_str(&json[copied..]);
    Cow::Owned(repaired)
}

/// `text` as a JSON string, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
