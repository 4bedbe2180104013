//! Changes to a request's bytes.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::{Ask, Budget, Spans};
use crate::unsigned::DISABLED;
use crate::{Api, json};

/// What to change in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Splice<'a> {
    /// The model's name at the target.
    pub model: Option<&'a str>,
    /// Ask for a stream, or for none.
    pub stream: Option<bool>,
    /// Ask for usage at the end of a stream. Without effect at the Messages API, which always tells.
    pub include_usage: bool,
    /// The most output tokens to ask for.
    pub max_output: Option<u64>,
    /// Where Chat Completions has no limit yet, it goes by the newer name (`max_completion_tokens`).
    pub newer_limit: bool,
}

/// Anthropic refuses a smaller budget for thinking, and one that isn't smaller than `max_tokens`.
const SMALLEST_BUDGET: u64 = 1024;

/// New bytes for a range of the old ones; an empty range inserts.
type Edit = (Range<usize>, String);

pub(super) fn apply(ask: &Ask, body: &Bytes, splice: &Splice<'_>) -> Bytes {
    let spans = &ask.spans;
    debug_assert_eq!(spans.body_len, body.len(), "spliced another body than was read");
    let mut edits: Vec<Edit> = Vec::new();
    if let Some(model) = splice.model.filter(|model| *model != ask.model) {
        edits.push((spans.model.clone(), json::quoted(model)));
    }
    if let Some(stream) = splice.stream.filter(|stream| *stream != ask.stream) {
        edits.push(match &spans.stream {
            Some(value) => (value.clone(), stream.to_string()),
            None => insert(spans.open, format!("\"stream\":{stream},")),
        });
    }
    if splice.include_usage && !ask.include_usage && spans.api == Api::ChatCompletions {
        edits.push(ask_for_usage(spans));
    }
    let limit = splice.max_output.filter(|_| spans.api != Api::Embeddings);
    if let Some(limit) = limit.filter(|limit| ask.max_output != Some(*limit)) {
        limit_output(spans, limit, splice.newer_limit, &mut edits);
    }
    if edits.is_empty() {
        return body.clone();
    }
    edits.sort_by_key(|(range, _)| range.start);

    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    let mut spliced = BytesMut::with_capacity(body.len() + added);
    let mut at = 0;
    for (range, text) in edits {
        spliced.extend_from_slice(&body[at..range.start]);
        spliced.extend_from_slice(text.as_bytes());
        at = range.end;
    }
    spliced.extend_from_slice(&body[at..]);
    spliced.freeze()
}

/// Every limit that stands there says the same, for hosts differ in which one they read.
fn limit_output(spans: &Spans, limit: u64, newer: bool, edits: &mut Vec<Edit>) {
    if spans.output.is_empty() {
        let name = match spans.api {
            Api::ChatCompletions if newer => "max_completion_tokens",
            Api::ChatCompletions | Api::Messages => "max_tokens",
            Api::Responses | Api::Embeddings => "max_output_tokens",
        };
        edits.push(insert(spans.open, format!("\"{name}\":{limit},")));
    }
    edits.extend(spans.output.iter().map(|value| (value.clone(), limit.to_string())));
    if let Some(budget) = spans.thinking.as_ref().filter(|budget| budget.tokens >= limit) {
        less_thinking(budget, limit, edits);
    }
}

/// Thinking shares what there is with the answer; where that is less than the API's smallest budget, there is none.
fn less_thinking(budget: &Budget, limit: u64, edits: &mut Vec<Edit>) {
    if limit <= SMALLEST_BUDGET {
        edits.push((budget.thinking.clone(), DISABLED.to_owned()));
        edits.extend(budget.clearing.clone());
    } else {
        edits.push((budget.number.clone(), (limit / 2).max(SMALLEST_BUDGET).to_string()));
    }
}

fn ask_for_usage(spans: &Spans) -> Edit {
    let Some(options) = &spans.options else {
        return insert(spans.open, r#""stream_options":{"include_usage":true},"#.to_owned());
    };
    if let Some(value) = &options.include_usage {
        (value.clone(), "true".to_owned())
    } else if options.filled {
        insert(options.value.start + 1, r#""include_usage":true,"#.to_owned())
    } else {
        (options.value.clone(), r#"{"include_usage":true}"#.to_owned())
    }
}

fn insert(at: usize, text: String) -> Edit {
    (at..at, text)
}
