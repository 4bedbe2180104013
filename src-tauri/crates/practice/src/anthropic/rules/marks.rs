//! Anthropic's rules for marks of its prompt cache.

use serde_json::Value;

use super::blocks_of;
use crate::{
    ask::json::{given, list, string},
    refusal::Refusal,
};

/// The most marks in one request.
const MOST: usize = 4;

pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    let marks = marks(body);
    if marks.len() > MOST {
        return Err(Refusal::invalid(format!(
            "A maximum of {MOST} blocks with cache_control may be provided. Found {}.",
            marks.len()
        )));
    }
    let mut short = false;
    for (path, mark) in marks {
        if string(mark, "type") != Some("ephemeral") {
            return Err(Refusal::invalid(format!("{path}.cache_control.type: Input should be 'ephemeral'")));
        }
        match string(mark, "ttl") {
            None | Some("5m") => short = true,
            Some("1h") if !short => {}
            Some("1h") => {
                return Err(Refusal::invalid(format!(
                    "{path}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' \
                     cache_control block. Note that blocks are processed in the following order: `tools`, `system`, \
                     `messages`."
                )));
            }
            Some(_) => {
                let message = format!("{path}.cache_control.ttl: Input should be '5m' or '1h'");
                return Err(Refusal::invalid(message));
            }
        }
    }
    Ok(())
}

/// Every mark in the order in which the vendor reads, with the path of the block that has it.
fn marks(body: &Value) -> Vec<(String, &Value)> {
    let mut holders: Vec<(String, &Value)> = Vec::new();
    for field in ["tools", "system"] {
        let blocks = list(body, field).iter().enumerate();
        holders.extend(blocks.map(|(index, block)| (format!("{field}.{index}"), block)));
    }
    for (at, message) in list(body, "messages").iter().enumerate() {
        for (index, block) in blocks_of(message).iter().enumerate() {
            let path = format!("messages.{at}.content.{index}");
            let inner = blocks_of(block).iter().enumerate();
            holders.extend(inner.map(|(inner, block)| (format!("{path}.content.{inner}"), block)));
            holders.push((path, block));
        }
    }
    let marked =
        holders.into_iter().filter_map(|(path, holder)| Some((path, given(holder, "cache_control")?)));
    marked.collect()
}
