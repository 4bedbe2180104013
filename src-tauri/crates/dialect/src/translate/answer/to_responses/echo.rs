//! The response object, which repeats most of the request.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::{counts, output};
use super::item::{Item, Status};
use crate::canon::FinishReason;
use crate::json::Fields;

/// A response, in progress or complete.
#[derive(Debug, Serialize)]
pub(super) struct Response<'a> {
    pub(super) id: &'a str,
    pub(super) object: &'static str,
    pub(super) created_at: i64,
    pub(super) status: Status,
    pub(super) background: bool,
    pub(super) error: (),
    pub(super) incomplete_details: Option<IncompleteDetails>,
    pub(super) model: &'a str,
    pub(super) output: &'a [Item],
    pub(super) previous_response_id: (),
    /// Nothing is kept of a translated answer, whatever was asked.
    pub(super) store: bool,
    pub(super) usage: Option<counts::Responses>,
    #[serde(flatten)]
    pub(super) echo: &'a Echo,
}

impl<'a> Response<'a> {
    /// One of which nothing is known but how it ended, if it did.
    pub(super) fn new(outcome: Option<Outcome>, echo: &'a Echo) -> Self {
        Self {
            id: "",
            object: "response",
            created_at: 0,
            status: outcome.map_or(Status::InProgress, Outcome::status),
            background: false,
            error: (),
            incomplete_details: outcome.and_then(Outcome::details),
            model: "",
            output: &[],
            previous_response_id: (),
            store: false,
            usage: None,
            echo,
        }
    }
}

/// Why a response is incomplete.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct IncompleteDetails {
    pub(super) reason: &'static str,
}

/// What the client asked for, as it asked, or the vendor's default.
#[derive(Debug)]
pub(super) struct Echo(Vec<(&'static str, Box<RawValue>)>);

/// The fields that are repeated, and what stands there if the client didn't say.
const REPEATED: [(&str, &str); 12] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("temperature", "1.0"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", r#""auto""#),
    ("tools", "[]"),
    ("top_p", "1.0"),
    ("truncation", r#""disabled""#),
    ("user", "null"),
];

/// Repeated only if the client said them.
const REPEATED_IF_SAID: [&str; 4] =
    ["max_tool_calls", "prompt_cache_key", "safety_identifier", "top_logprobs"];

impl Echo {
    pub(super) fn of(request: &Bytes) -> Self {
        let text = std::str::from_utf8(request).unwrap_or_default().trim_start_matches('\u{feff}').trim();
        let request = Fields::parse(text).ok();
        let said = |name| request.as_ref().and_then(|request| request.get(name)).map(output::on_one_line);
        let standard =
            |text: &str| RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        let always = REPEATED
            .into_iter()
            .map(|(name, default)| (name, said(name).unwrap_or_else(|| standard(default))));
        let sometimes = REPEATED_IF_SAID.into_iter().filter_map(|name| Some((name, said(name)?)));
        Self(always.chain(sometimes).collect())
    }
}

impl Serialize for Echo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (*name, value)))
    }
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Completed,
    /// The limit on the output.
    CutOff,
    /// A filter, or a model that declined without a word.
    Filtered,
}

impl Outcome {
    /// A refusal in the model's own words is a complete answer here.
    pub(super) fn of(reason: FinishReason, items: &[Item]) -> Self {
        match reason {
            FinishReason::Length => Self::CutOff,
            FinishReason::Refusal if !items.iter().any(Item::is_refusal) => Self::Filtered,
            FinishReason::Stop | FinishReason::ToolCalls | FinishReason::Refusal => Self::Completed,
        }
    }

    /// The status of the response, and of the item that it ended in.
    pub(super) fn status(self) -> Status {
        if self == Self::Completed { Status::Completed } else { Status::Incomplete }
    }

    pub(super) fn details(self) -> Option<IncompleteDetails> {
        match self {
            Self::Completed => None,
            Self::CutOff => Some(IncompleteDetails { reason: "max_output_tokens" }),
            Self::Filtered => Some(IncompleteDetails { reason: "content_filter" }),
        }
    }
}
