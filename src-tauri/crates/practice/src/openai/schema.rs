//! What OpenAI demands of a schema that an answer must match exactly (`strict: true`).

use serde_json::Value;

use crate::ask::json::list;

/// Says what is wrong with a strict schema, as the vendor does behind "Invalid schema for …: ".
pub(super) fn check_strict(schema: &Value) -> Result<(), String> {
    check_object(schema)?;
    walk(schema, &mut Vec::new())
}

/// Says what is wrong with a schema whose root is no object.
pub(super) fn check_object(schema: &Value) -> Result<(), String> {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => Ok(()),
        other => {
            let got = other.unwrap_or("None");
            Err(format!("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{got}\"'."))
        }
    }
}

fn walk<'a>(schema: &'a Value, context: &mut Vec<&'a str>) -> Result<(), String> {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            let place = place(context);
            return Err(format!(
                "In context={place}, 'additionalProperties' is required to be supplied and to be false."
            ));
        }
        let required: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
        if let Some(missing) = properties.keys().find(|name| !required.contains(&name.as_str())) {
            let place = place(context);
            return Err(format!(
                "In context={place}, 'required' is required to be supplied and to be an array including every key \
                 in properties. Missing '{missing}'."
            ));
        }
    }
    for holder in ["properties", "$defs", "definitions"] {
        for (name, inner) in schema.get(holder).and_then(Value::as_object).into_iter().flatten() {
            context.extend([holder, name.as_str()]);
            walk(inner, context)?;
            context.truncate(context.len() - 2);
        }
    }
    for holder in ["anyOf", "allOf", "oneOf", "prefixItems"] {
        for inner in list(schema, holder) {
            context.push(holder);
            walk(inner, context)?;
            context.pop();
        }
    }
    if let Some(items) = schema.get("items") {
        context.push("items");
        walk(items, context)?;
        context.pop();
    }
    Ok(())
}

/// A place in the schema, written like a Python tuple: that is how the vendor writes it.
fn place(context: &[&str]) -> String {
    let quoted: Vec<String> = context.iter().map(|name| format!("'{name}'")).collect();
    match quoted.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_strict_schema_closes_its_objects_and_requires_everything() {
        let good = json!({
            "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": { "a": { "type": "array", "items": { "type": "string" } } },
        });
        assert_eq!(check_strict(&good), Ok(()));
        let open = json!({ "type": "object", "properties": {} });
        assert_eq!(
            check_strict(&open).unwrap_err(),
            "In context=(), 'additionalProperties' is required to be supplied and to be false."
        );
        let mut optional = good;
        optional["properties"]["b"] = json!({ "type": "string" });
        assert!(check_strict(&optional).unwrap_err().ends_with("Missing 'b'."));
        optional["properties"]["b"] =
            json!({ "anyOf": [{ "type": "object", "properties": { "c": {} }, "required": ["c"] }] });
        optional["required"] = json!(["a", "b"]);
        let told = check_strict(&optional).unwrap_err();
        assert!(
            told.starts_with("In context=('properties', 'b', 'anyOf'), 'additionalProperties'"),
            "{told}"
        );
        let told = check_strict(&json!({ "type": "string" })).unwrap_err();
        assert!(told.ends_with("got 'type: \"string\"'."), "{told}");
    }
}
