//! Invents a value that fits a JSON schema, as far as tools' parameters and structured answers use schemas.
//! Only `pattern`, `not` and conditions are beyond it.

mod scalar;

use std::cell::Cell;

use serde_json::{Map, Value, json};

use crate::ask::json::list;

/// How deep a schema may nest or refer to itself; below that everything is as empty as its type allows.
const DEEPEST: usize = 8;
/// How far from that end properties that nobody requires are left out, so that a schema which refers to itself
/// comes to an end by itself.
const SPARSE: usize = 4;
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
        if let Some(given) = given(schema) {
            return given.clone();
        }
        if depth == 0 || self.left.get() == 0 {
            return scalar::emptiest(kind(schema));
        }
        self.left.set(self.left.get() - 1);
        if let Some(target) = self.referred(schema) {
            return self.value(target, name, depth - 1);
        }
        if let Some(choice) = choice(schema) {
            return self.value(choice, name, depth - 1);
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(schema, parts, name, depth);
        }
        match kind(schema) {
            "string" => Value::String(scalar::text(schema, name)),
            "integer" => scalar::integer(schema),
            "number" => scalar::number(schema),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            "array" => self.array(schema, name, depth),
            _ => self.object(schema, depth),
        }
    }

    /// Objects are laid over one another; of anything else the first part decides.
    fn all_of(&self, schema: &Value, parts: &[Value], name: &str, depth: usize) -> Value {
        let mut whole = Map::new();
        if schema.get("properties").is_some()
            && let Value::Object(own) = self.object(schema, depth)
        {
            whole = own;
        }
        for part in parts {
            match self.value(part, name, depth - 1) {
                Value::Object(fields) => whole.extend(fields),
                other => return other,
            }
        }
        Value::Object(whole)
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if let Some(places) = schema.get("prefixItems").and_then(Value::as_array) {
            return places.iter().map(|place| self.value(place, name, depth - 1)).collect();
        }
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(16).min(16);
        let wanted = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).max(1).min(most);
        let Some(items) = schema.get("items") else { return json!([]) };
        let distinct = schema.get("uniqueItems") == Some(&Value::Bool(true));
        (0..wanted)
            .map(|at| {
                if distinct && at > 0 {
                    return scalar::variant(items, name, at)
                        .unwrap_or_else(|| self.value(items, name, depth - 1));
                }
                self.value(items, name, depth - 1)
            })
            .collect()
    }

    /// The required properties; all of them if none is.
    fn object(&self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let wanted = |name: &str| required.contains(&name) || (required.is_empty() && depth > SPARSE);
        let mut fields: Map<String, Value> = properties
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, property)| (name.clone(), self.value(property, name, depth - 1)))
            .collect();
        let other = schema.get("additionalProperties").filter(|other| other.is_object());
        for name in required.into_iter().filter(|name| !properties.contains_key(*name)) {
            let text = json!({ "type": "string" });
            fields.insert(name.to_owned(), self.value(other.unwrap_or(&text), name, depth - 1));
        }
        Value::Object(fields)
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
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|field| schema.get(field)?.as_array())?;
    alternatives.iter().find(|one| kind(one) != "null").or_else(|| alternatives.first())
}

fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("items").is_some() || schema.get("prefixItems").is_some() => "array",
        _ => "object",
    }
}

#[cfg(test)]
mod tests;
