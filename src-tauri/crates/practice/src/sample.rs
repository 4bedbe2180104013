//! Invents a value that fits a JSON schema, as far as tools' parameters and structured answers use schemas.

use std::cell::Cell;

use serde_json::{Map, Value, json};

/// How deep a schema may nest or refer to itself; below that everything is `null`.
const DEEPEST: usize = 8;
/// How many values one sample may have in all; a schema that refers to itself in many places has no other end.
const MOST: u32 = 10_000;

/// A plausible value; `{}` where the schema says nothing.
pub(crate) fn sample(schema: &Value) -> Value {
    Sampler { root: schema, left: Cell::new(MOST) }.value(schema, "value", DEEPEST)
}

struct Sampler<'a> {
    /// The whole schema, where `$ref` points to.
    root: &'a Value,
    /// How many more values may be made.
    left: Cell<u32>,
}

impl Sampler<'_> {
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth == 0 || self.left.get() == 0 {
            return Value::Null;
        }
        self.left.set(self.left.get() - 1);
        if let Some(given) = given(schema) {
            return given.clone();
        }
        if let Some(target) = self.referred(schema) {
            return self.value(target, name, depth - 1);
        }
        if let Some(choice) = choice(schema) {
            return self.value(choice, name, depth - 1);
        }
        match kind(schema) {
            "string" => Value::String(text(schema, name)),
            "integer" => json!(bound(schema).and_then(Value::as_i64).unwrap_or(1)),
            "number" => bound(schema).cloned().unwrap_or_else(|| json!(1.5)),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            "array" => self.array(schema, name, depth),
            _ => self.object(schema, depth),
        }
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let wanted = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 16);
        let Some(items) = schema.get("items") else { return json!([]) };
        (0..wanted).map(|_| self.value(items, name, depth - 1)).collect()
    }

    /// The required properties; all of them if none is.
    fn object(&self, schema: &Value, depth: usize) -> Value {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return json!({});
        };
        let required: Vec<&str> =
            crate::ask::list(schema, "required").iter().filter_map(Value::as_str).collect();
        let wanted = |name: &str| required.is_empty() || required.contains(&name);
        properties
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, property)| (name.clone(), self.value(property, name, depth - 1)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn referred(&self, schema: &Value) -> Option<&Value> {
        let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
        self.root.pointer(pointer)
    }
}

/// A value that the schema itself spells out.
fn given(schema: &Value) -> Option<&Value> {
    let first_of = |field| schema.get(field).and_then(Value::as_array).and_then(|list| list.first());
    schema
        .get("const")
        .or_else(|| schema.get("default"))
        .or_else(|| first_of("enum"))
        .or_else(|| first_of("examples"))
}

/// The first alternative that is more than `null`.
fn choice(schema: &Value) -> Option<&Value> {
    let alternatives = ["anyOf", "oneOf", "allOf"].iter().find_map(|field| schema.get(field)?.as_array())?;
    alternatives.iter().find(|one| kind(one) != "null").or_else(|| alternatives.first())
}

fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ => "object",
    }
}

/// The lowest number allowed, if there is one, else the highest.
fn bound(schema: &Value) -> Option<&Value> {
    schema.get("minimum").or_else(|| schema.get("maximum"))
}

fn text(schema: &Value, name: &str) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-31T12:00:00Z".to_owned(),
        Some("date") => "2026-01-31".to_owned(),
        Some("time") => "12:00:00Z".to_owned(),
        Some("email") => "practice@example.com".to_owned(),
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

#[cfg(test)]
mod tests;
