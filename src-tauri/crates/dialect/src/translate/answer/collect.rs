//! Events put together to one answer.

use crate::canon::{Answer, Block, Event, ToolCall};
use crate::usage::Usage;

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Collector {
    answer: Answer,
    /// Where each call stands among the blocks.
    calls: Vec<usize>,
}

impl Collector {
    pub(super) fn add(&mut self, event: Event) {
        let Answer { id, model, blocks, finish, usage } = &mut self.answer;
        match event {
            Event::Start { id: provider_id, model: provider_model } => {
                *id = provider_id;
                *model = provider_model;
            }
            Event::Text(more) => match blocks.last_mut() {
                Some(Block::Text(text)) => text.push_str(&more),
                _ => blocks.push(Block::Text(more)),
            },
            Event::Thinking(more) => match blocks.last_mut() {
                Some(Block::Thinking(text)) => text.push_str(&more),
                _ => blocks.push(Block::Thinking(more)),
            },
            Event::Refusal(more) => match blocks.last_mut() {
                Some(Block::Refusal(text)) => text.push_str(&more),
                _ => blocks.push(Block::Refusal(more)),
            },
            Event::CallStart { ordinal: _, id, name } => {
                self.calls.push(blocks.len());
                blocks.push(Block::ToolCall(ToolCall { id, name, arguments: String::new() }));
            }
            Event::CallArguments { ordinal, fragment } => {
                let at = self.calls.get(ordinal).copied();
                if let Some(Block::ToolCall(call)) = at.and_then(|at| blocks.get_mut(at)) {
                    call.arguments.push_str(&fragment);
                }
            }
            Event::Usage(known) => *usage = known,
            Event::Finish(reason) => *finish = reason,
            Event::CallEnd { .. } | Event::End => {}
        }
    }

    pub(super) fn usage(&self) -> Usage {
        self.answer.usage
    }

    pub(super) fn finish(self) -> Answer {
        self.answer
    }
}
