//! What must hold for conversations that nobody wrote down: however a request is spelt, and through whichever
//! API it comes, it has one key; another conversation has another one; and nothing panics.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::*;

/// What is asked, before any API has a say in how.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    system: Option<String>,
    steps: Vec<Step>,
    tools: Vec<String>,
    forced: bool,
    temperature: Option<u8>,
    limit: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    User(Vec<String>),
    Assistant(String),
    /// Words perhaps, arguments and results of calls.
    Calls(Option<String>, Vec<(String, String)>),
}

/// A text that is in the normal form already, so that two of them are one only if they are equal.
fn words() -> impl Strategy<Value = String> {
    "[a-cé가 \n\"\\\\/{}]{1,12}".prop_map(|text| {
        let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
        format!("w{}", lines.join("\n")).nfc().collect()
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let step = prop_oneof![
        prop::collection::vec(words(), 1..3).prop_map(Step::User),
        words().prop_map(Step::Assistant),
        (prop::option::of(words()), prop::collection::vec((words(), words()), 1..3))
            .prop_map(|(words, calls)| Step::Calls(words, calls)),
    ];
    let steps = prop::collection::vec(step, 1..6);
    let tools = prop::collection::vec(words(), 0..3);
    let rest = (any::<bool>(), prop::option::of(2..9_u8), 1..5_000_u32);
    (prop::option::of(words()), steps, tools, rest).prop_map(
        |(system, steps, tools, (forced, temperature, limit))| Asked {
            system,
            steps,
            forced: forced && !tools.is_empty(),
            tools,
            temperature,
            limit,
        },
    )
}

/// Decides how a thing that may be said in several ways is said.
struct Whim<'a>(std::iter::Cycle<std::slice::Iter<'a, u8>>);

impl<'a> Whim<'a> {
    fn new(whims: &'a [u8]) -> Self {
        Self(whims.iter().cycle())
    }

    fn of(&mut self, ways: u8) -> u8 {
        self.0.next().map_or(0, |whim| whim % ways)
    }

    fn yes(&mut self) -> bool {
        self.of(2) == 1
    }

    /// A text with what makes no difference to it. `last` is followed by no other text.
    fn text(&mut self, text: &str, last: bool) -> String {
        let text = if self.yes() { text.nfd().collect() } else { text.to_owned() };
        let text = match self.of(3) {
            0 => text,
            1 => text.replace('\n', "\r\n"),
            _ => text.replace('\n', " \t\n"),
        };
        if last && self.yes() { text + " \n\n" } else { text }
    }

    fn content(&mut self, kind: &str, texts: &[String]) -> Value {
        let parts = texts.iter().enumerate().map(|(n, text)| self.text(text, n + 1 == texts.len()));
        let parts: Vec<String> = parts.collect();
        match &parts[..] {
            [only] if self.yes() => json!(only),
            _ => parts.iter().map(|text| json!({"type": kind, "text": text})).collect(),
        }
    }
}

fn request(api: Api, asked: &Asked, whim: &mut Whim<'_>) -> Value {
    let Asked { system, steps, tools, forced, temperature, limit } = asked;
    let mut body = json!({"model": "m"});
    let kind = if api == Api::Responses { "input_text" } else { "text" };
    let mut talk: Vec<Value> = Vec::new();
    if let Some(system) = system {
        let content = whim.content(kind, std::slice::from_ref(system));
        match api {
            Api::Messages => body["system"] = content,
            Api::Responses if content.is_string() => body["instructions"] = content,
            _ => talk.push(json!({"role": "system", "content": content})),
        }
    }
    let prefix = ["call_", "toolu_", "x"][usize::from(whim.of(3))];
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::User(texts) => talk.push(json!({"role": "user", "content": whim.content(kind, texts)})),
            Step::Assistant(text) => {
                let kind = if api == Api::Responses { "output_text" } else { "text" };
                let content = whim.content(kind, std::slice::from_ref(text));
                talk.push(json!({"role": "assistant", "content": content}));
            }
            Step::Calls(words, calls) => {
                let words = words.as_ref().map(|words| whim.text(words, true));
                let calls: Vec<(String, &String, &String)> = calls
                    .iter()
                    .enumerate()
                    .map(|(m, (argument, result))| (format!("{prefix}{n}_{m}"), argument, result))
                    .collect();
                // Or words behind words would be one message in one API, and two in another.
                talk.push(json!({"role": "user", "content": "And now?"}));
                talk.extend(calls_of(api, words, &calls, whim));
            }
        }
    }
    body[if api == Api::Responses { "input" } else { "messages" }] = json!(talk);
    if !tools.is_empty() {
        body["tools"] =
            tools.iter().enumerate().map(|(n, about)| tool(api, &format!("f{n}"), about, whim)).collect();
        if *forced {
            body["tool_choice"] =
                if api == Api::Messages { json!({"type": "any"}) } else { json!("required") };
        } else if whim.yes() {
            body["tool_choice"] = if api == Api::Messages { json!({"type": "auto"}) } else { json!("auto") };
        }
    }
    match temperature {
        Some(tenths) => body["temperature"] = json!(f64::from(*tenths) / 10.0),
        None if whim.yes() => body["temperature"] = json!(1),
        None => {}
    }
    let limit_name = match api {
        Api::Responses => "max_output_tokens",
        Api::ChatCompletions if whim.yes() => "max_completion_tokens",
        _ => "max_tokens",
    };
    body[limit_name] = json!(limit);
    for (name, value) in [
        ("stream", json!(true)),
        ("top_p", json!(1.0)),
        ("user", json!("u")),
        ("metadata", json!({"a": "b"})),
        ("service_tier", json!("auto")),
        ("seed", Value::Null),
    ] {
        if whim.yes() {
            body[name] = value;
        }
    }
    body
}

fn calls_of(
    api: Api,
    words: Option<String>,
    calls: &[(String, &String, &String)],
    whim: &mut Whim<'_>,
) -> Vec<Value> {
    let mut said = Vec::new();
    match api {
        Api::Messages => {
            let mut blocks: Vec<Value> =
                words.into_iter().map(|words| json!({"type": "text", "text": words})).collect();
            blocks.extend(calls.iter().map(
                |(id, argument, _)| json!({"type": "tool_use", "id": id, "name": "f", "input": {"a": argument, "b": [1]}}),
            ));
            said.push(json!({"role": "assistant", "content": blocks}));
            let results = calls.iter().map(|(id, _, result)| {
                let content =
                    if whim.yes() { json!(result) } else { json!([{"type": "text", "text": result}]) };
                json!({"type": "tool_result", "tool_use_id": id, "content": content})
            });
            let results: Vec<Value> = results.collect();
            said.push(json!({"role": "user", "content": results}));
        }
        Api::Responses => {
            said.extend(words.map(|words| {
                json!({"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": words, "annotations": []}]})
            }));
            said.extend(calls.iter().map(|(id, argument, _)| {
                let arguments = json!({"b": [1.0], "a": argument}).to_string();
                json!({"type": "function_call", "call_id": id, "name": "f", "arguments": arguments})
            }));
            said.extend(calls.iter().map(
                |(id, _, result)| json!({"type": "function_call_output", "call_id": id, "output": result}),
            ));
        }
        _ => {
            let calls_said = calls.iter().map(|(id, argument, _)| {
                let arguments = format!(r#"{{ "a": {}, "b": [1] }}"#, json!(argument));
                json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
            });
            let calls_said: Vec<Value> = calls_said.collect();
            said.push(json!({"role": "assistant", "content": words, "tool_calls": calls_said}));
            said.extend(
                calls
                    .iter()
                    .map(|(id, _, result)| json!({"role": "tool", "tool_call_id": id, "content": result})),
            );
        }
    }
    said
}

fn tool(api: Api, name: &str, about: &str, whim: &mut Whim<'_>) -> Value {
    let about = whim.text(about, true);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "enum": ["x ", null]}}});
    match api {
        Api::Messages => json!({"name": name, "description": about, "input_schema": schema}),
        Api::Responses => {
            json!({"type": "function", "name": name, "description": about, "parameters": schema, "strict": false})
        }
        _ => {
            json!({"type": "function", "function": {"name": name, "description": about, "parameters": schema}})
        }
    }
}

/// The value as JSON text: members turned, spaces, escapes.
fn spelt(value: &Value, whim: &mut Whim<'_>) -> String {
    let space = [" ", "", "\n\t", ""][usize::from(whim.of(4))];
    match value {
        Value::String(text) => quoted(text, whim),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(|element| spelt(element, whim)).collect();
            format!("[{space}{}{space}]", elements.join(&format!("{space},")))
        }
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}{space}:{}", quoted(name, whim), spelt(value, whim)))
                .collect();
            let turn = usize::from(whim.of(7)) % members.len().max(1);
            members.rotate_left(turn);
            if whim.yes() {
                members.reverse();
            }
            format!("{{{space}{}}}", members.join(&format!(",{space}")))
        }
        Value::Number(number) if whim.yes() => format!("{:e}", number.as_f64().unwrap()),
        other => other.to_string(),
    }
}

fn quoted(text: &str, whim: &mut Whim<'_>) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') || letter < ' ' || whim.of(5) == 0 {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                write!(quoted, "\\u{unit:04X}").unwrap();
            }
        } else {
            quoted.push(letter);
        }
    }
    quoted.push('"');
    quoted
}

const APIS: [Api; 3] = [Api::ChatCompletions, Api::Responses, Api::Messages];

fn whims() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..64)
}

/// Pieces of requests put together at random, so that odd values reach every reader.
fn odd() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "text",
        "image_url",
        "input_image",
        "image",
        "document",
        "file",
        "function",
        "tool_use",
        "tool_result",
        "function_call",
        "function_call_output",
        "message",
        "user",
        "assistant",
        "system",
        "tool",
        "json_schema",
        "auto",
        "base64",
        "url",
        "data:image/png;base64,AA",
        "{\"a\":1}",
        "",
        "a",
    ]);
    let name = prop::sample::select(vec![
        "type",
        "text",
        "role",
        "content",
        "image_url",
        "url",
        "source",
        "file",
        "function",
        "name",
        "arguments",
        "input",
        "tool_calls",
        "tool_call_id",
        "call_id",
        "tool_use_id",
        "id",
        "tools",
        "tool_choice",
        "schema",
        "cache_control",
        "format",
        "json_schema",
        "effort",
        "is_error",
        "output",
        "strict",
    ]);
    let leaf = prop_oneof![
        word.prop_map(|word| json!(word)),
        Just(Value::Null),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<i32>().prop_map(|number| json!(f64::from(number) / 8.0)),
        any::<String>().prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(name.clone(), inner, 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn a_question_has_one_key_however_it_is_spelt_and_through_whichever_api(
        asked in asked(),
        whims in prop::collection::vec(whims(), 6),
    ) {
        let requests: Vec<(Api, String)> = APIS.into_iter().cycle().zip(&whims).map(|(api, whims)| {
            let mut whim = Whim::new(whims);
            let request = request(api, &asked, &mut whim);
            (api, spelt(&request, &mut whim))
        }).collect();
        let forms: Vec<String> =
            requests.iter().map(|(api, body)| form(*api, body.as_bytes(), &SCOPE).unwrap()).collect();
        for form in &forms[1..] {
            prop_assert_eq!(form, &forms[0], "{:?}", requests);
        }
    }

    #[test]
    fn two_questions_have_one_key_only_if_they_are_equal(
        one in asked(), other in asked(), whims in whims(), ways in any::<(u8, u8)>(),
    ) {
        let key = |asked: &Asked, way: u8| {
            let api = APIS[usize::from(way % 3)];
            key_of(api, &request(api, asked, &mut Whim::new(&whims)).to_string())
        };
        prop_assert_eq!(key(&one, ways.0) == key(&other, ways.1), one == other);
        // The smallest differences: one step less, two steps in another order, one more letter, one more token.
        let mut near = Vec::new();
        near.push(Asked { limit: one.limit + 1, ..one.clone() });
        near.push(Asked { system: Some(format!("{}.", one.system.clone().unwrap_or_default())), ..one.clone() });
        near.push(Asked { tools: [&one.tools[..], &["wx".to_owned()]].concat(), ..one.clone() });
        near.push(Asked { steps: one.steps[1..].to_vec(), ..one.clone() });
        let turned: Vec<Step> = one.steps.iter().rev().cloned().collect();
        near.push(Asked { steps: turned, ..one.clone() });
        for near in near {
            prop_assert_eq!(key(&one, ways.0) == key(&near, ways.1), one == near, "{:?}", near);
        }
    }

    #[test]
    fn odd_values_have_one_key_however_they_are_spelt_or_none(odd in odd(), whims in whims(), api in 0..4_usize) {
        let api = [Api::ChatCompletions, Api::Responses, Api::Messages, Api::Embeddings][api];
        for name in ["messages", "input", "tools", "tool_choice", "response_format", "text", "system", "odd"] {
            let mut body = json!({"model": "m", "max_tokens": 9});
            match api {
                Api::ChatCompletions | Api::Messages => body["messages"] = json!([]),
                Api::Responses | Api::Embeddings => body["input"] = json!("Hi"),
            }
            let list = matches!(name, "messages" | "input" | "tools");
            body[name] = if list { json!([odd]) } else { odd.clone() };
            let ask = |body: &str| key(api, body.as_bytes(), &SCOPE).ok();
            let known = ask(&body.to_string());
            prop_assert_eq!(ask(&spelt(&body, &mut Whim::new(&whims))), known);
            // Wherever a field that nobody knows is put, there is another question.
            if let (Some(known), Value::Object(mut members)) = (known, odd.clone()) {
                members.insert("unknown".to_owned(), json!(1));
                body[name] = if list { json!([members]) } else { json!(members) };
                prop_assert_ne!(ask(&body.to_string()), Some(known), "{}", body);
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for api in [Api::ChatCompletions, Api::Responses, Api::Messages, Api::Embeddings] {
            let _ = key(api, &bytes, &SCOPE);
        }
    }

    #[test]
    fn requests_cut_or_changed_anywhere_do_no_harm(
        asked in asked(), whims in whims(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        for api in APIS {
            let mut whim = Whim::new(&whims);
            let mut body = spelt(&request(api, &asked, &mut whim), &mut whim).into_bytes();
            let at = at.index(body.len());
            prop_assert!(key(api, &body[..at], &SCOPE).is_err());
            body[at] = byte;
            let _ = key(api, &body, &SCOPE);
        }
    }
}
