//! Where JSON values end.
//!
//! [`value`] accepts exactly what the grammar of RFC 8259 allows, any nesting included; [`skip`] takes text that
//! was accepted before and looks at no more of it than it has to. Neither recurses.

use super::strings;

/// Where the value at `at` ends; `None` if there is none.
pub(super) fn value(json: &[u8], at: usize) -> Option<usize> {
    let mut nest = Nest::default();
    let mut at = at;
    loop {
        at = match json.get(at)? {
            b'"' => strings::end(json, at + 1)?,
            b'{' => {
                let inner = space(json, at + 1);
                if json.get(inner)? != &b'}' {
                    nest.open(Kind::Object);
                    (_, at) = key(json, inner)?;
                    continue;
                }
                inner + 1
            }
            b'[' => {
                let inner = space(json, at + 1);
                if json.get(inner)? != &b']' {
                    nest.open(Kind::List);
                    at = inner;
                    continue;
                }
                inner + 1
            }
            b't' => word(json, at, b"true")?,
            b'f' => word(json, at, b"false")?,
            b'n' => word(json, at, b"null")?,
            b'-' | b'0'..=b'9' => number(json, at)?,
            _ => return None,
        };
        // A value is over, and with it perhaps what it stands in.
        loop {
            let Some(within) = nest.innermost() else { return Some(at) };
            at = space(json, at);
            match (json.get(at)?, within) {
                (b',', Kind::List) => {
                    at = space(json, at + 1);
                    break;
                }
                (b',', Kind::Object) => {
                    (_, at) = key(json, space(json, at + 1))?;
                    break;
                }
                (b']', Kind::List) | (b'}', Kind::Object) => {
                    nest.close();
                    at += 1;
                }
                _ => return None,
            }
        }
    }
}

/// Where the value at `at` ends, in text that is known to be JSON.
pub(super) fn skip(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => strings::end(json, at + 1),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = at;
            loop {
                match json.get(at)? {
                    b'"' => {
                        at = strings::end(json, at + 1)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let rest = json.get(at..)?;
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || is_space(*byte);
            Some(at + rest.iter().position(ends).unwrap_or(rest.len()))
        }
    }
}

/// Where the name at `at` ends, and where its value begins.
pub(super) fn key(json: &[u8], at: usize) -> Option<(usize, usize)> {
    if json.get(at)? != &b'"' {
        return None;
    }
    let end = strings::end(json, at + 1)?;
    let colon = space(json, end);
    (json.get(colon)? == &b':').then(|| (end, space(json, colon + 1)))
}

/// The first place from `at` on that is not white space.
pub(super) fn space(json: &[u8], mut at: usize) -> usize {
    while json.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

fn word(json: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    json.get(at..)?.starts_with(word).then_some(at + word.len())
}

fn number(json: &[u8], at: usize) -> Option<usize> {
    let digits = |at: usize| {
        let rest = json.get(at..).unwrap_or_default();
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        (count > 0).then_some(at + count)
    };
    let whole = at + usize::from(json.get(at) == Some(&b'-'));
    let mut end = digits(whole)?;
    if json.get(whole) == Some(&b'0') && end > whole + 1 {
        return None;
    }
    if json.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(json.get(end), Some(b'e' | b'E')) {
        end = digits(end + 1 + usize::from(matches!(json.get(end + 1), Some(b'+' | b'-'))))?;
    }
    Some(end)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    List,
    Object,
}

/// What a value stands in, from the outside to the inside; a bit for each, so that the usual depth costs
/// nothing to remember.
#[derive(Default)]
struct Nest {
    depth: u32,
    inner: u64,
    outer: Vec<u64>,
}

impl Nest {
    fn open(&mut self, kind: Kind) {
        if self.depth == u64::BITS {
            self.outer.push(self.inner);
            (self.depth, self.inner) = (0, 0);
        }
        self.inner = self.inner << 1 | u64::from(kind == Kind::Object);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.inner >>= 1;
        self.depth -= 1;
        if self.depth == 0
            && let Some(outer) = self.outer.pop()
        {
            (self.depth, self.inner) = (u64::BITS, outer);
        }
    }

    fn innermost(&self) -> Option<Kind> {
        (self.depth > 0).then_some(if self.inner & 1 == 1 { Kind::Object } else { Kind::List })
    }
}
