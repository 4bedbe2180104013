//! JSON as people write it into settings: with comments and trailing commas, and their own layout.

use jsonc_parser::{
    ParseOptions,
    cst::{CstInputValue, CstObject, CstRootNode},
    errors::ParseError,
};
use serde_json::{Map, Value};

use super::{Change, Place, TextError};

/// What editors and tools that allow comments take; anything looser is a mistake there too.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn read(text: &str) -> Result<Value, TextError> {
    let root = parse(text)?;
    match root.value() {
        None => Ok(Value::Object(Map::new())),
        Some(value) if value.as_object().is_some() => {
            value.to_serde_value().ok_or_else(|| TextError::refused("it holds a value that can't be read"))
        }
        Some(_) => Err(TextError::refused("it isn't a JSON object")),
    }
}

pub(super) fn put(text: &str, place: &Place, change: Change<'_>) -> Result<String, TextError> {
    let root = parse(text)?;
    let Some((last, parents)) = place.path.split_last() else { return Ok(text.to_owned()) };
    match change {
        Change::Set(value) => {
            let mut object = root.object_value_or_create().ok_or_else(|| not_an_object("the file"))?;
            for key in parents {
                object = child(&object, key)?;
            }
            match object.get(last) {
                Some(property) => property.set_value(input(value)),
                None => {
                    object.append(last, input(value));
                }
            }
        }
        Change::Remove(_) => {
            let object = parents
                .iter()
                .try_fold(root.object_value(), |object, key| Some(object?.object_value(key)))
                .flatten();
            if let Some(property) = object.and_then(|object| object.get(last)) {
                property.remove();
            }
        }
    }
    let mut edited = root.to_string();
    // A file of our own making ends as text files do.
    if text.is_empty() && !edited.ends_with('\n') {
        edited.push('\n');
    }
    Ok(edited)
}

fn child(object: &CstObject, key: &str) -> Result<CstObject, TextError> {
    let is_null = |object: &CstObject| {
        object
            .get(key)
            .and_then(|property| property.value())
            .is_some_and(|value| value.as_null_keyword().is_some())
    };
    if is_null(object) {
        return Ok(object.object_value_or_set(key));
    }
    object.object_value_or_create(key).ok_or_else(|| not_an_object(key))
}

fn not_an_object(what: &str) -> TextError {
    TextError::refused(format!("{what} isn't a JSON object"))
}

fn parse(text: &str) -> Result<CstRootNode, TextError> {
    CstRootNode::parse(text, &OPTIONS).map_err(|error: ParseError| TextError::Invalid {
        line: error.line_display(),
        what: error.kind().to_string(),
    })
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(keys) => {
            CstInputValue::Object(keys.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}
