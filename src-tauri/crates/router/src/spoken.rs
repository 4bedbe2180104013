//! How much of an answer has come so far, for the bill of one whose provider never gets to say.
//!
//! Most hosts report usage with the last event. A stream that breaks before it, or whose client leaves, was paid
//! for all the same; so the text that came is measured, and an estimate made from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use evenkeel_dialect::sse::Frame;

/// Fields in which the dialects carry what a model writes.
const TEXTS: [&[u8]; 11] = [
    b"content",
    b"text",
    b"delta",
    b"partial_json",
    b"arguments",
    b"thinking",
    b"reasoning_content",
    b"reasoning",
    b"refusal",
    b"input",
    b"transcript",
];
/// Where an event says its type, if its name doesn't.
const TYPE_WITHIN: usize = 64;

/// Bytes of text; shared between whoever reads the answer and whoever pays for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spoken(Arc<AtomicU64>);

impl Spoken {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// One event of a stream. Those of the Responses API that end a part say all of it once more.
    pub(crate) fn heard(&self, frame: &Frame) {
        let head = frame.data.get(..TYPE_WITHIN).unwrap_or(&frame.data);
        let again = frame.event.as_deref().is_some_and(|name| name.rsplit('.').next() == Some("done"))
            || head.windows(6).any(|part| part == b".done\"");
        if !again {
            self.0.fetch_add(text_in(&frame.data), Ordering::Relaxed);
        }
    }

    /// A whole body.
    pub(crate) fn read(&self, body: &[u8]) {
        self.0.fetch_add(text_in(body), Ordering::Relaxed);
    }
}

/// The length of all texts under the known names, in one pass and without a tree.
fn text_in(json: &[u8]) -> u64 {
    let mut sum = 0;
    let mut rest = json;
    while let Some(open) = rest.iter().position(|byte| *byte == b'"') {
        let (name, after) = literal(&rest[open + 1..]);
        rest = after;
        let Some(value) = after.trim_ascii_start().strip_prefix(b":") else { continue };
        let Some(value) = value.trim_ascii_start().strip_prefix(b"\"") else { continue };
        let (text, after) = literal(value);
        rest = after;
        if TEXTS.contains(&name) {
            sum += text.len() as u64;
        }
    }
    sum
}

/// A string from behind its opening quote, and what follows its closing one.
fn literal(text: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return (&text[..at], &text[at + 1..]),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    (text, &[])
}

#[cfg(test)]
mod tests {
    use evenkeel_dialect::sse::Framer;

    use super::*;

    fn bytes(stream: &str) -> u64 {
        let (mut framer, spoken) = (Framer::new(1 << 20), Spoken::default());
        framer.push(bytes::Bytes::copy_from_slice(stream.as_bytes()));
        while let Ok(Some(frame)) = framer.next() {
            spoken.heard(&frame);
        }
        spoken.bytes()
    }

    #[test]
    fn text_counts_in_every_dialect_and_what_stands_around_it_does_not() {
        let chat = "data: {\"id\":\"c\",\"model\":\"content\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"a \\\"b\\\"\"}}]}\n\n";
        assert_eq!(bytes(chat), 7);
        let message = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}\n\n";
        assert_eq!(bytes(message), 5);
        let call = "data: {\"delta\": {\"partial_json\" : \"{\\\"a\\\"\"}}\n\n";
        assert_eq!(bytes(call), 6, "as it is written");
    }

    #[test]
    fn what_is_said_once_more_at_the_end_of_a_part_counts_once() {
        let stream = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n\
                      event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"text\":\"hello\"}\n\n\
                      data: {\"type\":\"response.content_part.done\",\"part\":{\"text\":\"hello\"}}\n\n";
        assert_eq!(bytes(stream), 5);
    }

    #[test]
    fn broken_json_is_read_as_far_as_it_goes() {
        for (json, expected) in [
            ("{\"content\":\"unfin", 5),
            ("\"", 0),
            ("{\"content\":", 0),
            ("\"content\\", 0),
            ("{\"text\":\"\\", 1),
        ] {
            assert_eq!(text_in(json.as_bytes()), expected, "{json}");
        }
    }
}
