//! The conversation as it is read: results find their calls.
//!
//! Chat Completions has a message for every result; the canonical form has one user's turn with all results
//! of the assistant's turn before it, in the order of the calls. So results are kept with their calls until
//! everything is read. Hosts of this dialect repeat ids (`call_0` in every turn) or send none, which the
//! other dialect refuses; such ids are made unique here, in calls and results alike.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::canon::{Block, Role, ToolCall, ToolResult, Turn};

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Thread {
    steps: Vec<Step>,
    by_id: HashMap<String, Waiting>,
    /// The last step in which something was called.
    latest: usize,
}

/// A turn, and the calls in it.
#[derive(Debug)]
struct Step {
    turn: Turn,
    calls: Vec<Call>,
    /// All calls before this one have a result.
    open: usize,
}

#[derive(Debug)]
struct Call {
    id: String,
    name: String,
    result: Option<Vec<Block>>,
}

/// The calls of one id, in the last step that has it.
#[derive(Debug)]
struct Waiting {
    step: usize,
    open: VecDeque<usize>,
    /// Takes what comes when none is open any more: a second result is put behind the first.
    last: usize,
}

impl Thread {
    /// The next turn; one that says nothing is left out.
    pub(super) fn push(&mut self, role: Role, mut blocks: Vec<Block>) {
        if blocks.is_empty() {
            return;
        }
        let step = self.steps.len();
        let mut calls = Vec::new();
        for block in &mut blocks {
            if let Block::ToolCall(call) = block {
                self.register(call, step, calls.len());
                calls.push(Call { id: call.id.clone(), name: call.name.clone(), result: None });
            }
        }
        if !calls.is_empty() {
            self.latest = step;
        }
        self.steps.push(Step { turn: Turn { role, blocks }, calls, open: 0 });
    }

    fn register(&mut self, call: &mut ToolCall, step: usize, ordinal: usize) {
        if call.id.is_empty() {
            call.id = format!("call_{step}_{ordinal}");
            return;
        }
        match self.by_id.entry(call.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Waiting { step, open: [ordinal].into(), last: ordinal });
            }
            Entry::Occupied(mut entry) => {
                let waiting = entry.get_mut();
                if waiting.step != step {
                    *waiting = Waiting { step, open: VecDeque::new(), last: ordinal };
                }
                waiting.open.push_back(ordinal);
                call.id = format!("{}_{step}_{ordinal}", call.id);
            }
        }
    }

    /// The result of the call with this id; false if there is no such call before it.
    #[must_use]
    pub(super) fn answer(&mut self, id: &str, content: Vec<Block>) -> bool {
        let Some(waiting) = self.by_id.get_mut(id) else { return false };
        let ordinal = waiting.open.pop_front().unwrap_or(waiting.last);
        waiting.last = ordinal;
        let step = waiting.step;
        let call = self.steps.get_mut(step).and_then(|step| step.calls.get_mut(ordinal));
        call.is_some_and(|call| {
            call.result.get_or_insert_default().extend(content);
            true
        })
    }

    /// A result that doesn't say whose: of the first call in the last step with calls that has none yet, and,
    /// if the function's name is known, only if that call has it.
    #[must_use]
    pub(super) fn answer_next(&mut self, name: Option<&str>, content: Vec<Block>) -> bool {
        let Some(step) = self.steps.get_mut(self.latest) else { return false };
        while step.calls.get(step.open).is_some_and(|call| call.result.is_some()) {
            step.open += 1;
        }
        let Some(call) = step.calls.get_mut(step.open) else { return false };
        if name.is_some_and(|name| name != call.name) {
            return false;
        }
        call.result = Some(content);
        true
    }

    /// Everything in the canonical order.
    pub(super) fn into_turns(self) -> Vec<Turn> {
        let mut turns = Vec::with_capacity(self.steps.len());
        for Step { turn, calls, open: _ } in self.steps {
            turns.push(turn);
            let results: Vec<_> = calls.into_iter().filter_map(Call::into_result).collect();
            if !results.is_empty() {
                turns.push(Turn { role: Role::User, blocks: results });
            }
        }
        turns
    }
}

impl Call {
    fn into_result(self) -> Option<Block> {
        let Self { id, name: _, result } = self;
        Some(Block::ToolResult(ToolResult { id, content: result?, is_error: false }))
    }
}
