//! Tool names that this dialect refuses: over 64 characters, or with others than letters, digits, `_` and `-`.
//!
//! Anthropic takes 128 characters (200 in history), and clients build names out of servers and paths. Such a
//! name is spelt otherwise everywhere in the request, and the answer's translation puts it back.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::shorten;
use crate::canon::{Block, Tool, ToolChoice, Turn};

/// OpenAI's limit, for tools and for schemas.
pub(super) const LONGEST: usize = 64;

/// The names that are sent in another spelling, by the client's own.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Every tool of the request: on offer, called in its history, demanded.
    pub(super) fn of(tools: &[Tool], turns: &[Turn], choice: Option<&ToolChoice>) -> Self {
        let offered = tools.iter().map(|tool| tool.name.as_str());
        let called = turns.iter().flat_map(|turn| &turn.blocks).filter_map(|block| match block {
            Block::ToolCall(call) => Some(call.name.as_str()),
            _ => None,
        });
        let demanded = choice.and_then(|choice| match choice {
            ToolChoice::Function(name) => Some(name.as_str()),
            _ => None,
        });
        let (fine, odd): (HashSet<&str>, HashSet<&str>) =
            offered.chain(called).chain(demanded).partition(|name| is_fine(name));
        if odd.is_empty() {
            return Self::default();
        }
        // Sorted, so that who gets the plain spelling where two come to the same doesn't hang on chance.
        let mut odd: Vec<_> = odd.into_iter().collect();
        odd.sort_unstable();
        let mut taken: HashSet<Cow<'_, str>> = fine.into_iter().map(Cow::Borrowed).collect();
        let mut renamed = BTreeMap::new();
        for name in odd {
            let spelt = spelling(name, &taken);
            taken.insert(Cow::Owned(spelt.clone()));
            renamed.insert(name.to_owned(), spelt);
        }
        Self(renamed)
    }

    /// The name as the provider gets it.
    pub(super) fn sent<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// (sent, the client's own)
    pub(super) fn into_renamed(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|(own, sent)| (sent, own)).collect()
    }
}

/// `name` in letters that every host takes.
pub(super) fn plain(name: &str) -> Cow<'_, str> {
    if name.chars().all(is_fine_letter) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().map(|c| if is_fine_letter(c) { c } else { '_' }).collect())
}

fn spelling(name: &str, taken: &HashSet<Cow<'_, str>>) -> String {
    let plain = plain(name);
    let short = shorten::to(&plain, LONGEST).into_owned();
    if !short.is_empty() && !taken.contains(short.as_str()) {
        return short;
    }
    // Two names that differ in odd letters only: the hash is of the client's own spelling, padded to be hashed
    // at all.
    let mut padded = format!("{name}{:_<width$}", "", width = LONGEST + 1);
    loop {
        let candidate = shorten::to(&padded, LONGEST);
        let candidate = self::plain(&candidate).into_owned();
        if !taken.contains(candidate.as_str()) {
            return candidate;
        }
        padded.push('_');
    }
}

fn is_fine(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.chars().all(is_fine_letter)
}

fn is_fine_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
