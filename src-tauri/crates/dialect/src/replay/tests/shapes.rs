//! Streams as the vendors send them, event by event.

use super::*;
use crate::replay::write::{pieces, plain_pieces};

fn stored(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/replay/tests/bodies").join(name);
    std::fs::read(path).unwrap().into()
}

#[test]
fn every_field_has_its_place() {
    for (name, api) in [
        ("chat_everything", Api::ChatCompletions),
        ("chat_lax", Api::ChatCompletions),
        ("messages_everything", Api::Messages),
        ("responses_everything", Api::Responses),
        ("responses_incomplete", Api::Responses),
    ] {
        let stream = stream(api, &stored(&format!("{name}.json")), api, true).unwrap();
        insta::assert_snapshot!(name, std::str::from_utf8(&stream).unwrap());
    }
}

#[test]
fn only_a_chat_client_that_asked_is_told_of_usage() {
    let stored = stored("chat_everything.json");
    let asked = events(&stream(Api::ChatCompletions, &stored, Api::ChatCompletions, true).unwrap());
    let [others @ .., last, _done] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(others.iter().all(|chunk| chunk.get("usage").is_some_and(Value::is_null)));
    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &value(&stored)["usage"]));
    let not_asked = stream(Api::ChatCompletions, &stored, Api::ChatCompletions, false).unwrap();
    assert!(events(&not_asked).iter().all(|chunk| chunk.get("usage").is_none()));
    assert_eq!(watched(Api::ChatCompletions, &not_asked).usage(), crate::usage::Usage::default());
    for (from, name) in
        [(Api::Messages, "messages_everything.json"), (Api::Responses, "responses_everything.json")]
    {
        let stored = Bytes::from(
            std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/replay/tests/bodies").join(name))
                .unwrap(),
        );
        let chat = events(&stream(from, &stored, Api::ChatCompletions, false).unwrap());
        assert!(chat.iter().all(|chunk| chunk.get("usage").is_none()));
        let chat = events(&stream(from, &stored, Api::ChatCompletions, true).unwrap());
        assert!(chat.iter().any(|chunk| chunk["usage"].is_object()));
    }
}

#[test]
fn a_responses_stream_counts_its_events_from_zero() {
    for (from, name) in
        [(Api::Responses, "responses_everything.json"), (Api::Messages, "messages_everything.json")]
    {
        let events = events(&stream(from, &stored(name), Api::Responses, false).unwrap());
        let numbers: Vec<_> = events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    }
}

/// Every kind of character that takes several bytes when it is written, in a text of some 300 KiB.
fn long_text() -> String {
    "\\\"\n\u{1}é€😀\t tide ".repeat(14_000)
}

#[test]
fn no_delta_of_a_long_answer_is_longer_than_what_clients_read_as_one_line() {
    let text = long_text();
    let arguments = json!({ "text": text });
    let chat = json!({"id": "c", "choices": [{"index": 0, "message": {"role": "assistant", "reasoning_content": text, "content": text,
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments.to_string()}}]}, "finish_reason": "stop"}]});
    let message = json!({"id": "msg_1", "type": "message", "content": [{"type": "thinking", "thinking": text, "signature": "E"},
        {"type": "text", "text": text}, {"type": "tool_use", "id": "t", "name": "f", "input": arguments}], "stop_reason": "tool_use", "usage": {"input_tokens": 1, "output_tokens": 1}});
    let response = json!({"id": "resp_1", "status": "completed", "output": [
        {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": text}]},
        {"type": "message", "id": "m", "content": [{"type": "output_text", "text": text}]},
        {"type": "function_call", "id": "f", "call_id": "c", "name": "f", "arguments": arguments.to_string()}]});
    for (from, stored) in [(Api::ChatCompletions, chat), (Api::Messages, message), (Api::Responses, response)]
    {
        let stored = Bytes::from(stored.to_string());
        for to in APIS {
            let stream = stream(from, &stored, to, true).unwrap();
            for frame in frames(&stream) {
                let is_delta = to != Api::Responses
                    || frame.event.as_deref().is_some_and(|name| name.ends_with("delta"));
                assert!(
                    !is_delta || frame.raw.len() < 64 * 1024,
                    "{} bytes of {from:?} for {to:?}",
                    frame.raw.len()
                );
            }
            if from == to {
                assert_eq!(value(&folded(to, &stream))["choices"], value(&stored)["choices"]);
                assert_eq!(value(&folded(to, &stream))["content"], value(&stored)["content"]);
            }
        }
        // What the deltas say is what the item says in the end.
        if from == Api::Responses {
            let events = events(&stream(from, &stored, from, false).unwrap());
            let said = |kind: &str| -> String {
                let deltas = events.iter().filter(|event| event["type"] == kind);
                deltas.map(|event| event["delta"].as_str().unwrap()).collect()
            };
            assert_eq!(said("response.output_text.delta"), text);
            assert_eq!(said("response.reasoning_summary_text.delta"), text);
            assert_eq!(said("response.function_call_arguments.delta"), arguments.to_string());
        }
    }
}

#[test]
fn a_text_is_never_cut_within_a_character_or_its_escape() {
    for unit in ["é", "€", "😀", r"\n", r"\\", r"\u00fc", r"\ud83d\ude00", r"\\u", r"\ud83d"] {
        for shift in 0..14 {
            let literal = format!("{}{}", "x".repeat(shift), unit.repeat(20_000 / unit.len()));
            let cut: Vec<&str> = pieces(&literal).collect();
            assert!(cut.len() > 1 && cut.iter().all(|piece| piece.len() <= PIECE), "{unit}");
            assert_eq!(cut.concat(), literal);
            let text = |literal: &str| {
                crate::json::text(Raw::parse(&format!("\"{literal}\"")).unwrap()).unwrap().into_owned()
            };
            let apart: String = cut.iter().map(|piece| text(piece)).collect();
            assert_eq!(apart, text(&literal), "{unit} after {shift}");
            assert_eq!(plain_pieces(&literal).collect::<String>(), literal);
        }
    }
    assert_eq!(pieces("").count(), 0);
}
