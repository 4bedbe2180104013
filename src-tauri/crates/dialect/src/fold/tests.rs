//! Streams and the bodies that the same provider sends for the same answer.

use std::fmt::Write as _;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::sse::Framer;

mod chat;
mod message;
mod response;

/// The body of a stream that comes in these chunks.
fn fold<'a>(api: Api, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Bytes, FoldError> {
    let mut framer = Framer::default();
    let mut fold = Fold::new(api);
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(frame) = framer.next().unwrap() {
            fold.push(&frame)?;
        }
    }
    if let Some(frame) = framer.finish() {
        fold.push(&frame)?;
    }
    fold.finish()
}

/// A stream of these events' data, with the end that the dialect demands.
fn stream(api: Api, events: &[&str]) -> String {
    let mut stream = String::new();
    for data in events {
        if api != Api::ChatCompletions {
            let event = crate::json::Fields::parse(data).unwrap();
            writeln!(stream, "event: {}", event.text("type").unwrap()).unwrap();
        }
        write!(stream, "data: {data}\n\n").unwrap();
    }
    stream
        + match api {
            Api::ChatCompletions | Api::Embeddings => "data: [DONE]\n\n",
            // The last event carries the answer, so it belongs to the events.
            Api::Responses => "",
            Api::Messages => "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        }
}

fn folded(api: Api, events: &[&str]) -> Value {
    let body = fold(api, [stream(api, events).as_bytes()]).unwrap();
    crate::answer::read(api, &body).expect("what is folded passes our own proof of a whole answer");
    serde_json::from_slice(&body).unwrap()
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

proptest! {
    #[test]
    fn case_32_a_stream_may_be_cut_anywhere(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20), crlf in any::<bool>()) {
        for (api, events) in [(Api::ChatCompletions, chat::TOOLS), (Api::Messages, message::TOOLS)] {
            let whole = stream(api, events);
            let bytes = if crlf { whole.replace('\n', "\r\n") } else { whole.clone() }.into_bytes();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let chunks = places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
            prop_assert_eq!(fold(api, chunks).unwrap(), fold(api, [whole.as_bytes()]).unwrap());
        }
    }

    /// Wherever the connection breaks before the last event, there is no body.
    #[test]
    fn case_26_a_stream_that_breaks_off_gives_no_body(at in any::<prop::sample::Index>()) {
        for (api, events, end) in [(Api::ChatCompletions, chat::TOOLS, "[DONE]"), (Api::Messages, message::TOOLS, "{\"type\":\"message_stop\"}")] {
            let whole = stream(api, events);
            let last = whole.rfind(end).unwrap() + end.len() - 1;
            let cut = &whole.as_bytes()[..at.index(last)];
            prop_assert!(matches!(fold(api, [cut]), Err(FoldError::Unfinished | FoldError::Malformed(_))));
        }
    }
}

#[test]
fn the_last_event_counts_without_its_blank_line() {
    for (api, events) in [(Api::ChatCompletions, chat::TOOLS), (Api::Messages, message::TOOLS)] {
        let whole = stream(api, events);
        assert_eq!(fold(api, [whole.trim_end().as_bytes()]), fold(api, [whole.as_bytes()]));
    }
}

#[test]
fn case_26_an_error_in_the_stream_is_that_error() {
    let chat = format!(
        "data: {}\n\ndata: {{\"error\":{{\"message\":\"Busy\",\"code\":502}}}}\n\ndata: [DONE]\n\n",
        chat::TOOLS[0]
    );
    let message = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n";
    for (api, stream, status) in [(Api::ChatCompletions, chat.as_str(), 502), (Api::Messages, message, 529)] {
        match fold(api, [stream.as_bytes()]) {
            Err(FoldError::Failed(error)) => {
                assert_eq!((error.status, error.message.as_deref()), (status, Some("Busy")));
            }
            other => panic!("{stream} gave {other:?}"),
        }
    }
}

#[test]
fn case_27_a_stream_without_an_answer_gives_no_body() {
    assert_eq!(
        fold(Api::ChatCompletions, [&b"data: [DONE]\n\n"[..]]),
        Err(FoldError::Malformed("the stream had no choice in it".to_owned()))
    );
    assert_eq!(
        fold(Api::Messages, [&b"event: message_stop\ndata: {}\n\n"[..]]),
        Err(FoldError::Malformed("the stream had no message_start".to_owned()))
    );
    assert_eq!(fold(Api::Messages, [&b": nothing\n\n"[..]]), Err(FoldError::Unfinished));
    assert!(matches!(fold(Api::ChatCompletions, [&b"data: <html>\n\n"[..]]), Err(FoldError::Malformed(_))));
}

#[test]
fn an_event_of_a_hundred_thousand_fields_is_put_together_in_no_time() {
    let mut fields = String::from(r#""a":0"#);
    for n in 0..100_000 {
        write!(fields, ",\"f{n}\":{n}").unwrap();
    }
    fields.push_str(r#","f0":"last""#);
    let start = format!(
        "data: {{\"type\":\"message_start\",\"message\":{{\"id\":\"msg_1\",\"content\":[],{fields}}}}}\n\n"
    );
    let began = std::time::Instant::now();
    let mut fold = Fold::new(Api::Messages);
    fold.push(&Frame::parse(start.into())).unwrap();
    fold.push(&Frame::parse(Bytes::from_static(b"data: {\"type\":\"message_stop\"}\n\n"))).unwrap();
    let body = fold.finish().unwrap();
    assert!(body.starts_with(br#"{"id":"msg_1","content":[],"a":0,"f0":"last","f1":1,"#));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
