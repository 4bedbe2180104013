//! Which schemas OpenAI's strict mode takes.
//!
//! Anthropic matches any schema that its grammar can hold; OpenAI demands that every object is closed and that
//! every property is required, and refuses the whole request otherwise. A schema of a client of the Messages
//! API is sent as exact only if it is so by both rules.
//!
//! Source: <https://platform.openai.com/docs/guides/structured-outputs>, "Supported schemas".

use serde_json::Value;
use serde_json::value::RawValue;

/// Keywords that strict mode has no grammar for.
const REFUSED: [&str; 14] = [
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "contains",
    "prefixItems",
    "default",
];

pub(super) fn is_exact(schema: &RawValue) -> bool {
    let Ok(schema) = serde_json::from_str::<Value>(schema.get()) else { return false };
    schema.get("type").is_some_and(|kind| kind == "object") && is_exact_node(&schema)
}

/// No deeper than a `Value` can be, which is little.
fn is_exact_node(node: &Value) -> bool {
    let Some(node) = node.as_object() else { return false };
    if node.keys().any(|keyword| REFUSED.contains(&keyword.as_str())) {
        return false;
    }
    let properties = node.get("properties").and_then(Value::as_object);
    let is_object = properties.is_some()
        || match node.get("type") {
            Some(Value::String(kind)) => kind == "object",
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
            _ => false,
        };
    if is_object && !is_closed(node) {
        return false;
    }
    let within =
        |name: &str| node.get(name).and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    let listed = node.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let below = within("properties").chain(within("$defs")).chain(within("definitions")).chain(listed);
    below.chain(node.get("items")).all(is_exact_node)
}

fn is_closed(node: &serde_json::Map<String, Value>) -> bool {
    let required = node.get("required").and_then(Value::as_array);
    let is_required = |name: &String| required.is_some_and(|required| required.iter().any(|one| one == name));
    let mut properties =
        node.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys());
    node.get("additionalProperties") == Some(&Value::Bool(false)) && properties.all(is_required)
}
