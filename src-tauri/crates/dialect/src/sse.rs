//! Bytes to server-sent event frames, after the WHATWG HTML standard (section 9.2, "Server-sent events").
//!
//! Works on bytes, for a chunk may end anywhere, also inside a character. Every byte is looked at once and
//! belongs to exactly one frame, so that what is relayed equals what came: the `raw` of all frames, put
//! together, is the input. The frames don't depend on how the bytes were cut into chunks.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Cap on one event in bytes, where nobody chose another: more than any delta or tool input seen in the
/// field, and little enough to hold for every request in flight.
pub const EVENT_CAP: usize = 4 * 1024 * 1024;

/// One event of a stream, or a comment, or a stray blank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The exact bytes, with the blank line that ended the event (if one did).
    pub raw: Bytes,
    /// The `event:` field.
    pub event: Option<String>,
    /// The `data:` fields, joined with line feeds.
    pub data: Bytes,
}

impl Frame {
    /// Reads the fields of one whole event.
    pub fn parse(raw: Bytes) -> Self {
        let mut event = None;
        let mut data = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let line = &raw[at..];
            let length = line.iter().position(|byte| is_line_end(*byte)).unwrap_or(line.len());
            let line = &line[..length];
            let (name, value_at) = match line.iter().position(|byte| *byte == b':') {
                Some(colon) => (&line[..colon], colon + 1 + usize::from(line.get(colon + 1) == Some(&b' '))),
                None => (line, length),
            };
            match name {
                b"data" => data.push(raw.slice(at + value_at..at + length)),
                b"event" => event = Some(String::from_utf8_lossy(&line[value_at..]).into_owned()),
                // `id` and `retry` matter to clients that reconnect; comments and unknown fields to nobody.
                _ => {}
            }
            at += length + 1;
        }
        let event = event.filter(|name: &String| !name.is_empty());
        Self { event, data: join(data), raw }
    }

    /// True if a client would be handed nothing: a comment, a heartbeat, a stray blank line.
    pub fn is_comment(&self) -> bool {
        self.data.is_empty() && self.event.is_none()
    }

    /// True if a blank line ends the frame. Only the last frame of a stream that was cut off lacks one;
    /// whoever writes behind such a frame must end it first.
    pub fn is_closed(&self) -> bool {
        let ends = |tail: &[u8]| self.raw.ends_with(tail);
        ends(b"\n\n")
            || ends(b"\n\r\n")
            || ends(b"\r\r")
            || ends(b"\n\r")
            || matches!(&self.raw[..], b"\n" | b"\r\n" | b"\r")
    }
}

/// An event grew beyond the cap. The framer gives no more frames after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one event of the stream is larger than {cap} bytes")]
pub struct FrameTooLarge {
    /// The cap in bytes.
    pub cap: usize,
}

/// Cuts a stream of bytes into [`Frame`]s.
#[derive(Debug)]
pub struct Framer {
    cap: usize,
    /// Pushed and not looked at yet.
    chunks: VecDeque<Bytes>,
    /// The beginning of the open frame, from chunks that ended inside it.
    carry: BytesMut,
    scan: Scan,
    /// A byte order mark may stand before the first frame only.
    first: bool,
    too_large: bool,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new(EVENT_CAP)
    }
}

impl Framer {
    /// A framer for one stream, with a cap on one event in bytes.
    pub fn new(cap_bytes: usize) -> Self {
        Self {
            cap: cap_bytes,
            chunks: VecDeque::new(),
            carry: BytesMut::new(),
            scan: Scan::default(),
            first: true,
            too_large: false,
        }
    }

    /// Takes the next bytes of the stream. Call [`Framer::next`] until it gives `None` before pushing more,
    /// else chunks pile up.
    pub fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() && !self.too_large {
            self.chunks.push_back(chunk);
        }
    }

    /// The next whole frame, or `None` until more bytes are pushed.
    #[expect(clippy::should_implement_trait, reason = "None means not yet, so `for` over it would be wrong")]
    pub fn next(&mut self) -> Result<Option<Frame>, FrameTooLarge> {
        while let Some(mut chunk) = self.chunks.pop_front() {
            let end = self.scan.frame_end(&chunk);
            if self.carry.len() + end.unwrap_or(chunk.len()) > self.cap {
                self.too_large = true;
                self.chunks.clear();
                self.carry = BytesMut::new();
            }
            if self.too_large {
                break;
            }
            let Some(end) = end else {
                self.carry.extend_from_slice(&chunk);
                continue;
            };
            let head = chunk.split_to(end);
            if !chunk.is_empty() {
                self.chunks.push_front(chunk);
            }
            return Ok(Some(self.frame(head)));
        }
        if self.too_large { Err(FrameTooLarge { cap: self.cap }) } else { Ok(None) }
    }

    /// What is left at the end of the stream: an event without its blank line. Whether it is whole only its
    /// reader can tell (some hosts leave out the last line end; a broken connection looks the same).
    pub fn finish(mut self) -> Option<Frame> {
        for chunk in std::mem::take(&mut self.chunks) {
            self.carry.extend_from_slice(&chunk);
        }
        if self.carry.is_empty() { None } else { Some(self.frame(Bytes::new())) }
    }

    fn frame(&mut self, head: Bytes) -> Frame {
        let raw = if self.carry.is_empty() {
            head
        } else {
            self.carry.extend_from_slice(&head);
            self.carry.split().freeze()
        };
        if std::mem::take(&mut self.first) && raw.starts_with(BYTE_ORDER_MARK) {
            let frame = Frame::parse(raw.slice(BYTE_ORDER_MARK.len()..));
            return Frame { raw, ..frame };
        }
        Frame::parse(raw)
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn join(mut lines: Vec<Bytes>) -> Bytes {
    match lines.len() {
        0 => Bytes::new(),
        1 => lines.swap_remove(0),
        _ => Bytes::from(lines.join(&b'\n')),
    }
}

/// Finds blank lines, one byte after the other, remembering what a chunk's end may cut in two.
#[derive(Debug, Default)]
struct Scan {
    /// The current line has bytes.
    in_line: bool,
    /// What the last byte was, if a carriage return.
    after_cr: Option<Cr>,
    /// The last line of text ended in a carriage return alone: this stream uses those.
    lone_cr: bool,
}

/// A carriage return was seen; a line feed behind it belongs to it.
#[derive(Clone, Copy, Debug)]
enum Cr {
    /// It ended a line of text.
    Text,
    /// It ended a blank line; the frame ends with it or with its line feed.
    Blank,
    /// It ended a frame that was handed out already.
    Done,
}

impl Scan {
    /// Offset in `chunk` just behind the end of the open frame, or `None` if it goes on. The next call gets the
    /// bytes from there on.
    ///
    /// `…\r\n\r` waits for its `\n`, so that frames of a CRLF stream are whole. In a stream that uses lone
    /// carriage returns that wait would hold every event back until the next one, so there `\r\r` ends the
    /// frame at once and a `\n` behind it, against all odds, opens the next frame's bytes.
    fn frame_end(&mut self, chunk: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = chunk.get(at) {
            if let Some(cr) = self.after_cr.take() {
                let is_lf = byte == b'\n';
                match cr {
                    Cr::Blank => return Some(at + usize::from(is_lf)),
                    Cr::Text => self.lone_cr = !is_lf,
                    Cr::Done => {}
                }
                if is_lf {
                    at += 1;
                    continue;
                }
            }
            if !is_line_end(byte) {
                self.in_line = true;
                at += chunk[at..].iter().position(|byte| is_line_end(*byte)).unwrap_or(chunk.len() - at);
                continue;
            }
            at += 1;
            let had_text = std::mem::take(&mut self.in_line);
            match (byte, had_text) {
                (b'\n', true) => self.lone_cr = false,
                (b'\n', false) => return Some(at),
                (_, true) => self.after_cr = Some(Cr::Text),
                (_, false) if !self.lone_cr => self.after_cr = Some(Cr::Blank),
                (_, false) => {
                    self.after_cr = Some(Cr::Done);
                    return Some(at);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
