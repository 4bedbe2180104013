//! Providers' streams and bodies, and what clients of the three dialects get of them.

use std::fmt::{Display, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::fold::Fold;
use crate::sse::Framer;
use crate::translate::{FoldTranslator, Memory, StreamTranslator};

mod chat_clients;
mod corpus;
mod ends;
mod laws;
mod lax;
mod memory;
mod messages_clients;
mod responses_clients;

const CLIENTS: [Api; 3] = [Api::ChatCompletions, Api::Messages, Api::Responses];

/// For a client that asked for nothing special.
fn reply(from: Api, to: Api) -> Reply {
    Reply {
        from,
        to,
        id: "01K9ZQ4T6W8X2Y3Z4A5B6C7D8E".to_owned(),
        model: "asked-model".to_owned(),
        created: 1_760_000_000,
        include_usage: true,
        memory: Memory::default(),
        request: Bytes::new(),
    }
}

fn frames(stream: &str) -> Vec<Frame> {
    let mut framer = Framer::default();
    framer.push(Bytes::copy_from_slice(stream.as_bytes()));
    let mut whole: Vec<Frame> = std::iter::from_fn(|| framer.next().unwrap()).collect();
    whole.extend(framer.finish());
    whole
}

/// What a streaming client gets.
fn streamed(reply: &Reply, stream: &str) -> String {
    let mut translator = StreamTranslator::new(reply.clone());
    let mut out = String::new();
    for frame in frames(stream) {
        out.push_str(std::str::from_utf8(&translator.push(&frame).unwrap()).unwrap());
    }
    assert!(translator.is_complete(), "the client has no end: {out}");
    out
}

/// What another client gets of the same provider's stream.
fn folded(reply: &Reply, stream: &str) -> Value {
    let mut translator = FoldTranslator::new(reply.clone());
    for frame in frames(stream) {
        translator.push(&frame).unwrap();
    }
    assert!(translator.is_complete());
    serde_json::from_slice(&translator.finish().unwrap()).unwrap()
}

fn body(reply: &Reply, body: &str) -> Value {
    serde_json::from_slice(&whole(reply, body.as_bytes()).unwrap()).unwrap()
}

/// What the stream of `api` would have been as a body.
fn fold(api: Api, stream: &str) -> Result<Bytes, FoldError> {
    let mut fold = Fold::new(api);
    for frame in frames(stream) {
        fold.push(&frame)?;
    }
    fold.finish()
}

/// The data of a stream's events; `[DONE]` as a string.
fn events(stream: &str) -> Vec<Value> {
    let frames = frames(stream);
    let data = frames.iter().map(|frame| std::str::from_utf8(&frame.data).unwrap());
    data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| data.into())).collect()
}

/// A stream of these events' data.
fn sse<D: Display>(events: impl IntoIterator<Item = D>) -> String {
    let mut stream = String::new();
    for data in events {
        write!(stream, "data: {data}\n\n").unwrap();
    }
    stream
}

/// A chat stream of these chunks' choices, each given without its index.
fn chat_stream(choices: &[&str]) -> String {
    let chunk = |choice: &&str| {
        format!(r#"{{"id":"chatcmpl-1","model":"gpt-x","choices":[{{"index":0,{choice}}}]}}"#)
    };
    sse(choices.iter().map(chunk).chain(["[DONE]".to_owned()]))
}

/// A chat stream of these deltas that stops for `reason`.
fn chat_deltas(deltas: &[&str], reason: &str) -> String {
    let mut choices: Vec<String> = deltas.iter().map(|delta| format!("\"delta\":{delta}")).collect();
    choices.push(format!("\"delta\":{{}},\"finish_reason\":\"{reason}\""));
    chat_stream(&choices.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A Messages stream of these events behind the usual beginning and before the usual end.
fn messages_stream(inner: &[&str], stop_reason: &str) -> String {
    let start = r#"{"type":"message_start","message":{"id":"msg_1","model":"claude-x","content":[],"usage":{"input_tokens":5,"output_tokens":1}}}"#;
    let end = format!(
        r#"{{"type":"message_delta","delta":{{"stop_reason":"{stop_reason}","stop_sequence":null}},"usage":{{"output_tokens":7}}}}"#
    );
    let all = [&[start], inner, &[end.as_str(), r#"{"type":"message_stop"}"#]].concat();
    sse(all)
}
