//! The shapes of the events, and who writes them.

use serde::Serialize;

use super::super::output;
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

/// Writes events about the inside of one item.
pub(super) struct Teller<'a> {
    pub(super) sequence: &'a mut u64,
    pub(super) item_id: &'a str,
    pub(super) output_index: usize,
    pub(super) out: &'a mut Vec<u8>,
}

impl Teller<'_> {
    pub(super) fn tell(&mut self, kind: &str, detail: Detail<'_>) {
        let Self { sequence, item_id, output_index, out } = self;
        let sequence_number = next(sequence);
        let event = Within { kind, sequence_number, item_id, output_index: *output_index, detail };
        output::event(out, kind, &event);
    }

    pub(super) fn part_done(&mut self, content_index: usize, part: &Part) {
        match part {
            Part::Refusal { refusal } => {
                self.tell("response.refusal.done", Detail::RefusalDone { content_index, refusal });
            }
            Part::OutputText { text, .. } | Part::SummaryText { text } => {
                let detail = Detail::TextDone { content_index, text, logprobs: [] };
                self.tell("response.output_text.done", detail);
            }
        }
        self.tell("response.content_part.done", Detail::Part { content_index, part });
    }
}

/// The number of the next event.
pub(super) fn next(sequence: &mut u64) -> u64 {
    *sequence += 1;
    *sequence - 1
}
