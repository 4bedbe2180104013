//! Fields as OpenAI reads them, and its words where it does not like one.

use serde_json::Value;

use super::served;
use crate::{
    ask::json::{self, given},
    refusal::Refusal,
};

/// The body as an object, or the vendor's word for what it is instead.
pub(super) fn object(body: &[u8]) -> Result<Value, Refusal> {
    json::object(body).map(Value::Object).map_err(|reason| {
        Refusal::invalid(format!("We could not parse the JSON body of your request: {reason}"))
    })
}

/// The model's name, if it is one that is served.
pub(super) fn model(body: &Value) -> Result<String, Refusal> {
    let model = match body.get("model") {
        None | Some(Value::Null) => "",
        Some(Value::String(model)) => model,
        Some(other) => return Err(wrong_type("model", "a string", other)),
    };
    if model.is_empty() {
        return Err(Refusal::invalid("you must provide a model parameter"));
    }
    served(model).map(|()| model.to_owned())
}

/// A whole number of at least `low`, and of at most `high` if that is given.
pub(super) fn integer(
    body: &Value,
    field: &str,
    low: u64,
    high: Option<u64>,
) -> Result<Option<u64>, Refusal> {
    let Some(value) = given(body, field) else { return Ok(None) };
    let out = |what: &str, sign: &str, bound: u64, code| {
        let message = format!(
            "Invalid '{field}': integer {what} value. Expected a value {sign} {bound}, but got {value} instead."
        );
        Refusal::invalid(message).param(field).code(code)
    };
    let number = match (value.as_u64(), value.as_i64()) {
        (Some(number), _) => number,
        (None, Some(_)) => return Err(out("below minimum", ">=", low, "integer_below_min_value")),
        (None, None) => return Err(wrong_type(field, "an integer", value)),
    };
    if number < low {
        return Err(out("below minimum", ">=", low, "integer_below_min_value"));
    }
    match high {
        Some(high) if number > high => Err(out("above maximum", "<=", high, "integer_above_max_value")),
        _ => Ok(Some(number)),
    }
}

/// A number between two others, both included.
pub(super) fn decimal(body: &Value, field: &str, low: f64, high: f64) -> Result<Option<f64>, Refusal> {
    let Some(value) = given(body, field) else { return Ok(None) };
    let Some(number) = value.as_f64() else { return Err(wrong_type(field, "a decimal", value)) };
    let out = |what: &str, sign: &str, bound: f64, code| {
        let message = format!(
            "Invalid '{field}': decimal {what} value. Expected a value {sign} {bound}, but got {value} instead."
        );
        Err(Refusal::invalid(message).param(field).code(code))
    };
    if number < low {
        out("below minimum", ">=", low, "decimal_below_min_value")
    } else if number > high {
        out("above maximum", "<=", high, "decimal_above_max_value")
    } else {
        Ok(Some(number))
    }
}

/// One of a few words.
pub(super) fn word<'a>(
    holder: &'a Value,
    field: &str,
    path: &str,
    words: &[&str],
) -> Result<Option<&'a str>, Refusal> {
    match given(holder, field) {
        None => Ok(None),
        Some(Value::String(word)) if words.contains(&word.as_str()) => Ok(Some(word)),
        Some(Value::String(word)) => Err(unsupported(path, word, words)),
        Some(other) => Err(wrong_type(path, "a string", other)),
    }
}

/// Refuses every field of an object that the vendor does not know.
pub(super) fn only(holder: &Value, path: &str, known: &[&str]) -> Result<(), Refusal> {
    let unknown =
        holder.as_object().and_then(|fields| fields.keys().find(|name| !known.contains(&name.as_str())));
    let Some(unknown) = unknown else { return Ok(()) };
    let param = if path.is_empty() { unknown.clone() } else { format!("{path}.{unknown}") };
    Err(Refusal::invalid(format!("Unknown parameter: '{param}'.")).param(param).code("unknown_parameter"))
}

pub(super) fn missing(path: &str) -> Refusal {
    Refusal::invalid(format!("Missing required parameter: '{path}'."))
        .param(path)
        .code("missing_required_parameter")
}

pub(super) fn wrong_type(path: &str, expected: &str, got: &Value) -> Refusal {
    let got = json::kind(got);
    Refusal::invalid(format!("Invalid type for '{path}': expected {expected}, but got {got} instead."))
        .param(path)
        .code("invalid_type")
}

pub(super) fn empty_array(path: &str) -> Refusal {
    let message = format!(
        "Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    );
    Refusal::invalid(message).param(path).code("empty_array")
}

pub(super) fn long_string(path: &str, longest: usize, got: usize) -> Refusal {
    let message = format!(
        "Invalid '{path}': string too long. Expected a string with maximum length {longest}, but got a string with \
         length {got} instead."
    );
    Refusal::invalid(message).param(path).code("string_above_max_length")
}

/// A value that is none of a few words.
pub(super) fn unsupported(path: &str, got: &str, words: &[&str]) -> Refusal {
    Refusal::invalid(format!("Invalid value: '{got}'. Supported values are: {}.", quoted(words)))
        .param(path)
        .code("invalid_value")
}

/// A few words in a row, as the vendor lists them.
pub(super) fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [many @ .., last] => format!("{}, and {last}", many.join(", ")),
    }
}

/// Something that is wrong in a way of its own.
pub(super) fn invalid(path: &str, message: impl Into<String>) -> Refusal {
    Refusal::invalid(message).param(path).code("invalid_value")
}
