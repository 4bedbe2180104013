//! What holds for any answer, whoever gave it and whoever gets it.

use proptest::prelude::*;

use super::*;
use crate::usage::Usage;

/// One thing that a model does.
#[derive(Clone, Debug)]
enum Said {
    Text(String),
    Thinking(String),
    Call(Value),
}

/// One answer, whoever gives it.
#[derive(Clone, Debug)]
struct Told {
    said: Vec<Said>,
    refusal: Option<String>,
    /// Prompt, cached, cache written, output beside reasoning, reasoning.
    counts: [u64; 5],
}

/// What must be the same for everybody: all words, all calls with their names and arguments, the tokens.
type Heard = (String, Vec<(String, Value)>, Usage);

fn told() -> impl Strategy<Value = Told> {
    let leaf = prop_oneof![any::<i64>().prop_map(Value::from), "(?s).{0,8}".prop_map(Value::from)];
    let arguments =
        prop::collection::btree_map("[a-z\\\\\"{}]{0,4}", leaf, 0..4).prop_map(|fields| json!(fields));
    let said = prop_oneof![
        2 => "(?s).{0,12}".prop_map(Said::Text),
        1 => "x{8190}(?s).{1,6}".prop_map(Said::Text),
        2 => "(?s).{0,8}".prop_map(Said::Thinking),
        2 => arguments.prop_map(Said::Call),
    ];
    let refusal = prop::option::weighted(0.2, "(?s).{1,8}");
    (prop::collection::vec(said, 0..5), refusal, prop::array::uniform5(1..1_000_000u64))
        .prop_map(|(said, refusal, counts)| Told { said, refusal, counts })
}

impl Told {
    fn words(&self) -> String {
        let texts = self
            .said
            .iter()
            .filter_map(|said| if let Said::Text(text) = said { Some(text.as_str()) } else { None });
        texts.chain(self.refusal.as_deref()).collect()
    }

    fn calls(&self) -> Vec<(String, Value)> {
        let calls = self
            .said
            .iter()
            .filter_map(|said| if let Said::Call(arguments) = said { Some(arguments) } else { None });
        calls.enumerate().map(|(n, arguments)| (format!("f{n}"), arguments.clone())).collect()
    }

    fn heard(&self) -> Heard {
        let [input, cached, written, output, reasoning] = self.counts;
        let usage = Usage {
            input: Some(input),
            output: Some(output + reasoning),
            cached: Some(cached),
            cache_write: Some(written),
            reasoning: Some(reasoning),
            ..Usage::default()
        };
        (self.words(), self.calls(), usage)
    }

    fn as_chat(&self) -> Value {
        let [input, cached, written, output, reasoning] = self.counts;
        let text: String = self
            .said
            .iter()
            .filter_map(|said| if let Said::Text(text) = said { Some(text.as_str()) } else { None })
            .collect();
        let calls: Vec<Value> = self.calls().into_iter().enumerate().map(|(n, (name, arguments))| json!({"id": format!("call_{n}"), "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})).collect();
        let mut message =
            json!({"role": "assistant", "content": text, "refusal": self.refusal, "annotations": []});
        let reason = if calls.is_empty() { "stop" } else { "tool_calls" };
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}],
            "usage": {"prompt_tokens": input + cached + written, "completion_tokens": output + reasoning, "total_tokens": input + cached + written + output + reasoning,
                "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written}, "completion_tokens_details": {"reasoning_tokens": reasoning}}})
    }

    fn as_messages(&self) -> Value {
        let [input, cached, written, output, reasoning] = self.counts;
        let mut calls = 0;
        let mut content: Vec<Value> = self.said.iter().map(|said| match said {
            Said::Text(text) => json!({"type": "text", "text": text}),
            Said::Thinking(text) => json!({"type": "thinking", "thinking": text, "signature": "EqQB"}),
            Said::Call(arguments) => {
                calls += 1;
                json!({"type": "tool_use", "id": format!("toolu_{calls}"), "name": format!("f{}", calls - 1), "input": arguments})
            }
        }).collect();
        content.extend(self.refusal.as_ref().map(|text| json!({"type": "text", "text": text})));
        json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": if calls > 0 { "tool_use" } else { "end_turn" }, "stop_sequence": null,
            "usage": {"input_tokens": input, "cache_read_input_tokens": cached, "cache_creation_input_tokens": written, "output_tokens": output + reasoning, "output_tokens_details": {"thinking_tokens": reasoning}}})
    }

    fn as_responses(&self) -> Value {
        let [input, cached, written, output, reasoning] = self.counts;
        let mut calls = 0;
        let message = |n: usize, part: Value| json!({"id": format!("msg_{n}"), "type": "message", "status": "completed", "role": "assistant", "content": [part]});
        let mut items: Vec<Value> = self.said.iter().enumerate().map(|(n, said)| match said {
            Said::Text(text) => message(n, json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})),
            Said::Thinking(text) => json!({"id": format!("rs_{n}"), "type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}),
            Said::Call(arguments) => {
                calls += 1;
                json!({"id": format!("fc_{n}"), "type": "function_call", "status": "completed", "call_id": format!("call_{n}"), "name": format!("f{}", calls - 1), "arguments": arguments.to_string()})
            }
        }).collect();
        items.extend(
            self.refusal.as_ref().map(|text| message(99, json!({"type": "refusal", "refusal": text}))),
        );
        json!({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "error": null, "model": "m", "output": items,
            "usage": {"input_tokens": input + cached + written, "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written}, "output_tokens": output + reasoning,
                "output_tokens_details": {"reasoning_tokens": reasoning}, "total_tokens": input + cached + written + output + reasoning}})
    }

    fn as_(&self, api: Api) -> Bytes {
        let body = match api {
            Api::Messages => self.as_messages(),
            Api::Responses => self.as_responses(),
            Api::ChatCompletions | Api::Embeddings => self.as_chat(),
        };
        body.to_string().into()
    }
}

/// What a client of `api` hears in a whole body.
fn heard(api: Api, body: &[u8]) -> Heard {
    let usage = answer::read(api, body).unwrap().usage;
    let body = value(body);
    let parsed = |arguments: &Value| serde_json::from_str(arguments.as_str().unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut words, mut calls) = (String::new(), Vec::new());
    match api {
        Api::ChatCompletions | Api::Embeddings => {
            let message = &body["choices"][0]["message"];
            words = text(&message["content"]) + &text(&message["refusal"]);
            for call in message["tool_calls"].as_array().into_iter().flatten() {
                calls.push((text(&call["function"]["name"]), parsed(&call["function"]["arguments"])));
            }
        }
        Api::Messages => {
            for block in body["content"].as_array().unwrap() {
                words += &text(&block["text"]);
                if block["type"] == "tool_use" {
                    calls.push((text(&block["name"]), block["input"].clone()));
                }
            }
        }
        Api::Responses => {
            for item in body["output"].as_array().unwrap() {
                if item["type"] == "function_call" {
                    calls.push((text(&item["name"]), parsed(&item["arguments"])));
                } else if item["type"] == "message" {
                    for part in item["content"].as_array().unwrap() {
                        words += &(text(&part["text"]) + &text(&part["refusal"]));
                    }
                }
            }
        }
    }
    (words, calls, usage)
}

proptest! {
    // Each case is eighteen replays.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_asks_again_gets_the_same_words_calls_and_tokens(told in told()) {
        for from in APIS {
            let stored = told.as_(from);
            prop_assert_eq!(heard(from, &stored), told.heard());
            for to in APIS {
                let whole = body(from, &stored, to).unwrap();
                prop_assert_eq!(heard(to, &whole), told.heard(), "{:?} to {:?}", from, to);
                let streamed = stream(from, &stored, to, true).unwrap();
                prop_assert_eq!(heard(to, &folded(to, &streamed)), told.heard(), "{:?} to {:?}, streamed", from, to);
                prop_assert_eq!(watched(to, &streamed).usage(), told.heard().2);
            }
        }
    }

    #[test]
    fn a_stream_folds_into_the_stored_answer(told in told()) {
        for api in APIS {
            let stored = told.as_(api);
            let again = folded(api, &stream(api, &stored, api, true).unwrap());
            let mut kept = value(&stored);
            // An empty text beside calls or a refusal is none.
            if let Some(message) = kept.pointer_mut("/choices/0/message")
                && message["content"] == "" && (message.get("tool_calls").is_some() || !message["refusal"].is_null()) {
                message["content"] = Value::Null;
            }
            prop_assert_eq!(value(&again), kept);
        }
    }

    /// The deltas of a Responses stream say what the last event says; most clients read only one of the two.
    #[test]
    fn the_deltas_of_a_response_say_what_its_end_says(told in told()) {
        for from in APIS {
            let events = events(&stream(from, &told.as_(from), Api::Responses, false).unwrap());
            let (mut words, mut arguments) = (String::new(), String::new());
            for event in &events {
                let delta = event["delta"].as_str().unwrap_or_default();
                match event["type"].as_str().unwrap() {
                    "response.output_text.delta" | "response.refusal.delta" => words += delta,
                    "response.function_call_arguments.delta" => arguments += delta,
                    _ => {}
                }
            }
            prop_assert_eq!(words, told.words());
            let whole: String = told.calls().iter().map(|(_, arguments)| arguments.to_string()).collect();
            prop_assert_eq!(arguments, whole);
        }
    }
}
