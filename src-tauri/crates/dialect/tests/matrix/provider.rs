//! Providers of both dialects that say the same thing, each the way its vendor does.

use bytes::Bytes;
use evenkeel_dialect::Api;
use evenkeel_dialect::fold::Fold;
use evenkeel_dialect::sse::{Frame, Framer};
use serde_json::{Value, json};

/// One thing that a model does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    Text(&'static str),
    Thinking(&'static str),
    /// Declines in its own words; where a dialect has no field for that, they are text.
    Refusal(&'static str),
    /// Calls a function, with these arguments.
    Call(&'static str, &'static str),
}

/// Why it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Done,
    Text(&'static str),
    Length,
    Calls,
    Refused,
}

/// Tokens of answers that are not about them.
const USUAL_TOKENS: [u64; 5] = [20, 0, 0, 7, 0];

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) said: Vec<Said>,
    pub(crate) stop: Stop,
    /// Whole prompt, of it read from the cache, of it written to the cache, output, of it thinking.
    pub(crate) tokens: [u64; 5],
    /// Pieces of neighbouring calls come in turns, where the dialect allows it.
    pub(crate) interleaved: bool,
}

impl Answer {
    pub(crate) fn of(said: &[Said], stop: Stop) -> Self {
        Self { said: said.to_vec(), stop, tokens: USUAL_TOKENS, interleaved: false }
    }

    /// The answer is about its tokens.
    pub(crate) fn has_counts(&self) -> bool {
        self.tokens != USUAL_TOKENS
    }

    /// The stream of a provider of `api`.
    pub(crate) fn stream(&self, api: Api) -> Vec<Frame> {
        frames(&match api {
            Api::Messages => self.messages(),
            _ => self.chat(),
        })
    }

    /// What the same provider answers without streaming.
    pub(crate) fn whole(&self, api: Api) -> Bytes {
        let mut fold = Fold::new(api);
        for frame in self.stream(api) {
            fold.push(&frame).expect("a good stream");
        }
        fold.finish().expect("a whole stream")
    }

    fn chat(&self) -> String {
        let chunk = |choices: Value| json!({"id": "chatcmpl-9", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "gpt-theirs", "choices": choices});
        let choice = |delta: Value, reason: Value| {
            chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}]))
        };
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut chunks =
            vec![choice(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null)];
        let mut calls = 0;
        for said in &self.said {
            let (name, text) = match said {
                Said::Text(text) => ("content", text),
                Said::Thinking(text) => ("reasoning_content", text),
                Said::Refusal(text) => ("refusal", text),
                Said::Call(name, arguments) => {
                    let piece =
                        |function: Value| json!({"tool_calls": [{"index": calls, "function": function}]});
                    let mut first = piece(json!({"name": name, "arguments": ""}));
                    first["tool_calls"][0]["id"] = json!(format!("call_{calls}"));
                    first["tool_calls"][0]["type"] = json!("function");
                    let rest = halves(arguments).map(|arguments| piece(json!({ "arguments": arguments })));
                    rows.push(std::iter::once(first).chain(rest).collect());
                    calls += 1;
                    continue;
                }
            };
            chunks.extend(halves(text).map(|piece| choice(json!({ name: piece }), Value::Null)));
        }
        if self.interleaved {
            for turn in 0..rows.iter().map(Vec::len).max().unwrap_or(0) {
                let pieces = rows.iter().filter_map(|row| row.get(turn));
                chunks.extend(pieces.map(|piece| choice(piece.clone(), Value::Null)));
            }
        } else {
            chunks.extend(rows.concat().into_iter().map(|piece| choice(piece, Value::Null)));
        }
        let mut last = choice(
            json!({}),
            json!(match self.stop {
                Stop::Done | Stop::Refused | Stop::Text(_) => "stop",
                Stop::Length => "length",
                Stop::Calls => "tool_calls",
            }),
        );
        if let Stop::Text(text) = self.stop {
            // vLLM's way of saying which one it was.
            last["choices"][0]["stop_reason"] = json!(text);
        }
        chunks.push(last);
        let [prompt, cached, written, output, thought] = self.tokens;
        let mut usage = chunk(json!([]));
        usage["usage"] = json!({"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written}, "completion_tokens_details": {"reasoning_tokens": thought}});
        chunks.push(usage);
        let events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        events.concat() + "data: [DONE]\n\n"
    }

    fn messages(&self) -> String {
        let [prompt, cached, written, output, thought] = self.tokens;
        let usage = json!({"input_tokens": prompt - cached - written, "cache_creation_input_tokens": written, "cache_read_input_tokens": cached, "output_tokens": 1});
        let mut events = vec![
            json!({"type": "message_start", "message": {"id": "msg_9", "type": "message", "role": "assistant", "model": "claude-theirs", "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage}}),
            json!({"type": "ping"}),
        ];
        for (index, said) in self.said.iter().enumerate() {
            let (block, kind, name, text) = match said {
                Said::Text(text) | Said::Refusal(text) => {
                    (json!({"type": "text", "text": ""}), "text_delta", "text", text)
                }
                Said::Thinking(text) => {
                    let block = json!({"type": "thinking", "thinking": "", "signature": ""});
                    (block, "thinking_delta", "thinking", text)
                }
                Said::Call(name, arguments) => {
                    let block = json!({"type": "tool_use", "id": format!("toolu_{index}"), "name": name, "input": {}});
                    (block, "input_json_delta", "partial_json", arguments)
                }
            };
            events.push(json!({"type": "content_block_start", "index": index, "content_block": block}));
            let delta = |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
            events.extend(halves(text).map(|piece| delta(json!({"type": kind, name: piece}))));
            if matches!(said, Said::Thinking(_)) {
                events.push(delta(json!({"type": "signature_delta", "signature": "EqRk"})));
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        let (reason, text) = match self.stop {
            Stop::Done => ("end_turn", None),
            Stop::Text(text) => ("stop_sequence", Some(text)),
            Stop::Length => ("max_tokens", None),
            Stop::Calls => ("tool_use", None),
            Stop::Refused => ("refusal", None),
        };
        let mut counts = json!({ "output_tokens": output });
        if thought > 0 {
            counts["output_tokens_details"] = json!({ "thinking_tokens": thought });
        }
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": text}, "usage": counts}));
        events.push(json!({"type": "message_stop"}));
        let named =
            |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or(""));
        events.iter().map(named).collect()
    }
}

pub(crate) fn frames(stream: &str) -> Vec<Frame> {
    let mut framer = Framer::default();
    framer.push(Bytes::copy_from_slice(stream.as_bytes()));
    let mut whole: Vec<Frame> = std::iter::from_fn(|| framer.next().expect("small events")).collect();
    whole.extend(framer.finish());
    whole
}

/// The text in two pieces, or none if there is none.
fn halves(text: &str) -> impl Iterator<Item = &str> {
    let middle = text.floor_char_boundary(text.len() / 2);
    let (left, right) = text.split_at(middle);
    [left, right].into_iter().filter(|piece| !piece.is_empty())
}
