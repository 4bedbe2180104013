//! Where things stand in a text, and whether an edited one means what was wanted.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table};

use super::path::Step;
use super::{EditError, meaning};

/// The key and the value that stand at a path; an item of a list goes by its own place.
pub(super) fn entry<'d, 't>(
    file: &'d DeTable<'t>,
    steps: &[Step],
) -> Option<(Spanned<Cow<'d, str>>, &'d Spanned<DeValue<'t>>)> {
    let (Step::Key(first), rest) = steps.split_first()? else { return None };
    let (key, value) = file.get_key_value(first.as_str())?;
    let mut found = (key.span(), value);
    for step in rest {
        found = match step {
            Step::Key(name) => {
                let (key, value) = found.1.get_ref().as_table()?.get_key_value(name.as_str())?;
                (key.span(), value)
            }
            Step::Item(index) => {
                let item = found.1.get_ref().as_array()?.get(*index)?;
                (item.span(), item)
            }
        };
    }
    Some((Spanned::new(found.0, Cow::Borrowed("")), found.1))
}

/// Where a key and its value stand, if they have their lines to themselves.
pub(super) fn pair(file: &DeTable<'_>, steps: &[Step], text: &str) -> Option<Range<usize>> {
    let (key, value) = entry(file, steps)?;
    let range = key.span().start..value.span().end;
    let before = text.get(..range.start)?.rsplit('\n').next()?;
    let behind = text.get(range.end..)?.split('\n').next()?.trim();
    (before.trim().is_empty() && (behind.is_empty() || behind.starts_with('#'))).then_some(range)
}

/// The text, if it means what was wanted, with the providers in the order that was.
pub(super) fn proven(text: String, wanted: &Table) -> Result<String, EditError> {
    let names = |table: &Table| -> Vec<String> {
        let providers = table.get("providers").and_then(toml::Value::as_table);
        providers.map(|table| table.keys().cloned().collect()).unwrap_or_default()
    };
    let found = meaning(&text).map_err(|_| EditError::Unusual)?;
    let same = bare(&found) == bare(wanted) && names(&found) == names(wanted);
    if same { Ok(text) } else { Err(EditError::Unusual) }
}

/// Without tables and lists that say nothing: a header may stay behind when its last key goes.
fn bare(table: &Table) -> Table {
    let says_nothing = |value: &toml::Value| match value {
        toml::Value::Table(table) => table.is_empty(),
        toml::Value::Array(list) => list.is_empty(),
        _ => false,
    };
    let kept = table.iter().filter(|(_, value)| !says_nothing(value));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The edited text with the bytes of the original wherever the lines are the same: the document model writes
/// line endings its own way.
pub(super) fn like(original: &str, edited: &str) -> String {
    let ending = if original.lines().next().is_some() && original.contains("\r\n") { "\r\n" } else { "\n" };
    let old: Vec<&str> = original.split_inclusive('\n').collect();
    let new: Vec<&str> = edited.split_inclusive('\n').collect();
    let bare = |line: &str| line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned();
    let most = old.len().min(new.len());
    let first = old.iter().zip(&new).take_while(|(old, new)| bare(old) == bare(new)).count();
    let last = old.iter().rev().zip(new.iter().rev());
    let last = last.take(most - first).take_while(|(old, new)| bare(old) == bare(new)).count();
    let mut text: String = old.get(..first).unwrap_or_default().concat();
    if first == old.len() && first < new.len() && !original.ends_with('\n') && first > 0 {
        text.push_str(ending);
    }
    for line in new.get(first..new.len() - last).unwrap_or_default() {
        if first == 0 && text.is_empty() && original.starts_with('\u{feff}') {
            text.push('\u{feff}');
        }
        text.push_str(&bare(line));
        text.push_str(ending);
    }
    text.push_str(&old.get(old.len() - last..).unwrap_or_default().concat());
    if last == 0 && !original.ends_with('\n') && first < new.len() {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}
