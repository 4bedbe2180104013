//! The pieces in which an answer is streamed.

use super::Reply;

impl Reply {
    /// How many pieces the answer comes in, which is how long it takes.
    pub(crate) fn pieces(&self) -> usize {
        let calls: usize = self.calls.iter().map(|call| slices(&call.arguments).len()).sum();
        let refusal = self.refusal.as_deref().map_or(0, |refusal| words(refusal).len());
        words(&self.text).len() + refusal + calls
    }
}

/// A text word by word, each with the white space before it.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let white = character.is_whitespace();
        if white && in_word {
            words.push(&text[start..at]);
            start = at;
        }
        in_word = !white;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Arguments in the short slices in which vendors stream them.
pub(crate) fn slices(arguments: &str) -> Vec<&str> {
    let mut slices = Vec::new();
    let mut rest = arguments;
    while !rest.is_empty() {
        // A character is never longer than a slice, so there is always one to cut off.
        let (slice, tail) = rest.split_at(rest.floor_char_boundary(8));
        slices.push(slice);
        rest = tail;
    }
    slices
}

/// Several rows taken in turns: the first of each, then the second of each, until all are used up.
pub(crate) fn in_turns<T>(rows: Vec<Vec<T>>) -> Vec<T> {
    let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(rows.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}
