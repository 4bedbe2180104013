//! Which answers are kept.

use super::*;

fn chat(reason: &str) -> String {
    format!(r#"{{"choices":[{{"message":{{"content":"Hi"}},"finish_reason":{reason}}}]}}"#)
}

fn message(reason: &str) -> String {
    format!(r#"{{"type":"message","content":[{{"type":"text","text":"Hi"}}],"stop_reason":{reason}}}"#)
}

fn response(status: &str, more: &str) -> String {
    format!(r#"{{"object":"response","output":[],"status":"{status}"{more}}}"#)
}

fn incomplete(details: &str) -> String {
    response("incomplete", &format!(r#","incomplete_details":{details}"#))
}

#[test]
fn complete_and_successful_answers_are_kept() {
    let refused = r#"{"choices":[{"message":{"content":null,"refusal":"I won't."},"finish_reason":"stop"}]}"#;
    let kept = [
        (Api::ChatCompletions, chat("\"stop\"")),
        (Api::ChatCompletions, chat("\"tool_calls\"")),
        (Api::ChatCompletions, chat("\"function_call\"")),
        // The limit is part of the question.
        (Api::ChatCompletions, chat("\"length\"")),
        (Api::ChatCompletions, chat("\"reason_of_next_year\"")),
        // The model's own words.
        (Api::ChatCompletions, refused.to_owned()),
        (Api::Messages, message("\"end_turn\"")),
        (Api::Messages, message("\"tool_use\"")),
        (Api::Messages, message("\"stop_sequence\"")),
        (Api::Messages, message("\"max_tokens\"")),
        (Api::Messages, message("\"model_context_window_exceeded\"")),
        (Api::Responses, response("completed", "")),
        (Api::Responses, incomplete(r#"{"reason":"max_output_tokens"}"#)),
        (Api::Embeddings, r#"{"data":[{"embedding":[0.1]}]}"#.to_owned()),
    ];
    for (api, body) in kept {
        assert_eq!(worth_keeping(api, body.as_bytes()), Ok(()), "{body}");
    }
}

#[test]
fn anything_less_is_not_kept_and_says_why() {
    let two = r#"{"choices":[{"message":{},"finish_reason":"stop"},{"message":{},"finish_reason":"content_filter"}]}"#;
    let filtered = "a content filter ended the answer (`content_filter`)";
    let chat_unfinished = "`choices[].finish_reason` doesn't say that the answer was finished";
    let cases = [
        (Api::ChatCompletions, String::new(), "the body is empty"),
        (Api::ChatCompletions, "{\"choices\":[{\"mess".to_owned(), "the body is not JSON"),
        (
            Api::ChatCompletions,
            "<html>Log in to the hotel's network</html>".to_owned(),
            "the body is an HTML page",
        ),
        (
            Api::ChatCompletions,
            r#"{"error":{"message":"Busy"}}"#.to_owned(),
            "the provider reported an error with a status of success",
        ),
        (
            Api::ChatCompletions,
            message("\"end_turn\""),
            "the body is not an answer of this dialect: `choices` is missing",
        ),
        (Api::ChatCompletions, chat("null"), chat_unfinished),
        (Api::ChatCompletions, chat("\"\""), chat_unfinished),
        (Api::ChatCompletions, chat("\"content_filter\""), filtered),
        (Api::ChatCompletions, two.to_owned(), filtered),
        (Api::ChatCompletions, chat("\"SAFETY\""), "a content filter ended the answer (`safety`)"),
        (Api::ChatCompletions, chat("\"error\""), "the provider broke off its answer (`error`)"),
        (
            Api::ChatCompletions,
            chat("\"insufficient_system_resource\""),
            "the provider broke off its answer (`insufficient_system_resource`)",
        ),
        (Api::Messages, message("null"), "`stop_reason` doesn't say that the answer was finished"),
        (Api::Messages, message("\"pause_turn\""), "the answer is only a pause (`pause_turn`)"),
        (Api::Messages, message("\"compaction\""), "the answer is only a pause (`compaction`)"),
        (Api::Messages, message("\"refusal\""), "a content filter ended the answer (`refusal`)"),
        (Api::Responses, incomplete(r#"{"reason":"content_filter"}"#), filtered),
        (Api::Responses, incomplete("null"), "the provider broke off its answer (`incomplete`)"),
        (Api::Responses, incomplete(r#"{"reason":"tide"}"#), "the provider broke off its answer (`tide`)"),
        (
            Api::Responses,
            response("failed", r#","error":{"code":"server_error","message":"Busy"}"#),
            "the provider reported an error with a status of success",
        ),
        (
            Api::Responses,
            response("in_progress", ""),
            "the body is not an answer of this dialect: it is not finished",
        ),
        (
            Api::Responses,
            response("queued", r#","background":true"#),
            "`status` doesn't say that the answer was finished",
        ),
        (
            Api::Responses,
            response("cancelled", ""),
            "the body is not an answer of this dialect: it was cancelled",
        ),
        (
            Api::Embeddings,
            r#"{"data":[]}"#.to_owned(),
            "the body is not an answer of this dialect: `data` has no vectors",
        ),
    ];
    for (api, body, why) in cases {
        assert_eq!(worth_keeping(api, body.as_bytes()).unwrap_err().to_string(), why, "{body}");
    }
}

/// Whatever is kept can be given again: nothing fills the disk that nobody gets.
#[test]
fn what_is_kept_can_be_replayed() {
    for (name, from, stored) in captured::corpus() {
        if worth_keeping(from, &stored).is_ok() {
            stream(from, &stored, from, true).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        }
    }
}
