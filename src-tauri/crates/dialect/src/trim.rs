//! A conversation made shorter by its oldest turns, for a guardrail that would rather truncate than refuse.
//!
//! A turn is what a person said with everything that followed from it: the answer, tool calls, their results.
//! Turns go as a whole, oldest first, so that no result stands without its call. What never goes: system and
//! developer messages wherever they stand, tools, and the last turn. The rest keeps every byte.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::Api;
use crate::json::{self, Fields, Raw};

/// A body without its oldest turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortened {
    /// The body.
    pub body: Bytes,
    /// How many turns are gone.
    pub turns: usize,
}

/// Drops the oldest turns until at least `by_bytes` are gone; `None` if that many can't go.
pub fn shorten(api: Api, body: &Bytes, by_bytes: u64) -> Option<Shortened> {
    let text = std::str::from_utf8(body).ok()?;
    let fields = Fields::parse(text).ok()?;
    let list = fields.get(if api == Api::Responses { "input" } else { "messages" })?;
    let messages: Vec<Raw<'_>> = json::items(list)?.collect();
    let starts: Vec<usize> = messages.iter().map(|message| message.place_in(text).start).collect();

    let mut gone: Vec<Range<usize>> = Vec::new();
    let mut saved = 0;
    let mut turns = 0;
    for turn in removable(api, &messages) {
        if saved >= by_bytes {
            break;
        }
        turns += 1;
        for index in turn {
            // Up to the next one's beginning, so that the comma goes too; the last one never goes.
            let range = starts[index]..*starts.get(index + 1)?;
            saved += range.len() as u64;
            gone.push(range);
        }
    }
    if saved < by_bytes || gone.is_empty() {
        return None;
    }
    let mut rest = BytesMut::with_capacity(body.len());
    let mut at = 0;
    for range in gone {
        rest.extend_from_slice(&body[at..range.start]);
        at = range.end;
    }
    rest.extend_from_slice(&body[at..]);
    Some(Shortened { body: rest.freeze(), turns })
}

/// The turns that may go, oldest first, each as the places of its messages.
fn removable(api: Api, messages: &[Raw<'_>]) -> Vec<Vec<usize>> {
    let mut turns: Vec<Vec<usize>> = vec![Vec::new()];
    for (index, message) in messages.iter().enumerate() {
        match Part::of(api, *message) {
            Part::Instruction => {}
            Part::Begins => turns.push(vec![index]),
            Part::Follows => {
                if let Some(turn) = turns.last_mut() {
                    turn.push(index);
                }
            }
        }
    }
    turns.pop();
    turns.retain(|turn| !turn.is_empty());
    turns
}

/// What a message is within its turn.
enum Part {
    Instruction,
    Begins,
    Follows,
}

impl Part {
    fn of(api: Api, message: Raw<'_>) -> Self {
        let Some(fields) = Fields::of(message) else { return Self::Follows };
        match fields.text("role").as_deref() {
            Some("system" | "developer") => Self::Instruction,
            Some("user") if !(api == Api::Messages && only_results(&fields)) => Self::Begins,
            _ => Self::Follows,
        }
    }
}

/// Anthropic's tool results come as the user's turn, but nobody said anything.
fn only_results(message: &Fields<'_>) -> bool {
    let mut blocks = message.items("content").unwrap_or_default().filter_map(Fields::of);
    blocks.any(|block| block.text("type").as_deref() == Some("tool_result"))
}

#[cfg(test)]
mod tests;
