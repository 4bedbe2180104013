//! Names and ids in letters, and of a length, that the other dialect takes.
//!
//! A spelling of ours depends on the client's alone, not on what else is in the request: the next turn of the
//! same conversation spells it the same way, or the provider's prompt cache would be of no use.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::canon::{Block, Tool, ToolChoice, Turn};

/// Tool names that are sent in another spelling. Clients build names out of servers and paths; both vendors
/// take letters, digits, `_` and `-`, and no more than so many of them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the client's own.
    sent: HashMap<String, String>,
}

impl Names {
    /// Every tool of the request: on offer, called in its history, demanded.
    pub(super) fn of(tools: &[Tool], turns: &[Turn], choice: Option<&ToolChoice>, longest: usize) -> Self {
        let all = || {
            let offered = tools.iter().map(|tool| tool.name.as_str());
            let called = turns.iter().flat_map(|turn| &turn.blocks).filter_map(|block| match block {
                Block::ToolCall(call) => Some(call.name.as_str()),
                _ => None,
            });
            let demanded = choice.and_then(|choice| match choice {
                ToolChoice::Function(name) => Some(name.as_str()),
                _ => None,
            });
            offered.chain(called).chain(demanded)
        };
        let mut odd: Vec<&str> = all().filter(|name| !is_plain(name, longest)).collect();
        if odd.is_empty() {
            return Self::default();
        }
        // Sorted, so that who gets which spelling, should two come to the same, doesn't hang on chance.
        odd.sort_unstable();
        odd.dedup();
        let mut taken: HashSet<Cow<'_, str>> =
            all().filter(|name| is_plain(name, longest)).map(Cow::Borrowed).collect();
        let mut sent = HashMap::new();
        for name in odd {
            let mut spelt = plain(name, "tool", longest).into_owned();
            while !taken.insert(Cow::Owned(spelt.clone())) {
                spelt = plain(&format!("{spelt}."), "tool", longest).into_owned();
            }
            sent.insert(name.to_owned(), spelt);
        }
        Self { sent }
    }

    /// The name under which the provider knows a tool.
    pub(super) fn sent<'n>(&'n self, name: &'n str) -> &'n str {
        self.sent.get(name).map_or(name, String::as_str)
    }

    /// (sent, the client's own)
    pub(super) fn into_renamed(self) -> Vec<(String, String)> {
        let mut renamed: Vec<_> = self.sent.into_iter().map(|(own, sent)| (sent, own)).collect();
        renamed.sort_unstable();
        renamed
    }
}

/// The text itself if it will do; else what can be kept of it, and a hash that tells it from others of which
/// the same can be kept.
pub(super) fn plain<'t>(text: &'t str, if_empty: &str, longest: usize) -> Cow<'t, str> {
    if is_plain(text, longest) {
        return Cow::Borrowed(text);
    }
    let hash = hash(text);
    let kept = letters(text, longest.saturating_sub(hash.len()));
    Cow::Owned(if kept.is_empty() { format!("{if_empty}{hash}") } else { kept + &hash })
}

/// The beginning of a text in letters that will do.
pub(super) fn letters(text: &str, longest: usize) -> String {
    let letter = |c: char| if u8::try_from(c).is_ok_and(is_letter) { c } else { '_' };
    text.chars().map(letter).take(longest).collect()
}

/// The text itself if it is short enough, whatever its letters; else its beginning and a hash of all of it.
pub(super) fn short(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest || text.chars().count() <= longest {
        return Cow::Borrowed(text);
    }
    let hash = hash(text);
    let kept: String = text.chars().take(longest.saturating_sub(hash.len())).collect();
    Cow::Owned(kept + &hash)
}

fn is_plain(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(is_letter)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The text itself if it is `LENGTH` letters and digits, else that many that stand for it.
pub(super) fn letters_and_digits<const LENGTH: usize>(text: &str) -> Cow<'_, str> {
    const ALL: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Cow::Borrowed(text);
    }
    let mut rest = fnv(text);
    let letters = (0..LENGTH).map(|_| {
        let letter = usize::try_from(rest % 62).map_or('0', |place| char::from(ALL[place]));
        rest /= 62;
        letter
    });
    Cow::Owned(letters.collect())
}

fn hash(text: &str) -> String {
    format!("_{:016x}", fnv(text))
}

/// 64 bits of FNV-1a (Fowler, Noll, Vo): small, and the same in every build, which the standard library's hash
/// is not.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
