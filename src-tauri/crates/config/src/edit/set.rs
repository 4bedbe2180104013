//! The few ways in which a file is changed, each proven before it is handed out.
//!
//! A value is replaced where it stands, and a new table is a paragraph of its own. Where neither leads to a
//! file that means what was wanted (tables inside one line, dotted keys), the document model writes it in its
//! own way. Lines that no change touches keep their bytes, line ending and all.

use serde_json::{Map, Value as Json};
use toml::de::DeValue;
use toml::{Spanned, Table};
use toml_edit::{DocumentMut, Formatted, InlineTable, Item, TableLike, Value};

use super::lines::{self, Lines};
use super::path::Step;
use super::proof::{entry, like, pair, proven};
use super::{EditError, change, document, key, meaning};
use crate::Problem;

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

/// Adds an item to a list of tables, before the one that has its place.
pub(super) fn insert(text: &str, list: &str, at: usize, values: &Map<String, Json>) -> Result<String, Error> {
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
pub(super) fn add_table(
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
pub(super) fn rename(text: &str, list: &str, name: &str, to: &str) -> Result<String, Error> {
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
fn new_table(text: &str, parents: &[Step], name: &str, value: &Json) -> Result<String, EditError> {
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

fn unsettable() -> Error {
    Error::Asked("null is no value of a setting.".to_owned(), "To have the default again, unset the key.")
}

fn to_toml(value: &Json) -> Result<toml::Value, Error> {
    let written = to_edit(value).ok_or_else(unsettable)?.to_string();
    let table: Table = format!("value = {written}").parse().map_err(|_| EditError::Unusual)?;
    table.into_iter().next().map(|(_, value)| value).ok_or(Error::File(EditError::Unusual))
}

fn to_edit(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(on) => Value::Boolean(Formatted::new(*on)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().filter(|number| number.is_finite())?),
        },
        Json::Array(items) => Value::Array(items.iter().map(to_edit).collect::<Option<_>>()?),
        Json::Object(values) => {
            const FIRST: [&str; 2] = ["provider", "weight"];
            let mut keys: Vec<_> = values.iter().collect();
            keys.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
            let mut table = InlineTable::new();
            for (name, value) in keys {
                table.insert(name, to_edit(value)?);
            }
            Value::InlineTable(table)
        }
    })
}

/// Puts a value into a table of the document. What stands around the old one stays around the new one.
fn replace(table: &mut dyn TableLike, name: &str, mut new: Value) {
    match table.get_mut(name) {
        Some(Item::Value(old)) => {
            if let (Value::Array(old), Value::Array(new)) = (&*old, &mut new) {
                keep_items(old, new);
            }
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        Some(other) => *other = Item::Value(new),
        None => {
            table.insert(name, Item::Value(new));
            tidy(table);
        }
    }
}

/// Items that a list keeps have their comments and lines again.
fn keep_items(old: &toml_edit::Array, new: &mut toml_edit::Array) {
    let plain = |value: &Value| value.clone().decorated("", "").to_string();
    for item in new.iter_mut() {
        let same = old.iter().find(|other| plain(other) == plain(item));
        if let Some(same) = same.or_else(|| old.iter().last()) {
            *item.decor_mut() = same.decor().clone();
        }
    }
    new.set_trailing(old.trailing().clone());
    new.set_trailing_comma(old.trailing_comma());
}

/// A table in one line is spaced anew after a key came or went.
fn tidy(table: &mut dyn TableLike) {
    let inline = table.iter().all(|(_, item)| item.is_value()) && !table.is_dotted();
    if inline && table.iter().all(|(name, _)| table.key(name).is_some_and(|key| !has_comment(key))) {
        table.fmt_if_inline();
    }
}

fn has_comment(key: &toml_edit::Key) -> bool {
    let decor = key.leaf_decor();
    [decor.prefix(), decor.suffix()]
        .into_iter()
        .flatten()
        .any(|raw| raw.as_str().is_some_and(|it| it.contains('#')))
}

/// `fmt` would take the comments of a table with a header; only one in a single line needs it.
trait FormatInline {
    fn fmt_if_inline(&mut self);
}

impl FormatInline for dyn TableLike + '_ {
    fn fmt_if_inline(&mut self) {
        // Only the keys of a table with a header end their lines.
        let one_line = self.iter().next().is_some_and(|(name, _)| {
            let prefix =
                self.key(name).and_then(|key| key.leaf_decor().prefix().and_then(|raw| raw.as_str()));
            prefix == Some(" ")
        });
        if one_line {
            self.fmt();
        }
    }
}

fn model(text: &str) -> Result<DocumentMut, EditError> {
    text.trim_start_matches('\u{feff}').parse().map_err(|_| EditError::NotToml)
}

fn table_at<'d>(table: &'d mut dyn TableLike, steps: &[Step]) -> Option<&'d mut dyn TableLike> {
    match steps {
        [] => Some(table),
        [Step::Key(name), Step::Item(index), rest @ ..] => match table.get_mut(name)? {
            Item::ArrayOfTables(list) => table_at(list.get_mut(*index)?, rest),
            Item::Value(Value::Array(list)) => table_at(list.get_mut(*index)?.as_inline_table_mut()?, rest),
            _ => None,
        },
        [Step::Key(name), rest @ ..] => {
            if table.get(name).is_none() {
                table.insert(name, Item::Value(Value::InlineTable(InlineTable::new())));
                tidy(table);
            }
            table_at(table.get_mut(name)?.as_table_like_mut()?, rest)
        }
        [Step::Item(_), ..] => None,
    }
}

fn find<'t>(file: &'t Table, steps: &[Step]) -> Option<&'t toml::Value> {
    let (Step::Key(first), rest) = steps.split_first()? else { return None };
    rest.iter().try_fold(file.get(first)?, |value, step| match step {
        Step::Key(name) => value.get(name),
        Step::Item(index) => value.get(*index),
    })
}

/// Puts a value into the meaning of a file, making the tables on the way.
fn put(file: &mut Table, steps: &[Step], value: toml::Value) -> Result<(), Error> {
    let not_there = |what: &str| {
        Error::Asked(format!("{what} is not a table, so nothing can be set in it."), "Check the path.")
    };
    match steps {
        [Step::Key(name)] => drop(file.insert(name.clone(), value)),
        [Step::Key(name), Step::Item(index), rest @ ..] if !rest.is_empty() => {
            let list = file.entry(name.as_str()).or_insert_with(|| toml::Value::Array(Vec::new()));
            let list = list.as_array_mut().ok_or_else(|| not_there(name))?;
            if *index == list.len() {
                list.push(toml::Value::Table(Table::new()));
            }
            let count = list.len();
            let item = list.get_mut(*index).ok_or_else(|| {
                Error::Asked(
                    format!("{name} has {count} items, so there is no {index}."),
                    "Read the file again.",
                )
            })?;
            put(item.as_table_mut().ok_or_else(|| not_there(name))?, rest, value)?;
        }
        [Step::Key(name), rest @ ..] if matches!(rest.first(), Some(Step::Key(_))) => {
            let table = file.entry(name.as_str()).or_insert_with(|| toml::Value::Table(Table::new()));
            put(table.as_table_mut().ok_or_else(|| not_there(name))?, rest, value)?;
        }
        _ => return Err(Error::Asked("One item of a list can't be set.".to_owned(), "Set the whole list.")),
    }
    Ok(())
}

fn take(file: &mut Table, steps: &[Step]) {
    match steps {
        // Rebuilt, for removing keeps no order.
        [Step::Key(name)] => {
            *file = std::mem::take(file).into_iter().filter(|(other, _)| other != name).collect();
        }
        [Step::Key(list), Step::Item(index), rest @ ..] => {
            let Some(list) = file.get_mut(list).and_then(toml::Value::as_array_mut) else { return };
            if rest.is_empty() && *index < list.len() {
                list.remove(*index);
            } else if let Some(item) = list.get_mut(*index).and_then(toml::Value::as_table_mut) {
                take(item, rest);
            }
        }
        [Step::Key(name), rest @ ..] => {
            if let Some(table) = file.get_mut(name).and_then(toml::Value::as_table_mut) {
                take(table, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
