//! Requests read and changed.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod responses;

fn chat(body: &str) -> Result<Ask, AskError> {
    Ask::read(Api::ChatCompletions, body.as_bytes())
}

fn messages(body: &str) -> Result<Ask, AskError> {
    Ask::read(Api::Messages, body.as_bytes())
}

fn spliced(api: Api, body: &str, splice: &Splice<'_>) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let bytes = Ask::read(api, &body).unwrap().splice(&body, splice);
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn routing_fields_of_a_chat_completion() {
    let ask = chat(
        r#"{"model":"gpt-5","messages":[],"stream":true,"stream_options":{"include_usage":true},"n":3}"#,
    );
    let ask = ask.unwrap();
    assert_eq!((ask.model.as_str(), ask.stream, ask.include_usage, ask.choices), ("gpt-5", true, true, 3));
    assert!(!ask.audio && !ask.reasoning);

    let plain = chat(r#"{"messages":[],"model":"m","stream":null,"stream_options":null,"n":null}"#).unwrap();
    assert_eq!((plain.stream, plain.include_usage, plain.choices), (false, false, 1));
}

#[test]
fn audio_is_seen_in_either_field() {
    for field in [r#""modalities":["text","audio"]"#, r#""audio":{"voice":"alloy"}"#] {
        assert!(chat(&format!(r#"{{"model":"m","messages":[],{field}}}"#)).unwrap().audio, "{field}");
    }
    assert!(!chat(r#"{"model":"m","messages":[],"modalities":["text"],"audio":null}"#).unwrap().audio);
}

#[test]
fn reasoning_is_seen_in_every_spelling() {
    let cases = [
        (Api::ChatCompletions, r#""reasoning_effort":"low""#, true),
        (Api::ChatCompletions, r#""reasoning_effort":"none""#, false),
        (Api::ChatCompletions, r#""reasoning_effort":null"#, false),
        (Api::ChatCompletions, r#""reasoning":{"max_tokens":2000}"#, true),
        (Api::ChatCompletions, r#""reasoning":{"enabled":false}"#, false),
        (Api::ChatCompletions, r#""thinking":{"type":"enabled"}"#, true),
        (Api::ChatCompletions, r#""enable_thinking":true"#, true),
        (Api::Messages, r#""thinking":{"type":"enabled","budget_tokens":1024}"#, true),
        (Api::Messages, r#""thinking":{"type":"adaptive"}"#, true),
        (Api::Messages, r#""thinking":{"type":"disabled"}"#, false),
        (Api::Messages, r#""output_config":{"effort":"high"}"#, true),
        (Api::Messages, r#""output_config":{"format":{}}"#, false),
    ];
    for (api, field, expected) in cases {
        let body = format!(r#"{{"model":"m","max_tokens":1,"messages":[],{field}}}"#);
        assert_eq!(Ask::read(api, body.as_bytes()).unwrap().reasoning, expected, "{field}");
    }
}

#[test]
fn bodies_that_are_no_json_say_where() {
    let problem = |body: &[u8]| Ask::read(Api::ChatCompletions, body).unwrap_err();
    assert_eq!(problem(b" \n").message, "The body is empty; it must be a JSON object.");
    assert_eq!(problem(b"[1]").message, "The body must be a JSON object.");
    assert_eq!(problem(b"\"x\"").message, "The body must be a JSON object.");
    assert_eq!(problem(b"{\"a\":\"\xff\"}").message, "The body is not JSON: it is not UTF-8 at byte 6.");
    let broken = problem(b"{\"model\":\"m\",\n\"messages\":[}").message;
    assert!(broken.starts_with("The body is not JSON: ") && broken.contains("line 2 column 13"), "{broken}");
    assert!(problem(b"{} {}").message.contains("line 1 column 4"));
    assert!(problem(b"<html>").message.contains("line 1 column 1"));
    assert_eq!(problem(b"{").param, None);
}

#[test]
fn missing_and_mistyped_fields_are_named() {
    let cases = [
        (Api::ChatCompletions, r#"{"messages":[]}"#, "model"),
        (Api::ChatCompletions, r#"{"model":null,"messages":[]}"#, "model"),
        (Api::ChatCompletions, r#"{"model":"","messages":[]}"#, "model"),
        (Api::ChatCompletions, r#"{"model":5,"messages":[]}"#, "model"),
        (Api::ChatCompletions, r#"{"model":"m"}"#, "messages"),
        (Api::ChatCompletions, r#"{"model":"m","messages":"hi"}"#, "messages"),
        (Api::ChatCompletions, r#"{"model":"m","messages":[],"stream":"yes"}"#, "stream"),
        (Api::ChatCompletions, r#"{"model":"m","messages":[],"n":"many"}"#, "n"),
        (Api::ChatCompletions, r#"{"model":"m","messages":[],"stream_options":true}"#, "stream_options"),
        (
            Api::ChatCompletions,
            r#"{"model":"m","messages":[],"stream_options":{"include_usage":1}}"#,
            "stream_options.include_usage",
        ),
        (Api::Messages, r#"{"model":"m","max_tokens":1}"#, "messages"),
        (Api::Messages, r#"{"model":"m","messages":[]}"#, "max_tokens"),
        (Api::Messages, r#"{"max_tokens":1,"messages":[]}"#, "model"),
    ];
    for (api, body, param) in cases {
        let problem = Ask::read(api, body.as_bytes()).unwrap_err();
        assert_eq!(problem.param.as_deref(), Some(param), "{body}");
        assert!(problem.message.contains(&format!("`{param}`")), "{body}: {}", problem.message);
    }
}

#[test]
fn the_other_dialect_is_told_where_to_go() {
    let cases = [
        (
            Api::ChatCompletions,
            r#"{"model":"m","system":"Be brief","messages":[]}"#,
            "system",
            "/v1/messages",
        ),
        (Api::ChatCompletions, r#"{"model":"m","input":"hi"}"#, "input", "/v1/responses"),
        (Api::ChatCompletions, r#"{"model":"m","prompt":"hi"}"#, "prompt", "/v1/completions"),
        (Api::Messages, r#"{"model":"m","input":"hi"}"#, "input", "/v1/responses"),
        (
            Api::Messages,
            r#"{"model":"m","messages":[],"max_completion_tokens":9}"#,
            "max_completion_tokens",
            "/v1/chat/completions",
        ),
        (
            Api::Messages,
            r#"{"model":"m","messages":[],"max_tokens":9,"response_format":{"type":"json_object"}}"#,
            "response_format",
            "/v1/chat/completions",
        ),
        (Api::Messages, r#"{"model":"m","messages":[]}"#, "max_tokens", "/v1/chat/completions"),
    ];
    for (api, body, param, path) in cases {
        let problem = Ask::read(api, body.as_bytes()).unwrap_err();
        assert_eq!(problem.param.as_deref(), Some(param), "{body}");
        assert!(problem.message.contains(path), "{body}: {}", problem.message);
    }
}

#[test]
fn what_is_merely_unknown_passes() {
    let both = r#""model":"m","max_tokens":1,"x_new":{"deep":[1]},"top_k":1,"thinking":{"type":"enabled"}"#;
    chat(&format!(
        r#"{{{both},"messages":[{{"role":"system","content":"s"}}],"cache_control":{{}},"system":null}}"#
    ))
    .unwrap();
    // A newer beta of the Messages API allows the role "system" within messages.
    messages(&format!(
        r#"{{{both},"messages":[{{"role":"system","content":"s"}}],"thread":{{"type":"create"}}}}"#
    ))
    .unwrap();
    let ask = messages(&format!(r#"{{{both},"messages":[],"stream_options":5,"n":"x","audio":1}}"#)).unwrap();
    assert_eq!((ask.choices, ask.audio, ask.include_usage), (1, false, false));
    // Half a surrogate pair, as JavaScript clients cut it, in a message and even in a field's name.
    chat(r#"{"model":"m","messages":[{"role":"user","content":"\ud83d"}],"\ud83d":1}"#).unwrap();
}

#[test]
fn escaped_names_are_found_and_doubled_ones_refused() {
    let body = r#"{"mod\u0065l":"old","messages":[]}"#;
    assert_eq!(chat(body).unwrap().model, "old");
    let new = Splice { model: Some("new"), ..Splice::default() };
    assert_eq!(spliced(Api::ChatCompletions, body, &new), r#"{"mod\u0065l":"new","messages":[]}"#);

    let twice = chat(r#"{"model":"a","messages":[],"mod\u0065l":"b"}"#).unwrap_err();
    assert_eq!(twice.param.as_deref(), Some("model"));
    assert!(twice.message.contains("twice"), "{}", twice.message);
    chat(r#"{"model":"a","messages":[],"stream_options":{"include_usage":true,"include_usage":false}}"#)
        .unwrap_err();
    chat(r#"{"model":"a","messages":[],"user":"x","user":"y"}"#).unwrap();
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(1_000_000), close.repeat(1_000_000));
        chat(&format!(r#"{{"model":"m","messages":[{deep}]}}"#)).unwrap();
        chat(&format!(r#"{{"model":{deep},"messages":[]}}"#)).unwrap_err();
        chat(&format!(r#"{{"model":"m","messages":[],"stream_options":{deep}}}"#)).ok();
        chat(&deep).unwrap_err();
    }
}

#[test]
fn nothing_to_change_copies_nothing() {
    let body = Bytes::from_static(
        br#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#,
    );
    let ask = Ask::read(Api::ChatCompletions, &body).unwrap();
    let same = Splice { model: Some("m"), stream: Some(true), include_usage: true, ..Splice::default() };
    assert_eq!(ask.splice(&body, &same).as_ptr(), body.as_ptr());
    assert_eq!(ask.splice(&body, &Splice::default()).as_ptr(), body.as_ptr());
    let body = Bytes::from_static(br#"{"model":"m","messages":[]}"#);
    let off = Splice { stream: Some(false), ..Splice::default() };
    assert_eq!(Ask::read(Api::ChatCompletions, &body).unwrap().splice(&body, &off).as_ptr(), body.as_ptr());
}

#[test]
fn splices_in_every_situation() {
    let watch = Splice { model: None, stream: Some(true), include_usage: true, ..Splice::default() };
    let cases = [
        (
            r#" {"model":"m","messages":[]} "#,
            r#" {"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]} "#,
        ),
        (
            r#"{"model":"m","messages":[],"stream":false}"#,
            r#"{"stream_options":{"include_usage":true},"model":"m","messages":[],"stream":true}"#,
        ),
        (
            r#"{"model":"m","messages":[],"stream" : null }"#,
            r#"{"stream_options":{"include_usage":true},"model":"m","messages":[],"stream" : true }"#,
        ),
        (
            r#"{"stream":true,"stream_options":null,"model":"m","messages":[]}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{ },"model":"m","messages":[]}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{ "include_obfuscation":false},"model":"m","messages":[]}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true, "include_obfuscation":false},"model":"m","messages":[]}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{"a":1,"include_usage": null},"model":"m","messages":[]}"#,
            r#"{"stream":true,"stream_options":{"a":1,"include_usage": true},"model":"m","messages":[]}"#,
        ),
        (
            r#"{"stream":true,"stream_options":{"include_usage":false},"model":"m","messages":[]}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]}"#,
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(spliced(Api::ChatCompletions, body, &watch), expected);
    }
    let anthropic = r#"{"model":"m","max_tokens":1,"messages":[]}"#;
    assert_eq!(
        spliced(Api::Messages, anthropic, &watch),
        r#"{"stream":true,"model":"m","max_tokens":1,"messages":[]}"#
    );
}

#[test]
fn a_models_name_is_escaped_as_json_demands() {
    let odd = "a\"b\\c\nd/ü\u{1}";
    let splice = Splice { model: Some(odd), ..Splice::default() };
    let ours = spliced(Api::ChatCompletions, r#"{"model":"m","messages":[]}"#, &splice);
    assert_eq!(serde_json::from_str::<Value>(&ours).unwrap()["model"], json!(odd));
}

/// A request as text: members in any order, any white space, fields unknown to us between them.
fn request() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = prop::sample::select(vec![
        "1.0e-7",
        "null",
        "true",
        r#""a\"}]""#,
        r#"{"model":"no","stream":true}"#,
        "[ {}, [] ]",
        r#""\ud83d""#,
        "12345678901234567890",
    ]);
    let unknown = prop::collection::btree_map("[a-z]{1,3}_x", value.prop_map(str::to_owned), 0..5);
    let stream = prop::sample::select(vec![None, Some("true"), Some("false"), Some("null")]);
    let options = prop::sample::select(vec![
        None,
        Some("null"),
        Some("{}"),
        Some("{ \"include_usage\" : true }"),
        Some("{\"x\":{\"include_usage\":1} , \"include_usage\":false}"),
        Some("{ \"include_obfuscation\":false}"),
    ]);
    (unknown, stream, options).prop_flat_map(|(unknown, stream, options)| {
        let mut members: Vec<(String, String)> = unknown.into_iter().collect();
        members.push(("model".to_owned(), "\"asked\"".to_owned()));
        members.push(("messages".to_owned(), r#"[{"role":"user","content":"{\"model\":1}"}]"#.to_owned()));
        members.extend(stream.map(|value| ("stream".to_owned(), value.to_owned())));
        members.extend(options.map(|value| ("stream_options".to_owned(), value.to_owned())));
        Just(members).prop_shuffle()
    })
}

/// The members as text with `space` wherever JSON allows it.
fn write(members: &[(String, String)], space: &str) -> String {
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("\"{name}\"{space}:{space}{value}{space}")).collect();
    format!("{space}{{{space}{}}}{space}", members.join(&format!(",{space}")))
}

proptest! {
    #[test]
    fn case_09_only_the_named_fields_change(
        members in request(),
        space in prop::sample::select(vec!["", " ", "\n\t", "\r\n"]),
        model in prop::option::of("[a-z\"\\\\]{1,8}"),
        stream in prop::option::of(any::<bool>()),
        include_usage in any::<bool>(),
    ) {
        let body = write(&members, space);
        let splice = Splice { model: model.as_deref(), stream, include_usage, ..Splice::default() };
        let ours = spliced(Api::ChatCompletions, &body, &splice);

        // The members keep their order and their spelling; the new ones come first.
        let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        let fields = Fields::parse(&ours).unwrap();
        let kept: Vec<_> = fields.iter().map(|(name, value)| (name.to_owned(), value.get().to_owned())).collect();
        let (new, kept) = kept.split_at(kept.len() - members.len());
        prop_assert_eq!(kept.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
        for ((name, before), (_, after)) in members.iter().zip(kept) {
            if !["model", "stream", "stream_options"].contains(&name.as_str()) {
                prop_assert_eq!(before, after);
            }
        }
        prop_assert!(new.iter().all(|(name, _)| name == "stream" || name == "stream_options"));
        // Whatever stood before and behind the changed values stands there still.
        let (open, close) = (format!("{space}{{"), format!("}}{space}"));
        prop_assert!(ours.starts_with(&open) && ours.ends_with(&close));
        let before: usize = members.iter().map(|(_, value)| value.len()).sum();
        let after: usize = kept.iter().map(|(_, value)| value.len()).sum();
        let added: usize = new.iter().map(|(name, value)| format!("\"{name}\":{value},").len()).sum();
        prop_assert_eq!(ours.len() + before, body.len() + after + added);

        // And it says what was asked for.
        let then = chat(&ours).unwrap();
        let before = chat(&body).unwrap();
        prop_assert_eq!(&then.model, model.as_ref().unwrap_or(&before.model));
        prop_assert_eq!(then.stream, stream.unwrap_or(before.stream));
        prop_assert_eq!(then.include_usage, include_usage || before.include_usage);
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Ask::read(Api::ChatCompletions, &bytes);
    }
}

#[test]
fn an_output_limit_is_lowered_where_it_stands_and_put_in_where_none_is() {
    let cases = [
        (
            Api::ChatCompletions,
            r#"{"model":"m","messages":[],"max_tokens":900}"#,
            r#"{"model":"m","messages":[],"max_tokens":64}"#,
        ),
        (
            Api::ChatCompletions,
            r#"{"model":"m","messages":[],"max_tokens":900,"max_completion_tokens":null}"#,
            r#"{"model":"m","messages":[],"max_tokens":64,"max_completion_tokens":64}"#,
        ),
        (
            Api::ChatCompletions,
            r#"{"model":"m","messages":[]}"#,
            r#"{"max_tokens":64,"model":"m","messages":[]}"#,
        ),
        (
            Api::Responses,
            r#"{"model":"m","input":"hi"}"#,
            r#"{"max_output_tokens":64,"model":"m","input":"hi"}"#,
        ),
        (
            Api::Messages,
            r#"{"model":"m","messages":[],"max_tokens":900}"#,
            r#"{"model":"m","messages":[],"max_tokens":64}"#,
        ),
    ];
    for (api, body, expected) in cases {
        let body = Bytes::from(body);
        let ask = Ask::read(api, &body).expect("it can be routed");
        let spliced = ask.splice(&body, &Splice { max_output: Some(64), ..Splice::default() });
        assert_eq!(std::str::from_utf8(&spliced), Ok(expected));
    }
    let body = Bytes::from(r#"{"model":"m","messages":[]}"#);
    let ask = Ask::read(Api::ChatCompletions, &body).expect("it can be routed");
    let spliced = ask.splice(&body, &Splice { max_output: Some(64), newer_limit: true, ..Splice::default() });
    assert_eq!(&spliced[..], br#"{"max_completion_tokens":64,"model":"m","messages":[]}"#);
}

#[test]
fn a_limit_below_the_budget_for_thinking_takes_from_the_budget_too() {
    let body = |budget: u64| {
        format!(
            r#"{{"model":"m","max_tokens":16000,"thinking":{{"type":"enabled","budget_tokens":{budget}}},"messages":[]}}"#
        )
    };
    for (budget, limit, thinking) in [
        (10_000, 8_192, r#"{"type":"enabled","budget_tokens":4096}"#),
        (8_192, 8_192, r#"{"type":"enabled","budget_tokens":4096}"#),
        (10_000, 1_500, r#"{"type":"enabled","budget_tokens":1024}"#),
        (10_000, 1_024, r#"{"type":"disabled"}"#),
        (4_000, 8_192, r#"{"type":"enabled","budget_tokens":4000}"#),
    ] {
        let body = Bytes::from(body(budget));
        let ask = Ask::read(Api::Messages, &body).expect("a request");
        let spliced = ask.splice(&body, &Splice { max_output: Some(limit), ..Splice::default() });
        let expected = format!(r#"{{"model":"m","max_tokens":{limit},"thinking":{thinking},"messages":[]}}"#);
        assert_eq!(spliced, expected, "{budget} below {limit}");
    }
}

#[test]
fn thinking_is_declined_in_each_dialects_own_words() {
    let declines = |api, body: &str| Ask::read(api, body.as_bytes()).expect("a request").no_reasoning;
    assert!(declines(Api::ChatCompletions, r#"{"model":"m","messages":[],"reasoning_effort":"none"}"#));
    assert!(declines(Api::ChatCompletions, r#"{"model":"m","messages":[],"reasoning":{"effort":"none"}}"#));
    assert!(!declines(Api::ChatCompletions, r#"{"model":"m","messages":[],"reasoning_effort":"low"}"#));
    assert!(!declines(Api::ChatCompletions, r#"{"model":"m","messages":[]}"#));
    assert!(declines(Api::Responses, r#"{"model":"m","input":"","reasoning":{"effort":"none"}}"#));
    assert!(!declines(Api::Responses, r#"{"model":"m","input":"","reasoning":{"summary":"auto"}}"#));
    assert!(declines(
        Api::Messages,
        r#"{"model":"m","max_tokens":9,"messages":[],"thinking":{"type":"disabled"}}"#
    ));
    assert!(!declines(Api::Messages, r#"{"model":"m","max_tokens":9,"messages":[]}"#));
}

#[test]
fn where_a_limit_leaves_no_thinking_none_is_cleared_either_for_that_is_refused() {
    let clearing = r#"{"type":"clear_thinking_20251015","keep":"all"}"#;
    let others = r#"{"type":"clear_tool_uses_20250919"}"#;
    for (edits, left) in [
        (format!("[{clearing}]"), "[]".to_owned()),
        (format!("[{clearing}, {others}]"), format!("[{others}]")),
        (format!("[ {others} ]"), format!("[ {others} ]")),
    ] {
        let body = |edits: &str, limit: u64, thinking: &str| {
            format!(
                r#"{{"context_management":{{"edits":{edits}}},"model":"m","max_tokens":{limit},"messages":[],"thinking":{thinking}}}"#
            )
        };
        let asked = Bytes::from(body(&edits, 9000, r#"{"type":"enabled","budget_tokens":4000}"#));
        let ask = Ask::read(Api::Messages, &asked).unwrap();
        let capped = |limit| ask.splice(&asked, &Splice { max_output: Some(limit), ..Splice::default() });
        assert_eq!(capped(1000), body(&left, 1000, r#"{"type":"disabled"}"#));
        assert_eq!(capped(3000), body(&edits, 3000, r#"{"type":"enabled","budget_tokens":1500}"#));
    }
}
