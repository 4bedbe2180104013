//! The shapes of the events.

use serde::Serialize;

use super::echo::Response;
use super::item::{Item, Part};

/// About the whole response.
#[derive(Debug, Serialize)]
pub(super) struct AboutResponse<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) sequence_number: u64,
    pub(super) response: Response<'a>,
}

/// About one item.
#[derive(Debug, Serialize)]
pub(super) struct AboutItem<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) sequence_number: u64,
    pub(super) output_index: usize,
    pub(super) item: &'a Item,
}

/// About something within an item.
#[derive(Debug, Serialize)]
pub(super) struct Within<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) sequence_number: u64,
    pub(super) item_id: &'a str,
    pub(super) output_index: usize,
    #[serde(flatten)]
    pub(super) detail: Detail<'a>,
}

/// What happened there.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Detail<'a> {
    Part { content_index: usize, part: &'a Part },
    Text { content_index: usize, delta: &'a str, logprobs: [(); 0] },
    TextDone { content_index: usize, text: &'a str, logprobs: [(); 0] },
    Refusal { content_index: usize, delta: &'a str },
    RefusalDone { content_index: usize, refusal: &'a str },
    SummaryPart { summary_index: usize, part: &'a Part },
    Summary { summary_index: usize, delta: &'a str },
    SummaryDone { summary_index: usize, text: &'a str },
    Arguments { delta: &'a str },
    ArgumentsDone { name: &'a str, arguments: &'a str },
    InputDone { input: &'a str },
}
