//! Writing events out of the text of a stored body: values stay as they were written, but for their line ends,
//! and long texts come in pieces.

use crate::json::{Items, Raw};

/// The longest piece of a text, in bytes as it is written. With what stands around it, and however it is
/// escaped, that is less than the 64 KiB that many clients read as one line.
pub(crate) const PIECE: usize = 8 * 1024;

/// Appends JSON text. Line ends in it are only ever white space between values, and would end the event.
pub(super) fn flat(out: &mut Vec<u8>, json: &str) {
    let start = out.len();
    out.extend_from_slice(json.as_bytes());
    for byte in &mut out[start..] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Appends a string. Writing into memory can't fail; if it ever did, nothing would be half written.
pub(super) fn quoted(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"\"\"");
    }
}

/// Writes one object, field by field.
#[derive(Debug)]
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    pub(super) fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    pub(super) fn close(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        quoted(self.out, name);
        self.out.push(b':');
    }

    /// A value as it is: text of our own, which has no line ends.
    pub(super) fn plain(&mut self, name: &str, json: &str) {
        self.name(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    /// A value as it was stored.
    pub(super) fn raw(&mut self, name: &str, value: Raw<'_>) {
        self.name(name);
        flat(self.out, value.get());
    }

    /// A string, by what stands between its quotes.
    pub(super) fn literal(&mut self, name: &str, inner: &str) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(inner.as_bytes());
        self.out.push(b'"');
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        quoted(self.out, text);
    }

    pub(super) fn count(&mut self, name: &str, count: usize) {
        self.plain(name, &count.to_string());
    }

    /// A value that somebody else writes.
    pub(super) fn with(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.name(name);
        write(self.out);
    }

    pub(super) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.with(name, |out| object(out, fill));
    }
}

pub(super) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object::open(out);
    fill(&mut object);
    object.close();
}

/// Appends one event with its name.
pub(super) fn event(out: &mut Vec<u8>, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    for part in ["event: ", name, "\ndata: "] {
        out.extend_from_slice(part.as_bytes());
    }
    object(out, |data| {
        data.text("type", name);
        fill(data);
    });
    out.extend_from_slice(b"\n\n");
}

/// What stands between the quotes of a string, in pieces; none of nothing. Never cut within a character, an
/// escape, or a pair of escapes that are one character.
pub(super) fn pieces(literal: &str) -> impl Iterator<Item = &str> {
    cut(literal, end_of_escapes)
}

/// The same of a text that isn't escaped.
pub(crate) fn plain_pieces(text: &str) -> impl Iterator<Item = &str> {
    cut(text, |_, limit| limit)
}

fn cut(text: &str, end: impl Fn(&str, usize) -> usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut at = rest.len();
        if at > PIECE {
            at = rest.floor_char_boundary(end(rest, PIECE));
        }
        let (piece, more) = rest.split_at(at);
        rest = more;
        Some(piece)
    })
}

/// An escape with its digits: `\ud83d`.
const ESCAPE: usize = 6;

/// The last place up to `limit` that is not within an escape.
fn end_of_escapes(literal: &str, limit: usize) -> usize {
    let bytes = literal.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..limit].iter().position(|byte| *byte == b'\\') {
        let escape = at + found;
        let mut end = escape + if bytes.get(escape + 1) == Some(&b'u') { ESCAPE } else { 2 };
        let is_half = matches!(
            bytes.get(escape + 2..escape + 4),
            Some([b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B'])
        );
        if end == escape + ESCAPE && is_half && bytes[end.min(bytes.len())..].starts_with(b"\\u") {
            end += ESCAPE;
        }
        if end > limit {
            return escape;
        }
        at = end;
    }
    limit
}

/// The next elements of a list, about as much as a piece of text.
pub(super) fn next_group<'t>(elements: &mut Items<'t>) -> Vec<Raw<'t>> {
    let (mut group, mut size) = (Vec::new(), 0);
    while size < PIECE {
        let Some(element) = elements.next() else { break };
        size += element.get().len();
        group.push(element);
    }
    group
}

pub(super) fn list(out: &mut Vec<u8>, elements: &[Raw<'_>]) {
    out.push(b'[');
    for (n, element) in elements.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        flat(out, element.get());
    }
    out.push(b']');
}
