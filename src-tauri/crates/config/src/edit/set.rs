//! The few ways in which a file is changed, each proven before it is handed out.
//!
//! A value is replaced where it stands, and a new table is a paragraph of its own. Where neither leads to a
//! file that means what was wanted (tables inside one line, dotted keys), the document model writes it in its
//! own way. Lines that no change touches keep their bytes, line ending and all.
//!
//! - [`tables`]: whole tables, new or under another name
//! - [`wanted`]: what the file is to mean afterwards
//! - `model`: the document model; `values`: a value from JSON to TOML

use serde_json::{Map, Value as Json};
use toml::Table;
use toml_edit::{Item, Value};

use self::model::{model, replace, table_at, tidy};
use self::tables::new_table;
use self::values::{to_edit, to_toml};
use self::wanted::{find, put, take};
use super::lines::{self, Lines};
use super::path::Step;
use super::proof::{entry, like, pair, proven};
use super::{EditError, change, document, key, meaning};
use crate::Problem;

mod model;
mod tables;
mod values;
mod wanted;

pub(super) use self::tables::{add_table, insert, rename};

/// Why one setting could not be changed.
#[derive(Debug)]
pub(super) enum Error {
    /// The file is in the way.
    File(EditError),
    /// What was asked makes no sense there.
    Asked(String, &'static str),
}

impl Error {
    pub(super) fn at(self, path: &str) -> Problem {
        match self {
            Self::File(error) => change::problem(path, error.to_string(), "Change it by hand."),
            Self::Asked(message, fix) => change::problem(path, message, fix),
        }
    }
}

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        Self::File(error)
    }
}

/// Sets one value.
pub(super) fn set(text: &str, steps: &[Step], value: &Json) -> Result<String, Error> {
    let (Some(Step::Key(name)), Some((_, parents))) = (steps.last(), steps.split_last()) else {
        return Err(Error::Asked("A value is set by its key.".to_owned(), "Name the key."));
    };
    let there = find(&meaning(text)?, steps).cloned();
    if let Json::Object(values) = value
        && (there.as_ref().is_some_and(toml::Value::is_table) || steps.len() == 1)
    {
        return set_table(text, steps, values, there.as_ref());
    }
    let new = to_toml(value)?;
    if there.as_ref() == Some(&new) {
        return Ok(text.to_owned());
    }
    let mut wanted = meaning(text)?;
    put(&mut wanted, steps, new)?;
    let model = || -> Result<String, EditError> {
        let mut document = model(text)?;
        let table = table_at(document.as_table_mut(), parents).ok_or(EditError::Unusual)?;
        replace(table, name, to_edit(value).ok_or(EditError::Unusual)?);
        Ok(like(text, &document.to_string()))
    };
    let parent = parents.is_empty() || find(&meaning(text)?, parents).is_some_and(toml::Value::is_table);
    if parents.is_empty() && there.is_none() {
        let line = format!("{} = {}", key(name), to_edit(value).ok_or(EditError::Unusual)?);
        let spliced = proven(Lines::of(text).insert_at_top(&line), &wanted);
        return spliced.or_else(|_| proven(model()?, &wanted)).map_err(Error::File);
    }
    if parent {
        return proven(model()?, &wanted).map_err(Error::File);
    }
    let spliced = new_table(text, parents, name, value).and_then(|text| proven(text, &wanted));
    spliced.or_else(|_| proven(model()?, &wanted)).map_err(Error::File)
}

/// Sets a table key by key, so that comments between its keys stay.
fn set_table(
    text: &str,
    steps: &[Step],
    values: &Map<String, Json>,
    there: Option<&toml::Value>,
) -> Result<String, Error> {
    let mut text = text.to_owned();
    let below = |name: &str| [steps, &[Step::Key(name.to_owned())]].concat();
    for name in there.and_then(toml::Value::as_table).into_iter().flat_map(Table::keys) {
        if !values.contains_key(name) {
            text = unset(&text, &below(name))?;
        }
    }
    for (name, value) in values {
        text = set(&text, &below(name), value)?;
    }
    Ok(text)
}

/// Takes a setting out. One that isn't there is left so; the comment above a key stays, for it mostly says
/// what the key is good for.
pub(super) fn unset(text: &str, steps: &[Step]) -> Result<String, Error> {
    let file = meaning(text)?;
    let Some(there) = find(&file, steps) else { return Ok(text.to_owned()) };
    if there.is_table() {
        return remove(text, steps);
    }
    let mut wanted = file.clone();
    take(&mut wanted, steps);
    let parsed = document(text)?;
    let spliced = pair(&parsed, steps, text)
        .map(|range| Lines::of(text).remove_only(range))
        .ok_or(EditError::Unusual)
        .and_then(|text| proven(text, &wanted));
    spliced.or_else(|_| without(text, steps, &wanted)).map_err(Error::File)
}

/// Takes a table out, with everything in it and the comment directly above it.
pub(super) fn remove(text: &str, steps: &[Step]) -> Result<String, Error> {
    let mut wanted = meaning(text)?;
    take(&mut wanted, steps);
    let parsed = document(text)?;
    let spliced = entry(&parsed, steps)
        .map(|(key, value)| Lines::of(text).remove(&lines::regions(text, &key, value)))
        .ok_or(EditError::Unusual)
        .and_then(|text| proven(text, &wanted));
    spliced.or_else(|_| without(text, steps, &wanted)).map_err(Error::File)
}

fn without(text: &str, steps: &[Step], wanted: &Table) -> Result<String, EditError> {
    let mut document = model(text)?;
    let (last, parents) = steps.split_last().ok_or(EditError::Unusual)?;
    match last {
        Step::Key(name) => {
            let table = table_at(document.as_table_mut(), parents).ok_or(EditError::Unusual)?;
            table.remove(name).ok_or(EditError::Unusual)?;
            tidy(table);
        }
        Step::Item(index) => {
            let (name, parents) = parents.split_last().ok_or(EditError::Unusual)?;
            let Step::Key(name) = name else { return Err(EditError::Unusual) };
            let table = table_at(document.as_table_mut(), parents).ok_or(EditError::Unusual)?;
            match table.get_mut(name) {
                Some(Item::ArrayOfTables(items)) if *index < items.len() => drop(items.remove(*index)),
                Some(Item::Value(Value::Array(items))) if *index < items.len() => drop(items.remove(*index)),
                _ => return Err(EditError::Unusual),
            }
        }
    }
    proven(like(text, &document.to_string()), wanted)
}

#[cfg(test)]
mod tests;
