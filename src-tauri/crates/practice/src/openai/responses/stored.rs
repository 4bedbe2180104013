//! The responses that clients may come back to: by `previous_response_id`, by an item's id, or to read them again.

use std::collections::VecDeque;

use serde_json::Value;

use crate::ask::json::string;

/// Responses kept at most; the oldest go first.
const MOST: usize = 256;
/// Bytes of conversations kept at most, as they are written in JSON.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What one provider keeps.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    kept: VecDeque<Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    id: String,
    document: Value,
    /// Everything up to this response and its own output, as input items.
    conversation: Vec<Value>,
    bytes: usize,
}

impl Stored {
    pub(super) fn keep(&mut self, id: String, document: Value, conversation: Vec<Value>) {
        let written: usize = conversation.iter().map(|item| item.to_string().len()).sum();
        let bytes = written + document.to_string().len();
        self.bytes += bytes;
        self.kept.push_back(Kept { id, document, conversation, bytes });
        while self.kept.len() > MOST || (self.bytes > MOST_BYTES && self.kept.len() > 1) {
            if let Some(oldest) = self.kept.pop_front() {
                self.bytes -= oldest.bytes;
            }
        }
    }

    pub(super) fn document(&self, id: &str) -> Option<Value> {
        self.find(id).map(|kept| kept.document.clone())
    }

    pub(super) fn conversation(&self, id: &str) -> Option<Vec<Value>> {
        self.find(id).map(|kept| kept.conversation.clone())
    }

    /// An item of any response that is kept.
    pub(super) fn item(&self, id: &str) -> Option<Value> {
        let items = self.kept.iter().rev().flat_map(|kept| &kept.conversation);
        items.into_iter().find(|item| string(item, "id") == Some(id)).cloned()
    }

    /// Whether there was anything to remove.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(place) = self.kept.iter().position(|kept| kept.id == id) else { return false };
        if let Some(removed) = self.kept.remove(place) {
            self.bytes -= removed.bytes;
        }
        true
    }

    fn find(&self, id: &str) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.id == id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_oldest_make_room_by_number_and_by_size() {
        let mut stored = Stored::default();
        for number in 0..=MOST {
            stored.keep(format!("resp_{number}"), json!({}), vec![json!({ "id": format!("msg_{number}") })]);
        }
        assert_eq!((stored.document("resp_0"), stored.item("msg_0")), (None, None));
        assert!(stored.document("resp_1").is_some() && stored.item("msg_1").is_some());

        let long = "x".repeat(MOST_BYTES);
        stored.keep("long".to_owned(), json!({}), vec![json!({ "id": "m", "text": long })]);
        assert_eq!(stored.kept.len(), 1, "a conversation that is too long is still kept until the next");
        stored.keep("next".to_owned(), json!({}), Vec::new());
        assert_eq!(stored.document("long"), None);
        assert!(stored.remove("next") && !stored.remove("next"));
        assert_eq!(stored.bytes, 0);
    }
}
