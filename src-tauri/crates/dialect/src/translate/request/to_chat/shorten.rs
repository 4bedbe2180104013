//! Names and ids that are longer than a host takes.

use std::borrow::Cow;

/// `text` in at most `most` characters (20 or more): as it is if it fits, else its beginning and a hash of
/// all of it. The same text always becomes the same, so a provider's prompt cache holds from turn to turn.
pub(super) fn to(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most || text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    let hash = format!("_{:016x}", fnv(text.as_bytes()));
    let mut short: String = text.chars().take(most.saturating_sub(hash.len())).collect();
    short.push_str(&hash);
    Cow::Owned(short)
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo): the standard library's hash may be another one in its next release.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
