//! What must hold for any input whatever.
//!
//! One function for each fuzz target. The fuzzers call them with what they make up, and the test
//! `replays_the_corpus` of the crate calls the same functions with every file in `corpus`, so the two can't
//! differ. A broken rule panics.
//!
//! Only the crate's public functions are called here: what they promise is what counts.

use bytes::Bytes;
use evenkeel_dialect::answer;
use evenkeel_dialect::ask::{Ask, AskError, Splice};
use evenkeel_dialect::fold::Fold;
use evenkeel_dialect::normal::{self, Scope};
use evenkeel_dialect::replay as replayed;
use evenkeel_dialect::sse::{Frame, FrameTooLarge, Framer};
use evenkeel_dialect::stream::{Reading, StreamReader};
use evenkeel_dialect::translate::{
    self, FoldTranslator, Memory, ModelTraits, Question, Reply, StreamTranslator, Thinking, ToolOrigin,
};
use evenkeel_dialect::{Api, answer::AnswerProblem};
use serde_json::value::RawValue;

/// A target's name, its function, and the folder of `corpus` that its inputs are in.
pub type Target = (&'static str, fn(&[u8]), &'static str);

/// Every target.
pub const TARGETS: [Target; 9] = [
    ("sse", sse, "sse"),
    ("ask", ask, "requests"),
    ("key", key, "requests"),
    ("stream_chat", stream_chat, "streams_chat"),
    ("stream_messages", stream_messages, "streams_messages"),
    ("stream_responses", stream_responses, "streams_responses"),
    ("translate_request", translate_request, "requests"),
    ("translate_answer", translate_answer, "answers"),
    ("replay", replay, "answers"),
];

const APIS: [Api; 3] = [Api::ChatCompletions, Api::Responses, Api::Messages];

/// Bytes in any chunks give the same frames, and no byte is lost, added or changed.
pub fn sse(data: &[u8]) {
    for cap in [1 << 20, 48] {
        let whole = frames([data], cap);
        let kept: usize = whole.0.iter().map(|frame| frame.raw.len()).sum();
        let raw: Vec<u8> = whole.0.iter().flat_map(|frame| frame.raw.iter().copied()).collect();
        assert_eq!(raw, &data[..kept], "the frames' bytes are the input's");
        assert!(whole.1.is_err() || kept == data.len(), "every byte belongs to a frame");
        for size in [1, 2, 3, 7] {
            assert_eq!(frames(data.chunks(size), cap), whole, "in chunks of {size}");
        }
        assert_eq!(frames(uneven(data), cap), whole, "in chunks of many sizes");
    }
}

/// Chunks whose sizes are the data's own bytes, so that the fuzzer can choose them.
fn uneven(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let size = usize::from(*data.first()? % 16).clamp(1, data.len());
        let (chunk, rest) = data.split_at(size);
        data = rest;
        Some(chunk)
    })
}

fn frames<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    cap: usize,
) -> (Vec<Frame>, Result<(), FrameTooLarge>) {
    let mut framer = Framer::new(cap);
    let mut all = Vec::new();
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        loop {
            match framer.next() {
                Ok(Some(frame)) => all.push(frame),
                Ok(None) => break,
                Err(error) => return (all, Err(error)),
            }
        }
    }
    all.extend(framer.finish());
    (all, Ok(()))
}

/// A request has no key, or one that hangs on its scope and on nothing else that isn't in it.
pub fn key(data: &[u8]) {
    for api in [Api::ChatCompletions, Api::Responses, Api::Messages, Api::Embeddings] {
        let of = |data: &[u8], tenant| {
            normal::key(api, data, &Scope { tenant, route: "default", prompt_version: None })
        };
        let Ok(known) = of(data, "local") else { continue };
        assert_eq!(of(data, "local"), Ok(known), "asked twice");
        assert_ne!(of(data, "another"), Ok(known), "another tenant");
        let Some(rest) = data.trim_ascii_start().strip_prefix(b"{") else { panic!("a key of {data:?}") };
        let with = |field: &[u8]| [b" {\n", field, b", ", rest].concat();
        // Refused where the request says something of these already.
        for field in [&b"\"stream_options\":null"[..], b"\"service_tier\":\"x\"", b"\"user\":\"somebody\""] {
            assert!(
                of(&with(field), "local").is_ok_and(|key| key == known) || of(&with(field), "local").is_err()
            );
        }
        assert_ne!(of(&with(b"\"a field that nobody knows\":0"), "local"), Ok(known));
    }
}

/// A request is refused, or read and changed into one that says what was asked for.
pub fn ask(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    for api in APIS {
        let ask = Ask::read(api, &body);
        let is_no_json = |problem: &AskError| {
            problem.message.starts_with("The body is not JSON")
                || problem.message.starts_with("The body is empty")
        };
        assert_eq!(
            ask.as_ref().is_err_and(is_no_json),
            !is_json(data),
            "JSON is what serde_json takes for it"
        );
        let Ok(ask) = ask else { continue };
        for splice in [
            Splice::default(),
            Splice {
                model: Some("a \"model\"\n"),
                stream: Some(true),
                include_usage: true,
                max_output: Some(7),
                newer_limit: true,
            },
            Splice { model: None, stream: Some(false), ..Splice::default() },
        ] {
            let spliced = ask.splice(&body, &splice);
            let Ok(then) = Ask::read(api, &spliced) else { panic!("unreadable when spliced: {spliced:?}") };
            assert_eq!(then.model, splice.model.unwrap_or(&ask.model));
            assert_eq!(then.stream, splice.stream.unwrap_or(ask.stream));
            let usage = api == Api::ChatCompletions && splice.include_usage;
            assert_eq!(then.include_usage, ask.include_usage || usage);
            assert_eq!((then.choices, &then.state), (ask.choices, &ask.state));

            let own = ask.without_our_reasoning(&spliced);
            assert!(Ask::read(api, &own).is_ok(), "unreadable without our reasoning: {own:?}");
            assert_eq!(
                ask.without_our_reasoning(&own).as_ptr(),
                own.as_ptr(),
                "nothing is left to be taken out"
            );
        }
    }
}

/// Chat Completions, see [`stream`].
pub fn stream_chat(data: &[u8]) {
    stream(Api::ChatCompletions, data);
}

/// Messages, see [`stream`].
pub fn stream_messages(data: &[u8]) {
    stream(Api::Messages, data);
}

/// Responses, see [`stream`].
pub fn stream_responses(data: &[u8]) {
    stream(Api::Responses, data);
}

/// A stream of anything is read to its end; if it folds into a body, that is JSON.
fn stream(api: Api, data: &[u8]) {
    let mut reader = StreamReader::new(api);
    let mut fold = Some(Fold::new(api));
    for frame in frames([data], 1 << 20).0 {
        let over = reader.terminal_seen();
        let reading = reader.read(&frame);
        assert!(!over || reading == Reading::Nothing, "nothing belongs to an answer after its end");
        assert_eq!(reader.terminal_seen(), over || reading == Reading::Terminal);
        fold = fold.and_then(|mut fold| fold.push(&frame).is_ok().then_some(fold));
    }
    if let Some(Ok(body)) = fold.map(Fold::finish) {
        assert!(is_json(&body), "folded into {body:?}");
        assert!(!matches!(answer::read(api, &body), Err(AnswerProblem::NotJson | AnswerProblem::Html)));
    }
}

/// A request of any dialect is refused, or put into one that the other dialect's own reader takes.
pub fn translate_request(data: &[u8]) {
    let plain = ModelTraits::default();
    let narrow = ModelTraits {
        max_output: Some(2_000),
        thinking: Thinking::Budget,
        sampling: false,
        structured_output: false,
        max_completion_tokens: true,
        images: false,
        documents: false,
        ..plain.clone()
    };
    let thinker = ModelTraits { thinking: Thinking::Effort, ..plain.clone() };
    for from in APIS {
        for to in [Api::ChatCompletions, Api::Messages] {
            for (traits, stream) in [(&plain, false), (&narrow, true), (&thinker, true)] {
                let question = Question {
                    from,
                    to,
                    body: data,
                    model: "the target's",
                    traits,
                    stream,
                    max_output: None,
                };
                let Ok(translated) = translate::request(&question) else { continue };
                let body = &translated.body;
                match Ask::read(to, body) {
                    Ok(ask) => assert_eq!((ask.model.as_str(), ask.stream), ("the target's", stream)),
                    Err(problem) => panic!("{from:?} to {to:?}, {problem}: {body:?}"),
                }
            }
        }
    }
}

/// An answer of any provider, whole or as a stream, is refused or put into one that the client's own reader
/// takes.
pub fn translate_answer(data: &[u8]) {
    for from in [Api::ChatCompletions, Api::Messages] {
        for to in APIS {
            whole_answer(from, to, data);
            streamed_answer(from, to, data);
        }
    }
}

fn whole_answer(from: Api, to: Api, data: &[u8]) {
    if answer::read(from, data).is_ok()
        && let Ok(body) = translate::answer(&reply(from, to), data)
        && let Err(problem) = answer::read(to, &body)
    {
        panic!("{from:?} to {to:?}, {problem}: {body:?}");
    }
}

fn streamed_answer(from: Api, to: Api, data: &[u8]) {
    let mut translator = StreamTranslator::new(reply(from, to));
    let mut fold = Some(FoldTranslator::new(reply(from, to)));
    let mut said = Vec::new();
    for frame in frames([data], 1 << 20).0 {
        let Ok(bytes) = translator.push(&frame) else { break };
        said.extend_from_slice(&bytes);
        fold = fold.and_then(|mut fold| fold.push(&frame).is_ok().then_some(fold));
    }
    let mut reader = StreamReader::new(to);
    for frame in frames([&said[..]], 1 << 20).0 {
        assert!(frame.is_closed(), "{from:?} to {to:?} left an event open: {frame:?}");
        let reading = reader.read(&frame);
        assert!(!matches!(reading, Reading::Malformed(_)), "{from:?} to {to:?}, {reading:?}: {frame:?}");
    }
    assert_eq!(reader.terminal_seen(), translator.is_complete(), "{from:?} to {to:?}: {said:?}");
    if let Some(Ok(body)) = fold.map(FoldTranslator::finish)
        && let Err(problem) = answer::read(to, &body)
    {
        panic!("{from:?} to {to:?}, {problem}: {body:?}");
    }
}

/// A stored answer is refused, or given again as one that the client's own reader takes, streaming or not; and
/// what is worth keeping can be given to whoever gets it as it is.
pub fn replay(data: &[u8]) {
    let stored = Bytes::copy_from_slice(data);
    for from in APIS {
        for to in APIS {
            let whole = replayed::body(from, &stored, to);
            if let Ok(whole) = &whole
                && let Err(problem) = answer::read(to, whole)
            {
                panic!("{from:?} to {to:?}, {problem}: {whole:?}");
            }
            let Ok(stream) = replayed::stream(from, &stored, to, true) else { continue };
            assert!(whole.is_ok(), "{from:?} to {to:?}: what streams has a body");
            let (mut reader, mut fold) = (StreamReader::new(to), Fold::new(to));
            for frame in frames([&stream[..]], usize::MAX).0 {
                assert!(frame.is_closed(), "{from:?} to {to:?} left an event open: {frame:?}");
                let reading = reader.read(&frame);
                let is_answer = !matches!(reading, Reading::Malformed(_) | Reading::Error(_));
                assert!(is_answer, "{from:?} to {to:?}, {reading:?}: {frame:?}");
                assert_eq!(fold.push(&frame), Ok(()), "{from:?} to {to:?}: {frame:?}");
            }
            assert!(reader.terminal_seen() && reader.finished(), "{from:?} to {to:?}: {stream:?}");
            match fold.finish() {
                Ok(body) => assert!(answer::read(to, &body).is_ok(), "{from:?} to {to:?}: {body:?}"),
                Err(problem) => panic!("{from:?} to {to:?}, {problem}: {stream:?}"),
            }
        }
        let kept = replayed::worth_keeping(from, &stored).is_ok();
        assert!(!kept || replayed::body(from, &stored, from).as_ref() == Ok(&stored));
    }
}

/// For a client that knows one of its tools under another name, and another as one of text.
fn reply(from: Api, to: Api) -> Reply {
    let origin = |name: &str, namespace: Option<&str>, own_name: &str, custom| ToolOrigin {
        name: name.to_owned(),
        own_name: own_name.to_owned(),
        namespace: namespace.map(str::to_owned),
        custom,
    };
    let memory = Memory {
        renamed_tools: vec![("sent".to_owned(), "own.name".to_owned())],
        answer_tool: Some("answer".to_owned()),
        tools: vec![origin("f", Some("space"), "f", false), origin("sh", None, "sh", true)],
    };
    let tools = r#"[{"type":"custom","name":"sh"},{"type":"namespace","name":"space","tools":[{"type":"function","name":"f"}]}]"#;
    let request = match to {
        Api::Responses => format!(r#"{{"model":"asked","input":"Hi","tools":{tools}}}"#),
        Api::ChatCompletions | Api::Embeddings => r#"{"model":"asked","messages":[]}"#.to_owned(),
        Api::Messages => r#"{"model":"asked","max_tokens":9,"messages":[]}"#.to_owned(),
    };
    Reply {
        from,
        to,
        id: "id_1".to_owned(),
        model: "asked".to_owned(),
        created: 1_764_000_000,
        include_usage: true,
        memory,
        request: request.into(),
    }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(body).is_ok()
}
