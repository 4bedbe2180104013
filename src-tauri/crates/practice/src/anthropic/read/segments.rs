//! A request in the order in which the vendor caches it: tools, instructions, messages; and where it is marked.

use serde_json::Value;

use crate::{
    ask::json::{given, list, string},
    cache::{Segment, Ttl},
};

pub(super) fn of(body: &Value) -> Vec<Segment> {
    let mut segments: Vec<Segment> =
        list(body, "tools").iter().map(|tool| Segment::verbatim(tool).marked(mark(tool))).collect();
    if let Some(system) = given(body, "system") {
        push(&mut segments, system);
    }
    for message in list(body, "messages") {
        if let Some(content) = message.get("content") {
            push(&mut segments, content);
        }
    }
    // A mark on the request itself is one on its last block.
    if let (Some(ttl), Some(last)) = (mark(body), segments.last_mut()) {
        last.mark = last.mark.or(Some(ttl));
    }
    segments
}

/// A text is one segment, and of a list each block is.
fn push(segments: &mut Vec<Segment>, content: &Value) {
    match content {
        Value::Array(blocks) => {
            segments.extend(blocks.iter().map(|block| Segment::of(block).marked(mark(block))));
        }
        text => segments.push(Segment::of(text)),
    }
}

fn mark(block: &Value) -> Option<Ttl> {
    let mark = given(block, "cache_control")?;
    Some(if string(mark, "ttl") == Some("1h") { Ttl::Hour } else { Ttl::FiveMinutes })
}
