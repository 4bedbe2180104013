//! Every call has its result in the very next message, in front of everything else, and every result its call.

use std::collections::HashSet;

use serde_json::Value;

use super::{blocks_of, is};
use crate::{ask::json::string, refusal::Refusal};

pub(super) fn check(messages: &[Value]) -> Result<(), Refusal> {
    let mut known = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        check_results(message, at, &mut open)?;
        open = ids(blocks_of(message), "tool_use", "id").collect();
        if !open.iter().all(|id| known.insert(*id)) {
            return Err(Refusal::invalid("messages: `tool_use` ids must be unique"));
        }
        let last = at + 1 == messages.len();
        let next_is_user = messages.get(at + 1).is_some_and(|next| string(next, "role") == Some("user"));
        if !open.is_empty() && (last || !next_is_user) {
            return Err(unanswered(at, &open));
        }
    }
    Ok(())
}

/// Takes the results in front of a message off the calls that are open; none may be left.
fn check_results(message: &Value, at: usize, open: &mut Vec<&str>) -> Result<(), Refusal> {
    let blocks = blocks_of(message);
    let called: HashSet<&str> = open.iter().copied().collect();
    let mut seen = HashSet::new();
    for (index, block) in blocks.iter().enumerate() {
        if !is(block, "tool_result") {
            continue;
        }
        let id = string(block, "tool_use_id").unwrap_or_default();
        if !called.contains(id) {
            return Err(Refusal::invalid(format!(
                "messages.{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each \
                 `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )));
        }
        if !seen.insert(id) {
            return Err(Refusal::invalid(format!(
                "messages.{at}.content.{index}: each tool_use must have a single result. Found multiple `tool_result` \
                 blocks with id: {id}"
            )));
        }
    }
    let leading = blocks.iter().take_while(|block| is(block, "tool_result")).count();
    let answered: HashSet<&str> = ids(&blocks[..leading], "tool_result", "tool_use_id").collect();
    open.retain(|id| !answered.contains(id));
    if open.is_empty() { Ok(()) } else { Err(unanswered(at.saturating_sub(1), open)) }
}

fn ids<'a>(blocks: &'a [Value], kind: &'static str, field: &'static str) -> impl Iterator<Item = &'a str> {
    blocks.iter().filter(move |block| is(block, kind)).filter_map(move |block| string(block, field))
}

fn unanswered(at: usize, open: &[&str]) -> Refusal {
    Refusal::invalid(format!(
        "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message.",
        open.join(", ")
    ))
}
