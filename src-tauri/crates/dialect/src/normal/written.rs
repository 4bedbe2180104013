//! One spelling for one value: the JSON Canonicalization Scheme, RFC 8785.
//!
//! Names in the order of their UTF-16 units, no white space, as few escapes as can be, numbers as ECMAScript
//! spells doubles. One thing goes beyond it: an integer that a double can't hold (RFC 8785 leaves those out)
//! keeps all its digits, or two seeds or row numbers that differ in the last digit would be one.

use crate::json::Tree;

/// The largest integer up to which every integer is a double, 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn write(tree: &Tree<'_>, into: &mut String) {
    match tree {
        Tree::Null => into.push_str("null"),
        Tree::Bool(true) => into.push_str("true"),
        Tree::Bool(false) => into.push_str("false"),
        Tree::Number(written) => number(written, into),
        Tree::Text(text) => string(text, into),
        Tree::Written(json) => into.push_str(json),
        Tree::List(elements) => {
            into.push('[');
            for (n, element) in elements.iter().enumerate() {
                if n > 0 {
                    into.push(',');
                }
                write(element, into);
            }
            into.push(']');
        }
        Tree::Object(members) => {
            into.push('{');
            for (n, (name, value)) in members.iter().enumerate() {
                if n > 0 {
                    into.push(',');
                }
                string(name, into);
                into.push(':');
                write(value, into);
            }
            into.push('}');
        }
    }
}

fn string(text: &str, into: &mut String) {
    into.push('"');
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        into.push_str(&text[copied..at]);
        if escape.is_empty() {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            into.push_str("\\u00");
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 0xf)]));
        } else {
            into.push_str(escape);
        }
        copied = at + 1;
    }
    into.push_str(&text[copied..]);
    into.push('"');
}

fn number(written: &str, into: &mut String) {
    let Some(value) = written.parse().ok().filter(|value: &f64| value.is_finite()) else {
        // Larger than any double: `1e999` is like no spelling of ours, for those have a plus sign.
        into.push_str(written);
        return;
    };
    let is_integer = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer && value.abs() >= EXACT {
        into.push_str(written);
    } else {
        into.push_str(ryu_js::Buffer::new().format_finite(value));
    }
}
