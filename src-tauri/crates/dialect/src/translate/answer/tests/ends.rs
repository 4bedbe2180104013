//! How streams end, well and badly.

use super::*;

const TEXT: &str = r#"data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}

"#;
const FINISH: &str = r#"data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

"#;
const ERROR: &str = r#"data: {"error":{"message":"Busy","code":503}}

"#;

const MESSAGE: &str = r#"data: {"type":"message_start","message":{"id":"msg_1","content":[]}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

"#;
const STOP: &str = r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

"#;
const OVERLOADED: &str = r#"event: error
data: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}

"#;

/// What was sent until the end of the stream, what was added there, and the error, if one came.
fn cut(reply: &Reply, stream: &str) -> (String, Option<Bytes>, Option<FoldError>) {
    let mut translator = StreamTranslator::new(reply.clone());
    let (mut out, mut failure) = (String::new(), None);
    for frame in frames(stream) {
        match translator.push(&frame) {
            Ok(bytes) => out.push_str(std::str::from_utf8(&bytes).unwrap()),
            Err(error) => failure = Some(error),
        }
    }
    assert!(!translator.is_complete());
    let end = translator.finish_at_end_of_stream();
    assert_eq!(translator.is_complete(), end.is_some());
    assert_eq!(
        translator.finish_at_end_of_stream(),
        end.as_ref().map(|_| Bytes::new()),
        "the end comes once"
    );
    (out, end, failure)
}

fn fold_cut(reply: &Reply, stream: &str) -> Result<Bytes, FoldError> {
    let mut translator = FoldTranslator::new(reply.clone());
    for frame in frames(stream) {
        translator.push(&frame)?;
    }
    translator.finish()
}

/// The last words of each dialect.
fn last_words(to: Api) -> &'static str {
    match to {
        Api::ChatCompletions | Api::Embeddings => "data: [DONE]\n\n",
        Api::Messages => "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        Api::Responses => "\"user\":null}}\n\n",
    }
}

#[test]
fn case_26_an_error_in_the_stream_never_becomes_a_stop() {
    let chat = [
        format!("{TEXT}{ERROR}"),
        format!("{TEXT}{FINISH}{ERROR}"),
        format!("{TEXT}{FINISH}{ERROR}data: [DONE]\n\n"),
    ];
    let messages = [format!("{MESSAGE}{OVERLOADED}"), format!("{MESSAGE}{STOP}{OVERLOADED}")];
    let cases = chat.map(|stream| (Api::ChatCompletions, 503, stream)).into_iter();
    for (from, status, stream) in cases.chain(messages.map(|stream| (Api::Messages, 529, stream))) {
        for to in CLIENTS {
            let reply = reply(from, to);
            let (out, end, failure) = cut(&reply, &stream);
            assert!(out.contains("Hi"), "{out}");
            for word in
                ["\"finish_reason\":\"", "[DONE]", "message_delta", "message_stop", "response.completed"]
            {
                assert!(!out.contains(word), "{out}");
            }
            assert_eq!(end, None, "{stream}");
            let Some(FoldError::Failed(error)) = failure else { panic!("{stream}: {failure:?}") };
            assert_eq!((error.status, error.message.as_deref()), (status, Some("Busy")));
            assert!(matches!(fold_cut(&reply, &stream), Err(FoldError::Failed(_))));
        }
    }
}

#[test]
fn case_26_reasons_that_are_failures_are_failures() {
    let error = r#""delta":{},"error":{"message":"Busy","code":502},"finish_reason":"error""#;
    let cases = [
        (chat_stream(&[r#""delta":{},"finish_reason":"error""#]), 500),
        (chat_stream(&[r#""delta":{},"finish_reason":"insufficient_system_resource""#]), 503),
        (chat_stream(&[error]), 502),
    ];
    for (stream, status) in cases {
        match fold_cut(&reply(Api::ChatCompletions, Api::Messages), &stream) {
            Err(FoldError::Failed(error)) => assert_eq!(error.status, status, "{error:?}"),
            other => panic!("{stream} gave {other:?}"),
        }
    }
    let envelope = br#"{"error":{"message":"Busy","type":"overloaded_error"}}"#;
    let whole = whole(&reply(Api::Messages, Api::ChatCompletions), envelope);
    assert!(matches!(whole, Err(FoldError::Failed(_))), "{whole:?}");
}

#[test]
fn case_28_pings_and_comments_are_nothing_to_the_client() {
    let pings =
        [": OPENROUTER PROCESSING\n\n", "event: ping\ndata: {\"type\":\"ping\"}\n\n", "\n", "data:\n\n"];
    for to in CLIENTS {
        let mut translator = StreamTranslator::new(reply(Api::Messages, to));
        for frame in pings.iter().flat_map(|ping| frames(ping)) {
            assert_eq!(translator.push(&frame), Ok(Bytes::new()));
        }
        let mut translator = StreamTranslator::new(reply(Api::ChatCompletions, to));
        for frame in [pings[0], pings[2], pings[3]].iter().flat_map(|ping| frames(ping)) {
            assert_eq!(translator.push(&frame), Ok(Bytes::new()));
        }
    }
}

#[test]
fn case_29_a_stream_that_ends_after_its_reason_for_stopping_ends_well() {
    let streams = [
        (Api::ChatCompletions, format!("{TEXT}{FINISH}")),
        (Api::Messages, format!("{MESSAGE}{STOP}")),
        // Some hosts put the other dialect's last word behind it.
        (Api::Messages, format!("{MESSAGE}{STOP}data: [DONE]\n\n")),
    ];
    for (from, stream) in streams {
        for to in CLIENTS {
            let reply = reply(from, to);
            let (out, end, failure) = cut(&reply, &stream);
            let end = String::from_utf8(end.unwrap().to_vec()).unwrap();
            assert!(end.ends_with(last_words(to)), "{end}");
            assert_eq!(failure, None);
            let whole = if from == Api::Messages {
                streamed(&reply, &format!("{stream}data: {{\"type\":\"message_stop\"}}\n\n"))
            } else {
                streamed(&reply, &format!("{stream}data: [DONE]\n\n"))
            };
            assert_eq!(out + &end, whole, "the missing word is all that is missed");
            assert!(fold_cut(&reply, &stream).is_ok());
        }
    }
}

#[test]
fn case_29_a_stream_that_ends_before_its_reason_for_stopping_was_cut_off() {
    for (from, stream) in [(Api::ChatCompletions, TEXT), (Api::Messages, MESSAGE), (Api::ChatCompletions, "")]
    {
        for to in CLIENTS {
            let reply = reply(from, to);
            let (_, end, failure) = cut(&reply, stream);
            assert_eq!((end, failure), (None, None));
            assert_eq!(fold_cut(&reply, stream), Err(FoldError::Unfinished));
        }
    }
}

/// A host that never gives a reason still says that it is done.
#[test]
fn case_29_the_last_event_is_an_end_without_any_reason() {
    let out = streamed(&reply(Api::ChatCompletions, Api::Messages), &format!("{TEXT}data: [DONE]\n\n"));
    assert!(out.contains("\"stop_reason\":\"end_turn\""), "{out}");
}

#[test]
fn case_30_what_comes_behind_the_end_is_ignored() {
    let chat = format!("{TEXT}{FINISH}data: [DONE]\n\n");
    let messages = format!("{MESSAGE}{STOP}data: {{\"type\":\"message_stop\"}}\n\n");
    let behind = [format!("{chat}{TEXT}{ERROR}data: <html>\n\n"), format!("{messages}{MESSAGE}{OVERLOADED}")];
    for ((from, stream), longer) in
        [(Api::ChatCompletions, chat), (Api::Messages, messages)].into_iter().zip(behind)
    {
        for to in CLIENTS {
            let reply = reply(from, to);
            assert_eq!(streamed(&reply, &longer), streamed(&reply, &stream));
            assert_eq!(folded(&reply, &longer), folded(&reply, &stream));
        }
    }
}

#[test]
fn text_behind_the_reason_for_stopping_is_not_lost() {
    let out = folded(&reply(Api::ChatCompletions, Api::Messages), &format!("{FINISH}{TEXT}data: [DONE]\n\n"));
    assert_eq!(out["content"][0]["text"], "Hi");
}

#[test]
fn what_is_no_answer_of_the_dialect_is_malformed() {
    let cases = [
        (Api::ChatCompletions, "data: [DONE]\n\n", "the stream had no choice in it"),
        (Api::Messages, "data: {\"type\":\"message_stop\"}\n\n", "the stream had no message_start"),
        (Api::Messages, "data: {\"type\":\"message_start\"}\n\n", "message_start has no message"),
        (
            Api::Messages,
            "data: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\"}}\n\n",
            "a delta for a block that was never opened",
        ),
    ];
    for (from, stream, problem) in cases {
        for to in CLIENTS {
            let error = FoldError::Malformed(problem.to_owned());
            assert_eq!(fold_cut(&reply(from, to), stream), Err(error));
        }
    }
    for bad in [&b"<html>"[..], b"", b"[]", b"\xff", b"{}", b"{\"choices\":[]}"] {
        assert!(matches!(
            whole(&reply(Api::ChatCompletions, Api::Messages), bad),
            Err(FoldError::Malformed(_))
        ));
    }
}
