//! Items that were made up here, when a client comes back with them.
//!
//! A translated answer has items with ids that no provider issued. Clients send them back with their next
//! request, and mostly that does no harm: what they say is what counts. Two things do harm. A provider that is
//! asked for a reasoning item which it never made refuses the whole request, so those are taken out again. And
//! clients that take their answers for stored (`store` is true unless said otherwise) may only name an item by
//! its id; nobody has it, so that is refused, in words that say what to do.

use bytes::{Bytes, BytesMut};

use crate::json::{Fields, Raw};

/// What stands in the ids of made-up items, behind the kind of the item (`msg`, `fc`, `ctc`, `rs`).
pub(crate) const OURS: &str = "_evenkeel_";

/// How the ids of reasoning items begin that a translated answer made up.
pub const OUR_REASONING: &str = "rs_evenkeel_";

/// True for an item with such an id, whether it is sent back or only named.
pub(super) fn is_ours(item: &Fields<'_>) -> bool {
    let kind = item.text("type");
    matches!(kind.as_deref(), Some("reasoning" | "item_reference") | None)
        && item.text("id").is_some_and(|id| id.starts_with(OUR_REASONING))
}

/// True for the id of any item that a translated answer made up.
pub(super) fn is_made_up(id: &str) -> bool {
    ["msg", "fc", "ctc", "rs"]
        .into_iter()
        .any(|kind| id.strip_prefix(kind).is_some_and(|rest| rest.starts_with(OURS)))
}

pub(super) fn without_reasoning(body: &Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(body) else { return body.clone() };
    if !text.contains(OUR_REASONING) {
        return body.clone();
    }
    let fields = Fields::parse(text).ok();
    match fields.as_ref().and_then(|fields| fields.items("input")) {
        Some(items) => cut(body, text, &items.collect::<Vec<_>>()),
        None => body.clone(),
    }
}

/// The text between two items that stay is that before the second one, so that one comma stays between them.
fn cut(body: &Bytes, text: &str, items: &[Raw<'_>]) -> Bytes {
    let ours: Vec<bool> =
        items.iter().map(|item| Fields::of(*item).is_some_and(|item| is_ours(&item))).collect();
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return body.clone() };
    if !ours.contains(&true) {
        return body.clone();
    }
    let (start, end) = (first.place_in(text).start, last.place_in(text).end);
    let mut kept = BytesMut::with_capacity(body.len());
    kept.extend_from_slice(&body[..start]);
    let mut before = start;
    let mut is_first = true;
    for (item, ours) in items.iter().zip(ours) {
        let place = item.place_in(text);
        if !ours {
            kept.extend_from_slice(&body[if is_first { place.start } else { before }..place.end]);
            is_first = false;
        }
        before = place.end;
    }
    kept.extend_from_slice(&body[end..]);
    kept.freeze()
}
