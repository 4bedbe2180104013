//! A value as JSON has it, as TOML has it, and as the document model writes it.

use serde_json::Value as Json;
use toml::Table;
use toml_edit::{Formatted, InlineTable, Value};

use super::Error;
use crate::edit::EditError;

pub(super) fn to_toml(value: &Json) -> Result<toml::Value, Error> {
    let written = to_edit(value).ok_or_else(unsettable)?.to_string();
    let table: Table = format!("value = {written}").parse().map_err(|_| EditError::Unusual)?;
    table.into_iter().next().map(|(_, value)| value).ok_or(Error::File(EditError::Unusual))
}

pub(super) fn to_edit(value: &Json) -> Option<Value> {
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

pub(super) fn unsettable() -> Error {
    Error::Asked("null is no value of a setting.".to_owned(), "To have the default again, unset the key.")
}
