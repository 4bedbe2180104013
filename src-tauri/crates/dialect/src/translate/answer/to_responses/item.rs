//! What a response is made of: items, and the parts within them.

use serde::Serialize;

use super::super::ids;
use crate::canon::{Block, ToolCall};

/// One item of `output`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item {
    /// Thinking, as far as the provider shows it.
    Reasoning { id: String, summary: Vec<Part> },
    /// What the model says.
    Message { id: String, status: Status, role: &'static str, content: Vec<Part> },
    /// A function that it calls.
    FunctionCall { id: String, status: Status, call_id: String, name: String, arguments: String },
}

/// A piece of text within an item.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part {
    OutputText { text: String, annotations: [(); 0], logprobs: [(); 0] },
    Refusal { refusal: String },
    SummaryText { text: String },
}

/// How far an item, or the response, has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    InProgress,
    Completed,
    Incomplete,
}

/// What the model said in a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    Text,
    Refusal,
}

impl Part {
    pub(super) fn new(kind: PartKind, text: String) -> Self {
        match kind {
            PartKind::Text => Self::OutputText { text, annotations: [], logprobs: [] },
            PartKind::Refusal => Self::Refusal { refusal: text },
        }
    }

    pub(super) fn is(&self, kind: PartKind) -> bool {
        matches!(
            (self, kind),
            (Self::OutputText { .. }, PartKind::Text) | (Self::Refusal { .. }, PartKind::Refusal)
        )
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::OutputText { text, .. } | Self::SummaryText { text } | Self::Refusal { refusal: text } => {
                text
            }
        }
    }

    pub(super) fn text_mut(&mut self) -> &mut String {
        match self {
            Self::OutputText { text, .. } | Self::SummaryText { text } | Self::Refusal { refusal: text } => {
                text
            }
        }
    }
}

impl Item {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Reasoning { id, .. } | Self::Message { id, .. } | Self::FunctionCall { id, .. } => id,
        }
    }

    /// Thinking has no status: it is there or it isn't.
    pub(super) fn set_status(&mut self, now: Status) {
        match self {
            Self::Message { status, .. } | Self::FunctionCall { status, .. } => *status = now,
            Self::Reasoning { .. } => {}
        }
    }

    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Message { content, .. } if content.iter().any(|part| part.is(PartKind::Refusal)))
    }
}

/// Makes the ids of one answer's items, and the items. Reasoning is named as ours: it can't be given back to a
/// provider as that provider's own.
#[derive(Debug)]
pub(super) struct Names {
    stem: String,
}

impl Names {
    pub(super) fn of(answer: &str) -> Self {
        Self { stem: ids::stem(answer) }
    }

    fn id(&self, prefix: &str, index: usize) -> String {
        format!("{prefix}_{}_{index}", self.stem)
    }

    pub(super) fn reasoning(&self, index: usize) -> Item {
        Item::Reasoning { id: self.id("rs_evenkeel", index), summary: Vec::new() }
    }

    pub(super) fn message(&self, index: usize) -> Item {
        let id = self.id("msg", index);
        Item::Message { id, status: Status::InProgress, role: "assistant", content: Vec::new() }
    }

    pub(super) fn call(&self, index: usize, call_id: String, name: String) -> Item {
        let id = self.id("fc", index);
        Item::FunctionCall { id, status: Status::InProgress, call_id, name, arguments: String::new() }
    }

    /// The items of a whole answer.
    pub(super) fn items(&self, blocks: &[Block]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for block in blocks {
            let index = items.len();
            let (kind, text) = match block {
                Block::Text(text) => (PartKind::Text, text),
                Block::Refusal(text) => (PartKind::Refusal, text),
                Block::Thinking(text) => {
                    let mut item = self.reasoning(index);
                    if let Item::Reasoning { summary, .. } = &mut item {
                        summary.push(Part::SummaryText { text: text.clone() });
                    }
                    items.push(item);
                    continue;
                }
                Block::ToolCall(ToolCall { id, name, arguments: known }) => {
                    let mut item = self.call(index, id.clone(), name.clone());
                    if let Item::FunctionCall { arguments, .. } = &mut item {
                        *arguments = if known.is_empty() { "{}".to_owned() } else { known.clone() };
                    }
                    items.push(item);
                    continue;
                }
                // A model says none of these.
                Block::Image(_) | Block::Document { .. } | Block::ToolResult(_) => continue,
            };
            if !matches!(items.last(), Some(Item::Message { .. })) {
                items.push(self.message(index));
            }
            if let Some(Item::Message { content, .. }) = items.last_mut() {
                content.push(Part::new(kind, text.clone()));
            }
        }
        items
    }
}
