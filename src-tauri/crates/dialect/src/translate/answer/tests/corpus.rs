//! Streams as the vendors and other hosts send them, in each of the three clients' dialects.

use super::*;

/// Every stream that was kept, with the dialect that it speaks.
fn corpus() -> Vec<(Api, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/translate/answer/tests/corpus");
    let mut corpus = Vec::new();
    for (api, folder) in [(Api::ChatCompletions, "chat"), (Api::Messages, "messages")] {
        let files = std::fs::read_dir(root.join(folder)).unwrap();
        corpus.extend(files.map(|file| (api, file.unwrap().path())));
    }
    corpus.sort_by(|(_, one), (_, other)| one.cmp(other));
    assert!(corpus.len() > 20, "the corpus is gone");
    corpus
}

fn client(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions | Api::Embeddings => "chat",
        Api::Messages => "messages",
        Api::Responses => "responses",
    }
}

/// Requests that the answers may be to, for what clients are told again.
fn asked(from: Api, to: Api) -> Reply {
    let request = match to {
        Api::ChatCompletions | Api::Embeddings => "{}",
        Api::Messages => r#"{"stop_sequences":["three"]}"#,
        Api::Responses => {
            r#"{"model":"gpt","input":"Hi","instructions":"Be brief.","temperature":0.5,"tools":[{"type":"function","name":"f","parameters":{}}]}"#
        }
    };
    Reply { request: Bytes::from_static(request.as_bytes()), ..reply(from, to) }
}

#[test]
fn every_stream_in_every_clients_dialect() {
    for (from, path) in corpus() {
        let stream = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        for to in CLIENTS.into_iter().filter(|to| *to != from) {
            let reply = asked(from, to);
            let whole = serde_json::to_string_pretty(&folded(&reply, &stream)).unwrap();
            let shown = format!("{}\n=== whole ===\n{whole}", streamed(&reply, &stream));
            insta::assert_snapshot!(format!("{}_{name}_to_{}", client(from), client(to)), shown);
        }
    }
}

/// The client can't tell whether the router asked for a stream.
#[test]
fn a_stream_folded_is_the_body_of_the_same_answer() {
    for (from, path) in corpus() {
        let stream = std::fs::read_to_string(&path).unwrap();
        for to in CLIENTS {
            let reply = asked(from, to);
            let whole = folded(&reply, &stream);
            if let Api::ChatCompletions | Api::Messages = to {
                let again = fold(to, &streamed(&reply, &stream)).unwrap();
                let again: Value = serde_json::from_slice(&again).unwrap();
                assert_eq!(again, whole, "{} folded by a {to:?} client", path.display());
            }
            // Within one dialect nothing is made up, so lax hosts' bodies lack what is made up here.
            let lax = path.ends_with("lax_host.sse");
            if let Some(providers_own) = fold(from, &stream).ok().filter(|_| !lax) {
                let translated = body(&reply, std::str::from_utf8(&providers_own).unwrap());
                assert_eq!(translated, whole, "{} as a whole body for {to:?}", path.display());
            }
        }
    }
}

#[test]
fn what_is_written_is_what_our_own_readers_call_a_whole_answer() {
    for (from, path) in corpus() {
        let stream = std::fs::read_to_string(&path).unwrap();
        for to in [Api::ChatCompletions, Api::Messages] {
            let reply = asked(from, to);
            let mut reader = crate::stream::StreamReader::new(to);
            for frame in frames(&streamed(&reply, &stream)) {
                assert!(frame.is_closed());
                if let crate::stream::Reading::Error(_) | crate::stream::Reading::Malformed(_) =
                    reader.read(&frame)
                {
                    panic!("{} gave {frame:?}", path.display());
                }
            }
            assert!(reader.terminal_seen() && reader.finished(), "{}", path.display());
            let whole = folded(&reply, &stream).to_string();
            crate::answer::read(to, whole.as_bytes()).unwrap();
        }
    }
}

/// Responses have no reader here, so the law stands for itself: the last event is the whole response.
#[test]
fn case_39_the_last_event_of_a_response_is_the_whole_response() {
    for (from, path) in corpus() {
        let stream = std::fs::read_to_string(&path).unwrap();
        let reply = asked(from, Api::Responses);
        let events = events(&streamed(&reply, &stream));
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number, "{}", path.display());
        }
        let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds[..2], ["response.created", "response.in_progress"], "{}", path.display());
        let last = events.last().unwrap();
        assert!(["response.completed", "response.incomplete"].contains(kinds.last().unwrap()));
        assert_eq!(last["response"], folded(&reply, &stream), "{}", path.display());
        let done: Vec<_> =
            events.iter().filter(|event| event["type"] == "response.output_item.done").collect();
        let output = last["response"]["output"].as_array().unwrap();
        assert_eq!(done.len(), output.len(), "{}", path.display());
        for event in done {
            let index = usize::try_from(event["output_index"].as_u64().unwrap()).unwrap();
            assert_eq!(event["item"], output[index], "{}", path.display());
        }
    }
}
