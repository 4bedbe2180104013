//! Stored answers, and what clients of each API get of them.

use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::fold::Fold;
use crate::sse::{Frame, Framer};
use crate::stream::{Reading, StreamReader};

mod across;
mod captured;
mod hostile;
mod kept;
mod laws;
mod shapes;

const APIS: [Api; 3] = [Api::ChatCompletions, Api::Messages, Api::Responses];

/// The events of a stream.
fn frames(stream: &[u8]) -> Vec<Frame> {
    let mut framer = Framer::default();
    framer.push(Bytes::copy_from_slice(stream));
    let mut whole: Vec<Frame> = std::iter::from_fn(|| framer.next().unwrap()).collect();
    assert_eq!(framer.finish(), None, "a replay leaves no event open");
    whole.retain(|frame| !frame.is_comment());
    whole
}

/// The body that a client puts together.
fn folded(api: Api, stream: &[u8]) -> Bytes {
    let mut fold = Fold::new(api);
    for frame in frames(stream) {
        fold.push(&frame).unwrap();
    }
    fold.finish().unwrap()
}

/// The data of a stream's events; `[DONE]` as a string.
fn events(stream: &[u8]) -> Vec<Value> {
    let data = |frame: &Frame| String::from_utf8(frame.data.to_vec()).unwrap();
    frames(stream).iter().map(data).map(|data| serde_json::from_str(&data).unwrap_or(json!(data))).collect()
}

fn value(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// What our own watchers make of a stream: it is one whole answer, and nothing else.
fn watched(api: Api, stream: &[u8]) -> StreamReader {
    let mut reader = StreamReader::new(api);
    for frame in frames(stream) {
        let reading = reader.read(&frame);
        assert!(!matches!(reading, Reading::Malformed(_) | Reading::Error(_)), "{reading:?}: {frame:?}");
        if let Some(name) = &frame.event {
            assert_eq!(value(&frame.data)["type"], json!(name));
        }
    }
    assert!(reader.terminal_seen() && reader.finished(), "the answer has no end");
    reader
}
