//! Requests to the Responses API.

use super::*;

const CODEX: &str = include_str!("../../../fuzz/corpus/requests/codex_tools.json");

fn responses(body: &str) -> Result<Ask, AskError> {
    Ask::read(Api::Responses, body.as_bytes())
}

/// A request with this field beside a model and an input.
fn with(field: &str) -> Ask {
    responses(&format!(r#"{{"model":"gpt-5","input":"Hi",{field}}}"#)).unwrap()
}

#[test]
fn codex_asks_for_a_stream_and_needs_nobodys_memory() {
    let ask = responses(CODEX).unwrap();
    assert_eq!((ask.model.as_str(), ask.stream, ask.reasoning), ("gpt-5", true, true));
    assert_eq!((ask.state.as_deref(), ask.hosted, ask.background), (None, false, false));
    assert_eq!((ask.choices, ask.audio, ask.include_usage), (1, false, false));
}

#[test]
fn only_model_and_stream_are_spliced() {
    let watch = Splice { model: Some("other"), stream: Some(true), include_usage: true, ..Splice::default() };
    let body = r#"{"model":"gpt-5","input":"Hi","stream_options":{"include_obfuscation":false}}"#;
    assert_eq!(
        spliced(Api::Responses, body, &watch),
        r#"{"stream":true,"model":"other","input":"Hi","stream_options":{"include_obfuscation":false}}"#
    );
    let off = Splice { stream: Some(false), ..Splice::default() };
    assert_eq!(
        spliced(Api::Responses, CODEX, &off),
        CODEX.replacen("\"stream\": true", "\"stream\": false", 1),
        "every other byte stays"
    );
}

#[test]
fn what_is_asked_may_lie_at_the_provider() {
    for field in
        [r#""previous_response_id":"resp_1""#, r#""prompt":{"id":"pmpt_1"}"#, r#""conversation":"conv_1""#]
    {
        responses(&format!(r#"{{"model":"gpt-5",{field}}}"#)).unwrap();
    }
    let cases = [
        (r#"{"model":"gpt-5"}"#, "input", "a text or a list of items"),
        (r#"{"model":"gpt-5","input":{}}"#, "input", "a text or a list of items"),
        (r#"{"input":"Hi"}"#, "model", "missing"),
        (r#"{"model":"gpt-5","input":"Hi","stream":"yes"}"#, "stream", "true or false"),
        (r#"{"model":"gpt-5","input":"Hi","background":1}"#, "background", "true or false"),
        (r#"{"model":"gpt-5","input":"Hi","input":"Ho"}"#, "input", "twice"),
        (r#"{"model":"gpt-5","messages":[]}"#, "messages", "/v1/chat/completions"),
        (r#"{"model":"claude","system":"x","max_tokens":9,"messages":[]}"#, "messages", "/v1/messages"),
    ];
    for (body, param, fix) in cases {
        let problem = responses(body).unwrap_err();
        assert_eq!(problem.param.as_deref(), Some(param), "{body}");
        assert!(problem.message.contains(fix), "{body}: {}", problem.message);
    }
}

#[test]
fn case_39_state_names_what_only_one_provider_knows() {
    let cases = [
        (r#""previous_response_id":"resp_1""#, Some("resp_1")),
        (r#""previous_response_id":null,"conversation":null"#, None),
        (r#""conversation":"conv_1""#, Some("conv_1")),
        (r#""conversation":{"id":"conv_1"}"#, Some("conv_1")),
        (r#""previous_response_id":"resp_1","conversation":"conv_1""#, Some("resp_1")),
        (r#""store":false"#, None),
        (r#""metadata":{"a":"item_reference"}"#, None),
    ];
    for (field, state) in cases {
        assert_eq!(with(field).state.as_deref(), state, "{field}");
    }
    let items = |items: &str| responses(&format!(r#"{{"model":"gpt-5","input":[{items}]}}"#)).unwrap().state;
    let reference = r#"{"role":"user","content":"Hi"},{"type":"item_reference","id":"msg_1"}"#;
    assert_eq!(items(reference).as_deref(), Some("msg_1"));
    assert_eq!(items(r#"{"role":"user","content":"what is an item_reference?"}"#), None);
    assert_eq!(
        items(r#"{"type":"item_reference","id":"rs_evenkeel_1"}"#),
        None,
        "we know that it is nowhere"
    );
}

/// The AI SDK names what it takes for stored, and `store` is true unless its user says otherwise.
#[test]
fn case_39_an_item_of_a_translated_answer_is_not_asked_of_a_provider_that_never_made_it() {
    let refused = |items: &str| responses(&format!(r#"{{"model":"gpt-5","input":[{items}]}}"#)).unwrap_err();
    for id in ["msg_evenkeel_01J_0", "fc_evenkeel_01J_1", "ctc_evenkeel_01J_1"] {
        let named = format!(r#"{{"role":"user","content":"Hi"}},{{"type":"item_reference","id":"{id}"}}"#);
        let problem = refused(&named);
        assert_eq!(problem.param.as_deref(), Some("input[1].id"));
        assert!(problem.message.contains(id) && problem.message.contains("`store: false`"), "{problem}");
    }
    let whole =
        r#"{"type":"message","role":"assistant","id":"msg_evenkeel_01J_0","content":"item_reference"}"#;
    let ask = responses(&format!(r#"{{"model":"gpt-5","input":[{whole}]}}"#)).unwrap();
    assert_eq!(ask.state, None, "what is sent is known");
}

#[test]
fn case_39_a_message_thread_is_continued_where_it_was_begun() {
    let state = |thread: &str| {
        messages(&format!(r#"{{"model":"m","max_tokens":1,"messages":[],"thread":{thread}}}"#)).unwrap().state
    };
    assert_eq!(state(r#"{"type":"continue","previous_message_id":"msg_1"}"#).as_deref(), Some("msg_1"));
    assert_eq!(state(r#"{"type":"continue"}"#).as_deref(), Some(""), "still nobody else's");
    assert_eq!(state(r#"{"type":"create"}"#), None);
    assert_eq!(state("null"), None);
    messages(r#"{"model":"m","max_tokens":1,"messages":[],"thread":{},"thread":{}}"#).unwrap_err();
    let chat = chat(r#"{"model":"m","messages":[],"thread":{"type":"continue"},"previous_response_id":"x"}"#)
        .unwrap();
    assert_eq!(chat.state, None, "fields that nobody here knows");
}

#[test]
fn tools_that_the_provider_runs_are_seen() {
    let cases = [
        (
            r#""tools":[{"type":"function","name":"f","parameters":{"type":"mcp"}},{"type":"web_search"}]"#,
            false,
        ),
        (r#""tools":[{"name":"f","type":"custom"},{"type":"namespace","name":"n","tools":[]}]"#, false),
        (r#""tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}"#, true),
        (r#""tools":[{"type":"function","name":"f"},{"type":"mcp","server_label":"x"}]"#, true),
        (r#""tools":[{"vector_store_ids":["v"],"type":"file_search"}]"#, true),
        (r#""tools":[{"type":"code_interpreter","container":{"type":"auto"}}]"#, true),
        (r#""tools":[{"type":"computer_use_preview"}]"#, true),
        (r#""tools":[{"type":"image_generation"}]"#, true),
        (r#""tools":[{"type":"image_generation"},{"type":"web_search"}]"#, true),
        (r#""tools":[{"type":"image_generation"},{"type":"function","name":"f"}]"#, false),
        (
            r#""tools":[{"type":"image_generation"},{"type":"function","name":"f"}],"tool_choice":{"type":"image_generation"}"#,
            true,
        ),
        (r#""tools":null"#, false),
        (r#""tools":[5]"#, false),
    ];
    for (field, hosted) in cases {
        assert_eq!(with(field).hosted, hosted, "{field}");
    }
    assert!(with(r#""background":true"#).background);
}

#[test]
fn reasoning_is_asked_for_by_effort_or_by_its_summary() {
    let cases = [
        (r#""reasoning":{"effort":"low"}"#, true),
        (r#""reasoning":{"summary":"auto"}"#, true),
        (r#""reasoning":{"effort":"none","summary":"auto"}"#, false),
        (r#""reasoning":{"effort":null}"#, false),
        (r#""reasoning":{}"#, false),
        (r#""reasoning":null"#, false),
    ];
    for (field, expected) in cases {
        assert_eq!(with(field).reasoning, expected, "{field}");
    }
}

/// Reasoning items that a translated answer made up, between and around others.
fn without(items: &str) -> String {
    let body = Bytes::from(format!(r#"{{ "model":"gpt-5", "input" : {items}, "x":1.0e3 }}"#));
    let ask = Ask::read(Api::Responses, &body).unwrap();
    let kept = String::from_utf8(ask.without_our_reasoning(&body).to_vec()).unwrap();
    kept.strip_prefix(r#"{ "model":"gpt-5", "input" : "#)
        .unwrap()
        .strip_suffix(r#", "x":1.0e3 }"#)
        .unwrap()
        .to_owned()
}

#[test]
fn case_18_reasoning_that_was_made_up_here_never_reaches_a_provider() {
    let ours = r#"{"type":"reasoning","id":"rs_evenkeel_01J","summary":[]}"#;
    let named = r#"{ "id" : "rs_evenkeel_01J" , "type":"item_reference" }"#;
    let theirs = r#"{"type":"reasoning","id":"rs_68","encrypted_content":"gAAA"}"#;
    let user = r#"{ "role":"user", "content":"What is rs_evenkeel_01J?" }"#;
    let cases = [
        (format!("[{ours}]"), "[]".to_owned()),
        (format!("[ {ours} , {named} ]"), "[  ]".to_owned()),
        (format!("[{user}, {ours} ,\n{theirs}]"), format!("[{user} ,\n{theirs}]")),
        (format!("[{ours},{user},{theirs}]"), format!("[{user},{theirs}]")),
        (format!("[{user},{theirs},{ours}\n]"), format!("[{user},{theirs}\n]")),
        (format!("[{named},{user},{ours},{ours}, {theirs},{named}]"), format!("[{user}, {theirs}]")),
    ];
    for (items, kept) in cases {
        assert_eq!(without(&items), kept, "{items}");
    }
}

#[test]
fn a_body_without_our_reasoning_is_not_copied() {
    for input in [
        r#"[{"role":"user","content":"rs_evenkeel_?"}]"#,
        r#""rs_evenkeel_?""#,
        r#"[{"type":"reasoning","id":"rs_1"}]"#,
        "[]",
    ] {
        let body = Bytes::from(format!(r#"{{"model":"gpt-5","input":{input}}}"#));
        let ask = Ask::read(Api::Responses, &body).unwrap();
        assert_eq!(ask.without_our_reasoning(&body).as_ptr(), body.as_ptr(), "{input}");
    }
    let body = Bytes::from_static(br#"{"model":"m","messages":[{"type":"reasoning","id":"rs_evenkeel_1"}]}"#);
    let chat = Ask::read(Api::ChatCompletions, &body).unwrap();
    assert_eq!(
        chat.without_our_reasoning(&body).as_ptr(),
        body.as_ptr(),
        "there are no such items elsewhere"
    );
}

proptest! {
    /// Whatever stands around them, only our items go, and a second look finds nothing more to do.
    #[test]
    fn only_our_items_are_taken_out(ours in prop::collection::vec(any::<bool>(), 0..8), space in prop::sample::select(vec!["", " ", "\n  "])) {
        let items: Vec<String> = ours
            .iter()
            .enumerate()
            .map(|(n, ours)| if *ours { format!(r#"{{"id":"rs_evenkeel_{n}","type":"reasoning"}}"#) } else { format!(r#"{{"role":"user","content":"{n}, rs_evenkeel_"}}"#) })
            .collect();
        let body = Bytes::from(format!(r#"{{"model":"m","input":[{space}{}{space}]}}"#, items.join(&format!("{space},{space}"))));
        let ask = Ask::read(Api::Responses, &body).unwrap();
        let kept = ask.without_our_reasoning(&body);
        let value: Value = serde_json::from_slice(&kept).unwrap();
        let left: Vec<Value> = items.iter().zip(&ours).filter(|(_, ours)| !**ours).map(|(item, _)| serde_json::from_str(item).unwrap()).collect();
        prop_assert_eq!(&value["input"], &Value::from(left));
        prop_assert_eq!(ask.without_our_reasoning(&kept).as_ptr(), kept.as_ptr());
    }
}
