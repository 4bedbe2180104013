//! From what a plan wants to a text and back.
//!
//! Pure: texts come in and go out. [`apply`] notes for each setting what stood there before and what stands there now,
//! and for each step the few bytes that it took away, so that [`undo`] can give back the very file as long as nobody
//! touched it, and else each setting that is still as we left it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    adapters::Edit,
    text::{Change, Format, Place, TextError, found, missing_parents},
};
use crate::keys;

/// One setting that we changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What stood there; `None`: nothing.
    pub(crate) before: Option<Value>,
    /// What we left there; `None`: nothing.
    pub(crate) after: Option<Value>,
    /// How many of the objects around it are there only because of it.
    pub(crate) made_around: usize,
    /// Goes with the others whatever it says by then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) companion: bool,
}

impl KeyRecord {
    /// What stands there now.
    fn current<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        found(document, &self.place, self.after.as_ref().or(self.before.as_ref()))
    }
}

/// The way back over one step: these bytes of the text after it were this text before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Splice {
    at: usize,
    length: usize,
    text: String,
}

/// What was done to one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub(crate) keys: Vec<KeyRecord>,
    /// The way back, to be gone from the last to the first.
    pub(crate) steps: Vec<Splice>,
    /// Tells whether the file is still as we left it.
    pub(crate) digest: String,
}

/// How a file stands that was changed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Everything is as we left it.
    Ours,
    /// Somebody changed some of it.
    Mixed,
    /// Nothing of it is ours any more.
    Gone,
}

/// A text after [`undo`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undone {
    pub(crate) text: String,
    /// The settings that were changed since and stay as they are.
    pub(crate) left: Vec<String>,
}

/// Tells one text from another.
pub(crate) fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The text with all of the plan's settings, and how to go back from it. `is_marker` knows values that only we write:
/// found where no record of them is left, they are nothing to go back to.
pub(crate) fn apply(
    format: Format,
    text: &str,
    edits: &[Edit],
    is_marker: &dyn Fn(&Value) -> bool,
) -> Result<(String, Changed), TextError> {
    let mut base = text.to_owned();
    for edit in edits.iter().filter(|edit| !edit.place.entry) {
        let document = format.read(&base)?;
        if let Some(old) = found(&document, &edit.place, None).filter(|old| is_marker(old)) {
            base = format.put(&base, &edit.place, Change::Remove(old))?;
        }
    }
    let (mut now, mut keys, mut steps) = (base, Vec::new(), Vec::new());
    for edit in edits {
        let document = format.read(&now)?;
        let before = found(&document, &edit.place, edit.value.as_ref());
        if before == edit.value.as_ref() && before.is_none() {
            continue;
        }
        if edit.only_if_absent && before.is_some() {
            continue;
        }
        // An entry that stands there word for word is its owner's.
        if edit.place.entry && before.is_some() {
            continue;
        }
        let change = match (&edit.value, before) {
            (Some(value), _) => Change::Set(value),
            (None, Some(old)) => Change::Remove(old),
            (None, None) => continue,
        };
        let next = if before == edit.value.as_ref() {
            now.clone()
        } else {
            format.put(&now, &edit.place, change)?
        };
        keys.push(KeyRecord {
            place: edit.place.clone(),
            before: before.cloned(),
            after: edit.value.clone(),
            made_around: missing_parents(&document, &edit.place),
            companion: edit.companion,
        });
        steps.push(way_back(&now, &next));
        now = next;
    }
    let digest = digest(&now);
    Ok((now, Changed { keys, steps, digest }))
}

/// The text as it was, or as near to it as its owner's later changes allow.
pub(crate) fn undo(format: Format, text: &str, changed: &Changed) -> Result<Undone, TextError> {
    if digest(text) == changed.digest
        && let Some(text) = changed.steps.iter().rev().try_fold(text.to_owned(), |text, step| step.on(&text))
    {
        return Ok(Undone { text, left: Vec::new() });
    }
    let document = format.read(text)?;
    let is_left = |key: &&KeyRecord| {
        let current = key.current(&document);
        // An entry that isn't found may be gone, or may say something else now.
        !key.companion && current != key.after.as_ref() && (current != key.before.as_ref() || key.place.entry)
    };
    let left: Vec<_> = changed.keys.iter().filter(is_left).map(|key| key.place.to_string()).collect();
    let mut now = text.to_owned();
    for key in changed.keys.iter().rev() {
        let document = format.read(&now)?;
        let current = key.current(&document);
        let goes = if key.companion { left.is_empty() } else { current == key.after.as_ref() };
        if !goes {
            continue;
        }
        now = match (&key.before, current) {
            (Some(before), _) => format.put(&now, &key.place, Change::Set(before))?,
            (None, Some(ours)) => {
                let without = format.put(&now, &key.place, Change::Remove(ours))?;
                without_empty(format, &without, key)?
            }
            (None, None) => now,
        };
    }
    Ok(Undone { text: now, left })
}

/// Takes out what was only made to hold the value, if it holds nothing else now.
fn without_empty(format: Format, text: &str, key: &KeyRecord) -> Result<String, TextError> {
    let mut text = text.to_owned();
    let outermost =
        if key.place.entry { key.place.path.len() } else { key.place.path.len().saturating_sub(1) };
    for length in (0..=outermost).rev().take(key.made_around) {
        let place = Place { path: key.place.path[..length].to_vec(), entry: false };
        let document = format.read(&text)?;
        let empty = match found(&document, &place, None) {
            Some(Value::Object(keys)) => keys.is_empty(),
            Some(Value::Array(entries)) => entries.is_empty(),
            Some(Value::Null) => true,
            _ => false,
        };
        if length == 0 || !empty {
            break;
        }
        text = format.put(&text, &place, Change::Remove(&Value::Null))?;
    }
    Ok(text)
}

/// How a text stands that was changed once.
pub(crate) fn standing(format: Format, text: &str, changed: &Changed) -> Result<Standing, TextError> {
    if digest(text) == changed.digest {
        return Ok(Standing::Ours);
    }
    let document = format.read(text)?;
    let (mut ours, mut others) = (0, 0);
    let counted = || changed.keys.iter().filter(|key| !key.companion);
    for key in counted() {
        let current = key.current(&document);
        if current == key.after.as_ref() {
            // What we found as we wanted it says nothing either way.
            ours += usize::from(key.after != key.before);
        } else {
            others += usize::from(current != key.before.as_ref() || key.place.entry || key.after.is_none());
        }
    }
    let all = counted().filter(|key| key.after != key.before).count();
    Ok(match (ours, others) {
        (ours, 0) if ours == all => Standing::Ours,
        (0, _) => Standing::Gone,
        _ => Standing::Mixed,
    })
}

/// Values that nobody else writes: our local keys, and the address we listen on.
pub(crate) fn marker(address: std::net::SocketAddr) -> impl Fn(&Value) -> bool {
    let own = [format!("http://{address}"), format!("http://localhost:{}", address.port())];
    move |value| {
        value.as_str().is_some_and(|text| {
            let is_address = |own: &String| {
                text.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            keys::local::looks_like_one(text) || own.iter().any(is_address)
        })
    }
}

/// The one piece in which two texts differ.
fn way_back(before: &str, after: &str) -> Splice {
    let mut start = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    while !(before.is_char_boundary(start) && after.is_char_boundary(start)) {
        start -= 1;
    }
    let rest = before.len().min(after.len()) - start;
    let same = |(one, other): &(u8, u8)| one == other;
    let mut end = before.bytes().rev().zip(after.bytes().rev()).take(rest).take_while(same).count();
    while !(before.is_char_boundary(before.len() - end) && after.is_char_boundary(after.len() - end)) {
        end -= 1;
    }
    Splice {
        at: start,
        length: after.len() - end - start,
        text: before[start..before.len() - end].to_owned(),
    }
}

impl Splice {
    fn on(&self, text: &str) -> Option<String> {
        let (head, rest) = (text.get(..self.at)?, text.get(self.at + self.length..)?);
        Some(format!("{head}{}{rest}", self.text))
    }
}

#[cfg(test)]
mod tests;
