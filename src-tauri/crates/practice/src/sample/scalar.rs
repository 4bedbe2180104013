//! Values that hold no other values.

use serde_json::{Value, json};

/// The least that a value of this type can be.
pub(super) fn emptiest(kind: &str) -> Value {
    match kind {
        "string" => json!(""),
        "integer" | "number" => json!(0),
        "boolean" => json!(false),
        "array" => json!([]),
        "object" => json!({}),
        _ => Value::Null,
    }
}

/// A whole number within the bounds; 1 where there are none.
pub(super) fn integer(schema: &Value) -> Value {
    let bound = |field| schema.get(field).and_then(Value::as_f64);
    let low =
        bound("minimum").map(f64::ceil).or_else(|| bound("exclusiveMinimum").map(|low| low.floor() + 1.0));
    let high =
        bound("maximum").map(f64::floor).or_else(|| bound("exclusiveMaximum").map(|high| high.ceil() - 1.0));
    let number = stepped(within(1.0, low, high), bound("multipleOf"));
    #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and whole numbers are meant")]
    let whole = number as i64;
    json!(whole)
}

/// A number within the bounds; 1.5 where there are none.
pub(super) fn number(schema: &Value) -> Value {
    let bound = |field| schema.get(field).and_then(Value::as_f64);
    let low = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|low| low + 0.5));
    let high = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|high| high - 0.5));
    json!(stepped(within(1.5, low, high), bound("multipleOf")))
}

fn within(wanted: f64, low: Option<f64>, high: Option<f64>) -> f64 {
    match (low, high) {
        (Some(low), _) => low,
        (None, Some(high)) => wanted.min(high),
        (None, None) => wanted,
    }
}

/// The next multiple of a step.
fn stepped(number: f64, step: Option<f64>) -> f64 {
    step.filter(|step| *step > 0.0).map_or(number, |step| (number / step).ceil() * step)
}

/// A text that says which property it stands for, or of the format that is asked for.
pub(super) fn text(schema: &Value, name: &str) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-31T12:00:00Z".to_owned(),
        Some("date") => "2026-01-31".to_owned(),
        Some("time") => "12:00:00Z".to_owned(),
        Some("duration") => "PT1H".to_owned(),
        Some("email") => "practice@example.com".to_owned(),
        Some("hostname") => "practice.example.com".to_owned(),
        Some("ipv4") => "127.0.0.1".to_owned(),
        Some("ipv6") => "::1".to_owned(),
        Some("uri") => "https://example.com/practice".to_owned(),
        Some("uuid") => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => format!("practice {name}"),
    };
    let limit = |field| schema.get(field).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let longest = limit("maxLength").unwrap_or(usize::MAX);
    let shortest = limit("minLength").unwrap_or(0).min(1024);
    let padding = shortest.saturating_sub(text.chars().count());
    text.chars().chain(std::iter::repeat_n('x', padding)).take(longest).collect()
}

/// Another value of the same kind, for lists whose items must differ; none where the schema leaves no choice.
pub(super) fn variant(schema: &Value, name: &str, number: u64) -> Option<Value> {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices.get(usize::try_from(number).ok()?).cloned();
    }
    match schema.get("type").and_then(Value::as_str)? {
        "string" => Some(json!(format!("{} {}", text(schema, name), number + 1))),
        "integer" => Some(json!(integer(schema).as_i64()? + i64::try_from(number).ok()?)),
        _ => None,
    }
}
