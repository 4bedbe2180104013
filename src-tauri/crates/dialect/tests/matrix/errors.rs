//! Errors of providers as the client's SDK finds them.

use std::fmt::Write as _;

use bytes::Bytes;
use evenkeel_dialect::Api;
use evenkeel_dialect::envelope::{self, Problem};
use evenkeel_dialect::fault::ProviderError;
use evenkeel_dialect::fold::FoldError;
use evenkeel_dialect::stream::{Reading, StreamReader};
use evenkeel_dialect::translate::{FoldTranslator, Memory, StreamTranslator};

use crate::cell::{CLIENTS, PROVIDERS, reply};
use crate::provider::{self, Answer, Said, Stop};
use crate::show;

/// As the router puts it: the provider's status and words.
fn problem(error: &ProviderError) -> Problem<'_> {
    Problem {
        status: error.status,
        code: error.code.as_deref().or(error.kind.as_deref()).unwrap_or("provider_error"),
        message: error.message.as_deref().unwrap_or("The provider gave no reason."),
        param: None,
        request_id: "OURS",
    }
}

fn check(name: &str, shown: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots" }, {
        insta::assert_snapshot!(name, shown.trim_end());
    });
}

#[test]
fn error_envelopes() {
    let errors = [
        (
            Api::ChatCompletions,
            429,
            r#"{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
        ),
        (
            Api::ChatCompletions,
            400,
            r#"{"error":{"message":"Too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
        ),
        (
            Api::Messages,
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
        ),
        (
            Api::Messages,
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"},"request_id":"req_1"}"#,
        ),
        (Api::ChatCompletions, 502, "<html><head><title>502 Bad Gateway</title></head></html>"),
    ];
    let mut shown = String::new();
    for (provider, status, body) in errors {
        let _ = writeln!(shown, "## {} {status} {body}", show::api(provider));
        let error = ProviderError::read(provider.dialect(), status, body.as_bytes());
        for client in CLIENTS {
            let envelope = envelope::body(client.dialect(), &problem(&error));
            let _ = writeln!(shown, "← {} {}", show::api(client), String::from_utf8_lossy(&envelope));
        }
        shown.push('\n');
    }
    check("error_envelopes", &shown);
}

/// What the provider's dialect calls an error event.
fn error_event(provider: Api) -> &'static str {
    match provider {
        Api::Messages => {
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
        }
        _ => {
            "data: {\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\",\"code\":null}}\n\n"
        }
    }
}

/// A stream that begins well: its first half, then `last`.
fn begun(provider: Api, last: &str) -> Vec<evenkeel_dialect::sse::Frame> {
    let answer = Answer::of(&[Said::Text("A keel is a beam.")], Stop::Done);
    let mut frames = answer.stream(provider);
    let middle = if provider == Api::Messages { 4 } else { 2 };
    frames.truncate(middle);
    frames.extend(provider::frames(last));
    frames
}

#[test]
fn errors_within_a_stream() {
    let mut shown = String::new();
    for (provider, client) in cells() {
        let reply = reply(client, provider, &Bytes::from_static(b"{}"), Memory::default());
        let mut translator = StreamTranslator::new(reply.clone());
        let mut fold = FoldTranslator::new(reply);
        let mut stream = String::new();
        let mut failed = None;
        for frame in begun(provider, error_event(provider)) {
            let folded = fold.push(&frame);
            match translator.push(&frame) {
                Ok(bytes) => stream.push_str(std::str::from_utf8(&bytes).expect("text")),
                Err(error) => {
                    assert_eq!(folded.as_ref(), Err(&error));
                    failed = Some(error);
                }
            }
        }
        let Some(FoldError::Failed(error)) = failed else { panic!("no error was seen") };
        assert_eq!(translator.finish_at_end_of_stream(), None, "nothing may look like an end");
        assert!(!translator.is_complete() && fold.finish().is_err());
        let last = envelope::event_after(client, &problem(&error), &translator.begun());
        stream.push_str(std::str::from_utf8(&last).expect("text"));
        let _ = write!(
            shown,
            "## {} → {}\n{}\n",
            show::api(provider),
            show::api(client),
            show::stream(client, &stream, false)
        );
        assert_fails(client, &stream);
    }
    check("errors_within_a_stream", &shown);
}

/// A client that reads the stream sees the failure, and no end.
fn assert_fails(client: Api, stream: &str) {
    let mut reader = StreamReader::new(client);
    let readings: Vec<Reading> = provider::frames(stream).iter().map(|frame| reader.read(frame)).collect();
    assert!(matches!(readings.last(), Some(Reading::Error(_))), "{readings:?}");
    assert!(readings.contains(&Reading::Meaningful) && !reader.terminal_seen(), "{readings:?}");
}

#[test]
fn a_stream_that_is_cut_off_has_no_end() {
    for (provider, client) in cells() {
        let reply = reply(client, provider, &Bytes::from_static(b"{}"), Memory::default());
        let mut translator = StreamTranslator::new(reply.clone());
        let mut fold = FoldTranslator::new(reply);
        for frame in begun(provider, "") {
            translator.push(&frame).expect("a good event");
            fold.push(&frame).expect("a good event");
        }
        assert_eq!(translator.finish_at_end_of_stream(), None);
        assert_eq!(fold.finish(), Err(FoldError::Unfinished));
    }
}

fn cells() -> impl Iterator<Item = (Api, Api)> {
    let all = PROVIDERS.into_iter().flat_map(|provider| CLIENTS.map(|client| (provider, client)));
    all.filter(|(provider, client)| provider != client)
}
