//! What a response is made of: items, and the parts within them.

use serde::Serialize;

use super::super::ids;
use crate::ask::OURS;
use crate::canon::{Block, ToolCall};
use crate::translate::{Memory, Reply, ToolOrigin};

/// One item of `output`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item {
    /// Thinking, as far as the provider shows it.
    Reasoning { id: String, summary: Vec<Part> },
    /// What the model says.
    Message { id: String, status: Status, role: &'static str, content: Vec<Part> },
    /// A function that it calls.
    FunctionCall {
        id: String,
        status: Status,
        call_id: String,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        arguments: String,
    },
    /// A tool of text that it calls.
    CustomToolCall {
        id: String,
        status: Status,
        call_id: String,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        input: String,
        /// What the model wrote, as far as it has come: JSON with the text in it.
        #[serde(skip)]
        arguments: String,
    },
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
            Self::Reasoning { id, .. }
            | Self::Message { id, .. }
            | Self::FunctionCall { id, .. }
            | Self::CustomToolCall { id, .. } => id,
        }
    }

    /// Thinking has no status: it is there or it isn't.
    pub(super) fn set_status(&mut self, now: Status) {
        match self {
            Self::Message { status, .. }
            | Self::FunctionCall { status, .. }
            | Self::CustomToolCall { status, .. } => *status = now,
            Self::Reasoning { .. } => {}
        }
    }

    /// The text of a tool of text, once the model has written all of it.
    pub(super) fn fill(&mut self) {
        if let Self::CustomToolCall { input, arguments, .. } = self {
            *input = ToolOrigin::input_of(arguments).into_owned();
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
    /// Tools that the client knows in another form.
    memory: Memory,
}

impl Names {
    pub(super) fn of(reply: &Reply) -> Self {
        Self { stem: ids::stem(&reply.id), memory: reply.memory.clone() }
    }

    /// Marked as ours, so that a client that only names the item later can be told what became of it.
    fn id(&self, prefix: &str, index: usize) -> String {
        format!("{prefix}{OURS}{}_{index}", self.stem)
    }

    pub(super) fn reasoning(&self, index: usize) -> Item {
        Item::Reasoning { id: self.id("rs", index), summary: Vec::new() }
    }

    pub(super) fn message(&self, index: usize) -> Item {
        let id = self.id("msg", index);
        Item::Message { id, status: Status::InProgress, role: "assistant", content: Vec::new() }
    }

    pub(super) fn call(&self, index: usize, call_id: String, name: String) -> Item {
        let status = Status::InProgress;
        let (name, namespace, custom) = match self.memory.origin(&name) {
            Some(tool) => (tool.own_name.clone(), tool.namespace.clone(), tool.custom),
            None => (name, None, false),
        };
        let arguments = String::new();
        if custom {
            let id = self.id("ctc", index);
            return Item::CustomToolCall {
                id,
                status,
                call_id,
                name,
                namespace,
                input: String::new(),
                arguments,
            };
        }
        Item::FunctionCall { id: self.id("fc", index), status, call_id, name, namespace, arguments }
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
                    match &mut item {
                        Item::FunctionCall { arguments, .. } => {
                            *arguments = if known.is_empty() { "{}".to_owned() } else { known.clone() };
                        }
                        Item::CustomToolCall { arguments, .. } => known.clone_into(arguments),
                        Item::Reasoning { .. } | Item::Message { .. } => {}
                    }
                    item.fill();
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
