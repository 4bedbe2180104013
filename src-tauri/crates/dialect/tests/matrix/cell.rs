//! One row of the matrix: a feature asked for in the three dialects of clients, sent to providers of the two
//! dialects, and answered.
//!
//! What a person has to judge goes into the snapshot: the request as the client wrote it, as the provider gets
//! it, and the answer as the client reads it. What always holds is asserted here instead: a stream says the
//! same as a whole answer, ends in its client's dialect, counts its events, and keeps the tokens.

use std::fmt::Write as _;

use bytes::Bytes;
use evenkeel_dialect::ask::{Ask, Splice};
use evenkeel_dialect::fold::Fold;
use evenkeel_dialect::stream::StreamReader;
use evenkeel_dialect::translate::{
    self, FoldTranslator, Memory, ModelTraits, Question, Reply, StreamTranslator, TranslateError,
};
use evenkeel_dialect::{Api, answer};
use serde_json::{Value, json};

use crate::provider::{self, Answer};
use crate::show;

pub(crate) const CLIENTS: [Api; 3] = [Api::ChatCompletions, Api::Responses, Api::Messages];
pub(crate) const PROVIDERS: [Api; 2] = [Api::ChatCompletions, Api::Messages];

/// A feature, and how it is asked for.
pub(crate) struct Row {
    name: &'static str,
    traits: ModelTraits,
    asks: Vec<Asked>,
    answer: Option<Answer>,
}

/// One way to ask, in the order of [`CLIENTS`]; null where a dialect has none.
struct Asked {
    label: &'static str,
    bodies: [Value; 3],
}

/// A row that is about this.
pub(crate) fn row(name: &'static str) -> Row {
    Row { name, traits: ModelTraits::default(), asks: Vec::new(), answer: None }
}

impl Row {
    /// Asked for so. What every request needs besides is added.
    pub(crate) fn ask(mut self, label: &'static str, chat: Value, responses: Value, messages: Value) -> Self {
        self.asks.push(Asked { label, bodies: [chat, responses, messages] });
        self
    }

    /// What the providers' models can do.
    pub(crate) fn traits(mut self, traits: ModelTraits) -> Self {
        self.traits = traits;
        self
    }

    /// Answered so by providers of both dialects.
    pub(crate) fn answer(mut self, answer: Answer) -> Self {
        self.answer = Some(answer);
        self
    }

    /// Runs every cell and compares with what was reviewed.
    pub(crate) fn check(&self) {
        let mut shown = String::new();
        let mut answered = [false; 3];
        for Asked { label, bodies } in &self.asks {
            for (at, (client, asked)) in CLIENTS.into_iter().zip(bodies).enumerate() {
                if asked.is_null() {
                    continue;
                }
                let body = completed(client, asked);
                let label = if label.is_empty() { String::new() } else { format!(" ({label})") };
                let _ = write!(shown, "## {}{label}\n{}", show::api(client), show::request(&body));
                // However it was asked for, it is answered in the same way.
                let is_first = !std::mem::replace(&mut answered[at], true);
                for provider in PROVIDERS {
                    self.cell(client, provider, &body, is_first, &mut shown);
                }
                shown.push('\n');
            }
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots" }, {
            insta::assert_snapshot!(self.name, shown.trim_end());
        });
    }

    fn cell(&self, client: Api, provider: Api, body: &Value, with_answer: bool, shown: &mut String) {
        let body = Bytes::from(body.to_string());
        if client == provider {
            same_dialect(client, &body);
            return;
        }
        let _ = writeln!(shown, "→ {}", show::api(provider));
        let sent = |stream| {
            let model = "theirs";
            let question = Question {
                from: client,
                to: provider,
                body: &body,
                model,
                traits: &self.traits,
                stream,
                max_output: None,
            };
            translate::request(&question)
        };
        let translated = match sent(false) {
            Ok(translated) => translated,
            Err(TranslateError::Untranslatable { field, message }) => {
                assert!(message.contains(&format!("`{field}`")), "{message}");
                let _ = writeln!(shown, "  422 {message}");
                return;
            }
            Err(TranslateError::Invalid(error)) => {
                let place = format!("`{}", error.param.as_deref().unwrap_or_default());
                assert!(
                    error.message.starts_with(place.split_inclusive(']').next().unwrap_or(&place)),
                    "{error:?}"
                );
                let _ = writeln!(shown, "  400 {error}");
                return;
            }
        };
        let whole: Value = serde_json::from_slice(&translated.body).expect("JSON");
        let mut streamed: Value =
            serde_json::from_slice(&sent(true).expect("it was sent before").body).expect("JSON");
        assert_eq!((&whole["model"], &streamed["stream"]), (&json!("theirs"), &json!(true)));
        if provider == Api::ChatCompletions {
            assert_eq!(streamed["stream_options"], json!({"include_usage": true}));
        }
        for of_streams in ["stream", "stream_options"] {
            streamed.as_object_mut().expect("an object").shift_remove(of_streams);
        }
        let mut comparable = whole.clone();
        comparable.as_object_mut().expect("an object").shift_remove("stream");
        assert_eq!(comparable, streamed, "only the stream is asked for otherwise");
        shown.push_str(&show::request(&whole));
        if !translated.dropped.is_empty() {
            let _ = writeln!(shown, "  dropped: {}", translated.dropped.join(", "));
        }
        if let Some(answer) = self.answer.as_ref().filter(|_| with_answer) {
            answered(&reply(client, provider, &body, translated.memory), answer, shown);
        }
    }
}

/// The client's own dialect: its bytes, but for the model.
fn same_dialect(api: Api, body: &Bytes) {
    let ask = Ask::read(api, body).expect("a request");
    let spliced = ask.splice(body, &Splice { model: Some("theirs"), ..Splice::default() });
    let text = std::str::from_utf8(body).expect("text");
    assert_eq!(spliced, text.replacen("\"asked\"", "\"theirs\"", 1));
}

pub(crate) fn reply(client: Api, provider: Api, request: &Bytes, memory: Memory) -> Reply {
    Reply {
        from: provider,
        to: client,
        id: "OURS".to_owned(),
        model: "theirs".to_owned(),
        created: 1_764_000_000,
        include_usage: true,
        memory,
        request: request.clone(),
    }
}

/// The answer as the client reads it, whole and as a stream.
fn answered(reply: &Reply, answer: &Answer, shown: &mut String) {
    let client = reply.to;
    let read = |body: &[u8]| -> Value { serde_json::from_slice(body).expect("JSON") };
    let body = translate::answer(reply, &answer.whole(reply.from)).expect("a good answer");
    let whole = read(&body);

    let mut fold = FoldTranslator::new(reply.clone());
    let mut translator = StreamTranslator::new(reply.clone());
    let mut stream = String::new();
    for frame in answer.stream(reply.from) {
        fold.push(&frame).expect("a good event");
        let bytes = translator.push(&frame).expect("a good event");
        stream.push_str(std::str::from_utf8(&bytes).expect("text"));
    }
    assert!(translator.is_complete() && fold.is_complete());
    let tokens = translator.usage();
    assert_eq!(fold.usage(), tokens);
    assert_eq!(read(&fold.finish().expect("a whole stream")), whole, "a stream folded says the same");

    let known = answer::read(client, &body).expect("an answer of the client's dialect");
    assert_eq!(known.model.as_deref(), Some(show::model(reply.from)));
    let reader = streamed(client, &stream, &whole);
    for (input, output) in [known.usage, reader.usage()].map(|usage| (usage.input, usage.output)) {
        assert_eq!((input, output), (tokens.input, tokens.output));
    }
    let _ = writeln!(shown, "← {}", show::whole(client, &whole, answer.has_counts()));
    let _ = write!(shown, "← stream\n{}", show::stream(client, &stream, answer.has_counts()));
}

/// What a client puts together from its stream is the whole answer.
fn streamed(client: Api, stream: &str, whole: &Value) -> StreamReader {
    let mut reader = StreamReader::new(client);
    let mut fold = Fold::new(client);
    let mut next = 0;
    for frame in provider::frames(stream) {
        assert!(frame.is_closed(), "{frame:?}");
        reader.read(&frame);
        fold.push(&frame).expect("an event of the client's dialect");
        if client == Api::Responses {
            let event: Value = serde_json::from_slice(&frame.data).expect("JSON");
            assert_eq!(
                (&event["sequence_number"], event["type"].as_str()),
                (&json!(next), frame.event.as_deref())
            );
            next += 1;
            if event["type"] == "response.output_item.done" {
                let place =
                    usize::try_from(event["output_index"].as_u64().expect("a place")).expect("a small one");
                assert_eq!(event["item"], whole["output"][place], "an item is told as it will be");
            }
        }
    }
    assert!(reader.terminal_seen() && reader.finished(), "the stream has no end: {stream}");
    let folded: Value = serde_json::from_slice(&fold.finish().expect("a whole stream")).expect("JSON");
    assert_eq!(show::comparable(client, &folded), show::comparable(client, whole));
    reader
}

/// With what every request needs.
fn completed(client: Api, asked: &Value) -> Value {
    let mut body = json!({ "model": "asked" });
    let fields = body.as_object_mut().expect("an object");
    fields.extend(asked.as_object().expect("an object").clone());
    let (conversation, words) = show::usual(client);
    fields.entry(conversation).or_insert(words);
    if client == Api::Messages {
        fields.entry("max_tokens").or_insert(json!(show::USUAL_LIMIT));
    }
    body
}
