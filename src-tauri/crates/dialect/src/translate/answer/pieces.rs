//! Text that comes in pieces, and the JSON value that grows out of them.
//!
//! Servers written in JavaScript cut text between the two halves of a surrogate pair. Either half alone is no
//! character: the first one waits here for the second, or the client would see two replacement signs where
//! the model wrote one emoji.

use std::borrow::Cow;

use crate::json::{self, Raw};

/// Puts the pieces of one text together, as far as they have to be.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The escape of a pair's first half, as it was written.
    held: String,
}

/// An escaped half: `\ud83d`.
const ESCAPE: usize = 6;

impl Pieces {
    /// The text of the next piece; `None` if there is nothing to say yet, or the value is no string.
    pub(super) fn next(&mut self, value: Raw<'_>) -> Option<String> {
        let literal = json::literal(value)?;
        let split = first_half(literal);
        if self.held.is_empty() && split.is_none() {
            return json::text(value).map(Cow::into_owned).filter(|text| !text.is_empty());
        }
        let (now, later) = literal.split_at(split.unwrap_or(literal.len()));
        let whole = format!("\"{}{now}\"", self.held);
        later.clone_into(&mut self.held);
        unquoted(&whole)
    }

    /// What waited for its second half in vain, as a replacement sign.
    pub(super) fn rest(&mut self) -> Option<String> {
        if self.held.is_empty() {
            return None;
        }
        unquoted(&format!("\"{}\"", std::mem::take(&mut self.held)))
    }
}

fn unquoted(literal: &str) -> Option<String> {
    json::text(Raw::parse(literal)?).map(Cow::into_owned).filter(|text| !text.is_empty())
}

/// Where the first half of a pair stands that ends the literal.
fn first_half(literal: &str) -> Option<usize> {
    let at = literal.len().checked_sub(ESCAPE)?;
    let (before, escape) = literal.as_bytes().split_at(at);
    let [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _] = escape else {
        return None;
    };
    // A backslash that is itself escaped begins no escape.
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    (backslashes % 2 == 0).then_some(at)
}

/// Tells when a JSON object or list that comes in pieces is whole, looking at every byte once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    depth: usize,
    in_string: bool,
    escaped: bool,
    whole: bool,
}

impl Extent {
    pub(super) fn add(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.whole |= self.depth == 0;
                }
                _ => {}
            }
        }
    }

    /// The outermost bracket was closed: what may follow is white space.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }
}
