//! Every captured body, streamed and put together again.

use super::*;

/// Bodies as their APIs answer them: every kept stream put together, and every kept body.
pub(super) fn corpus() -> Vec<(String, Api, Bytes)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = |folder: &str| {
        let mut files: Vec<_> =
            std::fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Bytes::from(std::fs::read(path).unwrap()))
        })
    };
    let mut corpus = Vec::new();
    let streams = [
        ("src/translate/answer/tests/corpus/chat", Api::ChatCompletions),
        ("src/translate/answer/tests/corpus/messages", Api::Messages),
        ("fuzz/corpus/streams_chat", Api::ChatCompletions),
        ("fuzz/corpus/streams_messages", Api::Messages),
        ("fuzz/corpus/streams_responses", Api::Responses),
    ];
    for (folder, api) in streams {
        for (name, stream) in files(folder) {
            if let Some(body) = fold_of(api, stream) {
                corpus.push((format!("{folder}/{name}"), api, body));
            }
        }
    }
    for folder in ["fuzz/corpus/answers", "src/replay/tests/bodies"] {
        for (name, body) in files(folder) {
            let api = match name.split('_').next() {
                Some("chat") => Api::ChatCompletions,
                Some("message" | "messages") => Api::Messages,
                _ => Api::Responses,
            };
            if answer::read(api, &body).is_ok() {
                corpus.push((format!("{folder}/{name}"), api, body));
            }
        }
    }
    // Nobody keeps many streams of the Responses API, but every other answer has been given to its clients.
    let others: Vec<_> = corpus.iter().filter(|(_, api, _)| *api != Api::Responses).cloned().collect();
    for (name, api, stored) in others {
        if let Ok(body) = body(api, &stored, Api::Responses) {
            corpus.push((format!("{name} to responses"), Api::Responses, body));
        }
    }
    corpus.retain(|(_, api, body)| {
        keep::is_finished(*api, &Fields::parse(trimmed(std::str::from_utf8(body).unwrap())).unwrap()).is_ok()
    });
    for api in APIS {
        assert!(corpus.iter().filter(|(_, of, _)| *of == api).count() > 10, "the corpus of {api:?} is gone");
    }
    corpus
}

/// Streams that break off or fail give no body.
fn fold_of(api: Api, stream: Bytes) -> Option<Bytes> {
    let mut framer = Framer::default();
    framer.push(stream);
    let mut fold = Fold::new(api);
    while let Ok(Some(frame)) = framer.next() {
        fold.push(&frame).ok()?;
    }
    fold.end_of_stream();
    fold.finish().ok()
}

/// What the documentation of the module names as lost on a stream.
fn as_a_stream_carries_it(api: Api, mut body: Value) -> Value {
    match api {
        Api::ChatCompletions => {
            body["object"] = json!("chat.completion");
            for (position, choice) in body["choices"].as_array_mut().unwrap().iter_mut().enumerate() {
                let choice = choice.as_object_mut().unwrap();
                choice.entry("index").or_insert(json!(position));
                message_as_a_stream_carries_it(choice["message"].as_object_mut().unwrap());
            }
        }
        Api::Messages => {
            let usage = body["usage"].as_object().cloned().unwrap_or_default();
            body["usage"] = json!(usage);
            for name in ["input_tokens", "output_tokens"] {
                let told = usage.get(name).cloned().unwrap_or(json!(0));
                body["usage"][name] = told;
            }
        }
        Api::Responses | Api::Embeddings => {}
    }
    body
}

fn message_as_a_stream_carries_it(message: &mut serde_json::Map<String, Value>) {
    message.entry("role").or_insert(json!("assistant"));
    if message.get("tool_calls").is_some_and(|calls| calls.as_array().is_none_or(Vec::is_empty)) {
        message.remove("tool_calls");
    }
    for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
        let call = call.as_object_mut().unwrap();
        call.remove("index");
        call.entry("type").or_insert(json!("function"));
    }
    let says_otherwise =
        ["tool_calls", "function_call"].iter().any(|name| message.get(*name).is_some_and(|v| !v.is_null()))
            || message.get("refusal").and_then(Value::as_str).is_some_and(|refusal| !refusal.is_empty());
    let content = message.entry("content").or_insert(Value::Null);
    if says_otherwise && content == "" {
        *content = Value::Null;
    }
    if message.contains_key("refusal") {
        message.entry("annotations").or_insert(json!([]));
    }
}

#[test]
fn a_captured_answer_streamed_and_put_together_is_the_answer() {
    for (name, api, stored) in corpus() {
        let stream = stream(api, &stored, api, true).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let again = value(&folded(api, &stream));
        assert_eq!(again, as_a_stream_carries_it(api, value(&stored)), "{name}");
    }
}

/// With every digit and every escape.
#[test]
fn what_a_client_put_together_once_it_puts_together_again_byte_by_byte() {
    for (name, api, stored) in corpus() {
        let once = folded(api, &stream(api, &stored, api, true).unwrap());
        let twice = folded(api, &stream(api, &once, api, true).unwrap());
        assert_eq!(once, twice, "{name}");
    }
}

#[test]
fn a_replayed_stream_is_a_whole_answer_to_our_own_watchers() {
    for (name, from, stored) in corpus() {
        let kept = answer::read(from, &stored).unwrap();
        for to in APIS {
            let replayed = match stream(from, &stored, to, true) {
                Err(ReplayError::SeveralChoices { .. }) if from != to => continue,
                replayed => replayed.unwrap_or_else(|problem| panic!("{name} to {to:?}: {problem}")),
            };
            let reader = watched(to, &replayed);
            let whole = body(from, &stored, to).unwrap();
            let told = answer::read(to, &whole).unwrap();
            assert_eq!(reader.id(), told.id.as_deref(), "{name} to {to:?}");
            assert_eq!(reader.model(), told.model.as_deref(), "{name} to {to:?}");
            if from == to && kept.usage.input.is_some() {
                assert_eq!(reader.usage(), kept.usage, "{name}");
            }
            assert_eq!(
                reader.usage().output.unwrap_or(0),
                kept.usage.output.unwrap_or(0),
                "{name} to {to:?}"
            );
            assert_eq!(
                as_a_stream_carries_it(to, without_unknown_usage(value(&folded(to, &replayed)))),
                as_a_stream_carries_it(to, without_unknown_usage(value(&whole))),
                "{name} to {to:?}, as a stream and in one piece"
            );
        }
    }
}

/// A stream doesn't say that it says nothing of tokens.
fn without_unknown_usage(mut body: Value) -> Value {
    if body["object"] == "chat.completion" && body["usage"].is_null() {
        body.as_object_mut().unwrap().remove("usage");
    }
    body
}

#[test]
fn within_one_api_the_body_is_the_same_bytes() {
    for (name, api, stored) in corpus() {
        assert_eq!(body(api, &stored, api).unwrap(), stored, "{name}");
    }
    let vectors = Bytes::from_static(br#"{"object":"list", "data":[{"embedding":[0.10]}]}"#);
    assert_eq!(body(Api::Embeddings, &vectors, Api::Embeddings).unwrap(), vectors);
}
