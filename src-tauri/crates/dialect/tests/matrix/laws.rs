//! What holds for every captured request and stream, and for conversations that nobody has captured yet.
//!
//! Requests of a client's own dialect are never parsed and written again: they keep their bytes but for the
//! splices, so "written as it was read" is a law about splices. What crosses dialects is read from slices of
//! the body and not into types; the law for it is that the way there and back keeps what was said.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use evenkeel_dialect::ask::{Ask, Splice};
use evenkeel_dialect::fold::Fold;
use evenkeel_dialect::sse::Framer;
use evenkeel_dialect::translate::{self, FoldTranslator, Memory, ModelTraits, Question, StreamTranslator};
use evenkeel_dialect::usage::Usage;
use evenkeel_dialect::{Api, answer};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::cell::{CLIENTS, reply};
use crate::provider;

/// The files in these folders of the crate whose names end so.
fn captured(folders: &[&str], kind: &str) -> Vec<PathBuf> {
    let folders = folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut found: Vec<PathBuf> = folders
        .flat_map(|folder| {
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        })
        .filter(|path| path.extension().is_some_and(|ends| ends == kind))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Requests as real clients sent them.
fn requests() -> Vec<(PathBuf, Bytes)> {
    let folders = [
        "fuzz/corpus/requests",
        "src/translate/request/from_chat/tests/bodies",
        "src/translate/request/from_messages/tests/bodies",
    ];
    let read = |path: PathBuf| (path.clone(), Bytes::from(fs::read(path).expect("a file")));
    captured(&folders, "json").into_iter().map(read).collect()
}

#[test]
fn a_captured_request_is_its_own_bytes_again_once_a_splice_is_undone() {
    let mut read = 0;
    for (path, body) in requests() {
        for api in CLIENTS {
            let Ok(ask) = Ask::read(api, &body) else { continue };
            read += 1;
            let name = path.display();
            let same = ask.splice(&body, &Splice::default());
            assert_eq!(same.as_ptr(), body.as_ptr(), "{name}: nothing to change, nothing copied");
            let there = ask.splice(&body, &Splice { model: Some("another \"one\""), ..Splice::default() });
            let changed = Ask::read(api, &there).expect("still a request");
            let back = changed.splice(&there, &Splice { model: Some(&ask.model), ..Splice::default() });
            let plain = |bytes: &Bytes| serde_json::from_slice::<Value>(bytes).ok();
            assert_eq!(back.len(), body.len(), "{name}");
            assert!(back == body || plain(&back) == plain(&body), "{name}");
        }
    }
    assert!(read > 30, "only {read} of the captured requests could be read");
}

/// Streams of chat and messages providers as they came.
fn streams() -> Vec<(Api, Vec<u8>)> {
    let folder = |name: &str| format!("src/translate/answer/tests/corpus/{name}");
    let of = |api, name: &str| {
        let read = move |path: PathBuf| (api, fs::read(path).expect("a file"));
        captured(&[&folder(name)], "sse").into_iter().map(read).collect::<Vec<_>>()
    };
    [of(Api::ChatCompletions, "chat"), of(Api::Messages, "messages")].concat()
}

/// What a streaming client and one that isn't get of these bytes.
fn answers(provider: Api, client: Api, chunks: &[&[u8]]) -> (Vec<u8>, Option<Bytes>) {
    let reply = reply(client, provider, &Bytes::from_static(b"{}"), Memory::default());
    let mut translator = StreamTranslator::new(reply.clone());
    let mut fold = FoldTranslator::new(reply);
    let mut framer = Framer::default();
    let mut out = Vec::new();
    let mut take = |frame| {
        if let Ok(bytes) = translator.push(&frame) {
            out.extend_from_slice(&bytes);
        }
        let _ = fold.push(&frame);
    };
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Ok(Some(frame)) = framer.next() {
            take(frame);
        }
    }
    framer.finish().into_iter().for_each(take);
    out.extend(translator.finish_at_end_of_stream().unwrap_or_default());
    (out, fold.finish().ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_a_stream_is_cut_its_client_gets_the_same(cuts in prop::collection::vec(any::<Index>(), 0..24)) {
        for (provider, stream) in streams() {
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            ends.extend([0, stream.len()]);
            ends.sort_unstable();
            let chunks: Vec<&[u8]> = ends.windows(2).map(|ends| &stream[ends[0]..ends[1]]).collect();
            for client in CLIENTS {
                prop_assert_eq!(answers(provider, client, &chunks), answers(provider, client, &[&stream]));
            }
        }
    }
}

/// What an answer of this dialect says, whoever gave it: text (refusals are that, too), calls, tokens.
#[derive(Debug, PartialEq)]
struct Heard {
    text: String,
    calls: Vec<(String, Value)>,
    tokens: [u64; 5],
}

impl Heard {
    fn of(api: Api, body: &[u8]) -> Self {
        let usage = answer::read(api, body).expect("an answer").usage;
        let Usage { input, output, cached, cache_write, cache_write_1h: _, reasoning, searches: _ } = usage;
        let tokens = [input, output, cached, cache_write, reasoning].map(Option::unwrap_or_default);
        let body: Value = serde_json::from_slice(body).expect("JSON");
        let mut heard = Self { text: String::new(), calls: Vec::new(), tokens };
        if api == Api::Messages {
            for block in body["content"].as_array().expect("blocks") {
                heard.text.push_str(block["text"].as_str().unwrap_or_default());
                if block["type"] == "tool_use" {
                    heard.call(&block["name"], block["input"].clone());
                }
            }
            let why = &body["stop_details"]["explanation"];
            heard.text.push_str(why.as_str().unwrap_or_default());
            return heard;
        }
        let message = &body["choices"][0]["message"];
        match &message["content"] {
            // Mistral's models answer in parts.
            Value::Array(parts) => heard.text.extend(parts.iter().filter_map(|part| part["text"].as_str())),
            text => heard.text.push_str(text.as_str().unwrap_or_default()),
        }
        heard.text.push_str(message["refusal"].as_str().unwrap_or_default());
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        let functions = calls.map(|call| &call["function"]);
        // The older way to call.
        for function in functions.chain(message.get("function_call")) {
            let arguments = match &function["arguments"] {
                Value::String(text) if text.is_empty() => json!({}),
                // Cut off, and kept in the words that Anthropic has for it.
                Value::String(text) => {
                    serde_json::from_str(text).unwrap_or_else(|_| json!({ "INVALID_JSON": text }))
                }
                arguments => arguments.clone(),
            };
            heard.call(&function["name"], arguments);
        }
        heard
    }

    fn call(&mut self, name: &Value, arguments: Value) {
        self.calls.push((name.as_str().expect("a name").to_owned(), arguments));
    }
}

/// A captured stream folded within its own dialect: what the provider's whole answer would have been.
fn folded(api: Api, stream: &[u8]) -> Bytes {
    let mut fold = Fold::new(api);
    for frame in provider::frames(std::str::from_utf8(stream).expect("text")) {
        fold.push(&frame).expect("a good event");
    }
    fold.finish().expect("a whole stream")
}

#[test]
fn captured_answers_keep_text_calls_and_tokens_on_the_way_to_the_other_dialect_and_back() {
    for (home, stream) in streams() {
        let away = if home == Api::Messages { Api::ChatCompletions } else { Api::Messages };
        let body = folded(home, &stream);
        let original = Heard::of(home, &body);

        let (there, folded_there) = answers(home, away, &[&stream]);
        let folded_there = folded_there.expect("a whole answer");
        let (back, folded_back) = answers(away, home, &[&there]);
        let streamed = [(away, folded(away, &there)), (away, folded_there), (home, folded(home, &back))];

        let over = |from, to, body: &[u8]| {
            let reply = reply(to, from, &Bytes::from_static(b"{}"), Memory::default());
            translate::answer(&reply, body).expect("an answer")
        };
        let whole_there = over(home, away, &body);
        let whole_back = over(away, home, &whole_there);
        let whole = [(away, whole_there), (home, whole_back), (home, folded_back.expect("a whole answer"))];

        for (api, body) in streamed.into_iter().chain(whole) {
            let shown = String::from_utf8_lossy(&body);
            assert_eq!(Heard::of(api, &body), original, "{home:?} to {away:?}, in {api:?}: {shown}");
        }
    }
}

/// One thing that was said in a conversation.
#[derive(Clone, Debug)]
enum Turn {
    User(String),
    Assistant { text: Option<String>, calls: Vec<(String, Value, String)> },
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{1,16}", "[a-z\"\\\\\n\t]{1,16}"]
        .prop_filter("says something", |text| !text.trim().is_empty())
}

fn conversation() -> impl Strategy<Value = Vec<Turn>> {
    let arguments = prop::collection::btree_map("[a-z]{1,4}", words(), 0..3).prop_map(|fields| json!(fields));
    let call = ("[a-zA-Z0-9_-]{1,20}", arguments, words());
    let assistant = (prop::option::of(words()), prop::collection::vec(call, 0..4))
        .prop_filter("says something", |(text, calls)| text.is_some() || !calls.is_empty());
    let turn = prop_oneof![
        words().prop_map(Turn::User),
        assistant.prop_map(|(text, calls)| Turn::Assistant { text, calls }),
    ];
    // The user begins and ends, so that neither provider gets words of ours.
    (words(), prop::collection::vec(turn, 0..6), words()).prop_map(|(first, turns, last)| {
        let ends = |text| vec![Turn::User(text)];
        [ends(first), turns, ends(last)].concat()
    })
}

/// The conversation as a client of Chat Completions sends it.
fn as_chat(turns: &[Turn]) -> Value {
    let mut messages = Vec::new();
    for (n, turn) in turns.iter().enumerate() {
        match turn {
            Turn::User(text) => messages.push(json!({"role": "user", "content": text})),
            Turn::Assistant { text, calls } => {
                let called = calls.iter().enumerate().map(|(m, (name, arguments, _))| {
                    let function = json!({"name": name, "arguments": arguments.to_string()});
                    json!({"id": format!("call_{n}_{m}"), "type": "function", "function": function})
                });
                let mut message = json!({"role": "assistant", "content": text});
                if !calls.is_empty() {
                    message["tool_calls"] = called.collect();
                }
                messages.push(message);
                messages.extend(calls.iter().enumerate().map(|(m, (_, _, result))| {
                    json!({"role": "tool", "tool_call_id": format!("call_{n}_{m}"), "content": result})
                }));
            }
        }
    }
    json!({"model": "asked", "messages": messages})
}

/// The same as a client of Responses sends it.
fn as_responses(turns: &[Turn]) -> Value {
    let mut items = Vec::new();
    for (n, turn) in turns.iter().enumerate() {
        let calls = match turn {
            Turn::User(text) => {
                items.push(json!({"role": "user", "content": [{"type": "input_text", "text": text}]}));
                continue;
            }
            Turn::Assistant { text, calls } => {
                let part = |text| json!({"type": "output_text", "text": text, "annotations": []});
                let said = |text| json!({"type": "message", "role": "assistant", "content": [part(text)]});
                items.extend(text.as_ref().map(said));
                calls
            }
        };
        let id = |m| format!("call_{n}_{m}");
        items.extend(calls.iter().enumerate().map(|(m, (name, arguments, _))| {
            json!({"type": "function_call", "call_id": id(m), "name": name, "arguments": arguments.to_string()})
        }));
        items.extend(calls.iter().enumerate().map(
            |(m, (_, _, result))| json!({"type": "function_call_output", "call_id": id(m), "output": result}),
        ));
    }
    json!({"model": "asked", "input": items})
}

/// Everything that was said, one thing after the other: who, and what. Neighbours of one sender are one.
fn said(chat: &Value) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut add = |who: &str, what: &str| match said.last_mut() {
        Some((last, text)) if last == who => {
            text.push_str("\n\n");
            text.push_str(what);
        }
        _ => said.push((who.to_owned(), what.to_owned())),
    };
    for message in chat["messages"].as_array().expect("messages") {
        let role = message["role"].as_str().expect("a role");
        let who = message["tool_call_id"].as_str().unwrap_or(role);
        if let Some(text) = message["content"].as_str() {
            add(who, text);
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let id = call["id"].as_str().expect("an id");
            let arguments = call["function"]["arguments"].as_str().expect("a text");
            let arguments: Value = serde_json::from_str(arguments).expect("JSON");
            add(&format!("call {id}"), &format!("{} {arguments}", call["function"]["name"]));
        }
    }
    said
}

fn sent(from: Api, to: Api, body: &Value) -> Value {
    let body = body.to_string();
    let traits = ModelTraits::default();
    let question = Question {
        from,
        to,
        body: body.as_bytes(),
        model: "theirs",
        traits: &traits,
        stream: false,
        max_output: None,
    };
    let translated = translate::request(&question).expect("a request that can be translated");
    assert_eq!(translated.dropped, Vec::<String>::new());
    serde_json::from_slice(&translated.body).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn texts_calls_and_results_survive_the_way_to_the_other_dialect_and_back(turns in conversation()) {
        let chat = as_chat(&turns);
        let there = sent(Api::ChatCompletions, Api::Messages, &chat);
        let back = sent(Api::Messages, Api::ChatCompletions, &there);
        prop_assert_eq!(said(&back), said(&chat), "{}", there);
        // And nothing changes any more, however often it goes there and back.
        let again = sent(Api::ChatCompletions, Api::Messages, &back);
        prop_assert_eq!(&sent(Api::Messages, Api::ChatCompletions, &again)["messages"], &back["messages"]);
    }

    #[test]
    fn a_client_of_responses_is_understood_like_one_of_chat_completions(turns in conversation()) {
        let (chat, responses) = (as_chat(&turns), as_responses(&turns));
        prop_assert_eq!(said(&sent(Api::Responses, Api::ChatCompletions, &responses)), said(&chat));
        prop_assert_eq!(
            sent(Api::Responses, Api::Messages, &responses),
            sent(Api::ChatCompletions, Api::Messages, &chat)
        );
    }
}
