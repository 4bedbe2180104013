//! What translation costs: `cargo bench -p evenkeel-dialect`, or with `-- --test` once over each, for the
//! numbers of allocations alone.
//!
//! Goals, on one core: a request of 64 KiB in 400 µs, an event of a stream in 5 µs, the splice of a request
//! that stays in its dialect in 30 µs, the key under which an answer is kept in 500 µs, and the replay of a stored
//! answer of 64 KiB in 1 ms.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench that can't go on says so and stops")]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use evenkeel_dialect::Api;
use evenkeel_dialect::ask::{Ask, Splice};
use evenkeel_dialect::normal::{self, Scope};
use evenkeel_dialect::replay;
use evenkeel_dialect::sse::Frame;
use evenkeel_dialect::translate::{
    self, FoldTranslator, Memory, ModelTraits, Question, Reply, StreamTranslator,
};
use serde_json::{Value, json};

/// About the size of what a coding tool sends in the middle of its work.
const REQUEST: usize = 64 * 1024;
/// Events between a stream's beginning and its end.
const EVENTS: usize = 1000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    requests(&mut criterion);
    splices(&mut criterion);
    keys(&mut criterion);
    streams(&mut criterion);
    folds(&mut criterion);
    replays(&mut criterion);
    criterion.final_summary();
}

fn requests(criterion: &mut Criterion) {
    let traits = ModelTraits::default();
    let mut group = criterion.benchmark_group("request of 64 KiB");
    for (from, to) in [
        (Api::ChatCompletions, Api::Messages),
        (Api::Responses, Api::Messages),
        (Api::Messages, Api::ChatCompletions),
    ] {
        let body = request(from);
        let name = format!("{from:?} to {to:?}");
        let question = Question {
            from,
            to,
            body: &body,
            model: "another-model",
            traits: &traits,
            stream: true,
            max_output: None,
        };
        let run = || translate::request(&question).expect("a request that can be translated");
        allocations(&name, 1, || drop(run()));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(run));
    }
    group.finish();
}

fn splices(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("splice of 64 KiB");
    for api in [Api::ChatCompletions, Api::Responses, Api::Messages] {
        let body = Bytes::from(request(api));
        let splice = Splice {
            model: Some("another-model"),
            stream: Some(true),
            include_usage: true,
            ..Splice::default()
        };
        let run = || Ask::read(api, &body).expect("a request").splice(&body, &splice);
        allocations(&format!("{api:?}"), 1, || drop(run()));
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("{api:?}"), |bencher| bencher.iter(run));
    }
    group.finish();
}

fn keys(criterion: &mut Criterion) {
    let scope = Scope { tenant: "local", route: "default", prompt_version: None };
    let mut group = criterion.benchmark_group("key of 64 KiB");
    for api in [Api::ChatCompletions, Api::Responses, Api::Messages] {
        let body = request(api);
        let run = || normal::key(api, &body, &scope).expect("a request that has a key");
        allocations(&format!("key of {api:?}"), 1, || _ = run());
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("{api:?}"), |bencher| bencher.iter(run));
    }
    group.finish();
}

/// One run is a whole stream of a thousand events, so its milliseconds are the microseconds of an event.
fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("event of a stream");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for (from, to) in WAYS {
        let (frames, reply) = (stream(from), reply(from, to));
        let run = || {
            let mut translator = StreamTranslator::new(reply.clone());
            for frame in &frames {
                black_box(translator.push(frame).expect("an event that can be translated"));
            }
            assert!(translator.is_complete());
        };
        let name = format!("{from:?} to {to:?}");
        allocations(&name, EVENTS, run);
        group.bench_function(name, |bencher| bencher.iter(run));
    }
    group.finish();
}

fn folds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("event of a stream, folded");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for (from, to) in WAYS {
        let (frames, reply) = (stream(from), reply(from, to));
        let run = || {
            let mut translator = FoldTranslator::new(reply.clone());
            for frame in &frames {
                translator.push(frame).expect("an event that can be translated");
            }
            translator.finish().expect("a whole answer")
        };
        let name = format!("{from:?} to {to:?}");
        allocations(&name, EVENTS, || drop(run()));
        group.bench_function(name, |bencher| bencher.iter(run));
    }
    group.finish();
}

/// A stored answer, half text and half a tool's arguments, to each client as a stream; and in one piece to one of
/// its own API, which costs the proof that it is an answer.
fn replays(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay of 64 KiB");
    let apis = [Api::ChatCompletions, Api::Messages, Api::Responses];
    for from in apis {
        let stored = Bytes::from(answer(from).to_string());
        group.throughput(Throughput::Bytes(stored.len() as u64));
        let whole = || replay::body(from, &stored, from).expect("an answer");
        allocations(&format!("{from:?}, whole"), 1, || drop(whole()));
        group.bench_function(format!("{from:?}, whole"), |bencher| bencher.iter(whole));
        for to in apis {
            let run = || replay::stream(from, &stored, to, true).expect("an answer that can be replayed");
            let name = format!("{from:?} to {to:?}");
            allocations(&name, 1, || drop(run()));
            group.bench_function(name, |bencher| bencher.iter(run));
        }
    }
    group.finish();
}

fn answer(api: Api) -> Value {
    let prose = "The quick \"brown\" fox\njumps over the lazy dög. ";
    let text = prose.repeat(REQUEST / 2 / prose.len());
    let arguments = json!({"path": "src/lib.rs", "text": text});
    match api {
        Api::Messages => {
            json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "a-model", "stop_reason": "tool_use",
                "content": [{"type": "text", "text": text}, {"type": "tool_use", "id": "toolu_1", "name": "write", "input": arguments}],
                "usage": {"input_tokens": 9, "output_tokens": 16_000}})
        }
        Api::Responses => {
            let part = json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
            json!({"id": "resp_1", "object": "response", "created_at": 1_760_000_000, "status": "completed", "model": "a-model",
                "output": [{"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]},
                    {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "write", "arguments": arguments.to_string()}],
                "usage": {"input_tokens": 9, "output_tokens": 16_000, "total_tokens": 16_009}})
        }
        _ => {
            let call = json!({"id": "call_1", "type": "function", "function": {"name": "write", "arguments": arguments.to_string()}});
            let message = json!({"role": "assistant", "content": text, "tool_calls": [call], "refusal": null, "annotations": []});
            json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": "a-model",
                "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": "tool_calls"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 16_000, "total_tokens": 16_009}})
        }
    }
}

const WAYS: [(Api, Api); 4] = [
    (Api::ChatCompletions, Api::Messages),
    (Api::ChatCompletions, Api::Responses),
    (Api::Messages, Api::ChatCompletions),
    (Api::Messages, Api::Responses),
];

fn allocations(name: &str, parts: usize, run: impl FnOnce()) {
    let counted = allocation_counter::measure(run);
    let parts = parts as u64;
    println!(
        "{name}: {} allocations, {} bytes{}",
        counted.count_total / parts,
        counted.bytes_total / parts,
        if parts > 1 { " an event" } else { "" }
    );
}

fn reply(from: Api, to: Api) -> Reply {
    Reply {
        from,
        to,
        id: "01K9ZQ4T6W8X2Y3Z4A5B6C7D8E".to_owned(),
        model: "a-model".to_owned(),
        created: 1_760_000_000,
        include_usage: true,
        memory: Memory::default(),
        request: Bytes::from_static(b"{}"),
    }
}

/// A conversation with tools: a long system prompt, a few tools, and turns of text, calls and results.
fn request(api: Api) -> Vec<u8> {
    let prose = "The quick \"brown\" fox\njumps over the lazy dög. ".repeat(8);
    let schema = json!({"type": "object", "properties": {"path": {"type": "string", "description": prose}}, "required": ["path"]});
    let tools: Vec<Value> = (0..10)
        .map(|n| {
            let name = format!("tool_{n}");
            let function = json!({"name": name, "description": prose, "parameters": schema});
            match api {
                Api::Messages => json!({"name": name, "description": prose, "input_schema": schema}),
                Api::Responses => {
                    json!({"type": "function", "name": name, "description": prose, "parameters": schema})
                }
                _ => json!({"type": "function", "function": function}),
            }
        })
        .collect();
    let system = prose.repeat(10);
    let mut body = json!({"model": "a-model", "temperature": 0.7, "tools": tools});
    match api {
        Api::Messages => {
            body["max_tokens"] = json!(4096);
            body["system"] =
                json!([{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]);
        }
        Api::Responses => body["instructions"] = json!(system),
        _ => {}
    }
    let list = if api == Api::Responses { "input" } else { "messages" };
    let mut talk = Vec::new();
    if api == Api::ChatCompletions {
        talk.push(json!({"role": "system", "content": system}));
    }
    for n in 0.. {
        talk.extend(exchange(api, n, &prose));
        body[list] = Value::Array(talk.clone());
        if body.to_string().len() >= REQUEST {
            break;
        }
    }
    body.to_string().into_bytes()
}

/// A question, the model's call of a tool, and what the tool gave.
fn exchange(api: Api, n: usize, prose: &str) -> Vec<Value> {
    let (id, arguments) = (format!("call_{n}"), json!({"path": "src/lib.rs", "line": n}));
    let question = json!({"role": "user", "content": prose});
    match api {
        Api::Messages => {
            let call = json!({"type": "tool_use", "id": id, "name": "tool_1", "input": arguments});
            let answer = json!({"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]});
            let result = json!({"type": "tool_result", "tool_use_id": id, "content": [{"type": "text", "text": prose}]});
            vec![question, answer, json!({"role": "user", "content": [result]})]
        }
        Api::Responses => {
            let part = json!({"type": "output_text", "text": "I look.", "annotations": []});
            let arguments = arguments.to_string();
            vec![
                question,
                json!({"type": "message", "role": "assistant", "content": [part]}),
                json!({"type": "function_call", "call_id": id, "name": "tool_1", "arguments": arguments}),
                json!({"type": "function_call_output", "call_id": id, "output": prose}),
            ]
        }
        _ => {
            let function = json!({"name": "tool_1", "arguments": arguments.to_string()});
            let calls = json!([{"id": id, "type": "function", "function": function}]);
            let answer = json!({"role": "assistant", "content": "I look.", "tool_calls": calls});
            vec![question, answer, json!({"role": "tool", "tool_call_id": id, "content": prose})]
        }
    }
}

/// Half text, half a tool's arguments, in pieces as long as the vendors'.
fn stream(api: Api) -> Vec<Frame> {
    let half = EVENTS / 2;
    let events: Vec<Value> = if api == Api::Messages {
        let start = json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "a-model", "content": [], "usage": {"input_tokens": 9, "output_tokens": 1}}});
        let block = |index: u64, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
        let delta =
            |index: u64, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
        let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
        let mut events = vec![start, block(0, json!({"type": "text", "text": ""}))];
        events.extend(
            (0..half).map(|n| delta(0, json!({"type": "text_delta", "text": format!("word {n} of\nmany ")}))),
        );
        events.extend([
            stop(0),
            block(1, json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}})),
        ]);
        let piece = |n| json!({"type": "input_json_delta", "partial_json": arguments(n, half)});
        events.extend((0..half).map(|n| delta(1, piece(n))));
        events.push(stop(1));
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 900}}));
        events.push(json!({"type": "message_stop"}));
        events
    } else {
        let chunk = |delta: Value, reason: Value| {
            json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": "a-model", "service_tier": "default",
                "system_fingerprint": "fp_1", "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}], "usage": null})
        };
        let call = |function: Value| json!({"tool_calls": [{"index": 0, "function": function}]});
        let mut events: Vec<_> = (0..half)
            .map(|n| chunk(json!({"content": format!("word {n} of\nmany ")}), Value::Null))
            .collect();
        let mut first = call(json!({"name": "f", "arguments": ""}));
        first["tool_calls"][0]["id"] = json!("call_1");
        events.push(chunk(first, Value::Null));
        events.extend((0..half).map(|n| chunk(call(json!({"arguments": arguments(n, half)})), Value::Null)));
        events.push(chunk(json!({}), json!("tool_calls")));
        events
    };
    let end = (api != Api::Messages).then(|| "data: [DONE]\n\n".to_owned());
    let events = events.into_iter().map(|event| match event["type"].as_str() {
        Some(name) => format!("event: {name}\ndata: {event}\n\n"),
        None => format!("data: {event}\n\n"),
    });
    events.chain(end).map(|event| Frame::parse(Bytes::from(event))).collect()
}

/// One piece of a list of `count` pieces.
fn arguments(n: usize, count: usize) -> String {
    let open = if n == 0 { "[" } else { "," };
    let close = if n + 1 == count { "]" } else { "" };
    format!("{open}\"word {n}\"{close}")
}
