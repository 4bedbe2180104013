//! Whole tables: a new one as a paragraph of its own, and another name for one that is there.

use serde_json::{Map, Value as Json};
use toml::de::DeValue;
use toml::{Spanned, Table};
use toml_edit::Item;

use super::Error;
use super::model::{model, tidy};
use super::values::{to_edit, to_toml, unsettable};
use crate::edit::lines::{self, Lines};
use crate::edit::path::Step;
use crate::edit::proof::{like, proven};
use crate::edit::{EditError, document, key, meaning};

/// Adds an item to a list of tables, before the one that has its place.
pub(in crate::edit) fn insert(
    text: &str,
    list: &str,
    at: usize,
    values: &Map<String, Json>,
) -> Result<String, Error> {
    let mut wanted = meaning(text)?;
    let items = wanted.entry(list).or_insert_with(|| toml::Value::Array(Vec::new()));
    let items = items.as_array_mut().ok_or(EditError::Unusual)?;
    let at = at.min(items.len());
    let item: Table = values
        .iter()
        .map(|(name, value)| Ok((name.clone(), to_toml(value)?)))
        .collect::<Result<_, Error>>()?;
    items.insert(at, item.into());

    let parsed = document(text)?;
    let there = parsed.get(list).and_then(|list| list.get_ref().as_array());
    let block = block(&format!("[[{}]]", key(list)), values)?;
    let block: Vec<&str> = block.iter().map(String::as_str).collect();
    let lines = Lines::of(text);
    let spliced = match there.and_then(|there| there.get(at)) {
        Some(next) => lines.insert_block_before(&block, next.span().start),
        None => lines.insert_block(&block, there.and_then(|there| there.last()).map(lines::last_byte)),
    };
    let inline = || {
        let mut document = model(text)?;
        let item = document.get_mut(list).and_then(Item::as_array_mut).ok_or(EditError::Unusual)?;
        item.insert(at, to_edit(&Json::Object(values.clone())).ok_or(EditError::Unusual)?);
        proven(like(text, &document.to_string()), &wanted)
    };
    proven(spliced, &wanted).or_else(|_| inline()).map_err(Error::File)
}

/// Adds `[LIST.NAME]` after the others of the list, or at the end of the file.
pub(in crate::edit) fn add_table(
    text: &str,
    list: &str,
    name: &str,
    values: &Map<String, Json>,
) -> Result<String, Error> {
    let mut wanted = meaning(text)?;
    let all = wanted.entry(list).or_insert_with(|| toml::Value::Table(Table::new()));
    let all = all.as_table_mut().ok_or(EditError::Unusual)?;
    let table: Table = values
        .iter()
        .map(|(name, value)| Ok((name.clone(), to_toml(value)?)))
        .collect::<Result<_, Error>>()?;
    all.insert(name.to_owned(), table.into());
    let parsed = document(text)?;
    let block = block(&format!("[{}.{}]", key(list), key(name)), values)?;
    let block: Vec<&str> = block.iter().map(String::as_str).collect();
    let spliced = Lines::of(text).insert_block(&block, parsed.get(list).map(lines::last_byte));
    let inline = || {
        let mut document = model(text)?;
        let all = document.get_mut(list).and_then(Item::as_table_like_mut).ok_or(EditError::Unusual)?;
        all.insert(name, Item::Value(to_edit(&Json::Object(values.clone())).ok_or(EditError::Unusual)?));
        tidy(all);
        proven(like(text, &document.to_string()), &wanted)
    };
    proven(spliced, &wanted).or_else(|_| inline()).map_err(Error::File)
}

/// Gives an entry of a table another name, in its place.
pub(in crate::edit) fn rename(text: &str, list: &str, name: &str, to: &str) -> Result<String, Error> {
    let mut wanted = meaning(text)?;
    let all = wanted.get_mut(list).and_then(toml::Value::as_table_mut).ok_or(EditError::Unusual)?;
    let now = |old: String| if old == name { to.to_owned() } else { old };
    *all = std::mem::take(all).into_iter().map(|(old, value)| (now(old), value)).collect();

    let mut document = model(text)?;
    let all = document.get_mut(list).and_then(Item::as_table_like_mut).ok_or(EditError::Unusual)?;
    let names: Vec<String> = all.iter().map(|(name, _)| name.to_owned()).collect();
    for old in names {
        let decor = all.key(&old).cloned().ok_or(EditError::Unusual)?;
        let item = all.remove(&old).ok_or(EditError::Unusual)?;
        let new = now(old);
        let mut fresh = toml_edit::Key::new(&new);
        *fresh.leaf_decor_mut() = decor.leaf_decor().clone();
        *fresh.dotted_decor_mut() = decor.dotted_decor().clone();
        all.entry_format(&fresh).or_insert(item);
    }
    proven(like(text, &document.to_string()), &wanted).map_err(Error::File)
}

/// A paragraph for tables that aren't there yet, after the last one that is.
pub(super) fn new_table(text: &str, parents: &[Step], name: &str, value: &Json) -> Result<String, EditError> {
    let parsed = document(text)?;
    let mut there: Option<&Spanned<DeValue<'_>>> = None;
    let mut known = 0;
    for (index, step) in parents.iter().enumerate() {
        let next = match (step, there) {
            (Step::Key(key), None) if index == 0 => parsed.get(key.as_str()),
            (Step::Key(key), Some(it)) => it.get_ref().as_table().and_then(|table| table.get(key.as_str())),
            (Step::Item(index), Some(it)) => it.get_ref().as_array().and_then(|list| list.get(*index)),
            (_, None) => None,
        };
        let Some(next) = next else { break };
        there = Some(next);
        known = index + 1;
    }
    let names: Vec<String> = parents
        .iter()
        .filter_map(|step| match step {
            Step::Key(name) => Some(key(name)),
            Step::Item(_) => None,
        })
        .collect();
    let mut block = Vec::new();
    let missing = parents.get(known..).unwrap_or_default();
    let item = missing.iter().position(|step| matches!(step, Step::Item(_)));
    match item {
        Some(item) => {
            let keys = parents.get(..known + item).unwrap_or_default();
            let depth = keys.iter().filter(|step| matches!(step, Step::Key(_))).count();
            block.push(format!("[[{}]]", names.get(..depth).unwrap_or_default().join(".")));
            if depth < names.len() {
                block.push(String::new());
                block.push(format!("[{}]", names.join(".")));
            }
        }
        None => block.push(format!("[{}]", names.join("."))),
    }
    block.push(format!("{} = {}", key(name), to_edit(value).ok_or(EditError::Unusual)?));
    let block: Vec<&str> = block.iter().map(String::as_str).collect();
    Ok(Lines::of(text).insert_block(&block, there.map(lines::last_byte)))
}

/// A header with its keys, in the order in which people write them.
fn block(header: &str, values: &Map<String, Json>) -> Result<Vec<String>, Error> {
    const FIRST: [&str; 8] =
        ["name", "dialect", "base_url", "key", "models", "features", "primary", "secondary"];
    let rank = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut keys: Vec<_> = values.iter().collect();
    keys.sort_by_key(|(name, _)| rank(name));
    let mut lines = vec![header.to_owned()];
    for (name, value) in keys {
        lines.push(format!("{} = {}", key(name), to_edit(value).ok_or_else(unsettable)?));
    }
    Ok(lines)
}
