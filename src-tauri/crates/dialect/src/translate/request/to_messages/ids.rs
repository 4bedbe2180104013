//! Ids of calls in letters that the Messages API takes.

use std::collections::{HashMap, HashSet};

use crate::translate::request::spelling::plain;

/// Letters a call's id may have.
const LONGEST_ID: usize = 64;

/// Ids of calls as they are sent. Each is used once, though some hosts count from `call_0` in every turn.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: HashSet<String>,
    uses: HashMap<String, u32>,
}

impl Ids {
    /// The id for another call that the client knows as `id`.
    pub(super) fn next(&mut self, id: &str) -> String {
        let first = plain(id, "call", LONGEST_ID).into_owned();
        let mut sent = if let Some(uses) = self.uses.get_mut(&first) {
            *uses += 1;
            numbered(&first, *uses)
        } else {
            self.uses.insert(first.clone(), 1);
            first
        };
        while !self.taken.insert(sent.clone()) {
            sent = plain(&format!("{sent}."), "call", LONGEST_ID).into_owned();
        }
        sent
    }
}

fn numbered(id: &str, n: u32) -> String {
    let suffix = format!("_{n}");
    let kept = id.len().min(LONGEST_ID - suffix.len());
    format!("{}{suffix}", &id[..kept])
}
