//! Names and ids in the alphabet that the Messages API takes.
//!
//! A spelling of ours depends on the client's alone, not on what else is in the request: the next turn of the
//! same conversation spells it the same way, or the provider's prompt cache would be of no use.

use std::collections::{HashMap, HashSet};

/// Letters a tool's name may have.
const LONGEST_NAME: usize = 128;
/// Letters a call's id may have.
const LONGEST_ID: usize = 64;

/// Tool names as they are sent.
#[derive(Debug, Default)]
pub(super) struct Names {
    sent: HashMap<String, String>,
    taken: HashSet<String>,
    renamed: Vec<(String, String)>,
}

impl Names {
    /// Knows the tools on offer first, so that none of their names is given away.
    pub(super) fn new<'a>(offered: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        let mut others = Vec::new();
        for name in offered {
            if is_plain(name, LONGEST_NAME) {
                names.sent(name);
            } else {
                others.push(name);
            }
        }
        for name in others {
            names.sent(name);
        }
        names
    }

    /// The name under which the provider knows a tool.
    pub(super) fn sent(&mut self, name: &str) -> String {
        if let Some(sent) = self.sent.get(name) {
            return sent.clone();
        }
        let mut sent = plain(name, "tool", LONGEST_NAME);
        while !self.taken.insert(sent.clone()) {
            sent = plain(&format!("{sent}."), "tool", LONGEST_NAME);
        }
        if sent != name {
            self.renamed.push((sent.clone(), name.to_owned()));
        }
        self.sent.insert(name.to_owned(), sent.clone());
        sent
    }

    pub(super) fn into_renamed(self) -> Vec<(String, String)> {
        self.renamed
    }
}

/// Ids of calls as they are sent. Each is used once, though some hosts count from `call_0` in every turn.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: HashSet<String>,
    uses: HashMap<String, u32>,
}

impl Ids {
    /// The id for another call that the client knows as `id`.
    pub(super) fn next(&mut self, id: &str) -> String {
        let first = plain(id, "call", LONGEST_ID);
        let uses = self.uses.entry(first.clone()).or_default();
        *uses += 1;
        let mut sent = match *uses {
            1 => first,
            uses => numbered(&first, uses),
        };
        while !self.taken.insert(sent.clone()) {
            sent = plain(&format!("{sent}."), "call", LONGEST_ID);
        }
        sent
    }
}

fn numbered(id: &str, n: u32) -> String {
    let suffix = format!("_{n}");
    let kept = id.len().min(LONGEST_ID - suffix.len());
    format!("{}{suffix}", &id[..kept])
}

fn is_plain(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(is_letter)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The text itself if it will do; else what can be kept of it, and a hash that tells it from others of which
/// the same can be kept.
fn plain(text: &str, if_empty: &str, longest: usize) -> String {
    if is_plain(text, longest) {
        return text.to_owned();
    }
    let hash = format!("_{:08x}", fnv1a(text));
    let letter = |c: char| if c.is_ascii() && is_letter(c as u8) { c } else { '_' };
    let kept: String = text.chars().map(letter).take(longest - hash.len()).collect();
    let kept = if kept.is_empty() { if_empty } else { &kept };
    format!("{kept}{hash}")
}

/// 32 bits of FNV-1a: small, and the same in every build, which the standard library's hasher is not.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
