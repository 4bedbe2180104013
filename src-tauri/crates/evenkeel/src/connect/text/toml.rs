//! TOML: tables, comments and order stay as they are.

use serde_json::{Map, Value, json};
use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::{Change, Place, TextError};

pub(super) fn read(text: &str) -> Result<Value, TextError> {
    Ok(table(parse(text)?.as_table()))
}

pub(super) fn put(text: &str, place: &Place, change: Change<'_>) -> Result<String, TextError> {
    let mut document = parse(text)?;
    let Some((last, parents)) = place.path.split_last() else { return Ok(text.to_owned()) };
    match change {
        Change::Set(value) => {
            let mut here: &mut dyn TableLike = document.as_table_mut();
            for (depth, key) in parents.iter().enumerate() {
                let mut made = Table::new();
                // The outer ones say nothing by themselves and need no heading.
                made.set_implicit(depth + 1 < parents.len());
                here = here
                    .entry(key)
                    .or_insert(Item::Table(made))
                    .as_table_like_mut()
                    .ok_or_else(|| TextError::refused(format!("{key} isn't a table")))?;
            }
            let new = item(value)?;
            match here.get_mut(last) {
                Some(Item::Value(old)) => {
                    // The comment behind the old value stays.
                    let decor = old.decor().clone();
                    if let Item::Value(mut new) = new {
                        *new.decor_mut() = decor;
                        *old = new;
                    }
                }
                Some(_) => return Err(TextError::refused(format!("{last} is a table"))),
                None => {
                    here.insert(last, new);
                }
            }
        }
        Change::Remove(_) => {
            let mut here: &mut dyn TableLike = document.as_table_mut();
            for key in parents {
                match here.get_mut(key).and_then(Item::as_table_like_mut) {
                    Some(next) => here = next,
                    None => return Ok(text.to_owned()),
                }
            }
            here.remove(last);
        }
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, TextError> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line =
            error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        TextError::Invalid { line, what: error.message().lines().next().unwrap_or_default().to_owned() }
    })
}

fn item(value: &Value) -> Result<Item, TextError> {
    match value {
        Value::String(text) => Ok(toml_edit::value(text.as_str())),
        Value::Bool(yes) => Ok(toml_edit::value(*yes)),
        Value::Number(number) if number.is_i64() => Ok(toml_edit::value(number.as_i64().unwrap_or_default())),
        // A table as it stood before; only texts and switches are ever ours.
        Value::Object(keys) => {
            let mut table = Table::new();
            for (key, value) in keys {
                table.insert(key, item(value)?);
            }
            Ok(Item::Table(table))
        }
        _ => Err(TextError::refused("a value of this kind can't be put back")),
    }
}

fn table(table: &dyn TableLike) -> Value {
    let keys: Map<String, Value> = table.iter().map(|(key, item)| (key.to_owned(), document(item))).collect();
    Value::Object(keys)
}

fn document(item: &Item) -> Value {
    if let Some(keys) = item.as_table_like() {
        return table(keys);
    }
    match item {
        Item::Value(toml_edit::Value::String(text)) => text.value().clone().into(),
        Item::Value(toml_edit::Value::Boolean(yes)) => (*yes.value()).into(),
        Item::Value(toml_edit::Value::Integer(number)) => (*number.value()).into(),
        // Never ours: only compared with itself, as it is written.
        other => json!({ "written": other.to_string() }),
    }
}
