//! What holds for any answer, however it was cut into pieces.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::*;

/// One thing that a model does.
#[derive(Clone, Debug)]
enum Said {
    Text(String),
    Thinking(String),
    Call(Value),
}

#[derive(Clone, Debug)]
struct Told {
    said: Vec<Said>,
    /// Prompt, cached, cache written, output, reasoning.
    counts: [u64; 5],
    cuts: Vec<Index>,
    /// Calls that follow each other come piece by piece in turns.
    interleaved: bool,
}

fn arguments() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<i64>().prop_map(Value::from), "(?s).{0,8}".prop_map(Value::from)];
    prop::collection::btree_map("[a-z\\\\\"{}]{0,4}", leaf, 0..4).prop_map(|fields| json!(fields))
}

fn told() -> impl Strategy<Value = Told> {
    let said = prop_oneof![
        "(?s).{0,12}".prop_map(Said::Text),
        "(?s).{0,8}".prop_map(Said::Thinking),
        arguments().prop_map(Said::Call),
        arguments().prop_map(Said::Call),
    ];
    let counts = prop::array::uniform5(1..1_000_000u64);
    let cuts = prop::collection::vec(any::<Index>(), 0..4);
    (prop::collection::vec(said, 0..6), counts, cuts, any::<bool>()).prop_map(
        |(said, counts, cuts, interleaved)| {
            let [input, cached, written, output, reasoning] = counts;
            Told { said, counts: [input, cached, written, output + reasoning, reasoning], cuts, interleaved }
        },
    )
}

/// A text in pieces.
fn pieces(text: &str, cuts: &[Index]) -> Vec<String> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    ends.extend([0, text.len()]);
    ends.retain(|end| text.is_char_boundary(*end));
    ends.sort_unstable();
    ends.windows(2).map(|ends| text[ends[0]..ends[1]].to_owned()).collect()
}

impl Told {
    fn has_calls(&self) -> bool {
        self.said.iter().any(|said| matches!(said, Said::Call(_)))
    }

    fn as_chat(&self) -> String {
        // Per stretch of calls: what each one adds, in turn or one after the other.
        let (mut deltas, mut rows, mut calls) = (Vec::new(), Vec::<Vec<Value>>::new(), 0);
        let flush = |rows: &mut Vec<Vec<Value>>, deltas: &mut Vec<Value>| {
            if self.interleaved {
                for turn in 0..rows.iter().map(Vec::len).max().unwrap_or(0) {
                    deltas.extend(rows.iter().filter_map(|row| row.get(turn)).cloned());
                }
            } else {
                deltas.extend(rows.iter().flatten().cloned());
            }
            rows.clear();
        };
        for said in &self.said {
            match said {
                Said::Call(arguments) => {
                    let call =
                        |function: Value| json!({"tool_calls": [{"index": calls, "function": function}]});
                    let mut row = vec![call(json!({"name": format!("f{calls}"), "arguments": ""}))];
                    row[0]["tool_calls"][0]["id"] = json!(format!("call_{calls}"));
                    let text = pieces(&arguments.to_string(), &self.cuts).into_iter();
                    row.extend(text.map(|piece| call(json!({"arguments": piece}))));
                    rows.push(row);
                    calls += 1;
                }
                Said::Text(text) | Said::Thinking(text) => {
                    flush(&mut rows, &mut deltas);
                    let name = if matches!(said, Said::Text(_)) { "content" } else { "reasoning_content" };
                    let pieces = pieces(text, &self.cuts).into_iter();
                    deltas.extend(pieces.map(|piece| json!({ name: piece })));
                }
            }
        }
        flush(&mut rows, &mut deltas);
        let [input, cached, written, output, reasoning] = self.counts;
        let reason = if self.has_calls() { "tool_calls" } else { "stop" };
        let usage = json!({"id": "chatcmpl-1", "model": "m", "choices": [], "usage": {"prompt_tokens": input + cached + written, "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written}, "completion_tokens_details": {"reasoning_tokens": reasoning}}});
        let chunk = |delta: &Value, reason: Value| json!({"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        let chunks = deltas.iter().map(|delta| chunk(delta, Value::Null));
        let chunks = chunks.chain([chunk(&json!({}), json!(reason)), usage]);
        sse(chunks) + "data: [DONE]\n\n"
    }

    fn as_messages(&self) -> String {
        let [input, cached, written, output, reasoning] = self.counts;
        let mut events = vec![
            json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [],
                "usage": {"input_tokens": input, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written, "output_tokens": 1}}}),
        ];
        for (index, said) in self.said.iter().enumerate() {
            let (block, kind, name, text) = match said {
                Said::Text(text) => (json!({"type": "text", "text": ""}), "text_delta", "text", text.clone()),
                Said::Thinking(text) => {
                    let block = json!({"type": "thinking", "thinking": "", "signature": ""});
                    (block, "thinking_delta", "thinking", text.clone())
                }
                Said::Call(arguments) => {
                    let block =
                        json!({"type": "tool_use", "id": format!("toolu_{index}"), "name": "f", "input": {}});
                    (block, "input_json_delta", "partial_json", arguments.to_string())
                }
            };
            events.push(json!({"type": "content_block_start", "index": index, "content_block": block}));
            events.extend(pieces(&text, &self.cuts).into_iter().map(
                |piece| json!({"type": "content_block_delta", "index": index, "delta": {"type": kind, name: piece}}),
            ));
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        let reason = if self.has_calls() { "tool_use" } else { "end_turn" };
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": reason},
            "usage": {"output_tokens": output, "output_tokens_details": {"thinking_tokens": reasoning}}}));
        events.push(json!({"type": "message_stop"}));
        sse(events)
    }
}

proptest! {
    // Each case is a dozen translations.
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A client that asks for no stream gets what one that does puts together.
    #[test]
    fn a_translated_stream_folds_to_the_translated_body(told in told()) {
        for (from, stream) in [(Api::ChatCompletions, told.as_chat()), (Api::Messages, told.as_messages())] {
            for to in [Api::ChatCompletions, Api::Messages] {
                let reply = reply(from, to);
                let again: Value = serde_json::from_slice(&fold(to, &streamed(&reply, &stream)).unwrap()).unwrap();
                prop_assert_eq!(again, folded(&reply, &stream));
            }
            let reply = reply(from, Api::Responses);
            let last = events(&streamed(&reply, &stream)).pop().unwrap();
            prop_assert_eq!(&last["response"], &folded(&reply, &stream));
        }
    }

    /// How the provider cut its answer into pieces, and whether it mixed its calls, is not to be seen in it.
    #[test]
    fn the_pieces_make_no_difference(told in told()) {
        let whole = Told { cuts: Vec::new(), interleaved: false, ..told.clone() };
        for to in CLIENTS {
            let chat = reply(Api::ChatCompletions, to);
            prop_assert_eq!(folded(&chat, &told.as_chat()), folded(&chat, &whole.as_chat()));
            let messages = reply(Api::Messages, to);
            prop_assert_eq!(folded(&messages, &told.as_messages()), folded(&messages, &whole.as_messages()));
        }
    }

    #[test]
    fn case_13_text_calls_and_usage_survive_the_way_from_chat_and_back(told in told()) {
        let stream = told.as_chat();
        let there = streamed(&reply(Api::ChatCompletions, Api::Messages), &stream);
        let mut back = folded(&reply(Api::Messages, Api::ChatCompletions), &there);
        let mut own = folded(&reply(Api::ChatCompletions, Api::ChatCompletions), &stream);
        // Thinking has no signature there.
        own["choices"][0]["message"].as_object_mut().unwrap().remove("reasoning_content");
        own["id"] = back["id"].take();
        back["id"] = own["id"].clone();
        prop_assert_eq!(back, own);
    }

    #[test]
    fn case_13_text_calls_and_usage_survive_the_way_from_messages_and_back(told in told()) {
        let stream = told.as_messages();
        let there = streamed(&reply(Api::Messages, Api::ChatCompletions), &stream);
        let mut back = folded(&reply(Api::ChatCompletions, Api::Messages), &there);
        let mut own = folded(&reply(Api::Messages, Api::Messages), &stream);
        own["id"] = back["id"].take();
        back["id"] = own["id"].clone();
        prop_assert_eq!(back, own);
    }

    /// Whatever a host sends: a translation or an error, never a panic, never half an event.
    #[test]
    fn any_event_is_translated_without_a_crash(frames in prop::collection::vec(junk(), 0..12)) {
        for from in [Api::ChatCompletions, Api::Messages] {
            for to in CLIENTS {
                let mut translator = StreamTranslator::new(reply(from, to));
                let mut folder = FoldTranslator::new(reply(from, to));
                for data in &frames {
                    let frame = Frame::parse(Bytes::from(format!("data: {data}\n\n")));
                    if let Ok(bytes) = translator.push(&frame) {
                        prop_assert!(bytes.is_empty() || bytes.ends_with(b"\n\n"));
                    }
                    let _ = folder.push(&frame);
                    let _ = whole(&reply(from, to), data.to_string().as_bytes());
                }
                let ended = translator.finish_at_end_of_stream().is_some();
                prop_assert_eq!(folder.finish().is_ok(), ended);
            }
        }
    }
}

/// Events that use the words of both dialects in any order.
fn junk() -> impl Strategy<Value = Value> {
    let words = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "tool_use",
        "text",
        "thinking",
        "text_delta",
        "input_json_delta",
        "stop",
        "length",
        "end_turn",
        "f",
        "{",
        "}",
        "",
    ];
    let names = [
        "type",
        "index",
        "message",
        "content_block",
        "delta",
        "id",
        "name",
        "input",
        "text",
        "partial_json",
        "stop_reason",
        "usage",
        "choices",
        "content",
        "tool_calls",
        "function",
        "arguments",
        "finish_reason",
        "function_call",
        "refusal",
        "reasoning_content",
    ];
    let leaf = prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(Value::from),
        2 => (0..3u64).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!({})),
        1 => Just(json!([])),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let object = prop::collection::vec((prop::sample::select(names.to_vec()), inner.clone()), 0..6)
            .prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            });
        prop_oneof![3 => object, 1 => prop::collection::vec(inner, 0..3).prop_map(Value::from)]
    })
}
